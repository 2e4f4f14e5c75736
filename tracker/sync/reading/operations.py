"""Reading trackers: who reads when, how far it got, and what a round found out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from tracker.clients.tickets import LONG_AGO, Gone, TicketHandle, TicketSnapshot, WhyGone
from tracker.db import session
from tracker.errors import FollowthroughError
from tracker.freshness import GONE, is_old
from tracker.models import ActionTicket, Freshness, Ticket, TicketState, Tracker
from tracker.sync.pacing.breaking import count_failure
from tracker.sync.pacing.pauses import READING_LEASE, full_reading_is_due
from tracker.sync.reading.ticket_rows import follow_original, lose, set_freshness, take_over

EVERYTHING = "*"
"""The key among a tracker's cursors that says when every linked ticket was last read by its identity."""
HANDLES_A_CALL = 100
LOST = {Freshness.DELETED: WhyGone.DELETED, Freshness.NO_ACCESS: WhyGone.NO_ACCESS}
MARKS = "marks"
"""The key among the cursors under which, for each target, the mark of its last list is kept and what it was asked."""
RESUME = "*after"
"""The key under which the reading of everything left off: the last row that was asked for, in a round before."""


@dataclass(frozen=True)
class Reading:
    """A round of reading that this worker may do: from when on each target is asked for."""

    tracker_id: int
    since: dict[str, datetime]
    is_full: bool
    marks: dict[str, tuple[datetime, str]]
    """For each target, since when its list was asked for last, and the mark by which it can be said to be the same."""
    began_at: datetime
    resumes_after: int = 0
    """In a full one: the row after which the round before left off."""


@dataclass(frozen=True)
class Taken:
    """What became of some tickets that were read."""

    changed: int = 0
    failed: tuple[str, ...] = ()
    oldest_failed: datetime | None = None
    """The remote time of the oldest change that was not taken over: the next round has to ask for it again."""


def claim_reading(tracker_id: int, *, is_full: bool, now: datetime, zone: tzinfo) -> Reading | None:
    """Take a tracker to read; ``None`` while it is off, asked to be left alone, or read by another worker."""
    query = select(Tracker).where(Tracker.id == tracker_id, Tracker.is_active)
    tracker = session.scalar(query.with_for_update(skip_locked=True))
    if tracker is None or is_resting(tracker, now=now) or is_being_read(tracker, now=now):
        return None
    tracker.tried_at, tracker.run_after = now, None
    last_full = _moment(tracker.cursors.get(EVERYTHING)) or tracker.created_at
    resumes_after = int(tracker.cursors.get(RESUME, 0))
    return Reading(
        tracker_id=tracker.id,
        since={
            target: _moment(tracker.cursors.get(target)) or min(oldest, now) for target, oldest in _targets(tracker)
        },
        is_full=is_full or resumes_after > 0 or full_reading_is_due(last_full, now=now, zone=zone),
        marks={target: (datetime.fromisoformat(since), mark) for target, (since, mark) in _marks(tracker).items()},
        began_at=now,
        resumes_after=resumes_after,
    )


def is_resting(tracker: Tracker, *, now: datetime) -> bool:
    return tracker.run_after is not None and tracker.run_after > now


def is_being_read(tracker: Tracker, *, now: datetime) -> bool:
    """Whether a worker began a round that has neither ended nor lost its lease. A failed one has a ``run_after``."""
    if tracker.tried_at is None or tracker.run_after is not None or tracker.tried_at <= now - READING_LEASE:
        return False
    return tracker.read_at is None or tracker.read_at < tracker.tried_at


def take_snapshots(
    tracker_id: int, snapshots: Sequence[TicketSnapshot], *, now: datetime, asked_at: datetime | None = None
) -> Taken:
    """Bring the tickets we know among these up to date; the others are nobody's here. One bad one fails alone.

    ``asked_at``: when the tracker was asked, so that its older answer never overwrites a newer one.
    """
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    known = _by_remote_id(tracker_id, [snapshot.remote_id for snapshot in snapshots])
    taken = Taken()
    for snapshot in reversed(snapshots):  # newest change comes first: apply them in the order they happened
        ticket = known.get(snapshot.remote_id)
        if ticket is not None:
            taken = _add(taken, _take_one(ticket, snapshot, tracker=tracker, now=now, asked_at=asked_at))
    return taken


def take_readings(
    tracker_id: int,
    readings: dict[str, TicketSnapshot | Gone],
    *,
    now: datetime,
    asked_at: datetime | None = None,
) -> Taken:
    """The same for tickets that were asked for by identity, some of which are gone."""
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    taken = Taken()
    for remote_id, ticket in _by_remote_id(tracker_id, list(readings)).items():
        taken = _add(taken, _take_one(ticket, readings[remote_id], tracker=tracker, now=now, asked_at=asked_at))
    return taken


def _take_one(
    ticket: Ticket, seen: TicketSnapshot | Gone, *, tracker: Tracker, now: datetime, asked_at: datetime | None
) -> Taken:
    key = ticket.key
    try:
        with session.begin_nested():
            if isinstance(seen, Gone):
                is_new = lose(ticket, seen, tracker=tracker, now=now)
            else:
                is_new = take_over(ticket, seen, tracker=tracker, now=now, asked_at=asked_at)
    except (SQLAlchemyError, FollowthroughError, UnicodeError) as error:
        reason = str(error) if isinstance(error, FollowthroughError) else type(error).__name__
        changed_at = None if isinstance(seen, Gone) else seen.updated_at
        return Taken(failed=(f"{key} could not be taken over: {reason}",), oldest_failed=changed_at)
    return Taken(changed=int(is_new))


def _add(one: Taken, other: Taken) -> Taken:
    oldest = min((moment for moment in (one.oldest_failed, other.oldest_failed) if moment), default=None)
    return Taken(one.changed + other.changed, one.failed + other.failed, oldest)


def hide_target(tracker_id: int, target: str, *, now: datetime) -> None:
    """A whole repository or project cannot be read any more: of its tickets nothing is known.

    Its cursor is dropped, so that all of them are looked at once it can be read again.
    """
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    tracker.cursors = {name: moment for name, moment in tracker.cursors.items() if name not in (target, MARKS)}
    tracker.tried_at = now
    linked = exists().where(ActionTicket.ticket_id == Ticket.id)
    lost = select(Ticket).where(Ticket.tracker_id == tracker_id, Ticket.target == target, linked)
    for ticket in session.scalars(lost.where(Ticket.freshness != Freshness.DELETED).order_by(Ticket.id)):
        set_freshness(ticket, Freshness.NO_ACCESS, tracker=tracker, now=now)


def advance(tracker_id: int, target: str, *, to: datetime, asked: tuple[datetime, str], now: datetime) -> None:
    """A target was walked to its end: next time begin at ``to``. Renews the lease.

    ``asked``: since when its list was asked for, and the mark that came with it.
    """
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    since, mark = asked
    marks = {name: kept for name, kept in _marks(tracker).items() if name != target}
    if mark:
        marks[target] = [since.isoformat(), mark]
    tracker.cursors = tracker.cursors | {target: to.isoformat(), MARKS: marks}
    tracker.tried_at = now


def ask_for_everything(tracker: Tracker) -> None:
    """The next round reads every linked ticket by its identity, because a person asked for it."""
    tracker.cursors = tracker.cursors | {EVERYTHING: LONG_AGO.isoformat(), RESUME: 0}


def leave_off(reading: Reading, last_id: int, *, now: datetime) -> None:
    """The rest of the tickets is read by identity in the next round."""
    tracker = session.get_one(Tracker, reading.tracker_id, with_for_update=True)
    tracker.cursors = tracker.cursors | {RESUME: last_id}
    tracker.tried_at = now


def renew(tracker_id: int, *, now: datetime) -> None:
    session.get_one(Tracker, tracker_id, with_for_update=True).tried_at = now


def handles_after(tracker_id: int, last_id: int) -> list[tuple[int, TicketHandle]]:
    """The next linked tickets to ask for by identity, each with its row's id."""
    query = (
        select(Ticket.id, Ticket.remote_id, Ticket.key, Ticket.freshness)
        .where(Ticket.tracker_id == tracker_id, Ticket.id > last_id)
        .where(exists().where(ActionTicket.ticket_id == Ticket.id))
        .order_by(Ticket.id)
        .limit(HANDLES_A_CALL)
    )
    return [
        (row.id, TicketHandle(remote_id=row.remote_id, key=row.key, lost=LOST.get(row.freshness)))
        for row in session.execute(query)
    ]


def duplicates_after(reading: Reading, last_id: int) -> list[tuple[int, TicketHandle]]:
    """The next linked tickets that were closed as duplicates, seen in this round; in a full one, of all of them."""
    query = (
        select(Ticket.id, Ticket.remote_id, Ticket.key)
        .where(Ticket.tracker_id == reading.tracker_id, Ticket.id > last_id, Ticket.state == TicketState.DUPLICATE)
        .where(exists().where(ActionTicket.ticket_id == Ticket.id), Ticket.freshness.not_in(GONE))
    )
    if not reading.is_full:
        query = query.where(Ticket.seen_at >= reading.began_at)
    rows = session.execute(query.order_by(Ticket.id).limit(HANDLES_A_CALL))
    return [(row.id, TicketHandle(remote_id=row.remote_id, key=row.key)) for row in rows]


def take_original(reading: Reading, duplicate: TicketHandle, original: TicketSnapshot, *, now: datetime) -> int:
    """Let the items of a duplicate follow the ticket that it repeats; how many did."""
    tracker = session.get_one(Tracker, reading.tracker_id, with_for_update=True)
    ticket = _by_remote_id(tracker.id, [duplicate.remote_id]).get(duplicate.remote_id)
    if ticket is None or original.remote_id == duplicate.remote_id:
        return 0
    return follow_original(ticket, original, tracker=tracker, now=now)


def record_success(reading: Reading, *, problems: Sequence[str], now: datetime) -> None:
    """The round came to its end. ``problems`` are what it could not do, although it knows about everything."""
    tracker = session.get_one(Tracker, reading.tracker_id, with_for_update=True)
    tracker.read_at = now
    _end_round(tracker, reading, problems=problems, now=now)
    _mark(tracker.id, Freshness.STALE, Freshness.IN_STEP, since=now)


def record_nothing_seen(reading: Reading, *, problems: Sequence[str], now: datetime) -> None:
    """The tracker answered and showed us nothing that we asked for: that is no reading."""
    tracker = session.get_one(Tracker, reading.tracker_id, with_for_update=True)
    tracker.tried_at = None
    _end_round(tracker, reading, problems=problems, now=now)


def _end_round(tracker: Tracker, reading: Reading, *, problems: Sequence[str], now: datetime) -> None:
    tracker.failures = 0
    tracker.last_error = "\n".join(problems)[:5000]
    if reading.is_full:
        tracker.cursors = tracker.cursors | {EVERYTHING: now.isoformat(), RESUME: 0}


def record_failure(tracker_id: int, sentence: str, *, wait: timedelta | None = None, now: datetime) -> None:
    """The round broke off: try again after a growing pause. What is not known for long is shown as stale."""
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    count_failure(tracker, sentence, wait=wait, now=now)
    last_known = tracker.read_at or tracker.created_at
    if is_old(last_known, now=now):
        _mark(tracker_id, Freshness.IN_STEP, Freshness.STALE, since=last_known)


def _mark(tracker_id: int, was: Freshness, becomes: Freshness, *, since: datetime) -> None:
    rows = update(Ticket).where(Ticket.tracker_id == tracker_id, Ticket.freshness == was)
    session.execute(rows.values(freshness=becomes, freshness_since=since))


def _targets(tracker: Tracker) -> list[tuple[str, datetime]]:
    """Where linked tickets are, each with the oldest moment we know of, in the tracker's own time."""
    query = (
        select(Ticket.target, func.min(Ticket.remote_updated_at, type_=Ticket.remote_updated_at.type))
        .where(Ticket.tracker_id == tracker.id, exists().where(ActionTicket.ticket_id == Ticket.id))
        .where(Ticket.freshness != Freshness.DELETED)
        .group_by(Ticket.target)
        .order_by(Ticket.target)
    )
    return [(target, oldest) for target, oldest in session.execute(query)]


def _by_remote_id(tracker_id: int, remote_ids: Sequence[str]) -> dict[str, Ticket]:
    query = select(Ticket).where(Ticket.tracker_id == tracker_id, Ticket.remote_id.in_(remote_ids))
    return {ticket.remote_id: ticket for ticket in session.scalars(query.order_by(Ticket.id).with_for_update())}


def _marks(tracker: Tracker) -> dict[str, list[str]]:
    return dict(tracker.cursors.get(MARKS, {}))


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
