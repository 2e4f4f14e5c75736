"""The intents to have a ticket: written before the call, claimed by one worker, and never sent twice by themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import joinedload

from tracker import action_life
from tracker.clients.tickets import TicketSnapshot
from tracker.db import session
from tracker.models import Push, PushState, Tracker
from tracker.sync.following.assignees import owner_to_ask_for
from tracker.sync.pacing.claiming import is_writing, lock_tracker
from tracker.sync.pacing.pauses import FIRST_PAUSE, LEASE, NO_MORE_LOOKS, next_look, pause
from tracker.sync.reading.ticket_rows import keep_ticket, link_made_ticket
from tracker.sync.wording import LOOKED
from tracker.words import clock_text

WORKER_STOPPED = "The program stopped before it could note the answer."


@dataclass(frozen=True)
class Claim:
    """One push that this worker may work on until the lease ends."""

    push_id: int
    tracker_id: int
    ref: str
    target: str
    marker: str
    sent_at: datetime
    lease_until: datetime
    is_look: bool
    """Whether the ticket is only looked for, because it was perhaps made before."""


def is_due(now: datetime) -> ColumnElement[bool]:
    """Which pushes ask for work: those to be sent, to be looked for, or left behind by a worker that died."""
    waiting = and_(Push.state.in_((PushState.PENDING, PushState.UNKNOWN)), Push.run_after <= now)
    left_behind = and_(Push.state == PushState.SENT, Push.lease_until <= now)
    is_free = or_(Push.lease_until.is_(None), Push.lease_until <= now)
    return and_(Push.abandoned_at.is_(None), is_free, or_(waiting, left_behind))


def claim_push(tracker_id: int, *, now: datetime) -> Claim | None:
    """Take the next push of a tracker. The tracker's row stays locked meanwhile, and writes go one at a time."""
    tracker = lock_tracker(tracker_id, now=now)
    if tracker is None or is_writing(tracker_id, now=now):
        return None
    push = session.scalar(
        select(Push)
        .where(Push.tracker_id == tracker_id, is_due(now))
        .options(joinedload(Push.action, innerjoin=True))
        .order_by(Push.run_after, Push.id)
        .limit(1)
        .with_for_update(of=Push)
    )
    return _claim(push, tracker=tracker, now=now) if push else None


def _claim(push: Push, *, tracker: Tracker, now: datetime) -> Claim:
    is_look = push.state is not PushState.PENDING
    if push.state is PushState.SENT:
        push.last_error = WORKER_STOPPED
    if not is_look:
        push.attempts += 1
        push.sent_at, push.sent_title, push.sent_due_on = now, push.action.title, push.action.due_on
        push.sent_owner_id = owner_to_ask_for(push.action, tracker=tracker)
    push.state = PushState.UNKNOWN if is_look else PushState.SENT
    push.lease_until = now + LEASE
    return Claim(
        push_id=push.id,
        tracker_id=push.tracker_id,
        ref=push.action.ref,
        target=push.target,
        marker=push.marker,
        sent_at=push.sent_at or push.created_at,
        lease_until=push.lease_until,
        is_look=is_look,
    )


def record_ticket(claim: Claim, snapshot: TicketSnapshot, *, now: datetime) -> None:
    """The ticket is there, made just now or found by its marker: the item follows it from here on.

    A ticket that appears for a push which a person gave up is not linked: they may have made another one.
    """
    push = _get_push(claim)
    if push.abandoned_at is not None:
        sentence = f"A ticket that was given up is there after all: {snapshot.key} in {push.tracker.name}. "
        action_life.note(push.action, sentence + "Link it here, or close it there.", by=None, now=now)
        return
    if push.state is PushState.LINKED:
        return
    ticket = keep_ticket(push.tracker, snapshot, now=now)
    push.state, push.ticket_id, push.lease_until, push.last_error = PushState.LINKED, ticket.id, None, ""
    verb = "Found" if claim.is_look else "Made"
    notes = " ".join(("", *snapshot.notes))
    action_life.note(push.action, f"{verb} in {push.tracker.name} ({ticket.key}).{notes}", by=None, now=now)
    link_made_ticket(push, ticket, now=now)


def record_refusal(claim: Claim, sentence: str, *, now: datetime) -> None:
    """Certainly no ticket, and trying again by ourselves would change nothing."""
    push = _own_push(claim)
    if push is not None:
        push.state, push.lease_until, push.last_error, push.run_after = PushState.FAILED, None, sentence, now
        action_life.note(push.action, f"No ticket was made in {push.tracker.name}: {sentence}", by=None, now=now)


def record_unsent(claim: Claim, sentence: str, *, wait: timedelta | None, now: datetime) -> None:
    """Certainly no ticket, and a later try may work: after the tracker's own wait or a growing one."""
    push = _own_push(claim)
    if push is not None:
        push.state, push.lease_until, push.last_error = PushState.PENDING, None, sentence
        push.run_after = now + max(wait or timedelta(), pause(push.attempts))


def record_unknown(claim: Claim, sentence: str, *, now: datetime) -> None:
    """Perhaps there is a ticket: from here on it is looked for, never made again by itself."""
    push = _own_push(claim)
    if push is not None:
        push.state, push.lease_until, push.last_error = PushState.UNKNOWN, None, sentence
        push.run_after = next_look(claim.sent_at, now=now)


def record_not_found(claim: Claim, *, now: datetime, zone: tzinfo) -> None:
    """Not there now. From the first such look on a person may decide; meanwhile we go on looking."""
    push = _own_push(claim)
    if push is not None:
        push.lease_until, push.run_after = None, next_look(claim.sent_at, now=now)
        reasons = [line for line in push.last_error.splitlines() if not line.startswith(LOOKED)]
        push.last_error = "\n".join([*reasons, f"{LOOKED} {clock_text(now, zone)}: not found."])


def record_failed_look(claim: Claim, sentence: str, *, wait: timedelta | None, now: datetime) -> None:
    """We could not look. ``wait=None``: looking again by ourselves would change nothing, so a person decides."""
    push = _own_push(claim)
    if push is not None:
        looks = [line for line in push.last_error.splitlines() if line.startswith(LOOKED)]
        push.lease_until, push.last_error = None, "\n".join([sentence, *looks])
        push.run_after = NO_MORE_LOOKS if wait is None else now + max(wait, FIRST_PAUSE)


def take_up_again(tracker: Tracker, *, now: datetime) -> None:
    """Look for what may be there, and ask for what was refused: an old token, say, is perhaps mended.

    What was refused has certainly no ticket, so asking once more never makes a second one.
    """
    given_up = update(Push).where(Push.tracker_id == tracker.id, Push.state == PushState.UNKNOWN)
    given_up = given_up.where(Push.abandoned_at.is_(None), Push.run_after >= NO_MORE_LOOKS)
    session.execute(given_up.values(run_after=now))
    refused = update(Push).where(Push.tracker_id == tracker.id, Push.state == PushState.FAILED)
    session.execute(refused.where(Push.abandoned_at.is_(None)).values(state=PushState.PENDING, run_after=now))


def leave_alone(tracker_id: int, sentence: str, *, wait: timedelta, now: datetime) -> None:
    """The tracker asked us to wait: nothing is asked of it until then, neither writing nor reading."""
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
    tracker.run_after, tracker.failures, tracker.last_error = now + wait, 0, sentence


def _get_push(claim: Claim) -> Push:
    """The push with its tracker locked, as in every transaction that may make a ticket's row."""
    push = session.get_one(Push, claim.push_id)
    session.get_one(Tracker, push.tracker_id, with_for_update=True, populate_existing=True)
    return session.get_one(Push, claim.push_id, with_for_update=True, populate_existing=True)


def _own_push(claim: Claim) -> Push | None:
    """The push, if it is still this worker's: not given up, and not taken over after the lease ended."""
    push = _get_push(claim)
    is_ours = push.lease_until == claim.lease_until and push.state in (PushState.SENT, PushState.UNKNOWN)
    return push if is_ours and push.abandoned_at is None else None
