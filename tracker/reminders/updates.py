"""Updates that are late while an incident is live: told at any hour to who should send it; then further up."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.channels import channels_about
from tracker.db import session
from tracker.deadlines import UPDATE_CADENCE
from tracker.lookup import may_read_incident
from tracker.messages import Writer
from tracker.models import (
    Incident,
    IncidentRole,
    IncidentService,
    MessageKind,
    Person,
    Phase,
    ReminderStep,
    RoleAssignment,
    Service,
    Team,
    Update,
)
from tracker.reminders.told import tell_at_once

GRACE = timedelta(minutes=2)
"""An update that is being typed at the last minute is not called late."""
LEAD_AFTER, OWNER_AFTER = 1, 3
"""So many more updates are missed until who leads the team, and who owns the service, hears of the late one."""
TOLD_OF = (IncidentRole.COMMUNICATIONS_LEAD, IncidentRole.COMMANDER)


def late_updates(*, now: datetime) -> list[tuple[int, datetime]]:
    """The live incidents that people have not heard of in time, with the moment at which they should have."""
    last_sent_at = select(func.max(Update.sent_at)).where(Update.incident_id == Incident.id).scalar_subquery()
    query = select(Incident.id, Incident.severity, Incident.declared_at, last_sent_at).where(
        Incident.phase.in_([phase for phase in Phase if phase.is_live]),
        Incident.severity.in_(list(UPDATE_CADENCE)),
        Incident.is_drill.is_(False),
        Incident.imported_text.is_(None),
    )
    found = []
    for incident_id, severity, declared_at, sent_at in session.execute(query.order_by(Incident.id)):
        due_at = (sent_at or declared_at) + UPDATE_CADENCE[severity]
        if due_at + GRACE <= now:
            found.append((incident_id, due_at))
    return found


def tell_of_late_update(incident_id: int, *, due_at: datetime, writer: Writer, now: datetime) -> int:
    """Write to everybody whose step the late update has reached; how many mails. The same one is told each once."""
    # The lock keeps a second worker waiting until it can see what this one wrote.
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None or not incident.phase.is_live or incident.severity not in UPDATE_CADENCE:
        return 0
    kind = MessageKind.REMINDER
    told: dict[str, Any] = {"incident": incident, "due_at": due_at}
    period = due_at.isoformat(timespec="minutes")
    same: dict[str, Any] = {"about": f"update:{incident.id}", "period": period, "now": now}
    written = 0
    for step, person in _told_by_now(incident, due_at=due_at, now=now):
        if not may_read_incident(incident, person=person):
            continue
        written += tell_at_once(writer, "update_lapsed", to=person, step=step, **same, **told)
    channels = channels_about(kind, incidents=(incident,))
    posted = [writer.post("update_lapsed", kind=kind, to=channel, **same, **told) for channel in channels]
    return written + sum(message is not None for message in posted)


def _told_by_now(incident: Incident, *, due_at: datetime, now: datetime) -> Iterator[tuple[ReminderStep, Person]]:
    """The ladder of an update, in the time that may lie between two of them."""
    cadence = UPDATE_CADENCE[incident.severity]
    yield from ((ReminderStep.DUE, person) for person in responsible_for(incident))
    if now >= due_at + LEAD_AFTER * cadence:
        yield from ((ReminderStep.LEAD, person) for person in _in_charge(incident, of=Team.lead_id))
    if now >= due_at + OWNER_AFTER * cadence:
        yield from ((ReminderStep.OWNER, person) for person in _in_charge(incident, of=Service.owner_id))


def _in_charge(incident: Incident, *, of: InstrumentedAttribute[int | None]) -> list[Person]:
    """Who leads the teams of the incident's services, or owns these."""
    ids = select(of).select_from(Service).outerjoin(Team, Team.id == Service.team_id)
    ids = ids.join(IncidentService, IncidentService.service_id == Service.id)
    ids = ids.where(IncidentService.incident_id == incident.id)
    return list(session.scalars(select(Person).where(Person.id.in_(ids), Person.is_active).order_by(Person.id)))


def responsible_for(incident: Incident) -> list[Person]:
    """Who looks after communication and who leads, else who declared it; of these only who is still here."""
    holders = select(RoleAssignment.person_id).where(
        RoleAssignment.incident_id == incident.id, RoleAssignment.role.in_(TOLD_OF), RoleAssignment.until.is_(None)
    )
    return _still_here(session.scalars(holders)) or _still_here([incident.declared_by_id])


def _still_here(ids: Iterable[int | None]) -> list[Person]:
    return list(session.scalars(select(Person).where(Person.id.in_(list(ids)), Person.is_active).order_by(Person.id)))
