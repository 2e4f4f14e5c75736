"""The incidents behind the weekly report: what came back, and which postmortems are late or were skipped."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
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
from tracker.reports.schedule import Week, day_of_report
from tracker.reports.scope import LIST_LENGTH, Scope


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


def recurrence_lines(week: Week, *, scope: Scope) -> list[RecurrenceLine]:
    """Pairs whose later incident was declared in the week: the same, or not yet decided; of which both may be seen."""
    earlier = aliased(Incident)
    query = (
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
        .where(Recurrence.state.in_((RecurrenceState.SAME, RecurrenceState.SUSPECTED)), *_pairs(week, scope=scope))
        .order_by(Recurrence.state, Incident.declared_at.desc(), Recurrence.score.desc(), Recurrence.id)
        .limit(LIST_LENGTH)
    )
    return [_recurrence_line(row) for row in session.execute(query)]


def _pairs(week: Week, *, scope: Scope) -> tuple[ColumnElement[bool], ...]:
    """Pairs, joined with their later incident, that are of the week and of which both may be seen."""
    declared = and_(Incident.declared_at >= week.starts_at, Incident.declared_at < week.ends_at)
    return declared, scope.incidents(), scope.earlier_incident()


def undecided(week: Week, *, scope: Scope) -> ScalarSelect[int]:
    """How many pairs of the week wait for a decision, however many of them the report lists."""
    pairs = select(func.count()).select_from(Recurrence).join(Incident, Incident.id == Recurrence.later_id)
    return pairs.where(Recurrence.state == RecurrenceState.SUSPECTED, *_pairs(week, scope=scope)).scalar_subquery()


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


def postmortem_rows(week: Week, *, scope: Scope, now: datetime) -> list[Any]:
    """Required postmortems that were due in the week or the one before, are late, or were skipped in the week."""
    day = day_of_report(week, now=now)
    unpublished = (PostmortemState.DRAFT, PostmortemState.IN_REVIEW)
    skipped = and_(Postmortem.skipped_at >= week.starts_at, Postmortem.skipped_at < week.ends_at)
    late = and_(Postmortem.state.in_(unpublished), Postmortem.due_on < day)
    due = Postmortem.due_on.between(week.before.first_day, week.last_day)
    query = (
        select(
            Incident.number,
            Incident.title,
            Postmortem.state,
            Postmortem.due_on,
            Postmortem.published_at,
            Postmortem.skipped_at,
            Postmortem.skipped_reason,
            Person.name.label("lead"),
        )
        .select_from(Postmortem)
        .join(Incident, Incident.id == Postmortem.incident_id)
        .outerjoin(Person, Person.id == Postmortem.lead_id)
        .where(Postmortem.is_required, or_(due, late, skipped), scope.incidents())
        .order_by(Postmortem.due_on, Postmortem.id)
    )
    return list(session.execute(query).all())


def postmortem_lines(rows: list[Any], *, week: Week, now: datetime) -> list[PostmortemLine]:
    """Of those rows the ones that are late or were skipped in the week."""
    day = day_of_report(week, now=now)
    return [
        PostmortemLine(
            ref=f"INC-{row.number}",
            title=row.title,
            state=row.state,
            lead=row.lead or "Nobody yet",
            due_on=row.due_on,
            skipped_reason=row.skipped_reason,
        )
        for row in rows
        if _is_late(row, day=day) or _is_skipped_within(row, week=week)
    ]


def _is_late(row: Any, *, day: date) -> bool:
    return (
        row.state in (PostmortemState.DRAFT, PostmortemState.IN_REVIEW) and row.due_on is not None and row.due_on < day
    )


def _is_skipped_within(row: Any, *, week: Week) -> bool:
    at = row.skipped_at
    return row.state is PostmortemState.SKIPPED and at is not None and week.starts_at <= at < week.ends_at
