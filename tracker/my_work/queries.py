"""What waits for one person: nine reads with those of items and what is to be confirmed, however much it is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.deadlines import UPDATE_CADENCE
from tracker.models import (
    READER,
    ActionItem,
    AnyReader,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Reviewer,
    RoleAssignment,
    Service,
    Severity,
    Update,
    may_see,
)
from tracker.my_work.whose import teams_of

ROWS = 30
"""More than this of one kind is for the lists, not for a page to start the day with."""


@dataclass(frozen=True)
class Lapsed:
    """A live incident from which people should have heard again."""

    number: int
    title: str
    severity: Severity
    is_drill: bool
    due_at: datetime
    last_sent_at: datetime | None


@dataclass(frozen=True)
class Unwritten:
    """A postmortem that is not published."""

    number: int
    title: str
    severity: Severity
    state: PostmortemState
    due_on: date | None
    is_required: bool
    has_lead: bool
    is_theirs: bool
    """They write it, or nobody does and they declared the incident."""
    asked_at: datetime | None
    """Since when they are asked to read it before it is published; ``None``: they are not, or have approved it."""


@dataclass(frozen=True)
class Pair:
    """Two incidents that may be the same, and whether the decision is this person's."""

    id: int
    later_number: int
    later_title: str
    earlier_number: int
    earlier_title: str
    found_at: datetime
    reasons: Sequence[str]
    is_mine: bool


@dataclass(frozen=True)
class Asked:
    """An incident that asked for an item."""

    number: int
    title: str


def incidents_of(items: Iterable[ActionItem], *, viewer: Person) -> dict[int, list[Asked]]:
    """The incidents that asked for each item, by the item's id; only those the reader may see."""
    ids = [item.id for item in items]
    found: dict[int, list[Asked]] = defaultdict(list)
    if not ids:
        return found
    rows = session.execute(
        select(IncidentAction.action_id, Incident.number, Incident.title)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(IncidentAction.action_id.in_(ids), may_see(viewer))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
    )
    for action_id, number, title in rows:
        found[action_id].append(Asked(number, title))
    return found


def unwritten_postmortems(person: Person) -> Sequence[Unwritten]:
    """Postmortems that are not published and that this person leads, or is asked to read.

    Without a lead they are of who declared the incident.
    """
    return [Unwritten(*row) for row in session.execute(_unwritten(AnyReader(person.is_admin)), {READER: person.id})]


@cache
def _unwritten(reader: AnyReader) -> Select[*tuple[Any, ...]]:
    is_asked = and_(
        Reviewer.person_id == reader.id,
        Reviewer.approved_at.is_(None),
        Postmortem.state == PostmortemState.IN_REVIEW,
    )
    theirs = or_(
        Postmortem.lead_id == reader.id, and_(Postmortem.lead_id.is_(None), Incident.declared_by_id == reader.id)
    )
    return (
        select(
            Incident.number,
            Incident.title,
            Incident.severity,
            Postmortem.state,
            Postmortem.due_on,
            Postmortem.is_required,
            Postmortem.lead_id.is_not(None),
            func.coalesce(theirs, false()),
            Reviewer.asked_at,
        )
        .join(Incident, Incident.id == Postmortem.incident_id)
        .outerjoin(Reviewer, and_(Reviewer.postmortem_id == Postmortem.id, is_asked))
        .where(
            Postmortem.state.in_((PostmortemState.DRAFT, PostmortemState.IN_REVIEW)),
            or_(theirs, Reviewer.person_id.is_not(None)),
            Incident.is_drill.is_(False),
            may_see(reader),
        )
        .order_by(Postmortem.due_on.is_(None), Postmortem.due_on, Incident.id)
        .limit(ROWS)
    )


def suspected_pairs(person: Person) -> Sequence[Pair]:
    """Pairs that wait for a decision: this person's first, then everybody's, the newest first."""
    return [Pair(*row) for row in session.execute(_suspected(AnyReader(person.is_admin)), {READER: person.id})]


@cache
def _suspected(reader: AnyReader) -> Select[Any]:
    later, earlier = aliased(Incident), aliased(Incident)
    is_mine = _is_about(reader, incident_id=Recurrence.later_id, declared_by_id=later.declared_by_id).label("is_mine")
    return (
        select(
            Recurrence.id,
            later.number,
            later.title,
            earlier.number,
            earlier.title,
            Recurrence.found_at,
            Recurrence.reasons,
            is_mine,
        )
        .join(later, later.id == Recurrence.later_id)
        .join(earlier, earlier.id == Recurrence.earlier_id)
        .where(
            Recurrence.state == RecurrenceState.SUSPECTED,
            exists().where(Incident.id == Recurrence.later_id, may_see(reader)),
            exists().where(Incident.id == Recurrence.earlier_id, may_see(reader)),
        )
        .order_by(is_mine.desc(), Recurrence.found_at.desc(), Recurrence.score.desc(), Recurrence.id)
        .limit(ROWS)
    )


def lapsed_updates(person: Person, *, now: datetime) -> Sequence[Lapsed]:
    """Live incidents whose next update is late, the worst first."""
    last_sent_at = select(func.max(Update.sent_at)).where(Update.incident_id == Incident.id).scalar_subquery()
    rows = session.execute(
        select(
            Incident.number, Incident.title, Incident.severity, Incident.is_drill, Incident.declared_at, last_sent_at
        )
        .where(
            Incident.phase.in_([phase for phase in Phase if phase.is_live]),
            Incident.severity.in_(list(UPDATE_CADENCE)),
            may_see(person),
        )
        .order_by(Incident.is_drill, Incident.severity, Incident.declared_at, Incident.id)
        .limit(ROWS)
    )
    found = [
        Lapsed(number, title, severity, is_drill, (sent_at or declared_at) + UPDATE_CADENCE[severity], sent_at)
        for number, title, severity, is_drill, declared_at, sent_at in rows
    ]
    return [one for one in found if one.due_at < now]


def is_any_incident(viewer: Person) -> bool:
    """Whether this reader sees any incident at all."""
    return session.scalar(select(Incident.id).where(may_see(viewer)).limit(1)) is not None


def _is_about(
    person: AnyReader, *, incident_id: ColumnElement[int] | object, declared_by_id: object
) -> ColumnElement[bool]:
    """Whether a person declared an incident, held a role in it, leads its postmortem, or owns a service with a team."""
    held_a_role = exists().where(RoleAssignment.incident_id == incident_id, RoleAssignment.person_id == person.id)
    leads = exists().where(Postmortem.incident_id == incident_id, Postmortem.lead_id == person.id)
    of_the_team = exists().where(
        IncidentService.incident_id == incident_id,
        Service.id == IncidentService.service_id,
        or_(Service.team_id.in_(teams_of(person)), Service.owner_id == person.id),
    )
    return or_(declared_by_id == person.id, held_a_role, leads, of_the_team)
