"""The background jobs of this feature."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from tracker import clock
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.queue import Job
from tracker.sync.hooks import queries as hook_queries
from tracker.sync.hooks.looking import look_in
from tracker.sync.making.pushing import push_to
from tracker.sync.mappings import checks as mapping_checks
from tracker.sync.pacing import due
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading import operations as pull_operations
from tracker.sync.reading.pulling import pull_from

log = logging.getLogger(__name__)


def push_due(_now: datetime) -> list[Round]:
    """Make the tickets that are asked for. The clock is read again for each, as one call may take a minute."""
    return _each(due.trackers_to_push(now=clock.utcnow()), push_to)


def pull_due(_now: datetime) -> list[Round]:
    """Read every tracker whose turn it is."""
    return _each(due.trackers_to_pull(), pull_from)


def look_due(_now: datetime) -> list[Round]:
    """Look at the tickets that webhooks told of."""
    return _each(hook_queries.trackers_to_look_at(), look_in)


def check_mappings(_now: datetime) -> list[Round]:
    """See, once a night, whether the stored mappings still fill all that is required."""
    return _each(mapping_checks.trackers_to_check(now=clock.utcnow()), mapping_checks.check_in)


def _each(trackers: Sequence[tuple[int, str]], work: Callable[[int, Round], object]) -> list[Round]:
    """One round for each tracker. What nobody foresaw ends one tracker's round, not the others'.

    Raises:
        ExceptionGroup: what nobody foresaw, after the last tracker.
    """
    rounds, unforeseen = [], []
    for tracker_id, name in trackers:
        session.rollback()
        rounds.append(Round(name))
        try:
            work(tracker_id, rounds[-1])
        except RuleError as error:  # somebody changed the same row: what was sent is looked for when its lease ends
            log.warning("%s: %s", name, error)
            rounds[-1].problems.append(str(error))
        except Exception as error:  # noqa: BLE001  raised again below, when the other trackers had their turn
            unforeseen.append(error)
            _note_unforeseen(tracker_id, rounds[-1], error)
    if unforeseen:
        names = ", ".join(one.tracker for one in rounds if one.is_broken)
        raise ExceptionGroup(f"Not every tracker's round came to its end: {names}", unforeseen)
    return rounds


def _note_unforeseen(tracker_id: int, round_: Round, error: Exception) -> None:
    log.error("The round of %s broke off.", round_.tracker, exc_info=error)
    sentence = f"The round broke off: {error or type(error).__name__}. The program's log has the details."
    round_.is_broken = True
    round_.problems.append(sentence)
    with transaction():
        pull_operations.record_failure(tracker_id, sentence, now=clock.utcnow())


JOBS: tuple[Job, ...] = (
    Job("sync.push", push_due, minutes=1),
    Job("sync.pull", pull_due, minutes=5),
    Job("sync.look", look_due, minutes=1),
    Job("sync.mappings", check_mappings, minutes=60),
)
