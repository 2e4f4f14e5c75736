"""How long to wait: between tries, and before looking again for a ticket."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from tracker import clock

LEASE = timedelta(minutes=5)
"""A worker that dies gives its work back after this long; no single call takes as long."""
READING_LEASE = timedelta(minutes=10)
"""The same for a round of reading, which renews it with every target."""
LOOKS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""When to look again for a ticket whose answer was lost: trackers show new tickets late, but not for ever."""
NO_MORE_LOOKS = datetime(9999, 1, 1, tzinfo=UTC)
"""``run_after`` of a push whose outcome only a person can decide."""
OVERLAP = timedelta(minutes=1)
"""How far before its cursor a list is asked for: trackers count in seconds, and not all include the first one."""
CLOCKS_DIFFER = timedelta(hours=1)
"""How far a tracker's clock may be ahead of ours. A ticket that changed later than that says nothing about time."""
SHOW_MOVE = timedelta(days=7)
"""How long a ticket that moved is shown as moved, although we followed it."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
JITTER = 0.2
"""The share of a pause that is added at most: a pause is never shorter than it was meant."""
NEXT_DAY = timedelta(days=1)
"""When to try again what only a person can mend: they may have mended it without telling us."""


def pause(tries: int, *, roll: Callable[[], float] = random.random) -> timedelta:
    """The wait after so many failed tries: 1, 2, 4 ... minutes, an hour at most, and up to a fifth more.

    ``roll`` gives 0 to 1: jitter, so that what failed together does not come back in the same second.
    """
    doubled: int = 2 ** min(max(tries - 1, 0), 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE) * (1 + JITTER * roll())


def next_look(sent_at: datetime, *, now: datetime) -> datetime:
    """When to look again for a ticket that was perhaps made at ``sent_at``."""
    return next((sent_at + wait for wait in LOOKS if sent_at + wait > now), NO_MORE_LOOKS)


def full_reading_is_due(last: datetime, *, now: datetime, zone: tzinfo) -> bool:
    """Whether a night has passed since everything was last read by identity; a missed night is made up for."""
    return last < clock.last_night(now, zone=zone)
