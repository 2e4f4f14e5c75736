"""The shares of one week, counted in the database. ``figures.py`` says what each means."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, true

from tracker.db import session
from tracker.deadlines import WATCH_WINDOW
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    PostmortemState,
    Recurrence,
    RecurrenceState,
)
from tracker.reports import incident_queries, queries
from tracker.reports.figures import COHORT_ENDS, COHORT_STARTS, Share
from tracker.reports.schedule import Week, day_of_report
from tracker.reports.scope import DONE_STATES, Scope, was_declined, was_done

WATCHED = WATCH_WINDOW.days


@dataclass(frozen=True)
class WeekCounts:
    """Every share of one week."""

    completion: Share
    declined_when_due: int
    follow_through: Share
    verified: Share
    held: Share
    recurrence: Share
    undecided: int
    """Pairs of the week that wait for a decision, also those that its lists have no room for."""
    shown_to_work: int
    """Items that were verified in the week, likewise."""
    coverage: Share


def count_weeks(week: Week, *, scope: Scope, postmortems: list[Any], now: datetime) -> tuple[WeekCounts, WeekCounts]:
    """The counts of a week and of the week before, in three statements; ``postmortems`` as ``queries`` reads them."""
    weeks = (week, week.before)
    due = _due_items(weeks, scope=scope, now=now)
    cohorts = _cohorts(weeks, scope=scope, now=now)
    recurrences = _recurrences(weeks, scope=scope)
    this, before = (
        WeekCounts(
            completion=due[number][0],
            declined_when_due=due[number][1],
            follow_through=cohorts[number][0],
            verified=cohorts[number][1],
            held=cohorts[number][2],
            recurrence=recurrences[number][0],
            undecided=recurrences[number][1],
            shown_to_work=recurrences[number][2],
            coverage=_coverage(postmortems, week=one, now=now),
        )
        for number, one in enumerate(weeks)
    )
    return this, before


def _end(week: Week, now: datetime) -> datetime:
    return min(week.ends_at, now)


def _last_due(week: Week, now: datetime) -> date:
    """The last of its days that is over: nothing is late before the end of the day on which it is due."""
    return day_of_report(week, now=now) - timedelta(days=1)


def _due_items(weeks: tuple[Week, Week], *, scope: Scope, now: datetime) -> list[tuple[Share, int]]:
    """For each week: of the items due, those done on time, and how many were declined, which are counted apart."""
    columns = [_number(condition) for week in weeks for condition in _due_conditions(week, now=now)]
    within = ActionItem.due_on.between(weeks[1].first_day, weeks[0].last_day)
    counts = session.execute(select(*columns).where(within, scope.dated_actions())).one()
    return [(Share(on_time, due - declined), declined) for due, declined, on_time in (counts[0:3], counts[3:6])]


def _due_conditions(week: Week, *, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items due in the week so far, those of them that were declined, and those done by the end of their day."""
    end = _end(week, now)
    due = and_(ActionItem.due_on.between(week.first_day, _last_due(week, now)), ActionItem.created_at < end)
    midnights = {left: literal(week.midnight_before(left), ActionItem.done_at.type) for left in range(7)}
    day_ends = {week.last_day - timedelta(days=left): midnight for left, midnight in midnights.items()}
    on_time = and_(due, was_done(end), ActionItem.done_at < case(day_ends, value=ActionItem.due_on))
    return due, and_(due, was_declined(end)), on_time


def _cohorts(weeks: tuple[Week, Week], *, scope: Scope, now: datetime) -> list[tuple[Share, Share, Share]]:
    """For each week: followed through, verified, held; all in one statement.

    What was made and what was done then are two reads, so that each finds all it needs in an index of its own.
    """
    this, before = weeks
    made, done = ActionItem.created_at, ActionItem.done_at
    first, second = before.midnight_before(COHORT_STARTS), this.midnight_before(COHORT_STARTS)
    made_until, done_until = ([week.midnight_before(days) for week in weeks] for days in (COHORT_ENDS, WATCHED))
    # Every row lies between the first and the last day of both cohorts, so a week has only its other edge to ask for.
    edges = (made >= second, made < made_until[1])
    settled = [_settled(edge, end=_end(week, now)) for week, edge in zip(weeks, edges, strict=True)]
    shown_edges = (done >= second, done < done_until[1])
    shown = [_shown(edge, end=_end(week, now)) for week, edge in zip(weeks, shown_edges, strict=True)]
    both = (
        select(*map(_number, chain(*settled)))
        .where(made >= first, made < made_until[0], scope.dated_actions())
        .subquery(),
        select(*map(_number, chain(*shown)))
        .where(done >= first, done < done_until[0], scope.dated_actions())
        .subquery(),
    )
    counts = list(session.execute(select(*both).join_from(*both, true())).one())
    return [_cohort_shares(counts[0:2], done=counts[4:7]), _cohort_shares(counts[2:4], done=counts[7:10])]


def _cohort_shares(made: list[int], *, done: list[int]) -> tuple[Share, Share, Share]:
    return Share(made[1], made[0]), Share(done[1], done[0]), Share(done[2], done[1])


def _settled(made: ColumnElement[bool], *, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items made in a cohort, and those of them that are settled."""
    return made, and_(made, or_(was_done(end), was_declined(end)))


def _shown(done: ColumnElement[bool], *, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items done in a cohort, those of them that were verified, and those of these that held.

    What counts is the last time an item was done, and the last time it was verified.
    """
    failed_at, verified_at = ActionItem.did_not_hold_at, ActionItem.verified_at
    # An item that did not hold stays in the base until it is done again: without it, failing would help the rate.
    done = and_(done, or_(ActionItem.state.in_(DONE_STATES), failed_at >= ActionItem.done_at))
    stands = or_(ActionItem.state == ActionState.VERIFIED, failed_at >= verified_at)
    verified = and_(done, verified_at >= ActionItem.done_at, verified_at < end, stands)
    return done, verified, and_(verified, or_(failed_at.is_(None), failed_at < verified_at, failed_at >= end))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of the rows fulfil it. Databases skip the rest of such a condition at its first part that is false."""
    return func.count().filter(condition)


def _recurrences(weeks: tuple[Week, Week], *, scope: Scope) -> list[tuple[Share, int, int]]:
    """For each week: of the incidents declared those that repeat one; undecided pairs; items shown to work."""
    pairs = select(Recurrence.id).where(
        Recurrence.later_id == Incident.id, Recurrence.state == RecurrenceState.SAME, scope.earlier_incident()
    )
    is_repeat = pairs.correlate(Incident).exists()
    columns: list[ColumnElement[Any]] = []
    for week in weeks:
        declared = and_(Incident.declared_at >= week.starts_at, Incident.declared_at < week.ends_at)
        columns += map(_number, (declared, and_(declared, is_repeat)))
        columns += (incident_queries.undecided(week, scope=scope), queries.shown_to_work(week, scope=scope))
    within = and_(Incident.declared_at >= weeks[1].starts_at, Incident.declared_at < weeks[0].ends_at)
    counts = session.execute(select(*columns).where(within, scope.incidents())).one()
    return [(Share(part, whole), pairs, items) for whole, part, pairs, items in (counts[0:4], counts[4:8])]


def _coverage(rows: list[Any], *, week: Week, now: datetime) -> Share:
    due = [row for row in rows if row.due_on is not None and week.first_day <= row.due_on <= _last_due(week, now)]
    return Share(sum(_published_on_time(row, week=week, now=now) for row in due), len(due))


def _published_on_time(row: Any, *, week: Week, now: datetime) -> bool:
    if row.state is not PostmortemState.PUBLISHED or row.published_at is None or row.published_at >= _end(week, now):
        return False
    return bool(row.published_at.astimezone(week.zone).date() <= row.due_on)
