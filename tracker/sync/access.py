"""From a tracker's row to a client that speaks to it, and back from clients' words to ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update

from tracker.clients.access import TrackerAccess
from tracker.clients.tickets import RateLeft, TicketClient, TicketSnapshot
from tracker.db import session, transaction
from tracker.models import TicketState, Tracker
from tracker.sync.operations import TrackerDraft
from tracker.wiring import wiring


@contextmanager
def client_of(tracker: Tracker) -> Iterator[TicketClient]:
    """A client for a configured tracker; its connections end with the block.

    Raises:
        RuleError: the stored token was sealed with another secret key.
        ClientError: the address cannot be a tracker's.
    """
    with client_at(access_of(tracker)) as client:
        yield client


@contextmanager
def client_at(access: TrackerAccess) -> Iterator[TicketClient]:
    client = wiring().ticket_client(access)
    try:
        yield client
    finally:
        client.close_connections()


def access_of(tracker: Tracker) -> TrackerAccess:
    """
    Raises:
        RuleError: the stored token was sealed with another secret key.
    """
    return TrackerAccess(
        kind=tracker.kind.value,
        flavour=tracker.flavour.value if tracker.flavour else None,
        url=tracker.url,
        email=tracker.email,
        token=wiring().vault.open(tracker.sealed_token),
    )


def access_of_draft(draft: TrackerDraft, *, tracker: Tracker | None) -> TrackerAccess:
    """As it was typed; an empty token stands for the one that ``tracker`` has, which the caller let go there."""
    stored = tracker.sealed_token if tracker is not None else b""
    return TrackerAccess(
        kind=draft.kind.value,
        flavour=draft.flavour.value if draft.flavour else None,
        url=draft.url,
        email=draft.email,
        token=draft.token or wiring().vault.open(stored),
    )


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
