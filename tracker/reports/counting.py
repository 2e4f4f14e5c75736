"""The shares of one week, counted in the database. ``figures.py`` says what each means."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true

from tracker.db import session
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    PostmortemState,
    Recurrence,
    RecurrenceState,
)
from tracker.reports.figures import Share
from tracker.reports.schedule import Week
from tracker.reports.scope import DONE_STATES, Scope, was_declined, was_done

COHORT_STARTS = 120
COHORT_ENDS = 30
"""Days before the week's end between which an item was made or done to be counted."""


@dataclass(frozen=True)
class WeekCounts:
    """Every share of one week."""

    completion: Share
    declined_when_due: int
    follow_through: Share
    verified: Share
    held: Share
    recurrence: Share
    coverage: Share


def count_weeks(week: Week, *, scope: Scope, postmortems: list[Any], now: datetime) -> tuple[WeekCounts, WeekCounts]:
    """The counts of a week and of the week before, in three statements; ``postmortems`` as ``queries`` reads them."""
    weeks = (week, week.before)
    due = _due_items(week, scope=scope)
    cohorts = _cohorts(weeks, scope=scope, now=now)
    recurrences = _recurrences(weeks, scope=scope)
    this, before = (
        WeekCounts(
            completion=_completion(due, week=one, now=now),
            declined_when_due=sum(_is_declined(row, week=one, now=now) for row in due if _is_due(row.due_on, one)),
            follow_through=cohorts[number][0],
            verified=cohorts[number][1],
            held=cohorts[number][2],
            recurrence=recurrences[number],
            coverage=_coverage(postmortems, week=one, now=now),
        )
        for number, one in enumerate(weeks)
    )
    return this, before


def _end(week: Week, now: datetime) -> datetime:
    return min(week.ends_at, now)


def _is_due(due_on: date | None, week: Week) -> bool:
    return due_on is not None and week.first_day <= due_on <= week.last_day


def _due_items(week: Week, *, scope: Scope) -> list[Any]:
    """The few columns of each item due in the week or the one before."""
    columns = (ActionItem.due_on, ActionItem.state, ActionItem.done_at, ActionItem.declined_at, ActionItem.created_at)
    within = ActionItem.due_on.between(week.before.first_day, week.last_day)
    return list(session.execute(select(*columns).where(within, scope.actions())).all())


def _is_declined(row: Any, *, week: Week, now: datetime) -> bool:
    return row.state is ActionState.DECLINED and row.declined_at is not None and row.declined_at < _end(week, now)


def _completion(rows: list[Any], *, week: Week, now: datetime) -> Share:
    end = _end(week, now)
    due = [row for row in rows if _is_due(row.due_on, week) and row.created_at < end]
    counted = [row for row in due if not _is_declined(row, week=week, now=now)]
    return Share(sum(_done_on_time(row, zone=week.zone, end=end) for row in counted), len(counted))


def _done_on_time(row: Any, *, zone: ZoneInfo, end: datetime) -> bool:
    if row.state not in DONE_STATES or row.done_at is None or row.done_at >= end:
        return False
    return bool(row.done_at.astimezone(zone).date() <= row.due_on)


def _cohorts(weeks: tuple[Week, Week], *, scope: Scope, now: datetime) -> list[tuple[Share, Share, Share]]:
    """For each week: followed through, verified, held; all in one statement.

    What was made and what was done then are two reads, so that each finds all it needs in an index of its own.
    """
    made: list[ColumnElement[Any]] = []
    done: list[ColumnElement[Any]] = []
    for week in weeks:
        made += _numbers(_made_conditions(week, end=_end(week, now)))
        done += _numbers(_done_conditions(week, end=_end(week, now)))
    first, last = _cohort(weeks[1])[0], _cohort(weeks[0])[1]
    both = (
        select(*made).where(ActionItem.created_at >= first, ActionItem.created_at < last, scope.actions()).subquery(),
        select(*done).where(ActionItem.done_at >= first, ActionItem.done_at < last, scope.actions()).subquery(),
    )
    row = session.execute(select(*both).join_from(*both, true())).one()
    counts = [int(count or 0) for count in row]
    return [_cohort_shares(counts[0:2], done=counts[4:7]), _cohort_shares(counts[2:4], done=counts[7:10])]


def _cohort_shares(made: list[int], *, done: list[int]) -> tuple[Share, Share, Share]:
    return Share(made[1], made[0]), Share(done[1], done[0]), Share(done[2], done[1])


def _cohort(week: Week) -> tuple[datetime, datetime]:
    return week.midnight_before(COHORT_STARTS), week.midnight_before(COHORT_ENDS)


def _made_conditions(week: Week, *, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items made in the cohort, and those of them that are settled."""
    first, last = _cohort(week)
    made = and_(ActionItem.created_at >= first, ActionItem.created_at < last)
    return made, and_(made, or_(was_done(end), was_declined(end)))


def _done_conditions(week: Week, *, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items done in the cohort, those of them that were verified, and those of these that held."""
    first, last = _cohort(week)
    # An item that did not hold stays in the base: without it, failing would help the rate.
    states = (*DONE_STATES, ActionState.DID_NOT_HOLD)
    done = and_(ActionItem.done_at >= first, ActionItem.done_at < last, ActionItem.state.in_(states))
    verified = and_(done, ActionItem.verified_at < end)
    return done, verified, and_(verified, or_(ActionItem.did_not_hold_at.is_(None), ActionItem.did_not_hold_at >= end))


def _numbers(conditions: tuple[ColumnElement[bool], ...]) -> list[ColumnElement[Any]]:
    return [func.sum(case((condition, 1), else_=0)) for condition in conditions]


def _recurrences(weeks: tuple[Week, Week], *, scope: Scope) -> list[Share]:
    is_repeat = exists().where(Recurrence.later_id == Incident.id, Recurrence.state == RecurrenceState.SAME)
    columns: list[ColumnElement[Any]] = []
    for week in weeks:
        declared = and_(Incident.declared_at >= week.starts_at, Incident.declared_at < week.ends_at)
        columns += _numbers((declared, and_(declared, is_repeat)))
    within = and_(Incident.declared_at >= weeks[1].starts_at, Incident.declared_at < weeks[0].ends_at)
    counts = [int(count or 0) for count in session.execute(select(*columns).where(within, scope.incidents())).one()]
    return [Share(counts[1], counts[0]), Share(counts[3], counts[2])]


def _coverage(rows: list[Any], *, week: Week, now: datetime) -> Share:
    due = [row for row in rows if _is_due(row.due_on, week)]
    return Share(sum(_published_on_time(row, week=week, now=now) for row in due), len(due))


def _published_on_time(row: Any, *, week: Week, now: datetime) -> bool:
    if row.state is not PostmortemState.PUBLISHED or row.published_at is None or row.published_at >= _end(week, now):
        return False
    return bool(row.published_at.astimezone(week.zone).date() <= row.due_on)
