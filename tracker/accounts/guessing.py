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


OF_ONE_ACCOUNT = (Limit(10, timedelta(minutes=15)), Limit(30, DAY))


def password_tries(email: str, *, address: str, browser: str | None) -> tuple[Counted, ...]:
    """An office behind one address may sign in all at once, so only tries that fail are kept.

    ``browser`` is one in which the person has signed in before. Its tries are counted apart: however much strangers
    guess, and from wherever, they keep nobody out of the browser that they use every day.
    """
    if browser is not None:
        return (Counted(f"password for {email} in {browser}", OF_ONE_ACCOUNT),)
    return (
        Counted(f"password for {email}", OF_ONE_ACCOUNT),
        Counted(f"password from {address}", (Limit(10, timedelta(minutes=1)), Limit(50, timedelta(hours=1)))),
    )


def links_asked_from(address: str) -> tuple[Counted, ...]:
    return (Counted(f"link from {address}", (Limit(10, timedelta(minutes=1)), Limit(50, timedelta(hours=1)))),)


def links_mailed_to(email: str) -> tuple[Counted, ...]:
    """Within half of a link's life: whoever asks for links of somebody else, the last in the mailbox still works."""
    return (Counted(f"link for {email}", (Limit(3, timedelta(minutes=15)),)),)


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
