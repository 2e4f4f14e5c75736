"""When a tracker that keeps failing is left alone, and what tries it again. Pure: counts and times in, an answer out.

Closed: all goes through. Open: nothing goes out until a pause is over. Half open: the pause is over, and the next round
of reading is the trial; its first call decides, and nothing is written before it succeeded.
"""

from datetime import datetime
from enum import Enum

from tracker.clients.failures import (
    AnswerLost,
    BadCredentials,
    ClientError,
    NotReached,
    Redirected,
    StrangeAnswer,
    Unavailable,
)

FAILURES_UNTIL_OPEN = 3
WHOLE_TRACKER = (NotReached, Unavailable, AnswerLost, StrangeAnswer, BadCredentials)
"""What would most likely meet the next call too."""


class BreakerState(Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


def breaker_state(*, failures: int, run_after: datetime | None, now: datetime) -> BreakerState:
    """The state of a tracker after so many failures in a row, which is to be left alone until ``run_after``."""
    if failures < FAILURES_UNTIL_OPEN:
        return BreakerState.CLOSED
    return BreakerState.OPEN if run_after is not None and run_after > now else BreakerState.HALF_OPEN


def is_of_whole_tracker(error: ClientError) -> bool:
    return isinstance(error, WHOLE_TRACKER) and not isinstance(error, Redirected)
