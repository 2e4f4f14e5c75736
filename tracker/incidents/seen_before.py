"""Whether earlier incidents may help in this one. Obeys ``may_see``."""

from sqlalchemy import exists, or_, select

from tracker.db import session
from tracker.models import Comparison, Incident, Person, Recurrence, RecurrenceState, may_see

HELPFUL = (RecurrenceState.SUSPECTED, RecurrenceState.SAME)


def is_seen_before(incident: Incident, *, viewer: Person) -> bool:
    """Whether it looks like an earlier one that this reader sees, or that is being found out just now."""
    looks_like = exists().where(
        Recurrence.later_id == incident.id,
        Recurrence.state.in_(HELPFUL),
        Incident.id == Recurrence.earlier_id,
        may_see(viewer),
    )
    is_compared_now = exists().where(Comparison.incident_id == incident.id, Comparison.done_at.is_(None))
    return bool(session.scalar(select(or_(looks_like, is_compared_now))))
