"""A verdict is taken back: the item stands as before, unless it moved on, and the figures follow."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import address
from tracker import action_life
from tracker.db import session, transaction
from tracker.models import (
    ActionEvent,
    ActionItem,
    ActionState,
    Incident,
    Person,
    Recurrence,
    RecurrenceState,
    Verdict,
)

FAILED = "Should have prevented it, but failed"
WATCHED = date(2026, 12, 10)


@pytest.fixture
def same(earlier: Incident, later: Incident, now: datetime) -> Recurrence:
    return make.recurrence(later, earlier, state=RecurrenceState.SAME, decided_at=now)


@pytest.fixture(params=[ActionState.DONE, ActionState.VERIFIED])
def fix(request: pytest.FixtureRequest, earlier: Incident, now: datetime) -> ActionItem:
    """AI-1, which was done, or verified too."""
    is_verified = request.param is ActionState.VERIFIED
    shown = {"verified_at": now - timedelta(days=5)} if is_verified else {}
    done_at = now - timedelta(days=9)
    columns: dict[str, Any] = {"state": request.param, "done_at": done_at, "watch_until": WATCHED, **shown}
    return make.action("Warm up", incidents=(earlier,), done_evidence="Seen.", **columns)


def columns(action: ActionItem) -> list[object]:
    session.rollback()
    session.expire_all()
    one = session.get_one(ActionItem, action.id)
    return [one.state, one.done_at, one.verified_at, one.watch_until, one.did_not_hold_at, one.done_evidence]


def history(action: ActionItem) -> list[str]:
    session.rollback()
    query = select(ActionEvent.sentence).where(ActionEvent.action_id == action.id).order_by(ActionEvent.id)
    return list(session.scalars(query))


def verdicts() -> list[Verdict]:
    session.rollback()
    return list(session.scalars(select(Verdict)))


def start(action: ActionItem, *, by: Person, now: datetime) -> None:
    with transaction():
        action_life.start(session.get_one(ActionItem, action.id), by=by, now=now)


def test_a_verdict_is_taken_back_and_the_item_stands_as_before(
    browser: Browser, same: Recurrence, fix: ActionItem
) -> None:
    before = columns(fix)
    judged = browser.get(address(same)).submit(f"AI-1: {FAILED}")

    page = judged.submit("AI-1: Take it back")

    assert columns(fix) == before
    assert verdicts() == []
    state = before[0]
    assert page.flashes.strip() == f"AI-1 is {state} again."
    assert page.select("#held form")
    assert history(fix)[-1] == f"Took back: “The incident came back: this failed.” It is {state} again."
    assert "Bob" in browser.get("/actions/AI-1").text


def test_undoing_the_decision_takes_its_verdicts_back(browser: Browser, same: Recurrence, fix: ActionItem) -> None:
    before = columns(fix)
    judged = browser.get(address(same)).submit(f"AI-1: {FAILED}")

    page = judged.submit("Undo this decision")

    assert columns(fix) == before
    assert verdicts() == []
    assert page.flashes.strip() == f"Undone: the pair waits for a decision again. AI-1 is {before[0]} again."


def test_the_weekly_report_follows(browser: Browser, same: Recurrence, fix: ActionItem) -> None:
    report = browser.get("/reports/weekly/2026-W48").text
    judged = browser.get(address(same)).submit(f"AI-1: {FAILED}")
    worse = browser.get("/reports/weekly/2026-W48").text

    judged.submit("AI-1: Take it back")

    assert browser.get("/reports/weekly/2026-W48").text == report != worse


def test_an_item_that_moved_on_stays_where_it_is_and_counts_no_longer_as_not_holding(
    browser: Browser, same: Recurrence, fix: ActionItem, responder: Person, now: datetime
) -> None:
    judged = browser.get(address(same)).submit(f"AI-1: {FAILED}")
    start(fix, by=responder, now=now + timedelta(minutes=3))

    page = judged.submit("AI-1: Take it back")

    assert page.flashes.strip() == "AI-1 stays “in progress”: it moved on since."
    assert (columns(fix)[0], columns(fix)[4]) == (ActionState.IN_PROGRESS, None)
    assert history(fix)[-1].endswith("It stays “in progress”: it moved on since.")


def test_an_item_that_another_incident_asked_for_since_stays_owed(
    browser: Browser, same: Recurrence, fix: ActionItem
) -> None:
    judged = browser.get(address(same)).submit(f"AI-1: {FAILED}")
    judged.submit("Ask for AI-1 again, from INC-7")

    page = browser.get(address(same)).submit("AI-1: Take it back")

    assert page.flashes.strip() == "AI-1 stays “did not hold”: it moved on since."
    assert (columns(fix)[0], columns(fix)[4]) == (ActionState.DID_NOT_HOLD, make.NOW)


def test_what_was_called_not_relevant_is_taken_back_without_touching_the_item(
    browser: Browser, same: Recurrence, fix: ActionItem
) -> None:
    before = columns(fix)

    page = browser.get(address(same)).submit("AI-1: Not relevant this time").submit("AI-1: Take it back")

    assert page.flashes.strip() == "Taken back for AI-1: say what you see now."
    assert (columns(fix), history(fix), verdicts()) == (before, [], [])


def test_a_double_click_gives_and_takes_back_once(browser: Browser, same: Recurrence, fix: ActionItem) -> None:
    page = browser.get(address(same))
    given = [page.submit(f"AI-1: {FAILED}") for _ in range(2)]

    taken = [given[-1].submit("AI-1: Take it back") for _ in range(2)]

    assert [one.status for one in (*given, *taken)] == [200] * 4
    assert len(history(fix)) == 2


def test_an_item_that_failed_before_keeps_the_time_of_that(
    browser: Browser, same: Recurrence, earlier: Incident, now: datetime
) -> None:
    once = now - timedelta(days=30)
    again: dict[str, Any] = {"done_at": now - timedelta(days=9), "did_not_hold_at": once}
    fix = make.action(incidents=(earlier,), state=ActionState.DONE, **again)

    browser.get(address(same)).submit(f"AI-1: {FAILED}").submit("AI-1: Take it back")

    assert columns(fix)[4] == once
