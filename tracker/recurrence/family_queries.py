"""Reads about families: who is in them, each only as far as its reader may see."""

from collections.abc import Iterable

from sqlalchemy import select

from tracker.db import session
from tracker.models import FamilyMember, Incident, Person, Postmortem, may_see
from tracker.recurrence.explaining import Time


def history_of(incident_ids: Iterable[int], *, viewer: Person | None) -> list[Time]:
    """The incidents of the families of these that this reader may see, the first one first."""
    families = select(FamilyMember.family_id).where(FamilyMember.incident_id.in_(list(incident_ids)))
    rows = session.execute(
        select(Incident.number, Incident.declared_at, Incident.is_undated)
        .join(FamilyMember, FamilyMember.incident_id == Incident.id)
        .where(FamilyMember.family_id.in_(families), may_see(viewer))
        .order_by(Incident.declared_at, Incident.id)
    )
    return [Time(f"INC-{row.number}", row.declared_at, row.is_undated) for row in rows]


def causes_of(incident_ids: Iterable[int]) -> dict[int, str]:
    """The cause category of each of these incidents that has one."""
    rows = session.execute(
        select(Postmortem.incident_id, Postmortem.cause_category).where(
            Postmortem.incident_id.in_(list(incident_ids)), Postmortem.cause_category.is_not(None)
        )
    )
    return {row.incident_id: row.cause_category.value for row in rows}
