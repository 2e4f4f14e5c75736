"""A ticket that claims to have changed in the future: neither it nor its neighbours are missed from then on."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session
from tracker.models import ActionItem, ActionState, Ticket, Tracker

FAR_AWAY = datetime(8000, 1, 1, tzinfo=UTC)


def test_a_time_that_cannot_be_stops_no_later_change(worker: Worker, tickets: MemoryClient) -> None:
    tracker = make.tracker()
    strange, usual = make.action("From the future"), make.action("As always")
    for item in (strange, usual):
        make.push(item, tracker, marker=f"{item.ref}:0123456789abcdef")
        worker.push()
    there = {item: remote_id_of(item) for item in (strange, usual)}
    claim(tickets, there[strange], at=FAR_AWAY)
    worker.later(minutes=6)
    worker.pull()

    worker.later(minutes=6)
    tickets.remote_close(there[usual])
    worker.pull()
    worker.later(minutes=6)
    tickets.remote_close(there[strange])
    worker.pull()

    assert FAR_AWAY.isoformat() not in str(session.get_one(Tracker, tracker.id).cursors)
    states = [session.get_one(ActionItem, item.id).state for item in (strange, usual)]
    assert states == [ActionState.DONE, ActionState.DONE]


def claim(tickets: MemoryClient, remote_id: str, *, at: datetime) -> None:
    one = tickets.tickets[remote_id]
    one.snapshot = replace(one.snapshot, state=RemoteState.OPEN, title="Changed in the future", updated_at=at)


def remote_id_of(item: ActionItem) -> str:
    made = select(Ticket.remote_id).where(Ticket.title == item.title)
    return session.scalars(made).one()
