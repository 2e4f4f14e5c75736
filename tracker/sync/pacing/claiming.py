"""One writer a tracker: who may claim something to write to it."""

from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.models import ActionTicket, Push, Ticket, TicketComment, Tracker
from tracker.sync.pacing.breaking import may_be_written_to


def lock_tracker(tracker_id: int, *, now: datetime) -> Tracker | None:
    """The tracker, unless it is switched off, is left alone, or another worker is claiming right now."""
    query = select(Tracker).where(Tracker.id == tracker_id, may_be_written_to(now))
    return session.scalar(query.with_for_update(skip_locked=True))


def is_writing(tracker_id: int, *, now: datetime) -> bool:
    """Whether somebody is writing to the tracker at this moment, or died at it a short while ago."""
    pushes = select(Push.id).where(Push.tracker_id == tracker_id, Push.lease_until > now, Push.abandoned_at.is_(None))
    of_tracker = Ticket.tracker_id == tracker_id
    links = select(ActionTicket.action_id).join(ActionTicket.ticket).where(of_tracker, ActionTicket.lease_until > now)
    comments = select(TicketComment.id).join(TicketComment.ticket)
    leased = comments.where(of_tracker, TicketComment.lease_until > now)
    return any(session.scalar(query.limit(1)) is not None for query in (pushes, links, leased))
