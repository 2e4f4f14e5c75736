"""Reading trackers: lists of what changed, and at night every linked ticket by its identity."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.clients.failures import ClientError, NoAccess, RateLimited, Refused, StrangeAnswer, TicketGone
from tracker.clients.singly import Singly
from tracker.clients.tickets import TicketClient, TicketHandle, TicketSnapshot
from tracker.db import session, transaction
from tracker.errors import FollowthroughError, RuleError
from tracker.models import Tracker
from tracker.sync.access import client_for_round
from tracker.sync.making import operations as push_operations
from tracker.sync.mappings.check_targets import check_all, targets_to_check
from tracker.sync.pacing.pauses import CLOCKS_DIFFER, FIRST_PAUSE, OVERLAP
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading import operations as pull_operations
from tracker.sync.reading.operations import Reading, Taken
from tracker.wiring import settings

BATCH = 100
LEFT_OFF = "Many tickets had to be asked for one by one. The rest follows in the next round."
HIDDEN = (NoAccess, TicketGone, Refused)
"""How a tracker says that it does not know a repository or project, or hides it from us."""


def pull_from(tracker_id: int, round_: Round, *, is_full: bool = False) -> bool:
    """One round of reading; ``False`` when it is not this worker's turn."""
    with transaction():
        reading = pull_operations.claim_reading(
            tracker_id, is_full=is_full, now=clock.utcnow(), zone=settings().timezone
        )
    if reading is None:
        return False
    round_.is_full = reading.is_full
    try:
        with client_for_round(tracker_id) as client:
            _read(reading, client, round_)
    except RateLimited as error:
        with transaction():
            pause = error.retry_after or FIRST_PAUSE
            push_operations.leave_alone(tracker_id, error.message, wait=pause, now=clock.utcnow())
        round_.problems.append(error.message)
    except (ClientError, RuleError) as error:
        wait = error.retry_after if isinstance(error, ClientError) else None
        with transaction():
            pull_operations.record_failure(tracker_id, str(error), wait=wait, now=clock.utcnow())
        round_.problems.append(str(error))
    return True


def _read(reading: Reading, client: TicketClient, round_: Round) -> None:
    """The whole round. Anything that stops it leaves the cursors of what was not finished where they were."""
    problems = _check(reading, client) if not reading.since else []
    for target, since in reading.since.items():
        round_.targets.append(target)
        problems += _walk(reading, target, client=client, round_=round_, since=since)
    if reading.is_full:
        unread, has_left_off = _read_everything(reading, client, round_)
        problems += unread
        reading = replace(reading, is_full=not has_left_off)
    problems += _follow_originals(reading, client, round_)
    has_seen = round_.hidden != round_.targets if reading.since else not problems
    record = pull_operations.record_success if has_seen else pull_operations.record_nothing_seen
    with transaction():
        record(reading, problems=problems, now=clock.utcnow())
    round_.problems += problems


def _check(reading: Reading, client: TicketClient) -> list[str]:
    """There is nothing to read yet: ask at least whether the tracker answers us."""
    targets = targets_to_check(session.get_one(Tracker, reading.tracker_id))
    session.rollback()
    return list(check_all(client, targets).problems)


def _walk(reading: Reading, target: str, *, client: TicketClient, round_: Round, since: datetime) -> list[str]:
    """What changed in one target. The next round begins later only when the end was reached.

    Even then not after a change that could not be taken over: it is asked for again until it can.
    """
    tracker_id, start = reading.tracker_id, since - OVERLAP
    newest, failed, problems, asked_at = since, list[datetime](), list[str](), clock.utcnow()
    asked_before, mark = reading.marks.get(target, (None, ""))
    try:
        changes = client.changes(target, since=start, mark=mark if asked_before == start else "")
        for batch in batches(changes.tickets):
            with transaction():
                taken = pull_operations.take_snapshots(tracker_id, batch, now=clock.utcnow(), asked_at=asked_at)
            problems += _count(taken, round_, read=len(batch))
            times = (snapshot.updated_at for snapshot in batch)
            newest = max([newest, *(time for time in times if time <= asked_at + CLOCKS_DIFFER)])
            failed += [taken.oldest_failed] if taken.oldest_failed else []
    except HIDDEN as error:
        with transaction():
            pull_operations.hide_target(tracker_id, target, now=clock.utcnow())
        round_.hidden.append(target)
        return [f"{target}: {error.message}"]
    asked = (start, "" if failed else changes.mark)
    with transaction():
        pull_operations.advance(tracker_id, target, to=min([newest, *failed]), asked=asked, now=clock.utcnow())
    return problems


def _follow_originals(reading: Reading, client: TicketClient, round_: Round) -> list[str]:
    """A duplicate's items go on with the ticket that it repeats, where the tracker says which that is."""
    problems, last = list[str](), 0
    while handles := pull_operations.duplicates_after(reading, last):
        session.rollback()
        try:
            originals = client.originals_of([handle for _row_id, handle in handles])
        except (NoAccess, TicketGone, Refused, StrangeAnswer) as error:  # the next hundred may be answered
            problems.append(f"What {handles[0][1].key} and others repeat could not be asked for: {error.message}")
            originals = {}
        for handle in (handle for _row_id, handle in handles if handle.remote_id in originals):
            problems += _follow_original(reading, handle, original=originals[handle.remote_id], round_=round_)
        with transaction():
            pull_operations.renew(reading.tracker_id, now=clock.utcnow())
        last = handles[-1][0]
    return problems


def _follow_original(
    reading: Reading, duplicate: TicketHandle, *, original: TicketSnapshot, round_: Round
) -> list[str]:
    """One that cannot be taken over fails alone."""
    try:
        with transaction():
            round_.changed += pull_operations.take_original(reading, duplicate, original, now=clock.utcnow())
    except (SQLAlchemyError, FollowthroughError) as error:
        reason = str(error) if isinstance(error, FollowthroughError) else type(error).__name__
        return [f"{duplicate.key}: {original.key}, which it repeats, could not be taken over: {reason}"]
    return []


def _read_everything(reading: Reading, client: TicketClient, round_: Round) -> tuple[list[str], bool]:
    """Every linked ticket by identity: moved, transferred, deleted and hidden ones are found out here.

    What could not be done, and whether the rest is left to the next round, because too many had to be asked for by
    themselves.
    """
    problems, last, singly = list[str](), reading.resumes_after, Singly()
    while handles := pull_operations.handles_after(reading.tracker_id, last):
        session.rollback()
        asked_at = clock.utcnow()
        found = client.read_many([handle for _row_id, handle in handles], singly=singly)
        with transaction():
            taken = pull_operations.take_readings(
                reading.tracker_id, dict(found), now=clock.utcnow(), asked_at=asked_at
            )
            if singly.has_run_out:
                pull_operations.leave_off(reading, last, now=clock.utcnow())
            else:
                pull_operations.renew(reading.tracker_id, now=clock.utcnow())
        problems += _count(taken, round_, read=len(found))
        if singly.has_run_out:
            return [*problems, LEFT_OFF], True
        missing = [handle.key for _row_id, handle in handles if handle.remote_id not in found]
        problems += [f"{key} could not be read this time." for key in missing]
        last = handles[-1][0]
    return problems, False


def _count(taken: Taken, round_: Round, *, read: int) -> list[str]:
    round_.read += read
    round_.changed += taken.changed
    return list(taken.failed)


def batches(snapshots: Iterable[TicketSnapshot]) -> Iterator[list[TicketSnapshot]]:
    """Some at a time, so that a long list is neither held whole nor one long transaction."""
    rest = iter(snapshots)
    while batch := list(islice(rest, BATCH)):
        yield batch
