"""What happened to an item, told to one reader: a private incident stays unnamed in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.action_life import KEPT
from tracker.db import session
from tracker.models import ActionEvent, ActionItem, Incident, Person, may_see


@dataclass(frozen=True)
class HistoryEntry:
    """One step. ``incident_ref`` is the incident it was about, for those who may see it."""

    at: datetime
    person: str | None
    sentence: str
    incident_ref: str | None
    is_about_private: bool
    is_kept_declined: bool = False


def history(action: ActionItem, *, viewer: Person) -> list[HistoryEntry]:
    """Every step of an item, newest first."""
    query = select(ActionEvent).where(ActionEvent.action_id == action.id).options(joinedload(ActionEvent.person))
    events = session.scalars(query.order_by(ActionEvent.id.desc())).all()
    numbers = {event.detail["incident"] for event in events if event.detail.get("incident")}
    seen = set(session.scalars(select(Incident.number).where(Incident.number.in_(numbers), may_see(viewer))))
    return [_entry(event, seen=seen) for event in events]


def _entry(event: ActionEvent, *, seen: set[int]) -> HistoryEntry:
    number = event.detail.get("incident")
    return HistoryEntry(
        at=event.at,
        person=event.person.name if event.person else None,
        sentence=event.sentence,
        incident_ref=f"INC-{number}" if number in seen else None,
        is_about_private=number is not None and number not in seen,
        is_kept_declined=KEPT in event.detail,
    )


def decided_at(action: ActionItem, entries: list[HistoryEntry]) -> datetime | None:
    """When somebody last decided that a declined item is not to be done."""
    moments = [action.declined_at, *(one.at for one in entries if one.is_kept_declined)]
    return max((moment for moment in moments if moment is not None), default=None)
