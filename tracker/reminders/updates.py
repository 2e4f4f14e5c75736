"""Updates that are late while an incident is live: said once for each, at once, at any hour, to who should send it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from tracker.channels import channels_about
from tracker.db import session
from tracker.deadlines import UPDATE_CADENCE
from tracker.lookup import may_read_incident
from tracker.messages import Writer
from tracker.models import Incident, IncidentRole, MessageKind, Person, Phase, RoleAssignment, Update

GRACE = timedelta(minutes=2)
"""An update that is being typed at the last minute is not called late."""
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
    """Write to who should send the update; how many mails. The same late update is told once."""
    incident = session.get(Incident, incident_id)
    if incident is None or not incident.phase.is_live:
        return 0
    kind = MessageKind.REMINDER
    told: dict[str, Any] = {"incident": incident, "due_at": due_at}
    same: dict[str, Any] = {
        "about": f"update:{incident.id}",
        "period": due_at.isoformat(timespec="minutes"),
        "now": now,
    }
    written = [
        writer.write("update_lapsed", kind=kind, to=person, **same, **told)
        for person in responsible_for(incident)
        if may_read_incident(incident, person=person)
    ]
    channels = channels_about(kind, incidents=(incident,))
    posted = [writer.post("update_lapsed", kind=kind, to=channel, **same, **told) for channel in channels]
    return sum(message is not None for message in (*written, *posted))


def responsible_for(incident: Incident) -> list[Person]:
    """Who looks after communication, else who leads, else who declared it."""
    holders: dict[IncidentRole, int | None] = dict(
        session.execute(
            select(RoleAssignment.role, RoleAssignment.person_id).where(
                RoleAssignment.incident_id == incident.id, RoleAssignment.until.is_(None)
            )
        ).all()
    )
    ids = {holders[role] for role in TOLD_OF if role in holders} or {incident.declared_by_id}
    return list(session.scalars(select(Person).where(Person.id.in_(ids), Person.is_active).order_by(Person.id)))
