"""What follows what: set by administrators; and what could not be written is told where a person meets it."""

from dataclasses import fields

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.clients.failures import NotReached
from tracker.clients.memory import MemoryClient
from tracker.db import session, transaction
from tracker.models import ActionItem, ActionTicket, FieldMapping, Person, Ticket, Tracker, TrackerKind, Trouble
from tracker.sync import jobs
from tracker.sync.following.directions import Directions, Reopened, directions_of
from tracker.sync.pacing.rounds import Round
from tracker.sync.telling.trouble_queries import troubles

pytestmark = pytest.mark.usefixtures("worker")
DIRECTIONS = [field.name for field in fields(Directions) if field.name != "reopened"]
WHY = "Jira offers no step to a closed status from “Open”. It offers: Start, Block."


def test_the_page_begins_with_what_is_so_for_everybody(admin_browser: Browser) -> None:
    tracker = make.tracker()

    admin_browser.get(f"/settings/trackers/{tracker.id}/following").submit("Save")
    session.expire_all()

    assert directions_of(session.get_one(Tracker, tracker.id)) == Directions()


def test_directions_and_states_are_kept(admin_browser: Browser, tickets: MemoryClient) -> None:
    tracker = make.tracker("Jira", kind=TrackerKind.JIRA)
    tickets.states_there = ["To do", "Parked", "Won't Do"]
    path = f"/settings/trackers/{tracker.id}/following"

    ticked = [name for name in DIRECTIONS if name != "title_out"]
    typed = {"reopened": "new item", "states": "shop: Won't Do = Not planned\nSHOP: Parked = open"}
    token = {"csrf_token": admin_browser.token(path)}
    page = admin_browser.post(path, token | typed | dict.fromkeys(ticked, "y"))

    assert "Saved. Jira is followed so from now on." in page.flashes
    session.expire_all()
    kept = session.get_one(Tracker, tracker.id)
    assert directions_of(kept) == Directions(title_out=False, reopened=Reopened.NEW_ITEM)
    assert kept.state_names == {"SHOP": {"won't do": "not planned", "parked": "open"}}
    again = admin_browser.get(path)
    assert not again.select("#title_out[checked]")
    assert again.select("#states")[0].get_text().strip() == "SHOP: parked = open\nSHOP: won't do = not planned"


def test_a_state_that_is_not_there_is_said_when_it_is_saved_and_each_night(
    admin_browser: Browser, tickets: MemoryClient, worker: Worker
) -> None:
    tracker = make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP", read_at=make.NOW)
    tickets.states_there, tickets.resolutions_there = ["To do", "Parked", "Done"], ["Fixed", "Won't do"]
    path = f"/settings/trackers/{tracker.id}/following"
    token = {"csrf_token": admin_browser.token(path), "reopened": "reopen"}
    refused = admin_browser.post(path, token | {"states": "SHOP: Shelved = open"})
    assert "SHOP has no state “shelved”. It has: To do, Parked, Done." in refused.text
    refused = admin_browser.post(path, token | {"states": "SHOP: Done: Wontfix = not planned"})
    assert "Jira has no resolution “wontfix”. It has: Fixed, Won't do." in refused.text
    tickets.fail_with = NotReached("no such host")
    assert "no such host" in admin_browser.post(path, token | {"states": "SHOP: Parked = open"}).text
    saved = admin_browser.post(path, token | {"states": "SHOP: Parked = open\nSHOP: Done: Won't do = not planned"})
    assert "Saved. Jira is followed so from now on." in saved.flashes

    tickets.states_there, tickets.resolutions_there = ["To do", "Done"], ["Fixed"]
    assert check_at_night(worker) == [], "it was asked just now"
    worker.later(hours=24)
    check_at_night(worker)

    health = admin_browser.get("/settings/sync").text
    assert "SHOP has no state “parked”. It has: To do, Done." in health
    assert "Jira has no resolution “won't do”. It has: Fixed." in health
    tickets.states_there, tickets.resolutions_there = ["To do", "Done", "Parked"], ["Won't Do"]
    worker.later(hours=24)
    check_at_night(worker)
    assert "has no" not in admin_browser.get("/settings/sync").text


def check_at_night(worker: Worker) -> list[Round]:
    session.rollback()
    return jobs.check_mappings(worker.now)


def test_the_boxes_tell_what_github_can(admin_browser: Browser) -> None:
    tracker = make.tracker()

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/following")

    assert (len(page.select("#due_in")), len(page.select("#due_out"))) == (0, 1)
    assert "GitHub’s issues have no due date." in page.text


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ("OPS: Won't do", "“OPS: Won't do” is not complete. Write it like OPS: Won't do = not planned."),
        ("OPS: = done", "“OPS: = done” is not complete."),
        ("OPS: Parked = finished", "“finished” is none of the meanings. Choose one of: open, done, not planned"),
        ("not a project: Parked = open", '"NOT A PROJECT" is not a project'),
    ],
)
def test_a_line_that_says_nothing_is_told(admin_browser: Browser, states: str, sentence: str) -> None:
    tracker = make.tracker("Jira", kind=TrackerKind.JIRA)

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/following").submit("Save", states=states)

    assert page.status == 422
    assert page.errors[0].startswith(sentence)
    session.expire_all()
    assert session.get_one(Tracker, tracker.id).state_names == {}


@pytest.fixture
def troubled(app: Flask) -> ActionItem:
    """An item whose ticket cannot be closed."""
    action = make.action("Warm the cache")
    trouble_of(make.ticket(make.tracker("Jira", kind=TrackerKind.JIRA, read_at=make.NOW), action=action), action)
    return action


def trouble_of(ticket: Ticket, action: ActionItem) -> None:
    with transaction():
        link = session.get_one(ActionTicket, (action.id, ticket.id))
        link.trouble, link.trouble_text, link.trouble_since = Trouble.TRANSITION_MISSING, WHY, make.NOW
        link.run_after = make.NOW.replace(year=2027)


def test_a_missing_step_is_named_on_the_item_and_can_be_tried_again(browser: Browser, troubled: ActionItem) -> None:
    page = browser.get(f"/actions/{troubled.ref}/tickets")

    assert "What changed here could not be written there" in page.text
    assert WHY in page.text
    page = page.submit("Try now to write to acme/shop#1")
    assert "We try it now." in page.flashes


def test_the_health_page_lists_what_could_not_be_written(admin_browser: Browser, troubled: ActionItem) -> None:
    page = admin_browser.get("/settings/sync")

    assert "Changed here, and not written there" in page.text
    assert f"acme/shop#1: {WHY}" in page.text
    assert "Transition missing" in page.text


def test_what_is_private_is_told_only_to_those_who_may_see_it(app: Flask, responder: Person) -> None:
    private = make.incident("Salaries were readable", is_private=True, named=(responder,))
    action = make.action("Close the salaries", incidents=(private,))
    trouble_of(make.ticket(make.tracker(read_at=make.NOW), action=action), action)

    assert [link.action.title for link in troubles(viewer=responder)] == ["Close the salaries"]
    assert list(troubles(viewer=make.person("Bo"))) == []


def test_a_mapping_that_lacks_something_is_red_on_the_health_page(admin_browser: Browser) -> None:
    tracker = make.tracker("Jira", kind=TrackerKind.JIRA, read_at=make.NOW)
    make.save(FieldMapping(tracker_id=tracker.id, target="OPS", problems="“Team” is required.", checked_at=make.NOW))

    page = admin_browser.get("/settings/sync")

    assert "New tickets of OPS would be refused" in page.text
    assert page.click("Mend the mapping of OPS").heading == "New tickets of OPS"


def test_a_tracker_that_was_never_read_is_red(admin_browser: Browser, worker: Worker) -> None:
    make.tracker()

    page = admin_browser.get("/settings/sync")

    assert [badge.get_text(" ", strip=True) for badge in page.select(".badge.bad")] == ["Never read"]
