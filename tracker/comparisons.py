"""Asking that an incident is compared with all earlier ones: a row, written with the change that asks for it."""

from datetime import datetime, timedelta

from tracker.db import session
from tracker.models import Comparison, Incident, Stage

NOW = timedelta(0)


def ask_for_comparison(incident: Incident, *, stage: Stage, now: datetime, after: timedelta = NOW) -> None:
    """Ask for it, again if it was done before; a practice is never compared. Wake ``recurrence.compare`` afterwards."""
    if incident.is_drill:
        return
    due = session.get(Comparison, (incident.id, stage))
    if due is None:
        due = Comparison(incident_id=incident.id, stage=stage)
        session.add(due)
    due.asked_at = now
    due.run_after = now + after
    due.done_at = None
