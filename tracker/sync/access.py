"""From a tracker's row to a client that speaks to it, and back from clients' words to ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update

from tracker.clients.access import TrackerAccess
from tracker.clients.tickets import RateLeft, TicketClient, TicketSnapshot
from tracker.db import session, transaction
from tracker.models import TicketState, Tracker
from tracker.wiring import wiring


@contextmanager
def client_of(tracker: Tracker) -> Iterator[TicketClient]:
    """A client for a configured tracker; its connections end with the block.

    Raises:
        RuleError: the stored token was sealed with another secret key.
        ClientError: the address cannot be a tracker's.
    """
    plugged = wiring()
    access = TrackerAccess(
        kind=tracker.kind.value,
        flavour=tracker.flavour.value if tracker.flavour else None,
        url=tracker.url,
        email=tracker.email,
        token=plugged.vault.open(tracker.sealed_token),
    )
    client = plugged.ticket_client(access)
    try:
        yield client
    finally:
        client.close_connections()


@contextmanager
def client_for_round(tracker_id: int) -> Iterator[TicketClient]:
    """The same for a round of work, with no transaction open; how many calls are left after it is kept."""
    with client_of(session.get_one(Tracker, tracker_id)) as client:
        session.rollback()
        try:
            yield client
        finally:
            _keep_calls_left(tracker_id, client.rate_left)


def _keep_calls_left(tracker_id: int, left: RateLeft | None) -> None:
    if left is None:
        return
    with transaction():
        said = update(Tracker).where(Tracker.id == tracker_id)
        session.execute(said.values(calls_left=left.left, calls_of=left.of, calls_reset_at=left.resets_at))


def state_of(snapshot: TicketSnapshot) -> TicketState:
    """The state as the tables know it: clients have words of their own, of the same value."""
    return TicketState(snapshot.state.value)
