"""Looking at the tickets of one item because a person asked: by their identity, so that lost ones are told at once."""

from collections.abc import Sequence

from sqlalchemy import select

from tracker import clock
from tracker.clients.tickets import TicketHandle
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import ActionTicket, Ticket, Tracker
from tracker.sync.checking import ask
from tracker.sync.reading import operations as pull_operations


def look_at_tickets(action_id: int) -> None:
    """Read every ticket of an item from its tracker and take over what it says.

    Raises:
        RuleError: a tracker is off, wants to be left alone, did not answer, or a ticket could not be read.
    """
    missing: list[str] = []
    for tracker_id in _trackers_of(action_id):
        missing += _look_in(tracker_id, _handles(action_id, tracker_id))
    if missing:
        raise RuleError(f"{', '.join(missing)} could not be read this time. Try again in a minute.")


def _look_in(tracker_id: int, handles: Sequence[TicketHandle]) -> list[str]:
    """The keys of those that could not be read."""
    tracker = session.get_one(Tracker, tracker_id)
    if not tracker.is_active:
        raise RuleError(f"{tracker.name} is switched off, so nothing is read from it.")
    if pull_operations.is_resting(tracker, now=clock.utcnow()) and tracker.failures == 0:
        raise RuleError(f"{tracker.name} asked us to wait until {tracker.run_after:%H:%M} UTC. Look again then.")
    asked_at = clock.utcnow()
    found = dict(ask(tracker, lambda client: client.read_many(handles)))
    with transaction():
        taken = pull_operations.take_readings(tracker_id, found, now=clock.utcnow(), asked_at=asked_at)
    if taken.failed:
        raise RuleError(" ".join(taken.failed))
    return [handle.key for handle in handles if handle.remote_id not in found]


def _trackers_of(action_id: int) -> Sequence[int]:
    query = select(Ticket.tracker_id).join(ActionTicket, ActionTicket.ticket_id == Ticket.id).distinct()
    return session.scalars(query.where(ActionTicket.action_id == action_id).order_by(Ticket.tracker_id)).all()


def _handles(action_id: int, tracker_id: int) -> list[TicketHandle]:
    query = select(Ticket.remote_id, Ticket.key).join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
    rows = session.execute(
        query.where(ActionTicket.action_id == action_id, Ticket.tracker_id == tracker_id).order_by(Ticket.id)
    )
    return [TicketHandle(remote_id=row.remote_id, key=row.key) for row in rows]
