"""Items in the browser: the list, the board, one item, the steps of its life, and the forms."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tracker.actions import counting
from tracker.db import session, transaction
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionKind,
    ActionState,
    IncidentAction,
    Lever,
    Person,
    Priority,
    Push,
    PushState,
    TeamMember,
)


@pytest.fixture(autouse=True)
def _today(set_clock: Callable[[datetime], None], now: datetime) -> None:
    set_clock(now)


def the_action(number: int = 1) -> ActionItem:
    session.rollback()
    return session.scalars(select(ActionItem).where(ActionItem.number == number)).one()


def test_an_item_is_written_down_with_everything_that_was_typed(browser: Browser, responder: Person) -> None:
    make.team("Payments")
    make.incident()

    page = browser.get("/actions/new?incident=INC-1").submit(
        "Add the action item",
        title="Warm the cache before traffic moves",
        done_when="A deploy at noon serves the first request in 200 ms",
        detail="Start at the deploy script",
        owner_id=str(responder.id),
        team_id="1",
        kind="prevent",
        lever="code",
        priority="P1",
        due_on="2026-11-30",
    )

    assert page.heading == "AI-1 Warm the cache before traffic moves"
    assert "AI-1 is promised." in page.flashes
    action = the_action()
    assert (action.owner_id, action.team_id, action.due_on) == (responder.id, 1, date(2026, 11, 30))
    assert (action.kind, action.lever, action.priority) == (ActionKind.PREVENT, Lever.CODE, Priority.P1)
    assert action.done_when == "A deploy at noon serves the first request in 200 ms"


@pytest.mark.parametrize(
    ("priority", "due_on"), [("P1", date(2026, 12, 7)), ("P2", date(2026, 12, 21)), ("P3", date(2027, 1, 18))]
)
def test_without_a_due_date_the_priority_sets_it(browser: Browser, priority: str, due_on: date) -> None:
    make.incident()

    browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Warm the cache", priority=priority)

    assert the_action().due_on == due_on


def test_the_item_takes_the_team_of_the_service(browser: Browser) -> None:
    team = make.team("Payments")
    make.incident(services=[make.service("Checkout", team_id=team.id)])

    browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Warm the cache")

    assert the_action().team_id == team.id


def test_what_was_typed_stays_when_the_form_is_refused(browser: Browser) -> None:
    make.incident()

    page = browser.get("/actions/new?incident=INC-1").submit(
        "Add the action item", title="", detail="Start at the deploy script", due_on="next week"
    )

    assert page.status == 422
    assert "Enter what will be done." in page.errors
    assert "Write the day as year, month and day: 2026-12-21." in page.errors
    assert page.select("#detail")[0].text.strip() == "Start at the deploy script"
    assert page.select("#due_on")[0]["value"] == "next week"
    assert session.scalar(select(func.count(ActionItem.id))) == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("owner_id", "9999", "That person is not here any more. Choose another owner."),
        ("owner_id", "abc", "Choose one from the list."),
        ("owner_id", "99999999999999999999999", "Choose one from the list."),
        ("team_id", "77", "That team is not here any more. Choose another one."),
        ("kind", "magic", "Choose one from the list."),
        ("lever", "magic", "Choose one from the list."),
        ("priority", "P9", "Choose one from the list."),
        ("due_on", "2026-11-22", "That due date has passed. Choose today or a later day."),
        ("due_on", "2062-12-31", "That due date is more than five years away. Check the year."),
        ("due_on", "9999-12-31", "That due date is more than five years away. Check the year."),
        ("incident", "INC-99", "There is no incident INC-99, or it is not shown to you."),
        ("incident", "tomorrow", "Write the reference of an incident, such as INC-42."),
        ("title", "x" * 301, "That is too long: use at most 300 characters."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(browser: Browser, field: str, value: str, sentence: str) -> None:
    make.incident()
    form = {"incident": "INC-1", "title": "Warm the cache", "priority": "P2", "csrf_token": browser.token()}

    page = browser.post("/actions/new", form | {field: value})

    assert page.status == 422
    assert sentence in page.errors
    assert session.scalar(select(func.count(ActionItem.id))) == 0


def test_after_adding_the_writer_is_back_where_they_came_from(browser: Browser) -> None:
    make.incident()

    page = browser.get("/actions/new?incident=INC-1&back=/incidents/INC-1/actions").submit(
        "Add the action item", title="Warm the cache"
    )

    assert page.url == "/incidents/INC-1/actions"
    assert "Warm the cache" in page.text


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(browser: Browser, back: str) -> None:
    make.incident()
    form = {"incident": "INC-1", "title": "Warm", "priority": "P2", "back": back, "csrf_token": browser.token()}

    page = browser.post("/actions/new", form)

    assert page.url == "/actions/AI-1"


def test_the_form_is_a_fragment_where_a_page_asks_for_it(browser: Browser) -> None:
    make.incident()

    fragment = browser.get("/actions/new?incident=INC-1&back=/", htmx=True)
    answer = browser.post(
        "/actions/new",
        {"incident": "INC-1", "title": "Warm", "priority": "P2", "back": "/", "csrf_token": browser.token()},
        htmx=True,
    )

    assert fragment.select("form#new-action")
    assert not fragment.select("h1")
    assert answer.response.headers["HX-Redirect"] == "/"


def test_a_refused_fragment_stays_a_fragment_with_its_words(browser: Browser) -> None:
    make.incident()

    answer = browser.post(
        "/actions/new", {"incident": "INC-1", "detail": "Kept", "csrf_token": browser.token()}, htmx=True
    )

    assert answer.status == 422
    assert answer.select("#detail")[0].text.strip() == "Kept"
    assert not answer.select("h1")


def test_a_ticket_that_is_wanted_is_written_down_with_the_item(browser: Browser) -> None:
    tracker = make.tracker("GitHub", default_target="acme/shop")
    make.incident()

    browser.get("/actions/new?incident=INC-1").submit(
        "Add the action item", title="Warm the cache", tracker_id=str(tracker.id)
    )

    push = session.scalars(select(Push)).one()
    assert (push.state, push.target, push.action_id) == (PushState.PENDING, "acme/shop", the_action().id)
    assert push.marker.startswith("AI-1:")


def test_the_service_says_where_its_tickets_go(browser: Browser) -> None:
    make.tracker("Another")
    tracker = make.tracker("GitHub", default_target="acme/shop")
    make.incident(services=[make.service("Checkout", tracker_id=tracker.id, ticket_target="acme/checkout")])

    browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Warm the cache")

    assert session.scalars(select(Push)).one().target == "acme/checkout"


def test_a_private_incident_proposes_no_ticket_and_asks_before_one_is_made(admin_browser: Browser) -> None:
    tracker = make.tracker("GitHub")
    service = make.service("Checkout", tracker_id=tracker.id)
    make.incident("Secret breach", is_private=True, services=[service])

    page = admin_browser.get("/actions/new?incident=INC-1")
    page.submit("Add the action item", title="Rotate the keys")
    wish = {"incident": "INC-1", "title": "Rotate them", "tracker_id": str(tracker.id), "target": "acme/shop"}
    refused = admin_browser.get("/actions/new").submit("Add the action item", **wish)
    asked_for = session.scalar(select(func.count(Push.id)))
    refused.submit("Add the action item", is_confirmed="y")

    assert "It names only the reference of this item and a link" in page.text
    assert "Confirm that the ticket may be read by everybody who can read the tracker" in " ".join(refused.errors)
    assert (asked_for, session.scalars(select(Push)).one().target) == (0, "acme/shop")


def test_a_target_that_cannot_be_one_is_refused_and_nothing_is_written(browser: Browser) -> None:
    tracker = make.tracker("GitHub")
    make.incident()

    page = browser.get("/actions/new?incident=INC-1").submit(
        "Add the action item", title="Warm the cache", tracker_id=str(tracker.id), target="not a repository"
    )

    assert "Say which repository of GitHub the ticket goes to, as owner/name: acme/shop." in page.errors
    assert session.scalar(select(func.count(ActionItem.id))) == 0


def test_vague_words_are_asked_about_and_never_stopped(browser: Browser) -> None:
    make.incident()

    page = browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Be more careful")

    assert "What exactly will be different when this is done?" in page.text
    assert the_action().title == "Be more careful"


def test_a_colleague_asks_while_the_words_are_typed(browser: Browser) -> None:
    title = browser.get("/actions/wording", query={"title": "Improve"}, htmx=True)
    done = browser.get("/actions/wording", query={"done_when": "It works"}, htmx=True)
    silent = [
        browser.get("/actions/wording", query=query, htmx=True).text
        for query in ({"title": "Warm the cache"}, {"done_when": "The hit rate is 95 %"}, {"done_when": ""})
    ]

    assert "Name the thing" in title.text
    assert "Could somebody who was not there see that?" in done.text
    assert silent == ["", "", ""]


def test_an_item_goes_its_whole_way_in_the_browser(browser: Browser) -> None:
    make.action(incidents=(make.incident(),))

    page = browser.get("/actions/AI-1").submit("Start")
    page = page.submit("Mark as done", evidence="The dashboard at noon")
    done = (the_action().state, the_action().watch_until)
    page = page.submit("Verify", evidence="")

    assert done == (ActionState.DONE, date(2026, 12, 23))
    assert the_action().state is ActionState.VERIFIED
    assert "AI-1 is verified: it is shown to work." in page.flashes
    assert "Bob" in page.text
    assert [tag.text for tag in page.select(".history li p:first-child")] == ["Shown to work.", "Done.", "Started."]


def test_verifying_asks_how_we_know(browser: Browser) -> None:
    make.action()

    page = browser.get("/actions/AI-1").submit("Mark as done", evidence="")
    said = page.flashes
    page = page.submit("Verify", evidence="  ")

    assert "Verifying will ask how we know." in said
    assert page.errors == ["Say how we know that it works: a link, a test, a drill or a graph."]
    assert the_action().state is ActionState.DONE


def test_what_did_not_hold_is_owed_again(browser: Browser, now: datetime) -> None:
    make.action(state=ActionState.VERIFIED, done_at=now, verified_at=now, done_evidence="A test")

    page = browser.get("/actions/AI-1").submit("It did not hold", what_showed_it="It was down again on Monday")

    assert the_action().state is ActionState.DID_NOT_HOLD
    assert "It did not hold: It was down again on Monday" in page.text


def test_not_holding_needs_a_word(browser: Browser, now: datetime) -> None:
    make.action(state=ActionState.DONE, done_at=now)

    page = browser.get("/actions/AI-1").submit("It did not hold", what_showed_it="")

    assert page.errors == ["Enter what showed that it did not hold."]
    assert the_action().state is ActionState.DONE


def test_declining_is_a_decision_with_a_reason_a_name_and_a_day(browser: Browser, responder: Person) -> None:
    make.action()

    page = browser.get("/actions/AI-1").submit(
        "Decline", reason="The old checkout goes away in May", accepted_by_id=str(responder.id)
    )

    action = the_action()
    assert action.state is ActionState.DECLINED
    assert (action.risk_accepted_by_id, action.look_again_on) == (responder.id, date(2027, 2, 21))
    assert "Declined: The old checkout goes away in May" in page.text


def test_a_decision_without_its_parts_is_refused_with_the_words_kept(browser: Browser, responder: Person) -> None:
    make.action()

    page = browser.get("/actions/AI-1").submit(
        "Decline", reason="It goes away in May", accepted_by_id="", look_again_on="2026-11-23"
    )
    late = page.submit(
        "Decline", reason="It goes away in May", accepted_by_id=str(responder.id), look_again_on="2026-11-23"
    )

    assert page.errors == ["Choose who accepts the risk."]
    assert page.select("#reason")[0].text.strip() == "It goes away in May"
    assert late.errors == ["Choose a day in the future to look at this decision again."]
    assert the_action().state is ActionState.OPEN


def test_a_declined_item_comes_back(browser: Browser, responder: Person) -> None:
    make.action(state=ActionState.DECLINED, declined_reason="Too dear", look_again_on=date(2026, 12, 1))

    browser.get("/actions/AI-1").submit("Open again")

    assert (the_action().state, the_action().look_again_on) == (ActionState.OPEN, None)


def test_what_was_declined_is_kept_so_until_another_day(browser: Browser, admin: Person, responder: Person) -> None:
    make.action(
        state=ActionState.DECLINED,
        declined_reason="Too dear",
        declined_at=make.NOW - timedelta(days=90),
        risk_accepted_by_id=responder.id,
        look_again_on=make.NOW.date(),
    )
    page, other = browser.get("/actions/AI-1"), browser.get("/actions/AI-1")

    late = page.submit("Keep it declined", look_again_on="2026-11-23")
    kept = late.submit(
        "Keep it declined",
        reason="Cheaper in May",
        accepted_by_id=str(admin.id),
        look_again_on="2027-05-03",
    )
    clash = other.submit("Keep it declined", reason="Too dear")

    assert "Declined: still right? It was to be looked at again on 23 Nov 2026." in page.text
    assert page.select("#reason")[0].text.strip() == "Too dear"
    assert late.errors == ["Choose a day in the future to look at this decision again."]
    assert "AI-1 stays declined. It comes back on 3 May 2027." in kept.flashes
    assert "Looked at again, and kept declined until 3 May 2027: Cheaper in May" in kept.text
    assert "Declined: still right?" not in kept.text
    assert clash.errors == ["Somebody changed AI-1 while you decided. See below what it says now, then decide."]
    found = the_action()
    assert (found.declined_reason, found.risk_accepted_by_id) == ("Cheaper in May", admin.id)
    assert (found.look_again_on, found.declined_at) == (date(2027, 5, 3), make.NOW - timedelta(days=90))
    page = Browser(browser.app, person=admin).get("/settings/audit")
    assert "Looked at a declined item again, and kept it declined" in page.text
    assert "Until 2027-05-03, the risk accepted by Alice." in page.text


def test_what_was_declined_and_done_all_the_same_is_done(browser: Browser) -> None:
    make.action(state=ActionState.DECLINED, declined_reason="Too dear", look_again_on=date(2026, 11, 23))

    page = browser.get("/actions/AI-1")
    page.submit("Mark as done", evidence="It came with the new gateway")

    found = the_action()
    assert "It was done meanwhile" in page.text
    assert (found.state, found.done_evidence) == (ActionState.DONE, "It came with the new gateway")
    assert (found.look_again_on, found.watch_until) == (None, date(2026, 12, 23))


def test_two_people_take_a_step_and_the_second_is_told(browser: Browser) -> None:
    make.action()
    first, second = browser.get("/actions/AI-1"), browser.get("/actions/AI-1")

    first.submit("Mark as done", evidence="A test")
    page = second.submit("Mark as done", evidence="My own words")

    assert page.status == 422
    assert page.errors == ["AI-1 is “done” by now, so it cannot be marked as done. Look at what changed, then decide."]
    assert "My own words" in page.text
    assert the_action().done_evidence == "A test"


def test_an_edit_says_in_the_history_what_it_changed(browser: Browser, responder: Person) -> None:
    make.action("Warm the cache", due_on=date(2026, 12, 21))

    page = browser.get("/actions/AI-1/edit").submit(
        "Save", title="Warm the cache first", owner_id=str(responder.id), due_on="2026-12-24", priority="P1"
    )

    assert page.heading == "AI-1 Warm the cache first"
    assert (
        "Title changed. Owner: Bob, was nobody. Priority: P1, was P2. Due: 24 Dec 2026, was 21 Dec 2026." in page.text
    )


def test_a_stale_edit_shows_both_and_loses_nothing(browser: Browser, admin_browser: Browser) -> None:
    make.action("Warm the cache", detail="Old detail")
    mine = browser.get("/actions/AI-1/edit")
    admin_browser.get("/actions/AI-1/edit").submit("Save", title="Warm both caches")

    clash = mine.submit("Save", title="Warm the cache at night", detail="My detail")
    untouched = the_action().title
    clash.submit("Save", title="Warm both caches at night")

    assert clash.status == 409
    assert "Alice changed this item while you were writing" in clash.text
    assert "Warm both caches" in clash.text
    assert "Old detail" in clash.text
    assert clash.select("#title")[0]["value"] == "Warm the cache at night"
    assert clash.select("#detail")[0].text.strip() == "My detail"
    assert untouched == "Warm both caches"
    assert (the_action().title, the_action().detail) == ("Warm both caches at night", "My detail")


def test_a_refused_edit_keeps_what_was_typed(browser: Browser) -> None:
    make.action("Warm the cache")

    page = browser.get("/actions/AI-1/edit").submit("Save", title=" ", detail="Kept words")

    assert page.status == 422
    assert "Enter what will be done." in page.errors
    assert page.select("#detail")[0].text.strip() == "Kept words"


def test_a_second_incident_raises_the_count_and_the_priority(browser: Browser) -> None:
    make.action(incidents=(make.incident("The first"),), priority=Priority.P2)
    make.incident("The second")

    page = browser.get("/actions/AI-1").submit("Link the incident", incident="INC-2")

    assert "Asked for by 2 incidents." in page.text
    assert "Priority raised from P2 to P1: a further incident asks for it." in page.text
    assert the_action().priority is Priority.P1


def test_linking_says_what_is_wrong(browser: Browser) -> None:
    make.action(incidents=(make.incident(),))

    twice = browser.get("/actions/AI-1").submit("Link the incident", incident="INC-1")
    nowhere = browser.get("/actions/AI-1").submit("Link the incident", incident="INC-9")
    nonsense = browser.get("/actions/AI-1").submit("Link the incident", incident="the big one")

    assert twice.errors == ["INC-1 asks for AI-1 already."]
    assert nowhere.errors == ["There is no incident INC-9, or it is not shown to you."]
    assert nonsense.errors == ["Write the reference of an incident, such as INC-42."]
    assert nonsense.select("#incident")[0]["value"] == "the big one"


def test_an_incident_that_did_not_ask_is_unlinked(browser: Browser) -> None:
    make.action(incidents=(make.incident("The first"), make.incident("The second")))

    page = browser.get("/actions/AI-1").submit("Unlink INC-2")

    assert "Asked for by 1 incident." in page.text
    assert session.scalar(select(func.count()).select_from(IncidentAction)) == 1


def test_a_further_incident_after_declining_asks_for_another_look_at_once(
    browser: Browser, responder: Person, now: datetime
) -> None:
    make.action(
        incidents=(make.incident(),),
        state=ActionState.DECLINED,
        declined_reason="Too dear",
        declined_at=now - timedelta(days=9),
        look_again_on=date(2027, 5, 3),
    )
    make.incident()

    page = browser.get("/actions/AI-1").submit("Link the incident", incident="INC-2")
    kept = page.submit("Keep it declined", accepted_by_id=str(responder.id), look_again_on="2027-05-03")

    told = "It was declined before that. Look at the decision again."
    assert (told in page.text, told in kept.text) == (True, False)
    assert "Look again on 23 Nov 2026" in page.text


def test_a_reader_sees_the_item_and_no_step(app: object, viewer: Person) -> None:
    from flask import Flask

    assert isinstance(app, Flask)
    make.action(incidents=(make.incident(),))
    browser = Browser(app, person=viewer)

    page = browser.get("/actions/AI-1")
    refused = browser.post("/actions/AI-1/start", {"csrf_token": browser.token()})

    assert page.status == 200
    assert not page.select("main form")
    assert refused.status == 403


def test_a_private_incident_is_named_nowhere_on_an_item_that_others_see(
    browser: Browser, admin_browser: Browser
) -> None:
    secret = make.incident("Secret breach", is_private=True)
    make.action("Rotate the keys", incidents=(make.incident("Public one"),))
    admin_browser.get("/actions/AI-1").submit("Link the incident", incident=secret.ref)

    pages = [
        browser.get(url)
        for url in ("/actions/AI-1", "/actions?team=", "/actions?view=board&team=", "/incidents/INC-2/actions")
    ]
    csv = browser.get("/actions.csv?team=").body

    for page in pages:
        assert page.status == 200
        assert "Rotate the keys" in page.text
        assert "Secret breach" not in page.body
        assert "INC-1" not in page.body
    assert "A private incident" in pages[0].text
    assert "A further incident asks for it. (a private incident)" in pages[0].text
    assert "private INC-2" in csv
    assert "INC-1" not in csv
    assert "INC-1" in admin_browser.get("/actions/AI-1").text


def test_an_item_of_a_private_incident_is_not_there_for_others(browser: Browser, admin_browser: Browser) -> None:
    make.action("Rotate the keys", incidents=(make.incident("Secret breach", is_private=True),))

    assert browser.get("/actions/AI-1").status == 404
    assert browser.get("/actions/AI-1/edit").status == 404
    assert browser.get("/incidents/INC-1/actions").status == 404
    assert browser.post("/actions/AI-1/start", {"csrf_token": browser.token()}).status == 404
    for url in ("/actions?team=", "/actions?view=board", "/actions.csv", "/actions?incident=INC-1"):
        assert "Rotate" not in browser.get(url).body
        assert "Rotate" in admin_browser.get(url).body


def test_the_named_person_works_on_a_private_item(browser: Browser, responder: Person) -> None:
    make.action("Rotate the keys", incidents=(make.incident("Secret", is_private=True, named=(responder,)),))

    page = browser.get("/actions/AI-1").submit("Start")

    assert "AI-1 is in progress." in page.flashes


def test_an_owner_must_be_allowed_to_see_the_incident(admin_browser: Browser) -> None:
    outsider = make.person("Olga")
    make.incident("Secret", is_private=True)

    page = admin_browser.get("/actions/new?incident=INC-1")
    refused = admin_browser.post(
        "/actions/new",
        {
            "incident": "INC-1",
            "title": "Rotate",
            "priority": "P2",
            "owner_id": outsider.id,
            "csrf_token": admin_browser.token(),
        },
    )

    assert "Olga" not in page.text
    assert refused.status == 422
    assert "Olga may not see the private incident that asks for this." in " ".join(refused.errors)
    assert session.scalar(select(func.count(ActionItem.id))) == 0


def titles(page_text: str, *names: str) -> list[str]:
    return sorted((name for name in names if name in page_text), key=page_text.index)


def test_the_worst_item_comes_first(browser: Browser) -> None:
    make.action("Later", due_on=date(2026, 12, 1))
    make.action("Never dated", due_on=None)
    make.action("Very late", due_on=date(2026, 10, 21))

    page = browser.get("/actions")

    assert titles(page.text, "Later", "Never dated", "Very late") == ["Very late", "Later", "Never dated"]
    assert "33 days overdue" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Alpha", "Held"}),
        ("state=done", {"Beta"}),
        ("state=verified", {"Gamma"}),
        ("state=declined", {"Delta"}),
        ("state=all", {"Alpha", "Beta", "Gamma", "Delta", "Held"}),
        ("owner=me", {"Alpha"}),
        ("owner=nobody", {"Held"}),
        ("state=all&kind=detect", {"Beta"}),
        ("state=all&priority=P1", {"Gamma"}),
        ("overdue=y", {"Held"}),
        ("incident=INC-1", {"Alpha"}),
        ("incident=inc-1", {"Alpha"}),
        ("incident=INC-7", set()),
        ("q=alph", {"Alpha"}),
        ("q=AI-1", {"Alpha"}),
        ("q=%25", set()),
        ("state=all&team=1", {"Delta"}),
        ("state=all&team=mine", {"Alpha"}),
    ],
)
def test_each_filter_narrows_the_list(
    browser: Browser, responder: Person, now: datetime, query: str, expected: set[str]
) -> None:
    team = make.team("Payments")
    make.action("Alpha", owner_id=responder.id, incidents=(make.incident("One"),))
    make.action("Beta", state=ActionState.DONE, done_at=now, kind=ActionKind.DETECT)
    make.action("Gamma", state=ActionState.VERIFIED, done_at=now, verified_at=now, priority=Priority.P1)
    make.action("Delta", state=ActionState.DECLINED, declined_reason="No", declined_at=now, team_id=team.id)
    make.action("Held", state=ActionState.DID_NOT_HOLD, due_on=date(2026, 11, 22))

    page = browser.get(f"/actions?{query}")

    shown = {tag.get_text() for tag in page.select("td .ref-title")}
    assert page.status == 200
    assert shown == expected


def test_a_filter_that_cannot_be_read_says_so_and_narrows_nothing(browser: Browser) -> None:
    make.action("Alpha")

    page = browser.get("/actions?kind=magic&incident=foo&owner=nobody%20else&page=-3&sort=x&state=zzz")

    assert page.status == 200
    assert "Choose one from the list." in page.text
    assert "Write a reference such as INC-42." in page.text
    assert "Alpha" in page.text


def test_members_of_a_team_start_with_its_items(browser: Browser, responder: Person) -> None:
    mine, other = make.team("Payments"), make.team("Search")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    make.action("Ours", team_id=mine.id)
    make.action("Theirs", team_id=other.id)

    page = browser.get("/actions")
    everything = page.click("Show all 2")

    assert titles(page.text, "Ours", "Theirs") == ["Ours"]
    assert "1 of 2 open items: yours and those of your teams." in page.text
    assert titles(everything.text, "Ours", "Theirs") == ["Ours", "Theirs"]
    assert "The items of every team." in everything.text
    assert "1 of 2 open items" in everything.click("Show only those of your teams").text


def test_the_first_items_of_several_teams_stand_in_one_order_and_none_twice(
    browser: Browser, responder: Person, now: datetime
) -> None:
    teams = [make.team("Payments"), make.team("Search"), make.team("Mail")]
    with transaction():
        session.add_all(TeamMember(team_id=team.id, person_id=responder.id) for team in teams[:2])
    for number in range(48):
        owner, due = responder.id if number % 5 == 0 else None, (now + timedelta(days=number - 20)).date()
        make.action(f"Item {number:02}.", team_id=teams[number % 3].id, owner_id=owner, due_on=due)
    every = [f"Item {number:02}." for number in range(48)]
    mine = [f"Item {number:02}." for number in range(48) if number % 3 < 2 or number % 5 == 0]

    first, second = (browser.get(f"/actions?team=mine&page={number}") for number in (1, 2))

    assert titles(first.text, *every) == mine[:30]
    assert titles(second.text, *every) == mine[30:]
    assert all(first.text.count(title) == 1 for title in mine[:30])


@pytest.mark.once
def test_the_items_of_a_reader_are_read_along_indexes_and_not_sorted(
    browser: Browser, responder: Person, now: datetime
) -> None:
    mine = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    make.action("Ours", team_id=mine.id, due_on=now.date())

    read = next(one for one in browser.get("/actions").queries if "UNION ALL" in one)

    asked = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {read}", (None,) * read.count("?"))
    plan = " ".join(step.detail for step in asked)
    assert "USING INDEX ix_action_items_team_id_state_due_on (team_id=? AND state=?)" in plan
    assert "USING INDEX ix_action_items_owner_id_state_due_on (owner_id=? AND state=?)" in plan


def test_items_are_counted_no_further_than_a_list_needs(
    browser: Browser, responder: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    make.action("Ours", team_id=mine.id)
    make.action("Theirs")
    make.action("Another of theirs")
    make.action("Hidden", incidents=(make.incident("Keys were leaked", is_private=True),))

    monkeypatch.setattr(counting, "COUNTED", 3)
    assert "1 of 3 open items: yours" in browser.get("/actions").text
    monkeypatch.setattr(counting, "COUNTED", 2)
    make.action("Nobody has it")
    page = browser.get("/actions")

    assert "1 of more than 2 open items: yours" in page.text
    assert "Theirs" in page.click("Show all").text


def test_the_count_of_whose_items_keeps_the_other_filters(browser: Browser, responder: Person) -> None:
    mine = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    make.action("Ours", team_id=mine.id, priority=Priority.P1)
    make.action("Theirs", priority=Priority.P1)
    make.action("Later", priority=Priority.P3)
    make.action("Finished", priority=Priority.P1, state=ActionState.VERIFIED, done_at=make.NOW, verified_at=make.NOW)

    page = browser.get("/actions?team=mine&priority=P1")
    board = browser.get("/actions?team=mine&priority=P1&view=board")

    assert page.select(".more-filters[open]")
    assert not browser.get("/actions?team=mine").select(".more-filters[open]")
    assert "1 of 2 open items: yours" in page.text
    assert titles(page.click("Show all 2").text, "Ours", "Theirs", "Later", "Finished") == ["Ours", "Theirs"]
    assert "1 of 3 items: yours" in board.text
    assert titles(board.click("Show all 3").text, "Ours", "Theirs", "Later", "Finished") == [
        "Ours",
        "Theirs",
        "Finished",
    ]


def test_items_of_private_incidents_are_in_no_count(browser: Browser, responder: Person) -> None:
    mine = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    make.action("Ours", team_id=mine.id)
    make.action("Secret", incidents=(make.incident("Secret", is_private=True),))
    make.action("Our secret", team_id=mine.id, incidents=(make.incident("Secret too", is_private=True),))
    make.action("Owned secret", owner_id=responder.id, incidents=(make.incident("Secret again", is_private=True),))

    page = browser.get("/actions")

    assert "1 of 1 open item: yours" in page.text
    assert titles(page.text, "Ours", "Secret", "Our secret", "Owned secret") == ["Ours"]


def test_my_item_of_my_team_counts_once(browser: Browser, responder: Person) -> None:
    mine = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=mine.id, person_id=responder.id))
    private, public = make.incident("Secret", is_private=True), make.incident("Public")
    make.action("Ours", team_id=mine.id, owner_id=responder.id, incidents=(private, public))
    make.action("Of no incident", owner_id=responder.id, incidents=())
    make.action("Theirs")

    page = browser.get("/actions")

    assert "2 of 3 open items: yours" in page.text
    assert titles(page.text, "Ours", "Of no incident", "Theirs") == ["Ours", "Of no incident"]


def test_who_has_no_team_is_told_of_none(browser: Browser) -> None:
    make.action("Anything")

    assert "your teams" not in browser.get("/actions").text


def test_a_long_list_has_pages_that_keep_the_filter(browser: Browser) -> None:
    for number in range(33):
        make.action(f"Item {number:02}", priority=Priority.P3)
    make.action("Urgent", priority=Priority.P1)

    first = browser.get("/actions?priority=P3")
    second = first.click("Further")

    assert "1 to 30" in first.text
    assert "31 to 33 of 33" in second.text
    assert "Urgent" not in second.text
    assert "This page is empty." in browser.get("/actions?page=9").text


@pytest.mark.once
@pytest.mark.parametrize("url", ["/actions", "/actions?view=board", "/incidents/INC-1/actions"])
def test_more_items_take_no_more_queries(browser: Browser, responder: Person, url: str) -> None:
    incident, tracker = make.incident(), make.tracker()

    def add(number: int) -> None:
        for _ in range(number):
            action = make.action(incidents=(incident,), owner_id=responder.id)
            make.ticket(tracker, action=action)

    add(3)
    few = browser.get(url)
    add(57)
    many = browser.get(url)

    assert len(many.queries) == len(few.queries) <= 12
    assert len(many.body) > 2 * len(few.body)


@pytest.mark.once
def test_one_item_takes_a_fixed_number_of_queries(browser: Browser) -> None:
    action = make.action(incidents=(make.incident(), make.incident("Another")))
    few = browser.get("/actions/AI-1")
    with transaction():
        session.add_all(
            ActionEvent(action_id=action.id, at=make.NOW, person_id=None, sentence=f"Step {n}") for n in range(40)
        )
    many = browser.get("/actions/AI-1")

    assert "Step 39" in many.text
    assert len(many.queries) == len(few.queries) <= 12


def test_the_board_shows_states_as_columns_and_steps_come_back_to_it(browser: Browser, now: datetime) -> None:
    make.action("Alpha")
    make.action("Beta", state=ActionState.DONE, done_at=now)

    page = browser.get("/actions?view=board")
    after = page.submit("Start AI-1")

    assert [tag.get_text() for tag in page.select(".board h2 .badge")] == [
        "Open", "Did not hold", "In progress", "Done, not verified", "Verified", "Declined",
    ]  # fmt: skip
    assert after.url == "/actions?view=board"
    assert the_action().state is ActionState.IN_PROGRESS


def test_a_column_of_what_is_over_ends_with_a_link_to_all_of_it(browser: Browser, now: datetime) -> None:
    for number in range(12):
        make.action(f"Item {number}", kind=ActionKind.PREVENT, state=ActionState.VERIFIED, done_at=now, verified_at=now)
    hidden = make.incident(is_private=True)
    make.action(
        "Hidden", kind=ActionKind.PREVENT, state=ActionState.VERIFIED, done_at=now, verified_at=now, incidents=(hidden,)
    )
    make.action("Ours", kind=ActionKind.DETECT)

    page = browser.get("/actions?view=board&kind=prevent")
    narrow = browser.get("/actions?view=board&kind=detect")

    assert len(page.select(".board section:nth-of-type(5) .board-card")) == 10
    assert page.select(".board section:nth-of-type(5) .count")[0].text == "12"
    assert "All" not in narrow.select(".board")[0].text
    everything = page.click("All 12 verified")
    assert "state=verified" in everything.url
    assert "kind=prevent" in everything.url
    assert len(everything.select("tbody tr")) == 12


def test_the_words_above_the_form_say_what_is_needed(browser: Browser) -> None:
    incident = make.incident()

    bare = browser.get("/actions/new")
    asked = browser.get("/actions/new", query={"incident": incident.ref})

    assert "Only the incident and the first line are needed now." in bare.text
    assert "Only the first line is needed now." in asked.text


def test_the_items_of_an_incident_are_a_page_and_a_fragment(browser: Browser, now: datetime) -> None:
    incident = make.incident()
    make.action("Alpha", incidents=(incident,), due_on=date(2026, 11, 20))
    make.action("Beta", incidents=(incident,), state=ActionState.VERIFIED, done_at=now, verified_at=now)
    make.action("Elsewhere", incidents=(make.incident("Other"),))

    page = browser.get("/incidents/INC-1/actions")
    fragment = browser.get("/incidents/INC-1/actions", htmx=True)

    assert page.heading == "Action items of INC-1"
    for shown in (page, fragment):
        assert "1 of 2 verified" in shown.text
        assert "3 days overdue" in shown.text
        assert "Elsewhere" not in shown.text
    assert fragment.click("Add an action item").heading == "Add an action item"


def test_the_ticket_stands_in_the_list_with_its_state(browser: Browser) -> None:
    from tracker.models import Freshness, TicketState

    make.ticket(
        action=make.action(), key="SHOP-7", state=TicketState.DONE, state_text="Released", freshness=Freshness.DELETED
    )
    make.push(make.action("On its way"), make.tracker("Jira"))

    page = browser.get("/actions")

    assert "SHOP-7" in page.text
    assert "Released" in page.text
    assert "Deleted in the tracker" in page.text
    assert "Ticket on the way" in page.text


@pytest.mark.parametrize("columns", [{"read_at": make.NOW - timedelta(hours=2)}, {"is_active": False}])
def test_a_ticket_whose_tracker_is_not_read_any_more_shows_as_stale(browser: Browser, columns: dict[str, Any]) -> None:
    make.ticket(make.tracker(**columns), action=make.action(), seen_at=make.NOW - timedelta(hours=2))

    pages = [browser.get("/actions"), browser.get("/actions/AI-1")]

    assert all("Stale" in page.text for page in pages)


def test_a_ticket_whose_tracker_was_just_read_is_in_step(browser: Browser) -> None:
    tracker = make.tracker(read_at=make.NOW - timedelta(minutes=5))
    make.ticket(tracker, action=make.action(), seen_at=make.NOW - timedelta(days=2))

    assert "Stale" not in browser.get("/actions").select("tbody")[0].get_text()


def test_a_ticket_that_is_done_does_not_verify_the_item(browser: Browser) -> None:
    from tracker.models import TicketState

    make.ticket(action=make.action(), state=TicketState.DONE)

    page = browser.get("/actions/AI-1")

    assert the_action().state is ActionState.OPEN
    assert [tag.get_text() for tag in page.select(".page-title .badge")] == ["Open"]


def test_nothing_here_says_what_happens_next(browser: Browser) -> None:
    assert browser.get("/actions").click("See the incidents").url == "/incidents"
    assert "No items here." in browser.get("/actions?kind=prevent").text


def test_the_file_holds_the_filtered_rows_and_no_formula(browser: Browser, responder: Person, now: datetime) -> None:
    import csv

    make.action("=HYPERLINK(1)", owner_id=responder.id, incidents=(make.incident(),), due_on=date(2026, 10, 21))
    make.action("Over", state=ActionState.DONE, done_at=now)

    answer = browser.get("/actions.csv?state=open")
    rows = list(csv.DictReader(answer.body.splitlines()))

    assert answer.response.mimetype == "text/csv"
    assert 'filename="action-items-2026-11-23.csv"' in answer.response.headers["Content-Disposition"]
    assert [row["title"] for row in rows] == ["'=HYPERLINK(1)"]
    assert (rows[0]["ref"], rows[0]["owner"], rows[0]["incidents"]) == ("AI-1", "Bob", "INC-1")
    assert (rows[0]["due_on"], rows[0]["days_overdue"]) == ("2026-10-21", "33")
