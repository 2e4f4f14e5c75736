"""From a tracker's row to a client that speaks to it, and back from clients' words to ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from tracker.clients.access import TrackerAccess
from tracker.clients.tickets import TicketClient, TicketSnapshot
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


def state_of(snapshot: TicketSnapshot) -> TicketState:
    """The state as the tables know it: clients have words of their own, of the same value."""
    return TicketState(snapshot.state.value)
