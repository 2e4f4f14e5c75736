"""Writes pasted lines onto the timeline of an incident."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from tracker.db import session
from tracker.models import Incident, Person, TimelineEntry
from tracker.transfer.pasting import PastedEntry


def known_entries(incident: Incident) -> frozenset[tuple[datetime | None, str]]:
    """The time and text of what stands on the timeline, removed entries left out."""
    rows = select(TimelineEntry.at, TimelineEntry.text).where(
        TimelineEntry.incident_id == incident.id, TimelineEntry.removed_at.is_(None)
    )
    return frozenset((at, text) for at, text in session.execute(rows))


def add_pasted(incident: Incident, entries: Iterable[PastedEntry], *, by: Person, now: datetime) -> int:
    """Add them in their order, and tell how many. What the source said of a time we do not know is kept."""
    last = select(func.max(TimelineEntry.position)).where(TimelineEntry.incident_id == incident.id)
    position = session.scalar(last) or 0
    added = [
        TimelineEntry(
            incident_id=incident.id,
            at=entry.at,
            at_text="" if entry.at else entry.at_text,
            position=position + number,
            kind=entry.kind,
            text=entry.text,
            author_id=by.id,
            created_at=now,
        )
        for number, entry in enumerate(entries, 1)
    ]
    session.add_all(added)
    return len(added)
