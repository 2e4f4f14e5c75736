"""What the room of an incident reads, once the incident was looked up for this reader."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, Row, bindparam, func, select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.models import (
    EntryKind,
    Incident,
    IncidentRole,
    Person,
    Postmortem,
    Role,
    RoleAssignment,
    StatusComponent,
    Tick,
    TimelineEntry,
    TimelineRevision,
    Update,
    may_see,
)

_RESPONDERS = (
    select(Person.id, Person.name)
    .where(Person.is_active.is_(True), Person.role.in_([role for role in Role if role.covers(Role.RESPONDER)]))
    .order_by(Person.name, Person.id)
)


def public_names(incident: Incident) -> list[str]:
    """What users call the services of an incident: as the status page names them, if it names any."""
    rows = session.execute(select(StatusComponent.service_id, StatusComponent.name))
    names: dict[int, str] = dict(rows.all())
    if not names:
        return [service.name for service in incident.services]
    return list(dict.fromkeys(names[service.id] for service in incident.services if service.id in names))


def responders() -> Sequence[Row[int, str]]:
    """People who may hold a role: their ids and names."""
    return session.execute(_RESPONDERS).all()


def people_in(incident: Incident) -> set[int]:
    """Who wrote on the timeline, or held a role."""
    wrote = select(TimelineEntry.author_id).where(TimelineEntry.incident_id == incident.id)
    held = select(RoleAssignment.person_id).where(RoleAssignment.incident_id == incident.id)
    return {person_id for person_id in session.scalars(wrote.union(held)) if person_id is not None}


class EntryRow(NamedTuple):
    """An entry as the room shows it."""

    id: int
    at: datetime | None
    at_text: str
    kind: EntryKind
    text: str
    is_starred: bool
    removed_at: datetime | None
    version: int
    author: str | None
    corrections: int


# The room asks a dozen questions, so each is put together once and not with every answer.
_OF_INCIDENT: BindParameter[int] = bindparam("incident_id")
_CORRECTIONS = (
    select(func.count()).where(TimelineRevision.entry_id == TimelineEntry.id).correlate(TimelineEntry).scalar_subquery()
)
_TIMELINE = (
    select(
        TimelineEntry.id,
        TimelineEntry.at,
        TimelineEntry.at_text,
        TimelineEntry.kind,
        TimelineEntry.text,
        TimelineEntry.is_starred,
        TimelineEntry.removed_at,
        TimelineEntry.version,
        Person.name.label("author"),
        _CORRECTIONS.label("corrections"),
    )
    .outerjoin(Person, Person.id == TimelineEntry.author_id)
    .where(TimelineEntry.incident_id == _OF_INCIDENT)
    .order_by(TimelineEntry.at.is_(None), TimelineEntry.at, TimelineEntry.position, TimelineEntry.id)
)
_UPDATES = (
    select(Update)
    .where(Update.incident_id == _OF_INCIDENT)
    .options(joinedload(Update.author).load_only(Person.name))
    .order_by(Update.sent_at.desc(), Update.id.desc())
)
_HOLDERS = (
    select(RoleAssignment)
    .where(RoleAssignment.incident_id == _OF_INCIDENT, RoleAssignment.until.is_(None))
    .options(joinedload(RoleAssignment.person).load_only(Person.name, Person.is_active))
)
_TICKS = (
    select(Tick)
    .where(Tick.incident_id == _OF_INCIDENT)
    .options(joinedload(Tick.ticked_by).load_only(Person.name))
    .order_by(Tick.id)
)
_POSTMORTEM = (
    select(Postmortem)
    .where(Postmortem.incident_id == _OF_INCIDENT)
    .options(joinedload(Postmortem.lead).load_only(Person.name))
)


def timeline(incident: Incident) -> list[EntryRow]:
    """All entries in their order, the removed ones too, of an incident that was looked up for this reader."""
    return [EntryRow(*row) for row in session.execute(_TIMELINE, {"incident_id": incident.id})]


def live_state(number: int | None, *, viewer: Person) -> str | None:
    """A few characters that change when something happens in the room; ``None``: this reader sees no such incident.

    Hundreds of rooms ask every few seconds, so this is one statement. All that happens in a room leaves an entry.
    """
    statement = (
        select(
            Incident.version,
            func.count(TimelineEntry.id),
            func.coalesce(func.max(TimelineEntry.id), 0),
            func.coalesce(func.sum(TimelineEntry.version), 0),
        )
        .outerjoin(TimelineEntry, TimelineEntry.incident_id == Incident.id)
        .where(Incident.number == number, may_see(viewer))
        .group_by(Incident.id, Incident.version)
    )
    found = session.execute(statement).one_or_none()
    return None if found is None else "-".join(str(part) for part in found)


def state_of(incident: Incident, rows: Sequence[EntryRow]) -> str:
    """The same as ``live_state``, of a timeline that was read already."""
    newest = max((row.id for row in rows), default=0)
    return f"{incident.version}-{len(rows)}-{newest}-{sum(row.version for row in rows)}"


def updates_of(incident: Incident) -> list[Update]:
    """Newest first."""
    return list(session.scalars(_UPDATES, {"incident_id": incident.id}))


def role_holders(incident: Incident) -> dict[IncidentRole, RoleAssignment]:
    return {held.role: held for held in session.scalars(_HOLDERS, {"incident_id": incident.id})}


def ticks_of(incident: Incident) -> dict[str, Tick]:
    """What was ticked in any list of the room, by its item."""
    return {tick.item: tick for tick in session.scalars(_TICKS, {"incident_id": incident.id})}


def find_postmortem(incident: Incident) -> Postmortem | None:
    return session.scalar(_POSTMORTEM, {"incident_id": incident.id})


def revisions_of(entry: TimelineEntry) -> list[TimelineRevision]:
    """Newest first."""
    statement = select(TimelineRevision).where(TimelineRevision.entry_id == entry.id)
    return list(
        session.scalars(
            statement.options(joinedload(TimelineRevision.corrected_by)).order_by(TimelineRevision.id.desc())
        )
    )
