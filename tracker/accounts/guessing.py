"""Tries to come in, counted in rows: alike in every process and after a restart."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tracker.db import session
from tracker.errors import FollowthroughError
from tracker.models import Guess

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    tries: int
    within: timedelta


@dataclass(frozen=True)
class Counted:
    """By what a try is counted, and how often it may fail."""

    what: str
    limits: tuple[Limit, ...]

    @property
    def hashed(self) -> str:
        return hashlib.sha256(self.what.encode()).hexdigest()


class TooManyGuesses(FollowthroughError):
    """Somebody tries too often; ``seconds`` later they may again."""

    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many tries in a short time.")
        self.seconds = seconds


def password_tries(email: str, *, address: str) -> tuple[Counted, ...]:
    """An office behind one address may sign in all at once, so only tries that fail are kept."""
    return (
        Counted(f"password for {email}", (Limit(10, timedelta(minutes=15)), Limit(30, DAY))),
        Counted(f"password from {address}", (Limit(10, timedelta(minutes=1)), Limit(50, timedelta(hours=1)))),
    )


def links_asked(email: str, *, address: str) -> tuple[Counted, ...]:
    return (
        Counted(f"link for {email}", (Limit(5, timedelta(hours=1)),)),
        Counted(f"link from {address}", (Limit(10, timedelta(minutes=1)), Limit(50, timedelta(hours=1)))),
    )


def note_try(counted: Sequence[Counted], *, now: datetime) -> list[Guess]:
    """Note a try before its outcome is known, so that many at once count as many.

    Raises:
        TooManyGuesses: there were too many; this one is not looked at, and not noted.
    """
    session.execute(delete(Guess).where(Guess.at < now - DAY))
    for one in counted:
        _refuse_too_many(one, now=now)
    rows = [Guess(counted_as=one.hashed, at=now) for one in counted]
    session.add_all(rows)
    session.flush()
    return rows


def forget_try(rows: Sequence[Guess]) -> None:
    """It was the right password: it counts against nobody."""
    session.execute(delete(Guess).where(Guess.id.in_([row.id for row in rows])))


def _refuse_too_many(counted: Counted, *, now: datetime) -> None:
    longest = max(limit.within for limit in counted.limits)
    recent = select(Guess.at).where(Guess.counted_as == counted.hashed, Guess.at > now - longest)
    times = list(session.scalars(recent.order_by(Guess.at.desc())))
    waits = [_wait(times, limit, now=now) for limit in counted.limits]
    if any(waits):
        raise TooManyGuesses(max(waits))


def _wait(times: Sequence[datetime], limit: Limit, *, now: datetime) -> int:
    """Seconds until there is room for another try; 0 when there is. ``times`` are the newest first."""
    if len(times) < limit.tries:
        return 0
    free_at = times[limit.tries - 1] + limit.within
    return max(0, -(-(free_at - now) // timedelta(seconds=1)))
