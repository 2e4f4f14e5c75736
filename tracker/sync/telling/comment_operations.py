"""What a ticket is told in words: that another incident asks for its item, and that its item did not hold.

The reasons are looked for in rows, so no path that links or fails an item can forget to say so; each is said once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import joinedload

from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import TicketHandle
from tracker.db import session
from tracker.freshness import GONE
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    CommentKind,
    CommentState,
    Incident,
    IncidentAction,
    Ticket,
    TicketComment,
    Tracker,
    may_see,
    may_see_action,
)
from tracker.sync.following.directions import directions_of
from tracker.sync.pacing.claiming import is_writing, lock_tracker
from tracker.sync.pacing.pauses import FIRST_PAUSE, LEASE, NEXT_DAY, NO_MORE_LOOKS, next_look, pause

UNSAID = (CommentState.PENDING, CommentState.FAILED)


@dataclass(frozen=True)
class Comment:
    """One comment that this worker may write, or look for, until the lease ends."""

    comment_id: int
    tracker_id: int
    ref: str
    handle: TicketHandle
    marker: str
    kind: CommentKind
    incident_ref: str
    sent_at: datetime
    lease_until: datetime
    is_look: bool
    """Whether it was perhaps written before, and is only looked for."""


def note_reasons(tracker: Tracker, *, now: datetime) -> None:
    """Write down every comment that is to be made. Where the tracker wants none, it is noted as not made."""
    state = CommentState.PENDING if directions_of(tracker).comments_out else CommentState.DROPPED
    for action, ticket_id, incident_id in session.execute(_asked_again(tracker)):
        comment = _new_comment(action, ticket_id=ticket_id, state=state, now=now)
        comment.kind, comment.cause, comment.incident_id = (
            CommentKind.ASKED_AGAIN,
            f"incident {incident_id}",
            incident_id,
        )
        session.add(comment)
    for action, ticket_id in session.execute(_did_not_hold(tracker)):
        comment = _new_comment(action, ticket_id=ticket_id, state=state, now=now)
        comment.kind, comment.cause = CommentKind.DID_NOT_HOLD, _failure(action)
        session.add(comment)


def has_reasons(tracker: Tracker) -> bool:
    found = (session.execute(query.limit(1)).first() for query in (_asked_again(tracker), _did_not_hold(tracker)))
    return any(row is not None for row in found)


def has_comments(tracker: Tracker, *, now: datetime) -> bool:
    query = select(TicketComment.id).join(TicketComment.ticket).where(Ticket.tracker_id == tracker.id, _is_due(now))
    return session.scalar(query.limit(1)) is not None


def claim_comment(tracker_id: int, *, now: datetime) -> Comment | None:
    """Take the next comment of a tracker. One whose reason is gone meanwhile is dropped."""
    tracker = lock_tracker(tracker_id, now=now)
    if tracker is None or is_writing(tracker_id, now=now):
        return None
    due = (
        select(TicketComment)
        .join(TicketComment.ticket)
        .where(Ticket.tracker_id == tracker_id, _is_due(now))
        .options(joinedload(TicketComment.action, innerjoin=True), joinedload(TicketComment.ticket, innerjoin=True))
        .order_by(TicketComment.run_after, TicketComment.id)
        .with_for_update(of=TicketComment)
    )
    for comment in session.scalars(due):
        if comment.state in UNSAID and not _is_still_so(comment):
            comment.state = CommentState.DROPPED
        else:
            return _claim(comment, tracker_id=tracker_id, now=now)
    return None


def _claim(comment: TicketComment, *, tracker_id: int, now: datetime) -> Comment:
    is_look = comment.state not in UNSAID
    if not is_look:
        comment.attempts, comment.sent_at = comment.attempts + 1, now
    comment.state = CommentState.UNKNOWN if is_look else CommentState.SENT
    comment.lease_until = now + LEASE
    incident = session.get(Incident, comment.incident_id) if comment.incident_id else None
    ticket = comment.ticket
    return Comment(
        comment_id=comment.id,
        tracker_id=tracker_id,
        ref=comment.action.ref,
        handle=TicketHandle(remote_id=ticket.remote_id, key=ticket.key),
        marker=comment.marker,
        kind=comment.kind,
        incident_ref=incident.ref if incident else "",
        sent_at=comment.sent_at or comment.created_at,
        lease_until=comment.lease_until,
        is_look=is_look,
    )


def record_made(claim: Comment) -> None:
    """It is there, written just now or found by its marker."""
    comment = _get(claim)
    comment.state, comment.lease_until, comment.last_error = CommentState.MADE, None, ""


def record_unmade(claim: Comment, sentence: str, *, wait: timedelta | None, is_permanent: bool, now: datetime) -> None:
    """Certainly not written: again after a growing pause, or the next day if only a person can mend it."""
    comment = _own(claim)
    if comment is not None:
        is_look = claim.is_look
        unsaid = CommentState.FAILED if is_permanent else CommentState.PENDING
        comment.state = CommentState.UNKNOWN if is_look else unsaid
        comment.lease_until, comment.last_error = None, sentence
        pausing = max(wait or timedelta(), FIRST_PAUSE if is_look else pause(comment.attempts))
        comment.run_after = now + (NEXT_DAY if is_permanent else pausing)


def record_unknown(claim: Comment, sentence: str, *, now: datetime) -> None:
    """Perhaps written: it is looked for, and not written again before it was not there for half an hour."""
    comment = _own(claim)
    if comment is not None:
        comment.state, comment.lease_until, comment.last_error = CommentState.UNKNOWN, None, sentence
        comment.run_after = next_look(claim.sent_at, now=now)


def record_not_there(claim: Comment, *, now: datetime) -> None:
    """All comments were read and it is not among them. After the last such look it was certainly never written."""
    comment = _own(claim)
    if comment is not None:
        again = next_look(claim.sent_at, now=now)
        is_over = again >= NO_MORE_LOOKS
        comment.state = CommentState.PENDING if is_over else CommentState.UNKNOWN
        comment.lease_until, comment.run_after = None, now if is_over else again


def try_saying_now(action: ActionItem, ticket_id: int, *, now: datetime) -> None:
    """Do not wait until the next day with what the tracker refused to take."""
    failed = update(TicketComment).where(TicketComment.action_id == action.id, TicketComment.ticket_id == ticket_id)
    session.execute(failed.where(TicketComment.state == CommentState.FAILED).values(run_after=now))


def _is_due(now: datetime) -> ColumnElement[bool]:
    waiting = and_(TicketComment.state.in_((*UNSAID, CommentState.UNKNOWN)), TicketComment.run_after <= now)
    left_behind = and_(TicketComment.state == CommentState.SENT, TicketComment.lease_until <= now)
    is_free = or_(TicketComment.lease_until.is_(None), TicketComment.lease_until <= now)
    return and_(is_free, or_(waiting, left_behind), Ticket.freshness.not_in(GONE))


def _asked_again(tracker: Tracker) -> Select[ActionItem, int, int]:
    """The incidents that ask for an item since its ticket knows of it. Only what everybody may see is told there."""
    is_noted = exists().where(
        TicketComment.action_id == ActionTicket.action_id,
        TicketComment.ticket_id == ActionTicket.ticket_id,
        TicketComment.incident_id == IncidentAction.incident_id,
    )
    return (
        select(ActionItem, ActionTicket.ticket_id, IncidentAction.incident_id)
        .join(ActionTicket, ActionTicket.action_id == ActionItem.id)
        .join(Ticket, Ticket.id == ActionTicket.ticket_id)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(Ticket.tracker_id == tracker.id, IncidentAction.linked_at > ActionTicket.linked_at)
        .where(Incident.is_drill.is_(False), may_see(None), ~is_noted)
        .order_by(ActionItem.id, ActionTicket.ticket_id, IncidentAction.incident_id)
    )


def _did_not_hold(tracker: Tracker) -> Select[ActionItem, int]:
    is_noted = exists().where(
        TicketComment.action_id == ActionTicket.action_id,
        TicketComment.ticket_id == ActionTicket.ticket_id,
        TicketComment.kind == CommentKind.DID_NOT_HOLD,
        TicketComment.created_at >= ActionItem.did_not_hold_at,
    )
    return (
        select(ActionItem, ActionTicket.ticket_id)
        .join(ActionTicket, ActionTicket.action_id == ActionItem.id)
        .join(Ticket, Ticket.id == ActionTicket.ticket_id)
        .where(Ticket.tracker_id == tracker.id, ActionItem.state == ActionState.DID_NOT_HOLD)
        .where(ActionItem.did_not_hold_at > ActionTicket.linked_at, may_see_action(None), ~is_noted)
        .order_by(ActionItem.id, ActionTicket.ticket_id)
    )


def _failure(action: ActionItem) -> str:
    return f"did not hold {action.did_not_hold_at:%Y-%m-%dT%H:%M:%S.%f}"


def _new_comment(action: ActionItem, *, ticket_id: int, state: CommentState, now: datetime) -> TicketComment:
    return TicketComment(
        action_id=action.id,
        ticket_id=ticket_id,
        marker=new_marker(action.ref),
        state=state,
        run_after=now,
        created_at=now,
    )


def _is_still_so(comment: TicketComment) -> bool:
    key = (comment.action_id, comment.ticket_id)
    if session.get(ActionTicket, key) is None:
        return False
    if comment.kind is CommentKind.DID_NOT_HOLD:
        action = comment.action
        is_public = session.scalar(select(ActionItem.id).where(ActionItem.id == action.id, may_see_action(None)))
        return action.state is ActionState.DID_NOT_HOLD and _failure(action) == comment.cause and is_public is not None
    asking = select(IncidentAction.incident_id).join(Incident, Incident.id == IncidentAction.incident_id)
    asks = asking.where(IncidentAction.action_id == comment.action_id, Incident.id == comment.incident_id)
    return session.scalar(asks.where(may_see(None), Incident.is_drill.is_(False))) is not None


def _get(claim: Comment) -> TicketComment:
    session.get_one(Tracker, claim.tracker_id, with_for_update=True)
    return session.get_one(TicketComment, claim.comment_id, with_for_update=True, populate_existing=True)


def _own(claim: Comment) -> TicketComment | None:
    comment = _get(claim)
    return comment if comment.lease_until == claim.lease_until else None
