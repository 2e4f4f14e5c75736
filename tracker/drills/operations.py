"""Plan a drill, begin it and end it. The incident that people work on begins with it, marked as a drill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from tracker.db import session
from tracker.drills.replay import InjectDraft
from tracker.errors import RuleError, StaleWriteError
from tracker.models import (
    INCIDENTS,
    Drill,
    DrillInject,
    DrillPerson,
    EntryKind,
    Incident,
    IncidentRole,
    Person,
    Phase,
    RoleAssignment,
    Service,
    Severity,
    TimelineEntry,
    next_number,
)

NOT_FOR_YOU = "What happens in a drill is for who leads it. Ask them, or an administrator."


@dataclass(frozen=True)
class DrillDraft:
    title: str
    severity: Severity
    scenario: str = ""
    aim: str = ""
    services: tuple[str, ...] = ()
    """Slugs."""
    planned_on: date | None = None
    lead_id: int | None = None
    roles: Mapping[IncidentRole, int] = field(default_factory=dict)
    """Who holds which role when it begins."""
    others: tuple[int, ...] = ()
    """Who takes part besides."""


def leads(drill: Drill, *, person: Person) -> bool:
    """Whether this person knows what is going to happen: who leads it, and administrators who take no part."""
    if not person.can_respond:
        return False
    takes_part = person.id in {one.person_id for one in drill.people}
    return drill.lead_id == person.id or (person.is_admin and not takes_part)


def check_leads(drill: Drill, *, by: Person) -> None:
    """Refuse whoever does not lead it.

    Raises:
        RuleError: somebody else leads it.
    """
    if not leads(drill, person=by):
        raise RuleError(NOT_FOR_YOU)


def plan_drill(
    draft: DrillDraft, *, replays: Incident | None, injects: Sequence[InjectDraft], by: Person, now: datetime
) -> Drill:
    """A new one, with what happens in it if it replays a past incident.

    Raises:
        RuleError: the past incident is not for everybody who takes part.
    """
    if replays is not None:
        refuse_private(replays)
    drill = Drill(created_at=now, replays_id=replays.id if replays else None)
    _write(drill, draft, otherwise=by)
    drill.injects = [
        DrillInject(minute=one.minute, text=one.text, expected=one.expected, held_back=one.held_back) for one in injects
    ]
    session.add(drill)
    session.flush()
    return drill


def refuse_private(replays: Incident) -> None:
    if replays.is_private:
        raise RuleError(f"{replays.ref} is private, and everybody in the drill would read of it. Choose another one.")


def edit_drill(drill: Drill, draft: DrillDraft, *, version: int, by: Person) -> None:
    """Plan it better, until it is over.

    Raises:
        StaleWriteError: somebody saved another plan in between, and the two differ.
    """
    check_leads(drill, by=by)
    refuse_ended(drill)
    if version != drill.version:
        refuse_stale(_told(draft), theirs=_told(draft_of(drill)), their_version=drill.version)
    _write(drill, draft, otherwise=by)
    flag_modified(drill, "title")  # services and people are rows of their own: count the version up for them too


def refuse_stale(yours: str, *, theirs: str, their_version: int) -> None:
    """Refuse to write over what somebody else saved, unless both say the same."""
    if yours != theirs:
        raise StaleWriteError(yours=yours, theirs=theirs, their_version=their_version)


def refuse_ended(drill: Drill) -> None:
    if drill.ended_at is not None:
        raise RuleError("This drill is over. Write down what it showed, or plan another one.")


def _write(drill: Drill, draft: DrillDraft, *, otherwise: Person) -> None:
    drill.title, drill.severity = draft.title, draft.severity
    drill.scenario, drill.aim, drill.planned_on = draft.scenario, draft.aim, draft.planned_on
    drill.lead_id = draft.lead_id or otherwise.id
    drill.services = list(
        session.scalars(select(Service).where(Service.slug.in_(draft.services)).order_by(Service.name))
    )
    roles = _role_by_person(draft)
    if drill.lead_id in roles:
        raise RuleError("Who leads the drill knows the answer, so they take no part in it. Choose somebody else.")
    kept = {one.person_id: one for one in drill.people}
    for person_id in kept.keys() & roles.keys():  # first free the roles: no two may hold one, not even in passing
        kept[person_id].role = None
    drill.people = [kept.get(person_id) or DrillPerson(person_id=person_id) for person_id in roles]
    session.flush() if drill.id else None
    for one in drill.people:
        one.role = roles[one.person_id]


def _role_by_person(draft: DrillDraft) -> dict[int, IncidentRole | None]:
    """Each person once. Whoever is to hold two roles holds the first, and takes the other over in the room."""
    roles: dict[int, IncidentRole | None] = {}
    for role in IncidentRole:
        if role in draft.roles:
            roles.setdefault(draft.roles[role], role)
    return roles | {person_id: None for person_id in draft.others if person_id not in roles}


def draft_of(drill: Drill) -> DrillDraft:
    """What the drill says, as it would be typed."""
    return DrillDraft(
        title=drill.title,
        severity=drill.severity,
        scenario=drill.scenario,
        aim=drill.aim,
        services=tuple(service.slug for service in drill.services),
        planned_on=drill.planned_on,
        lead_id=drill.lead_id,
        roles={one.role: one.person_id for one in drill.people if one.role is not None},
        others=tuple(sorted(one.person_id for one in drill.people if one.role is None)),
    )


def _told(draft: DrillDraft) -> str:
    """What a plan says, line by line, to lay two side by side."""
    ids = {*draft.roles.values(), *draft.others, draft.lead_id}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    names = {row.id: row.name for row in rows}
    lines = [
        ("Title", draft.title),
        ("Severity", draft.severity.value),
        ("Services", ", ".join(sorted(draft.services))),
        ("Day", draft.planned_on.isoformat() if draft.planned_on else ""),
        ("Leads the drill", names.get(draft.lead_id or 0, "")),
        *((role.value.capitalize(), names.get(draft.roles.get(role, 0), "")) for role in IncidentRole),
        ("Also", ", ".join(sorted(names.get(one, "") for one in draft.others))),
        ("Scenario", draft.scenario),
        ("Aim", draft.aim),
    ]
    return "\n".join(f"{label}: {text or 'none'}" for label, text in lines)


def start_drill(drill: Drill, *, by: Person, now: datetime) -> Incident:
    """Declare its incident, with everybody who is still here in their role. A second click finds it begun."""
    check_leads(drill, by=by)
    if drill.incident is not None:
        return drill.incident
    refuse_ended(drill)
    incident = Incident(
        number=next_number(session(), INCIDENTS),
        title=drill.title,
        summary=drill.scenario,
        severity=drill.severity,
        started_at=now,
        declared_at=now,
        declared_by_id=by.id,
        is_drill=True,
    )
    incident.services = list(drill.services)
    session.add(incident)
    session.flush()
    drill.incident, drill.started_at = incident, now
    for one in drill.people:
        if one.role is not None and one.person.is_active:
            held = {"role": one.role, "person_id": one.person_id, "since": now}
            session.add(RoleAssignment(incident_id=incident.id, **held))
    note(incident, f"Drill declared: {drill.title} ({drill.severity.value})", by=by, at=now, now=now)
    return incident


def end_drill(drill: Drill, *, by: Person, now: datetime) -> None:
    """It is over, wherever it stands: its incident is closed, and what was hidden is told."""
    check_leads(drill, by=by)
    if drill.started_at is None:
        raise RuleError("This drill has not begun. Begin it first, or take it off the list.")
    if drill.ended_at is not None:
        return
    drill.ended_at = now
    incident = drill.incident
    if incident is not None and incident.phase is not Phase.CLOSED:
        incident.phase, incident.closed_at = Phase.CLOSED, now
        incident.quiet_until = None
        note(incident, "The drill is over.", by=by, at=now, now=now)


def drop_drill(drill: Drill, *, by: Person) -> None:
    """Take a plan off the list. What was practised stays."""
    check_leads(drill, by=by)
    if drill.started_at is not None:
        raise RuleError("This drill has begun, so it stays on the list. End it instead.")
    session.delete(drill)


def note(
    incident: Incident, text: str, *, by: Person, at: datetime, now: datetime, kind: EntryKind = EntryKind.EVENT
) -> None:
    """Write on the timeline of the drill's incident."""
    written = {"incident_id": incident.id, "at": at, "kind": kind, "text": text, "author_id": by.id}
    session.add(TimelineEntry(created_at=now, **written))
