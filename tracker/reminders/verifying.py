"""Incidents that stayed quiet for as long as was wanted: who leads is asked once whether that is the end of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from tracker.db import session
from tracker.lookup import may_read_incident
from tracker.messages import Writer
from tracker.models import Incident, Phase, ReminderStep
from tracker.reminders.told import tell_at_once
from tracker.reminders.updates import responsible_for


def quiet_long_enough(*, now: datetime) -> list[int]:
    query = select(Incident.id).where(
        Incident.phase == Phase.RESOLVED, Incident.quiet_until <= now, Incident.is_drill.is_(False)
    )
    return list(session.scalars(query.order_by(Incident.id)))


def ask_to_verify(incident_id: int, *, writer: Writer, now: datetime) -> int:
    """Write to who leads it; how many mails. The same quiet time is asked about once."""
    incident = session.get(Incident, incident_id, with_for_update=True)
    if incident is None or incident.phase is not Phase.RESOLVED or incident.quiet_until is None:
        return 0
    period = incident.quiet_until.isoformat(timespec="minutes")
    same: dict[str, Any] = {"about": f"verify:{incident.id}", "step": ReminderStep.DUE, "period": period, "now": now}
    return sum(
        tell_at_once(writer, "verify_incident", to=person, **same, incident=incident)
        for person in responsible_for(incident)
        if may_read_incident(incident, person=person)
    )
