"""What is known of a ticket at a moment: a tracker that is not read any more makes its tickets stale by itself.

Whoever shows tickets asks here, so that no page calls a ticket in step that another calls stale. Pure.
"""

from datetime import datetime, timedelta

from tracker.models import Freshness

STALE_AFTER = timedelta(hours=1)
"""A tracker is read every few minutes; when it was not for so long, what it last told counts as old."""
GONE = (Freshness.DELETED, Freshness.NO_ACCESS)
LASTING = (Freshness.STALE, *GONE)
"""What stays as it was noted, however long ago."""


def is_old(read_at: datetime | None, *, now: datetime) -> bool:
    """Whether what was read then is too old to count on; what was never read is."""
    return read_at is None or now - read_at > STALE_AFTER


def known_at(seen_at: datetime, *, read_at: datetime | None) -> datetime:
    """When a ticket was last known: a round of reading its tracker finds what changed, so it knows the rest too."""
    return max(seen_at, read_at or seen_at)


def freshness_of(noted: Freshness, *, known_at: datetime, is_followed: bool, now: datetime) -> Freshness:
    """What is known of a ticket now. ``is_followed``: whether its tracker is switched on."""
    if noted not in LASTING and (not is_followed or is_old(known_at, now=now)):
        return Freshness.STALE
    return noted
