"""What is said of a ticket beside its item: why the two differ, what happens by itself, and what a person has to do."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.clients.memory import MemoryClient
from tracker.models import ActionState, Freshness, PushState, TicketState
from tracker.sync.wording import difference


@pytest.mark.parametrize(
    ("item", "ticket", "around", "sentence"),
    [
        (ActionState.OPEN, TicketState.DONE, {}, "Closed in Jira, but “open” here."),
        (ActionState.OPEN, TicketState.DONE, {"others_are_open": True}, "The item stays “open” until its other"),
        (ActionState.DONE, TicketState.OPEN, {}, "Close it there if nothing is left to do."),
        (ActionState.DONE, TicketState.OPEN, {"is_shared": True}, "another item that follows it is not done yet"),
        (ActionState.VERIFIED, TicketState.NOT_PLANNED, {}, "Closed as not planned in Jira, but “verified” here."),
    ],
)
def test_a_difference_says_what_to_do_about_it(
    item: ActionState, ticket: TicketState, around: dict[str, bool], sentence: str
) -> None:
    assert sentence in difference(ticket, item=item, tracker="Jira", **around)


@pytest.mark.parametrize(
    ("item", "ticket"),
    [
        (ActionState.OPEN, TicketState.OPEN),
        (ActionState.DONE, TicketState.DONE),
        (ActionState.DECLINED, TicketState.NOT_PLANNED),
    ],
)
def test_what_says_the_same_is_no_difference(item: ActionState, ticket: TicketState) -> None:
    assert difference(ticket, item=item, tracker="Jira", is_shared=True, others_are_open=True) == ""


def test_nobody_is_asked_to_do_by_hand_what_is_about_to_be_written(
    browser: Browser, worker: Worker, tickets: MemoryClient, app: Flask
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    huey = app.extensions["followthrough.queue"].huey
    huey.storage.flush_all()

    browser.get(f"/actions/{action.ref}").submit("Mark as done")
    waiting = browser.get(f"/actions/{action.ref}/tickets")
    assert [task.name for task in huey.pending()] == ["sync.push"]
    worker.push()
    told = browser.get(f"/actions/{action.ref}/tickets")

    assert "Being written" in waiting.text
    assert "What changed here is not written in GitHub yet. That happens by itself." in waiting.text
    assert "Close it there" not in waiting.text
    assert waiting.select("#ticket-list[hx-trigger]")
    assert "In step" in told.text
    assert next(iter(tickets.tickets.values())).snapshot.state.value == "done"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({}, "We try it now. Look again in a moment."),
        ({"run_after": make.NOW + timedelta(minutes=8)}, "GitHub is left alone for now. We try it at 09:13"),
        ({"is_active": False}, "GitHub is switched off. We try it as soon as it is on again."),
    ],
)
def test_try_now_promises_only_what_happens(
    browser: Browser, worker: Worker, columns: dict[str, Any], sentence: str
) -> None:
    push = make.push(tracker=make.tracker(failures=3, **columns), state=PushState.FAILED, last_error="No.")

    page = browser.get(f"/actions/{push.action.ref}/tickets").submit("Try now")

    assert sentence in page.flashes


def test_the_list_says_what_a_ticket_was_and_what_waits_for_a_decision(browser: Browser, worker: Worker) -> None:
    tracker = make.tracker(read_at=worker.now)
    make.ticket(tracker, action=make.action("Gone"), key="acme/shop#1", freshness=Freshness.DELETED)
    make.ticket(tracker, action=make.action("Dropped"), key="acme/shop#2", state=TicketState.NOT_PLANNED)

    rows = [row.get_text(" ") for row in browser.get("/actions").select("tbody tr")]

    gone, dropped = (next(row for row in rows if title in row) for title in ("Gone", "Dropped"))
    assert "Was open" in gone
    assert "Needs a decision" in dropped
    assert "Needs a decision" not in gone


def test_the_focus_stays_at_the_tickets_after_a_change_and_when_nobody_did_anything_where_it_was(
    browser: Browser, worker: Worker
) -> None:
    make.tracker(read_at=worker.now)
    action = make.action()
    url = f"/actions/{action.ref}"

    asked = browser.post(f"{url}/push", {"csrf_token": browser.token(), "tracker_id": "1"}, htmx=True)

    assert asked.select("#tickets-panel[data-focus][tabindex='-1']")
    assert not browser.get(f"{url}/tickets", htmx=True).select("[data-focus]")
