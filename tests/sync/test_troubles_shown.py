"""What is wrong with a ticket is told where its item is: in the list, on My work, in the report; and none is done."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from tests import make
from tests.browser import Browser, Page
from tests.sync.hooks import deliver
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    CommentKind,
    CommentState,
    Freshness,
    Person,
    PushState,
    RemoteAccount,
    Ticket,
    TicketComment,
    TicketState,
    Tracker,
    Trouble,
)
from tracker.ticket_troubles import CALM, TicketTrouble

pytestmark = pytest.mark.usefixtures("_clock")


@pytest.fixture
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(make.NOW)


def troubled(trouble: TicketTrouble, tracker: Tracker, **columns: Any) -> ActionItem:
    """An item that has this trouble, and no other."""
    item = make.action(f"Item that is {trouble.value}", **columns)
    if trouble is TicketTrouble.UNKNOWN:
        make.push(item, tracker, state=PushState.UNKNOWN)
        return item
    ticket = make.ticket(tracker, action=item, key=f"acme/shop#{item.number}")
    with transaction():
        row, link = session.get_one(Ticket, ticket.id), session.get_one(ActionTicket, (item.id, ticket.id))
        row.seen_at = make.NOW - timedelta(hours=3) if trouble is TicketTrouble.STALE else make.NOW
        row.assignee = "a-stranger" if trouble is TicketTrouble.UNMAPPED else ""
        lost = {one.value: one for one in (Freshness.DELETED, Freshness.NO_ACCESS, Freshness.MOVED)}
        row.freshness = lost.get(trouble.value, Freshness.IN_STEP)
        written = {one.value: one for one in (Trouble.TRANSITION_MISSING, Trouble.NOT_ASSIGNED)}
        link.trouble = written.get(trouble.value)
        row.state = TicketState.NOT_PLANNED if trouble is TicketTrouble.UNDECIDED else TicketState.OPEN
        if trouble is TicketTrouble.FAILED:
            refused_comment(item, ticket)
    return item


def refused_comment(item: ActionItem, ticket: Ticket) -> None:
    comment = TicketComment(action_id=item.id, ticket_id=ticket.id, marker=make.unique("marker"))
    comment.kind, comment.cause, comment.state = CommentKind.DID_NOT_HOLD, "x", CommentState.FAILED
    comment.last_error, comment.run_after, comment.created_at = "Comments are locked.", make.NOW, make.NOW
    session.add(comment)


def test_each_trouble_is_told_in_the_list_on_my_work_and_in_the_report(browser: Browser, responder: Person) -> None:
    tracker = make.tracker(read_at=None)
    elsewhere = make.tracker("Elsewhere", slug="elsewhere")
    account = {"tracker_id": elsewhere.id, "person_id": make.person("Ana").id, "name": "ana", "shown": "Ana"}
    make.save(RemoteAccount(**account, confirmed_at=make.NOW))
    places = dict.fromkeys(TicketTrouble, tracker) | {TicketTrouble.NO_ACCOUNT: elsewhere}
    items = {one: troubled(one, place, owner_id=responder.id) for one, place in places.items()}
    make.ticket(tracker, action=make.action("Nothing is wrong"))
    make.push(make.action("Given up"), tracker, state=PushState.FAILED, abandoned_at=make.NOW)

    for trouble, item in items.items():
        page = browser.get(f"/actions?trouble={trouble.value}")
        assert [tag.get_text() for tag in page.select("tbody .ref-title")] == [item.title], trouble
    everything = browser.get("/actions")
    my_work = browser.get("/")
    report = browser.get("/reports/weekly/2026-W48")
    answer = json.loads(browser.get("/reports/weekly/2026-W48.json").body)
    told, moved = answer["ticket_troubles"], items[TicketTrouble.MOVED].ref

    words_shown = (
        "Failed",
        "Transition missing",
        "Not assigned",
        "Assignee unmapped",
        "Owner without an account there",
    )
    for words in words_shown:
        assert words in everything.text
    gone = [line.get_text(" ", strip=True) for line in everything.select(".ticket-line")]
    assert {line.partition(" ")[2] for line in gone} >= {"Was open Deleted in the tracker", "Was open No access"}
    assert len(everything.queries) <= 12
    assert all(item.title in my_work.text for item in items.values())
    assert "8 tickets need a look" in my_work.text
    assert "Tickets to know about" in my_work.text
    assert "1 item: ticket deleted" in report.text
    assert f"In the last seven days the ticket of 1 item moved, and we followed: {moved}." in report.text
    assert answer["tickets_moved"] == {"items": 1, "refs": [moved]}
    assert moved in browser.get("/reports/weekly/2026-W48.md").text
    assert told == dict.fromkeys([one.value for one in TicketTrouble if one not in CALM], 1)


def test_a_done_item_whose_ticket_cannot_be_closed_is_told_too(browser: Browser, responder: Person) -> None:
    tracker = make.tracker(read_at=make.NOW)
    done = {"state": ActionState.DONE, "done_at": make.NOW, "owner_id": responder.id}
    item = troubled(TicketTrouble.TRANSITION_MISSING, tracker, **done)
    for trouble in (TicketTrouble.DELETED, TicketTrouble.UNKNOWN, TicketTrouble.FAILED):
        troubled(trouble, tracker, **done)

    report = browser.get("/reports/weekly/2026-W48")

    assert "ticket deleted" not in report.text, "it was done before"
    listed = report.click("1 item: no step to the state it should have")
    assert [tag.get_text() for tag in listed.select("tbody .ref-title")] == [item.title]
    assert "3 tickets need a look" in browser.get("/").text


def test_troubles_of_private_items_are_told_only_to_those_who_may_see_them(
    browser: Browser, admin_browser: Browser, responder: Person
) -> None:
    hidden = make.incident("Hidden", is_private=True)
    tracker = make.tracker()
    for trouble in (TicketTrouble.DELETED, TicketTrouble.MOVED):
        troubled(trouble, tracker, incidents=(hidden,), owner_id=responder.id)
    path = "/reports/weekly/2026-W48"

    pages = [browser.get("/actions?trouble=deleted"), browser.get("/"), browser.get(path)]

    secret = ("Item that is deleted", "ticket deleted", "1 item moved")
    assert not any(words in page.text for page in pages for words in secret)
    assert "1 item moved, and we followed" in admin_browser.get(path).text
    assert "1 item: ticket deleted" in admin_browser.get(path).text


def test_a_tracker_with_lost_or_refused_tickets_is_not_healthy(admin_browser: Browser) -> None:
    tracker = make.tracker(read_at=make.NOW)
    assert "Healthy" in admin_browser.get("/settings/sync").text
    item = troubled(TicketTrouble.FAILED, tracker)

    health = admin_browser.get("/settings/sync")
    tickets = admin_browser.get(f"/actions/{item.ref}/tickets")

    assert "Healthy" not in health.text
    assert "Comments are locked." in health.text
    assert "Not told: that it did not hold. It said: Comments are locked." in tickets.text
    tickets.submit("Try now to write to " + f"acme/shop#{item.number}")
    with transaction():
        session.query(TicketComment).delete()
    troubled(TicketTrouble.DELETED, tracker)
    assert "1 ticket is deleted or hidden from us." in admin_browser.get("/settings/sync").text


def test_a_ticket_that_was_closed_as_not_planned_waits_for_a_decision_and_is_not_in_step(
    admin_browser: Browser,
) -> None:
    tracker = make.tracker(read_at=make.NOW)
    item = troubled(TicketTrouble.UNDECIDED, tracker)
    make.ticket(tracker, action=make.action("Nothing is wrong"))

    waiting = admin_browser.get("/settings/sync")
    with transaction():
        row = session.get_one(ActionItem, item.id)
        row.state, row.declined_reason = ActionState.DECLINED, "The export is gone."
    decided = admin_browser.get("/settings/sync")

    assert "Healthy" not in waiting.text
    assert "1 ticket was closed as not planned or as a duplicate, and the item is still open." in waiting.text
    assert facts(waiting)["Tickets in step"] == "1"
    assert "Healthy" in decided.text
    assert facts(decided)["Tickets in step"] == "2"
    with transaction():
        long_ago = make.NOW - timedelta(hours=3)
        session.execute(update(Tracker).values(read_at=long_ago))
        session.execute(update(Ticket).values(seen_at=long_ago))
    later = facts(admin_browser.get("/settings/sync"))
    assert (later["Tickets in step"], later["Stale"]) == ("0", "2"), "as the item and the list say it"


def facts(page: Page) -> dict[str, str]:
    pairs = zip(page.select("dt"), page.select("dd"), strict=True)
    return {name.get_text(strip=True): value.get_text(strip=True) for name, value in pairs}


def test_refused_deliveries_are_counted_on_the_health_page(admin_browser: Browser, app: Flask) -> None:
    make.tracker()
    assert "refused" not in admin_browser.get("/settings/sync").text

    for _ in range(3):
        deliver(app, b"{}", to="/hooks/github/github", signed="sha256=0")
    deliver(app, b"{}", to="/hooks/github/nobody", signed="sha256=0")

    shown = admin_browser.get("/settings/sync").text
    assert "3 deliveries to its webhook were refused, the last" in shown
    assert "1 delivery came to an address that is no tracker’s webhook" in shown
