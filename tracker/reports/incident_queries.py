"""The incidents behind the weekly report: what came back, and which postmortems are late or were skipped."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    Incident,
    IncidentAction,
    Person,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
)
from tracker.reports import asked
from tracker.reports.schedule import Week
from tracker.reports.scope import LIST_LENGTH, READERS, Scope


@dataclass(frozen=True)
class RecurrenceLine:
    id: int
    state: RecurrenceState
    later_ref: str
    later_title: str
    later_at: datetime
    earlier_ref: str
    earlier_title: str
    earlier_at: datetime
    unfinished: int
    """Items of the earlier incident that are still owed."""
    promised: int
    """All items of the earlier incident."""


@dataclass(frozen=True)
class PostmortemLine:
    ref: str
    title: str
    state: PostmortemState
    lead: str
    due_on: date | None
    skipped_reason: str


def recurrence_lines(week: Week, *, scope: Scope, now: datetime) -> list[RecurrenceLine]:
    """Pairs whose later incident was declared in the week: the same, or not yet decided; of which both may be seen."""
    return [_recurrence_line(row) for row in session.execute(_recurrences(scope), asked.values(week, now=now))]


@lru_cache(maxsize=READERS)
def _recurrences(scope: Scope) -> Select[Any]:
    earlier = aliased(Incident)
    return (
        select(
            Recurrence.id,
            Recurrence.state,
            Incident.number.label("later_number"),
            Incident.title.label("later_title"),
            Incident.declared_at.label("later_at"),
            earlier.number.label("earlier_number"),
            earlier.title.label("earlier_title"),
            earlier.declared_at.label("earlier_at"),
            _items_of(earlier.id).label("promised"),
            _items_of(earlier.id, states=OPEN_STATES).label("unfinished"),
        )
        .select_from(Recurrence)
        .join(Incident, Incident.id == Recurrence.later_id)
        .join(earlier, earlier.id == Recurrence.earlier_id)
        .where(Recurrence.state.in_((RecurrenceState.SAME, RecurrenceState.SUSPECTED)), *of_week(scope))
        .order_by(Recurrence.state, Incident.declared_at.desc(), Recurrence.score.desc(), Recurrence.id)
        .limit(LIST_LENGTH + 1)
    )


def of_week(scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Pairs, joined with their later incident, that are of the week and of which both may be seen."""
    declared = and_(Incident.declared_at >= asked.STARTS_AT, Incident.declared_at < asked.ENDS_AT)
    return declared, scope.incidents(), scope.earlier_incident()


def _items_of(incident_id: Any, *, states: tuple[ActionState, ...] = tuple(ActionState)) -> Any:
    return (
        select(func.count())
        .select_from(IncidentAction)
        .join(ActionItem, ActionItem.id == IncidentAction.action_id)
        .where(IncidentAction.incident_id == incident_id, ActionItem.state.in_(states))
        .scalar_subquery()
    )


def _recurrence_line(row: Any) -> RecurrenceLine:
    return RecurrenceLine(
        id=row.id,
        state=row.state,
        later_ref=f"INC-{row.later_number}",
        later_title=row.later_title,
        later_at=row.later_at,
        earlier_ref=f"INC-{row.earlier_number}",
        earlier_title=row.earlier_title,
        earlier_at=row.earlier_at,
        unfinished=row.unfinished,
        promised=row.promised,
    )


def postmortem_lines(week: Week, *, scope: Scope, now: datetime) -> list[PostmortemLine]:
    """Required postmortems that are late or were skipped in the week, the oldest first; one more than there is room."""
    return [
        PostmortemLine(
            ref=f"INC-{row.number}",
            title=row.title,
            state=row.state,
            lead=row.lead or "Nobody yet",
            due_on=row.due_on,
            skipped_reason=row.skipped_reason,
        )
        for row in session.execute(_postmortems(scope), asked.values(week, now=now))
    ]


def is_late() -> ColumnElement[bool]:
    """Postmortems that are not published after the day by which they were due."""
    unpublished = (PostmortemState.DRAFT, PostmortemState.IN_REVIEW)
    return and_(Postmortem.state.in_(unpublished), Postmortem.due_on < asked.REPORT_DAY)


@lru_cache(maxsize=READERS)
def _postmortems(scope: Scope) -> Select[*tuple[Any, ...]]:
    skipped = and_(
        Postmortem.state == PostmortemState.SKIPPED,
        Postmortem.skipped_at >= asked.STARTS_AT,
        Postmortem.skipped_at < asked.ENDS_AT,
    )
    return (
        select(
            Incident.number,
            Incident.title,
            Postmortem.state,
            Postmortem.due_on,
            Postmortem.skipped_reason,
            Person.name.label("lead"),
        )
        .select_from(Postmortem)
        .join(Incident, Incident.id == Postmortem.incident_id)
        .outerjoin(Person, Person.id == Postmortem.lead_id)
        .where(Postmortem.is_required, or_(is_late(), skipped), scope.incidents())
        .order_by(Postmortem.due_on, Postmortem.id)
        .limit(LIST_LENGTH + 1)
    )
