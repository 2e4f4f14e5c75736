"""The tickets of an item: asked for, followed, linked, given up."""

import threading
from datetime import timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker, only_push, story
from tracker.clients.failures import Refused, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import NewTicket
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session
from tracker.models import ActionItem, ActionState, Freshness, Person, PushState, TicketState, TrackerKind
from tracker.sync import checking

SECRET_WORDS = "Salaries were readable"


def test_a_responder_asks_for_a_ticket_and_sees_it(browser: Browser, worker: Worker) -> None:
    make.tracker(read_at=make.NOW)
    action = make.action("Add a cache warm-up")

    page = browser.get(f"/actions/{action.ref}/tickets").submit("Make the ticket")
    assert f"The ticket of {action.ref} is on its way." in page.flashes
    assert "The ticket is on its way." in page.text
    worker.push()
    page = browser.get(f"/actions/{action.ref}/tickets")

    assert "acme/shop#1" in page.text
    assert "In step with the tracker." in page.text
    assert "Last seen just now in GitHub." in page.text


def test_the_list_looks_again_by_itself_only_while_a_ticket_is_on_its_way(browser: Browser, worker: Worker) -> None:
    make.tracker()
    action = make.action()
    browser.get(f"/actions/{action.ref}/tickets").submit("Make the ticket")

    waiting = browser.get(f"/actions/{action.ref}/tickets?part=list", htmx=True)
    worker.push()
    there = browser.get(f"/actions/{action.ref}/tickets?part=list", htmx=True)

    assert waiting.select("#ticket-list[hx-trigger]")
    assert not there.select("#ticket-list[hx-trigger]")


def test_the_form_suggests_what_the_service_says(browser: Browser) -> None:
    make.tracker("GitHub")
    jira = make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")
    service = make.service(tracker_id=jira.id, ticket_target="WEB")
    action = make.action(incidents=(make.incident(services=[service]),))

    page = browser.get(f"/actions/{action.ref}/tickets")

    assert page.select(f"option[selected][value='{jira.id}']")
    assert page.select("#target")[0]["value"] == "WEB"


def test_a_suggestion_left_over_from_another_tracker_is_no_wish(browser: Browser) -> None:
    make.tracker("GitHub")
    jira = make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")
    action = make.action()

    browser.get(f"/actions/{action.ref}/tickets").submit("Make the ticket", tracker_id=str(jira.id))

    assert (only_push().tracker_id, only_push().target) == (jira.id, "SHOP")


def test_a_target_that_is_none_is_said_and_kept(browser: Browser) -> None:
    make.tracker()
    action = make.action()

    page = browser.get(f"/actions/{action.ref}/tickets").submit("Make the ticket", target="no repository")

    assert page.status == 422
    assert page.errors == ['"no repository" is not a repository. Write it as owner/name.']
    assert page.select("#target")[0]["value"] == "no repository"


def test_one_item_has_one_push_a_tracker(browser: Browser) -> None:
    make.tracker()
    action = make.action()
    page = browser.get(f"/actions/{action.ref}/tickets")
    page.submit("Make the ticket")

    again = page.submit("Make the ticket")

    assert again.status == 422
    assert "has a ticket in GitHub already, or one on its way" in again.text
    assert only_push().state is PushState.PENDING


def test_a_private_incident_needs_a_yes_and_its_words_stay_here(
    app: Flask, browser: Browser, responder: Person, worker: Worker, tickets: MemoryClient
) -> None:
    make.tracker()
    incident = make.incident(SECRET_WORDS, summary=SECRET_WORDS, is_private=True, named=(responder,))
    action = make.action(SECRET_WORDS, detail=SECRET_WORDS, done_when=SECRET_WORDS, incidents=(incident,))

    page = browser.get(f"/actions/{action.ref}/tickets")
    assert "The ticket will be readable to everybody who can read acme/shop." in page.text
    refused = page.submit("Make the ticket")
    assert refused.status == 422
    assert "Confirm that the ticket may be read" in refused.text
    refused.submit("Make the ticket", is_confirmed="y")
    worker.push()

    made = next(iter(tickets.tickets.values()))
    assert made.snapshot.title == f"{action.ref}, see Followthrough"
    assert action.ref in made.body
    assert SECRET_WORDS not in made.body
    assert incident.ref not in made.body
    assert incident.ref not in str(made.links)


def test_of_several_incidents_only_the_public_ones_are_named(worker: Worker, tickets: MemoryClient) -> None:
    hidden, shown = make.incident(SECRET_WORDS, is_private=True), make.incident("Checkout answers 503")
    make.push(make.action(incidents=(hidden, shown)), marker="AI-1:0123456789abcdef")

    worker.push()

    body = next(iter(tickets.tickets.values())).body
    assert "Checkout answers 503" in body
    assert SECRET_WORDS not in body


def test_the_tickets_of_a_private_item_are_not_there_for_others(browser: Browser) -> None:
    tracker = make.tracker()
    action = make.action(incidents=(make.incident(SECRET_WORDS, is_private=True),))
    ticket = make.ticket(tracker, action=action)
    push = make.push(action, tracker, state=PushState.FAILED)
    token = {"csrf_token": browser.token("/profile")}

    pages = [
        browser.get(f"/actions/{action.ref}/tickets"),
        browser.post(f"/actions/{action.ref}/push", token | {"tracker_id": str(tracker.id)}),
        browser.post(
            f"/actions/{action.ref}/tickets/link", token | {"linked_tracker_id": str(tracker.id), "ticket": "X-1"}
        ),
        browser.post(f"/actions/{action.ref}/tickets/{ticket.id}/unlink", token),
        browser.post(f"/actions/{action.ref}/pushes/{push.id}/try", token),
        browser.post(f"/actions/{action.ref}/pushes/{push.id}/create-again", token),
        browser.post(f"/actions/{action.ref}/pushes/{push.id}/give-up", token),
    ]

    assert [page.status for page in pages] == [404] * 7
    assert not [page for page in pages if SECRET_WORDS in page.body or ticket.key in page.body]


def test_the_push_of_one_item_cannot_be_changed_through_another(browser: Browser) -> None:
    push = make.push(state=PushState.FAILED)
    other = make.action()

    page = browser.post(f"/actions/{other.ref}/pushes/{push.id}/try", {"csrf_token": browser.token("/profile")})

    assert page.status == 404
    assert only_push().state is PushState.FAILED


def test_a_failed_push_is_tried_again_or_given_up(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    tracker = make.tracker()
    action = make.action()
    make.push(action, tracker, marker="AI-1:0123456789abcdef")
    tickets.fail_with = Refused("A required field is missing.")
    worker.push()

    page = browser.get(f"/actions/{action.ref}/tickets")
    assert "No ticket was made. Mend what is wrong, then try again. A required field is missing." in page.text
    page.submit("Try now")
    assert only_push().state is PushState.PENDING
    page = browser.get(f"/actions/{action.ref}/tickets").submit("Do not make it")
    worker.push()

    assert "No ticket yet" in page.text
    assert tickets.tickets == {}


def test_an_unknown_outcome_offers_two_ways_out(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, make.tracker(), marker="AI-1:0123456789abcdef")
    tickets.fail_with = Unavailable("Half an answer.")
    worker.push()
    looking = browser.get(f"/actions/{action.ref}/tickets")
    worker.later(minutes=1)
    worker.push()
    looked = browser.get(f"/actions/{action.ref}/tickets")
    for minutes in (4, 25):
        worker.later(minutes=minutes)
        worker.push()
    decided = browser.get(f"/actions/{action.ref}/tickets")

    assert "We look for it again by ourselves." in looking.text
    assert "Create it again" not in looking.text
    assert "Looked 23 Nov 2026, 09:06 UTC: not found. We look again" in looked.text
    assert "Create it again" in looked.text
    assert "Half an answer." in looked.text
    assert "Look in the tracker: if it is there, link it; if not, create it again." in decided.text
    made = tickets.create(NewTicket(target="acme/shop", title="T", body="B", marker="AI-9:0123456789abcdef"))
    page = decided.submit("Link this one", ticket=made.key)
    assert f"{action.ref} follows {made.key} now." in page.flashes
    assert only_push().state is PushState.LINKED
    worker.push()
    assert len(tickets.tickets) == 1


def test_looking_again_tells_at_once_that_a_ticket_was_deleted(
    browser: Browser, worker: Worker, tickets: MemoryClient
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    page = browser.get(f"/actions/{action.ref}/tickets")
    tickets.remote_delete(next(iter(tickets.tickets)))

    after = page.submit("Look again now at the linked tickets")

    assert f"We looked at the tickets of {action.ref} just now." in after.flashes
    assert "Deleted in the tracker. This does not count as done" in after.text
    assert "In step" not in after.text


def test_looking_again_says_when_the_tracker_does_not_answer(
    browser: Browser, worker: Worker, tickets: MemoryClient
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    page = browser.get(f"/actions/{action.ref}/tickets")
    tickets.fail_with = Unavailable("The server is being repaired.")

    after = page.submit("Look again now at the linked tickets")

    assert after.status == 422
    assert "The server is being repaired." in after.text


def test_naming_a_ticket_waits_no_longer_than_a_person_does(
    browser: Browser, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, over = make.action(), threading.Event()
    make.tracker()
    monkeypatch.setattr(checking, "PATIENCE", 0.05)
    monkeypatch.setattr(tickets, "fetch", lambda _key: over.wait(10))

    page = browser.get(f"/actions/{action.ref}/tickets").submit("Link this one", ticket="acme/shop#1")
    over.set()

    assert page.status == 422
    assert "GitHub did not answer within" in page.text


@pytest.mark.parametrize(
    ("item", "ticket", "sentence"),
    [
        (ActionState.DID_NOT_HOLD, TicketState.DONE, "Closed in GitHub, but “did not hold” here."),
        (ActionState.DONE, TicketState.OPEN, "Still open in GitHub, but “done” here."),
        (ActionState.DONE, TicketState.NOT_PLANNED, "Closed as not planned in GitHub, but “done” here."),
    ],
)
def test_states_that_differ_are_not_called_in_step(
    browser: Browser, worker: Worker, item: ActionState, ticket: TicketState, sentence: str
) -> None:
    action = make.action(state=item, done_at=make.NOW)
    make.ticket(make.tracker(read_at=worker.now), action=action, state=ticket)

    page = browser.get(f"/actions/{action.ref}/tickets")

    assert sentence in page.text
    assert "In step" not in page.text


def test_create_again_makes_exactly_one_more(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    tickets.fail_with = Unavailable("Half an answer.")
    worker.push()
    for minutes in (1, 4, 25):
        worker.later(minutes=minutes)
        worker.push()

    browser.get(f"/actions/{action.ref}/tickets").submit("Make a new ticket")
    for _ in range(3):
        worker.push()
        worker.later(hours=1)

    assert len(tickets.tickets) == 1
    assert only_push().state is PushState.LINKED


def test_a_deleted_ticket_can_be_made_again(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    push = make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    tickets.remote_delete(next(iter(tickets.tickets)))
    worker.read_everything(push.tracker_id)

    page = browser.get(f"/actions/{action.ref}/tickets")
    assert "Deleted in the tracker. This does not count as done" in page.text
    page.submit("Make a new ticket")
    worker.push()

    page = browser.get(f"/actions/{action.ref}/tickets")
    assert "Deleted" not in page.text
    assert len(tickets.tickets) == 1


def test_a_ticket_that_is_there_is_linked_and_followed(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    make.tracker()
    first, second = make.action(), make.action()
    made = tickets.create(NewTicket(target="acme/shop", title="T", body="B", marker="AI-9:0123456789abcdef"))
    for action in (first, second):
        browser.get(f"/actions/{action.ref}/tickets").submit("Link this one", ticket=made.url)
    tickets.remote_close(made.remote_id)

    worker.pull()

    states = [session.get_one(ActionItem, action.id).state for action in (first, second)]
    assert states == [ActionState.DONE, ActionState.DONE]


def test_a_closed_ticket_makes_the_item_done_as_soon_as_it_is_linked(browser: Browser, tickets: MemoryClient) -> None:
    make.tracker()
    action = make.action()
    made = tickets.create(NewTicket(target="acme/shop", title="T", body="B", marker="AI-9:0123456789abcdef"))
    tickets.remote_close(made.remote_id)

    browser.get(f"/actions/{action.ref}/tickets").submit("Link this one", ticket=made.key)

    session.refresh(action)
    assert action.state is ActionState.DONE
    assert story(action) == [f"Linked to {made.key} in GitHub.", f"Closed in GitHub ({made.key})."]


def test_a_ticket_that_is_not_there_is_refused_in_the_trackers_words(browser: Browser) -> None:
    make.tracker()
    action = make.action()

    page = browser.get(f"/actions/{action.ref}/tickets").submit("Link this one", ticket="SHOP-99")

    assert page.status == 422
    assert page.errors == ["There is no ticket SHOP-99 in GitHub that we could see."]
    assert page.select("#ticket-error")
    assert page.select("#ticket")[0]["value"] == "SHOP-99"


def test_an_unlinked_ticket_is_not_followed_but_remembered(
    browser: Browser, worker: Worker, tickets: MemoryClient
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()

    page = browser.get(f"/actions/{action.ref}/tickets").submit("Unlink acme/shop#1")
    tickets.remote_close(next(iter(tickets.tickets)))
    worker.later(minutes=5)
    worker.pull()
    worker.push()

    assert "No ticket yet" in page.text
    assert session.get_one(ActionItem, action.id).state is ActionState.OPEN
    assert story(action)[-1] == "Unlinked from acme/shop#1 in GitHub."
    assert len(tickets.tickets) == 1


def test_not_planned_is_flagged_until_somebody_decides(browser: Browser, worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    tickets.remote_close(next(iter(tickets.tickets)), state=RemoteState.NOT_PLANNED)
    worker.pull()

    page = browser.get(f"/actions/{action.ref}/tickets")

    assert "Closed as not planned in GitHub: decline it here with a reason, or open it again there." in page.text


def test_what_is_lost_is_said_in_words_and_since_when(browser: Browser) -> None:
    tracker = make.tracker(read_at=make.NOW)
    yesterday = make.NOW - timedelta(days=1)
    sentences = {
        Freshness.DELETED: "This does not count as done",
        Freshness.NO_ACCESS: "We cannot see it any more",
        Freshness.MOVED: "Moved to another project. We followed it.",
        Freshness.TRANSFERRED: "Transferred to another repository. We followed it.",
        Freshness.STALE: "Not read for a while",
    }

    for freshness, sentence in sentences.items():
        action = make.action()
        make.ticket(tracker, action=action, freshness=freshness, freshness_since=yesterday, state=TicketState.OPEN)
        text = browser.get(f"/actions/{action.ref}/tickets").text
        assert sentence in text
        assert "Since " in text


def test_a_ticket_of_a_tracker_that_nobody_reads_is_stale_by_itself(browser: Browser, worker: Worker) -> None:
    action = make.action()
    make.ticket(make.tracker(read_at=make.NOW), action=action)
    worker.later(hours=2)

    page = browser.get(f"/actions/{action.ref}/tickets")

    assert "Not read for a while, so this may be out of date. Since 2 h ago" in page.text


def test_a_viewer_reads_but_changes_nothing(app: Flask, viewer: Person) -> None:
    tracker = make.tracker()
    action = make.action()
    make.push(action, tracker, state=PushState.FAILED, last_error="Refused.")
    browser = Browser(app, person=viewer)

    page = browser.get(f"/actions/{action.ref}/tickets")
    refused = browser.post(f"/actions/{action.ref}/push", {"csrf_token": browser.token("/profile")})

    assert "Refused." in page.text
    assert page.select("main form") == []
    assert refused.status == 403


def test_the_fragment_changes_in_place(browser: Browser) -> None:
    make.tracker()
    action = make.action()
    form = browser.get(f"/actions/{action.ref}/tickets", htmx=True)
    token = str(form.select("input[name=csrf_token]")[0]["value"])
    typed = {"csrf_token": token, "tracker_id": "1", "target": "acme/shop"}

    asked = browser.post(f"/actions/{action.ref}/push", typed, htmx=True)
    refused = browser.post(f"/actions/{action.ref}/push", typed, htmx=True)

    assert asked.select("#tickets-panel")
    assert "is on its way" in asked.body
    assert (refused.status, len(refused.select("#tickets-panel"))) == (422, 1)


@pytest.mark.once
def test_tickets_take_the_same_queries_however_many_there_are(browser: Browser) -> None:
    tracker = make.tracker()
    action = make.action(incidents=(make.incident(),))
    make.ticket(tracker, action=action)
    few = len(browser.get(f"/actions/{action.ref}/tickets").queries)
    for number in range(6):
        other = make.tracker(f"Jira {number}", slug=f"jira-{number}")
        make.ticket(other, action=action)
        make.push(action, other)

    many = len(browser.get(f"/actions/{action.ref}/tickets").queries)

    assert few == many <= 12
