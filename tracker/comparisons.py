"""Asking that an incident is compared with all earlier ones: a row, written with the change that asks for it."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text

from tracker.db import session
from tracker.models import Comparison, Incident, Stage

NOW = timedelta(0)

BEGIN = text(
    "INSERT INTO comparisons (incident_id, stage, asked_at, run_after, compared_with) "
    "VALUES (:incident_id, :stage, :now, :now, 0) ON CONFLICT (incident_id, stage) DO NOTHING"
).bindparams(bindparam("now", type_=Comparison.__table__.c.asked_at.type))
"""Whoever else asks for the first time at the same moment waits here, and is not refused."""


def ask_for_comparison(incident: Incident, *, stage: Stage, now: datetime, after: timedelta = NOW) -> None:
    """Ask for it, again if it was done before; a practice is never compared. Wake ``recurrence.compare`` afterwards."""
    if incident.is_drill:
        return
    session.flush()
    session.execute(BEGIN, {"incident_id": incident.id, "stage": stage.value, "now": now})
    due = session.get_one(Comparison, (incident.id, stage))
    due.asked_at = now
    due.run_after = now + after
    due.done_at = None
