"""When a tracker that keeps failing is left alone, and who may try it again. Pure: times and counts in, an answer out.

Closed: all goes through. Open: nothing goes out until a pause is over. Half open: the pause is over, and the next
round is a trial of which only the first call counts; it closes the breaker or opens it for longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

FAILURES_UNTIL_OPEN = 3
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
JITTER = 0.2  # of the pause, so that many installations do not come back in the same second


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


class Dice(Protocol):
    """`random.Random`, or what stands in for it."""

    def random(self) -> float: ...


def breaker_state(*, failures: int, run_after: datetime | None, now: datetime) -> BreakerState:
    """The state of a tracker after so many failed rounds in a row, which is to be left alone until `run_after`."""
    if failures < FAILURES_UNTIL_OPEN:
        return BreakerState.CLOSED
    return BreakerState.OPEN if run_after is not None and run_after > now else BreakerState.HALF_OPEN


def pause_after(failures: int, *, asked: timedelta | None, dice: Dice) -> timedelta:
    """How long to wait after so many failures: what the tracker asked for, never less, else 1, 2, 4 ... minutes.

    Never shorter than asked: jitter only ever adds.
    """
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(failures - 1, 0), 10)
    pause = max(min(doubled, LONGEST_PAUSE), asked or timedelta(0))
    return pause * (1 + JITTER * dice.random())
