"""Looking at the tickets that webhooks told of: read with no transaction open, then taken over.

Whatever fails here is found by the round of reading; a delivery only makes it quick.
"""

from tracker import clock
from tracker.clients.failures import ClientError, RateLimited
from tracker.db import transaction
from tracker.sync.access import client_for_round
from tracker.sync.hooks import operations as hook_operations
from tracker.sync.hooks import queries as hook_queries
from tracker.sync.hooks.queries import Wanted
from tracker.sync.making import operations as push_operations
from tracker.sync.pacing.pauses import FIRST_PAUSE
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading import operations as pull_operations


def look_in(tracker_id: int, round_: Round) -> None:
    """Look at every ticket of the tracker that was told of, a hundred with one call."""
    while (wanted := hook_queries.wanted(tracker_id, now=clock.utcnow())) is not None:
        if not _look(wanted, round_):
            return
    with transaction():
        hook_operations.forget_unfollowed(tracker_id, now=clock.utcnow())


def _look(wanted: Wanted, round_: Round) -> bool:
    """Whether the tracker answered. Those it could not read this time are left to the round of reading."""
    asked_at = clock.utcnow()
    try:
        with client_for_round(wanted.tracker_id) as client:
            found = dict(client.read_many(wanted.handles))
    except ClientError as error:
        round_.problems.append(error.message)
        if isinstance(error, RateLimited):
            wait = error.retry_after or FIRST_PAUSE
            with transaction():
                push_operations.leave_alone(wanted.tracker_id, error.message, wait=wait, now=clock.utcnow())
        return False
    with transaction():
        taken = pull_operations.take_readings(wanted.tracker_id, found, now=clock.utcnow(), asked_at=asked_at)
        hook_operations.mark_looked_at(wanted.delivery_ids, now=clock.utcnow())
    round_.read += len(found)
    round_.changed += taken.changed
    round_.problems += taken.failed
    return True
