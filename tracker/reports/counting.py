"""The shares of one week, counted in the database. ``figures.py`` says what each means."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select, true

from tracker.db import session
from tracker.models import Incident, Postmortem, Recurrence, RecurrenceState
from tracker.reports import asked
from tracker.reports.figures import Share
from tracker.reports.incident_queries import is_late, of_week
from tracker.reports.schedule import Week
from tracker.reports.scope import READERS, Scope
from tracker.reports.week_conditions import (
    came_back,
    declared_in_week,
    done_in_cohort,
    had_failed,
    made_in_cohort,
    on_time,
    paper_was_due,
    published_on_time,
    settled,
    was_due,
    was_verified,
)

Counts = Select[*tuple[Any, ...]]
"""One row of numbers."""


@dataclass(frozen=True)
class WeekCounts:
    """Every share of one week, and how many rows its lists would have without an end."""

    completion: Share
    declined_when_due: int
    follow_through: Share
    verified: Share
    held: Share
    recurrence: Share
    coverage: Share
    undecided: int
    """Pairs of the week that wait for a decision."""
    shown_to_work: int
    """Items that were verified in the week."""
    late_postmortems: int


def count_week(week: Week, *, scope: Scope, now: datetime) -> WeekCounts:
    """The counts of a week, in one statement."""
    row = session.execute(_counts(scope), asked.values(week, now=now)).one()
    return WeekCounts(
        completion=Share(row.on_time, row.due - row.declined),
        declined_when_due=row.declined,
        follow_through=Share(row.settled, row.made),
        verified=Share(row.verified, row.done),
        held=Share(row.verified - row.failed, row.verified),
        recurrence=Share(row.repeats, row.incidents),
        coverage=Share(row.published, row.required),
        undecided=row.undecided,
        shown_to_work=row.shown_to_work,
        late_postmortems=row.late,
    )


@lru_cache(maxsize=READERS)
def _counts(scope: Scope) -> Counts:
    """All counts side by side. Each part is a read of its own, which finds all it needs in one index."""
    kinds = (_due, _made, _done, _shown_to_work, _declared, _undecided, _required, _late)
    parts: list[FromClause] = [kind(scope).subquery() for kind in kinds]
    return select(*parts).select_from(reduce(lambda left, right: left.join(right, true()), parts))


def _number(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    """How many of the rows fulfil it. Databases skip the rest of such a condition at its first part that is false."""
    return func.count().filter(condition).label(name)


def _all(name: str) -> ColumnElement[int]:
    return func.count().label(name)


def _due(scope: Scope) -> Counts:
    """Items due in the week so far, those of them that were declined, and those done by the end of their day."""
    counts = (_all("due"), _number(asked.was_declined(), "declined"), _number(on_time(), "on_time"))
    return select(*counts).where(was_due(scope))


def _made(scope: Scope) -> Counts:
    """Items made in the cohort, and those of them that are settled."""
    return select(_all("made"), _number(settled(), "settled")).where(made_in_cohort(scope))


def _done(scope: Scope) -> Counts:
    """Items done in the cohort, those of them that were verified, and those of these that failed since.

    What counts is the last time an item was done, and the last time it was verified.
    """
    counts = (_all("done"), _number(was_verified(), "verified"), _number(had_failed(), "failed"))
    return select(*counts).where(done_in_cohort(scope))


def _shown_to_work(scope: Scope) -> Counts:
    return select(_all("shown_to_work")).where(asked.was_verified_within(), scope.actions())


def _declared(scope: Scope) -> Counts:
    """Incidents declared in the week, and those of them that repeat an earlier one."""
    return select(_all("incidents"), _number(came_back(scope), "repeats")).where(declared_in_week(scope))


def _undecided(scope: Scope) -> Counts:
    pairs = select(_all("undecided")).select_from(Recurrence).join(Incident, Incident.id == Recurrence.later_id)
    return pairs.where(Recurrence.state == RecurrenceState.SUSPECTED, *of_week(scope))


def _required(scope: Scope) -> Counts:
    """Required postmortems due in the week so far, and those of them published by the end of their day."""
    return _postmortems(_all("required"), _number(published_on_time(), "published"), scope=scope).where(paper_was_due())


def _late(scope: Scope) -> Counts:
    return _postmortems(_all("late"), scope=scope).where(is_late())


def _postmortems(*counts: ColumnElement[int], scope: Scope) -> Counts:
    required = select(*counts).select_from(Postmortem).join(Incident, Incident.id == Postmortem.incident_id)
    return required.where(Postmortem.is_required, scope.incidents())
