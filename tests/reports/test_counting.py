"""The counted shares equal a slow count that looks at one item at a time, on any data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from tests import make
from tracker import action_life
from tracker.db import session, transaction
from tracker.models import ACTIONS, ActionItem, ActionState, Counter, Incident, IncidentAction, Person, next_number
from tracker.reports import queries
from tracker.reports.counting import WeekCounts, count_week
from tracker.reports.figures import Share
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.week_rows import rows_behind

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
WEEK = Week.parse("2026-W48", zone=ZONE)
DONE = (ActionState.DONE, ActionState.VERIFIED)
OPEN = (ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD)


def around(days: int) -> st.SearchStrategy[datetime]:
    """Moments, many of them near the borders that matter: midnights here and the ends of the cohorts."""
    borders = [
        WEEK.starts_at,
        WEEK.ends_at,
        WEEK.before.starts_at,
        *(WEEK.midnight_before(n) for n in (30, 37, 120, 127)),
    ]
    near = st.sampled_from(borders).flatmap(
        lambda at: st.sampled_from([-1, 0, 1]).map(lambda s: at + timedelta(seconds=s))
    )
    anywhere = st.integers(0, days * 24).map(lambda hours: NOW - timedelta(hours=hours))
    return (near | anywhere).filter(lambda moment: moment <= NOW)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    state = draw(st.sampled_from(ActionState))
    created = draw(around(150))
    later = around(150)
    row: dict[str, Any] = {
        "state": state,
        "created_at": created,
        "due_on": draw(st.none() | st.integers(-20, 10).map(lambda days: WEEK.first_day + timedelta(days=days))),
        "done_at": draw(later) if state in (*DONE, ActionState.DID_NOT_HOLD) else None,
        "verified_at": draw(later) if state is ActionState.VERIFIED else None,
        "did_not_hold_at": draw(later) if state is ActionState.DID_NOT_HOLD else None,
        "declined_at": draw(later) if state is ActionState.DECLINED else None,
        "declined_reason": "not worth it" if state is ActionState.DECLINED else "",
    }
    if draw(st.booleans()):  # it has a past: done, shown to work, failed, or some of that, in any order
        for moment in ("done_at", "verified_at", "did_not_hold_at"):
            row[moment] = row[moment] or draw(st.none() | later)
    row["incident"] = draw(st.sampled_from(["none", "real", "drill", "private", "drill and real"]))
    return row


@dataclass
class World:
    real: Incident
    drill: Incident
    private: Incident

    def incidents(self, name: str) -> list[Incident]:
        return {
            "none": [],
            "real": [self.real],
            "drill": [self.drill],
            "private": [self.private],
            "drill and real": [self.drill, self.real],
        }[name]


@pytest.fixture
def world(app: Flask) -> World:
    return World(make.incident(), make.incident(is_drill=True), make.incident(is_private=True))


def write(rows: list[dict[str, Any]], world: World) -> None:
    """Replace every item by these, in one transaction."""
    with transaction():
        session.execute(delete(IncidentAction))
        session.execute(delete(ActionItem))
        session.execute(update(Counter).values(last=0))
        for row in rows:
            columns = {key: value for key, value in row.items() if key != "incident"}
            action = ActionItem(title="Something", number=next_number(session(), ACTIONS), **columns)
            session.add(action)
            session.flush()
            for one in world.incidents(row["incident"]):
                session.add(IncidentAction(incident_id=one.id, action_id=action.id, linked_at=NOW))


def counted() -> tuple[WeekCounts, WeekCounts]:
    this, before = (count_week(week, scope=Scope(None), now=NOW) for week in (WEEK, WEEK.before))
    return this, before


def slowly(rows: list[dict[str, Any]], week: Week) -> dict[str, Share]:
    """The definitions, read aloud, one item at a time. Written apart from the code that counts."""
    end = min(week.ends_at, NOW)
    seen = [row for row in rows if row["incident"] in ("none", "real", "drill and real")]

    def day(moment: datetime) -> date:
        return moment.astimezone(ZONE).date()

    yesterday = NOW.astimezone(ZONE).date() - timedelta(days=1)
    over = min(week.last_day, yesterday)
    due = [r for r in seen if r["due_on"] and week.first_day <= r["due_on"] <= over and r["created_at"] < end]
    due = [r for r in due if not (r["state"] is ActionState.DECLINED and r["declined_at"] < end)]
    on_time = [r for r in due if r["state"] in DONE and r["done_at"] < end and day(r["done_at"]) <= r["due_on"]]

    last_midnight = datetime.combine(week.last_day + timedelta(days=1), datetime.min.time(), ZONE)
    first, last = (_midnight(last_midnight.date() - timedelta(days=n)) for n in (120, 30))
    made = [r for r in seen if first <= r["created_at"] < last]
    settled = [
        r
        for r in made
        if (r["state"] in DONE and r["done_at"] < end)
        or (r["state"] is ActionState.DECLINED and r["declined_at"] < end)
    ]
    done = [r for r in seen if r["done_at"] and first <= r["done_at"] < last]
    done = [r for r in done if r["state"] in DONE or failed_after(r, "done_at")]
    verified = [r for r in done if r["verified_at"] and r["done_at"] <= r["verified_at"] < end]
    verified = [r for r in verified if r["state"] is ActionState.VERIFIED or failed_after(r, "verified_at")]
    held = [r for r in verified if not (failed_after(r, "verified_at") and r["did_not_hold_at"] < end)]
    return {
        "completion": Share(len(on_time), len(due)),
        "follow_through": Share(len(settled), len(made)),
        "verified": Share(len(verified), len(done)),
        "held": Share(len(held), len(verified)),
    }


def failed_after(row: dict[str, Any], moment: str) -> bool:
    return bool(row["did_not_hold_at"] and row["did_not_hold_at"] >= row[moment])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(items(), max_size=12))
def test_the_shares_equal_a_slow_count(world: World, rows: list[dict[str, Any]]) -> None:
    write(rows, world)

    this, before = counted()

    for counts, week in ((this, WEEK), (before, WEEK.before)):
        for name, share in slowly(rows, week).items():
            assert getattr(counts, name) == share, name


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(items(), max_size=12))
def test_the_rows_behind_a_share_are_as_many_as_it_says(world: World, rows: list[dict[str, Any]]) -> None:
    write(rows, world)
    this, _before = counted()

    for key, name in (("completion", "completion"), ("follow-through", "follow_through"), ("held", "held")):
        found = rows_behind(key, week=WEEK, scope=Scope(None), now=NOW, page=0)

        assert found.share == getattr(this, name), key
        assert (sum(line.is_part for line in found.lines), len(found.lines)) == (found.share.part, found.share.whole)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(items(), max_size=12))
def test_the_overdue_items_equal_a_slow_count(world: World, rows: list[dict[str, Any]]) -> None:
    write(rows, world)
    today = NOW.astimezone(ZONE).date()
    seen = [row for row in rows if row["incident"] in ("none", "real", "drill and real")]
    slow = sorted((today - r["due_on"]).days for r in seen if r["due_on"] and r["due_on"] < today and is_open(r, NOW))

    found = queries.overdue(WEEK, scope=Scope(None), now=NOW)

    assert sorted(days for ages in found.by_owner.values() for days in ages) == slow
    assert found.all == slow[::-1]


def is_open(row: dict[str, Any], at: datetime) -> bool:
    if row["created_at"] >= at:
        return False
    if row["state"] in OPEN:
        return True
    if at == NOW:
        return False
    return bool(row["declined_at" if row["state"] is ActionState.DECLINED else "done_at"] >= at)


def worked_on(*steps: str, by: Person) -> tuple[Share, Share]:
    """The verified and the fix-held share after an item took these steps, ten days apart, the first 110 days ago."""
    action = make.action(created_at=NOW - timedelta(days=120))
    with transaction():
        row, person = session.get_one(ActionItem, action.id), session.get_one(Person, by.id)
        for number, step in enumerate(steps):
            at = NOW - timedelta(days=110 - 10 * number)
            if step in ("done", "closed in the tracker"):
                action_life.finish(row, evidence="" if "tracker" in step else "A test", by=person, now=at)
            elif step == "verified":
                action_life.verify(row, evidence="A test", by=person, now=at)
            elif step == "failed":
                action_life.fail_to_hold(row, sentence="It was down again.", by=person, now=at)
            else:
                {"started": action_life.start, "reopened": action_life.reopen}[step](row, by=person, now=at)
    this, _before = counted()
    return this.verified, this.held


@pytest.mark.parametrize(
    ("steps", "verified", "held"),
    [
        ("done, verified", Share(1, 1), Share(1, 1)),
        ("done, verified, reopened", Share(0, 0), Share(0, 0)),
        ("done, verified, reopened, closed in the tracker", Share(0, 1), Share(0, 0)),
        ("done, verified, failed", Share(1, 1), Share(0, 1)),
        ("done, verified, failed, started", Share(1, 1), Share(0, 1)),
        ("done, verified, failed, closed in the tracker", Share(0, 1), Share(0, 0)),
        ("done, verified, failed, done, verified", Share(1, 1), Share(1, 1)),
        ("done, failed, done, verified", Share(1, 1), Share(1, 1)),
        ("done, failed, done, verified, failed", Share(1, 1), Share(0, 1)),
    ],
)
def test_an_item_counts_by_the_last_time_it_was_done_and_verified(
    app: Flask, responder: Person, steps: str, verified: Share, held: Share
) -> None:
    assert worked_on(*steps.split(", "), by=responder) == (verified, held)
