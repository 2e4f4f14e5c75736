"""What webhooks told that nobody has looked at yet, and the webhooks themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from tracker.clients.tickets import TicketHandle
from tracker.db import session
from tracker.models import HookDelivery, Ticket, Tracker, TrackerHook, TrackerKind
from tracker.sync.pacing.breaker import BreakerState
from tracker.sync.pacing.breaking import breaker_of
from tracker.sync.reading.operations import HANDLES_A_CALL, is_resting


@dataclass(frozen=True)
class Wanted:
    """Tickets of a tracker to look at again, and the deliveries that asked for it."""

    tracker_id: int
    handles: tuple[TicketHandle, ...]
    delivery_ids: tuple[int, ...]


def find_hook(slug: str, *, kind: TrackerKind) -> TrackerHook | None:
    query = select(TrackerHook).join(Tracker, Tracker.id == TrackerHook.tracker_id)
    return session.scalar(query.where(Tracker.slug == slug, Tracker.kind == kind))


def trackers_to_look_at() -> list[tuple[int, str]]:
    """The trackers that told something which nobody looked at, by id and name."""
    waiting = exists().where(HookDelivery.tracker_id == Tracker.id, HookDelivery.looked_at.is_(None))
    query = select(Tracker.id, Tracker.name).where(Tracker.is_active, waiting).order_by(Tracker.id)
    return [(row.id, row.name) for row in session.execute(query)]


def wanted(tracker_id: int, *, now: datetime) -> Wanted | None:
    """The next tickets to look at; ``None`` when there are none, or while the tracker wants to be left alone."""
    tracker = session.get_one(Tracker, tracker_id)
    is_closed = breaker_of(tracker, now=now) is BreakerState.CLOSED
    if not tracker.is_active or not is_closed or is_resting(tracker, now=now):
        return None
    rows = session.execute(
        select(HookDelivery.id, HookDelivery.remote_id, Ticket.key)
        .join(Ticket, (Ticket.tracker_id == HookDelivery.tracker_id) & (Ticket.remote_id == HookDelivery.remote_id))
        .where(HookDelivery.tracker_id == tracker_id, HookDelivery.looked_at.is_(None))
        .order_by(HookDelivery.id)
        .limit(HANDLES_A_CALL)
    ).all()
    handles = {row.remote_id: TicketHandle(remote_id=row.remote_id, key=row.key) for row in rows}
    return Wanted(tracker_id, tuple(handles.values()), tuple(row.id for row in rows)) if rows else None
