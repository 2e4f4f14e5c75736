"""The circuit breaker's rows: failures in a row are counted on the tracker, where every worker sees them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, update

from tracker.clients.failures import ClientError
from tracker.db import session
from tracker.models import Tracker
from tracker.sync.pacing.breaker import FAILURES_UNTIL_OPEN, BreakerState, breaker_state, is_of_whole_tracker
from tracker.sync.pacing.pauses import pause
from tracker.sync.pacing.turns import note_write


def may_be_written_to(now: datetime) -> ColumnElement[bool]:
    """Which trackers take writes: on, not left alone, and not waiting for the trial of a reading."""
    is_time = or_(Tracker.run_after.is_(None), Tracker.run_after <= now)
    return and_(Tracker.is_active, is_time, Tracker.failures < FAILURES_UNTIL_OPEN)


def breaker_of(tracker: Tracker, *, now: datetime) -> BreakerState:
    return breaker_state(failures=tracker.failures, run_after=tracker.run_after, now=now)


def count_failure(tracker: Tracker, sentence: str, *, wait: timedelta | None, now: datetime) -> None:
    """A whole round failed: the tracker is left alone for a pause that grows with every failure in a row."""
    tracker.failures += 1
    tracker.last_error = sentence
    tracker.run_after = now + max(wait or timedelta(), pause(tracker.failures))


def count_failed_write(tracker_id: int, error: ClientError, *, now: datetime) -> None:
    """A write failed. What failed waits by itself; the tracker is left alone once several failed in a row."""
    note_write(tracker_id, now=now)
    if not is_of_whole_tracker(error):
        return
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    run_after = tracker.run_after
    count_failure(tracker, error.message, wait=error.retry_after, now=now)
    if tracker.failures < FAILURES_UNTIL_OPEN:
        tracker.run_after = run_after


def count_answer(tracker_id: int, *, now: datetime) -> None:
    """A write was answered: what failed before was not in a row."""
    note_write(tracker_id, now=now)
    session.execute(update(Tracker).where(Tracker.id == tracker_id, Tracker.failures > 0).values(failures=0))
