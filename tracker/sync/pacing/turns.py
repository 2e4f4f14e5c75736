"""A pause between two writes to a tracker, whichever process sends them. Within one process its client keeps it too."""

import time
from datetime import datetime, timedelta

from sqlalchemy import select, update

from tracker import clock
from tracker.db import session
from tracker.models import Tracker
from tracker.wiring import wiring


def await_turn(tracker_id: int) -> None:
    """Wait until the pause after the last write is over. For whoever holds a claim: nobody else writes meanwhile."""
    pause = timedelta(seconds=wiring().seconds_between_writes)
    written_at = session.scalar(select(Tracker.written_at).where(Tracker.id == tracker_id))
    session.rollback()
    left = written_at + pause - clock.utcnow() if written_at else timedelta()
    if left > timedelta():
        time.sleep(min(left, pause).total_seconds())  # a clock that was put back must not hold us up


def note_write(tracker_id: int, *, now: datetime) -> None:
    """Something was sent just now, well or badly: the next write, of any process, waits from here on."""
    session.execute(update(Tracker).where(Tracker.id == tracker_id).values(written_at=now))
