"""What was seen of tickets, written down, and what the items that follow them do about it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from tracker import action_life
from tracker.clients.ticket_text import ticket_title
from tracker.clients.tickets import Gone, TicketSnapshot, WhyGone
from tracker.db import session
from tracker.freshness import GONE
from tracker.models import (
    ActionItem,
    ActionTicket,
    Freshness,
    Push,
    Ticket,
    TicketComment,
    TicketState,
    Tracker,
    TrackerKind,
)
from tracker.sync.following.agreements import TITLE_LIMITS, follow_words, keeps_due_dates
from tracker.sync.following.assignees import agree_as_asked
from tracker.sync.following.directions import Reopened, directions_of
from tracker.sync.following.merging import asked_state
from tracker.sync.following.states import KNOWN, Step, known_state, sentence_for, step_for
from tracker.sync.following.successors import go_on_in_new_item
from tracker.sync.pacing.pauses import CLOCKS_DIFFER, SHOW_MOVE
from tracker.sync.wording import freshness_event

FOLLOWED = (Freshness.MOVED, Freshness.TRANSFERRED)


def keep_ticket(tracker: Tracker, snapshot: TicketSnapshot, *, now: datetime) -> Ticket:
    """The row of a ticket, made or brought up to date. Lock the tracker's row first: it is unique in there."""
    known = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.remote_id == snapshot.remote_id)
    ticket = session.scalar(known)
    if ticket is None:
        ticket = Ticket(tracker_id=tracker.id, remote_id=snapshot.remote_id, freshness_since=now)
        ticket.freshness = Freshness.IN_STEP
        _copy(ticket, snapshot, tracker=tracker, now=now)
        session.add(ticket)
        session.flush()
    else:
        take_over(ticket, snapshot, tracker=tracker, now=now)
    return ticket


def take_over(
    ticket: Ticket, snapshot: TicketSnapshot, *, tracker: Tracker, now: datetime, asked_at: datetime | None = None
) -> bool:
    """Bring a known ticket up to date; whether anything about it is new. What is older than we know changes nothing.

    ``asked_at``: when the tracker was asked. Two answers of the same remote second are told apart by it.
    """
    if _is_older(snapshot, ticket, asked_at=asked_at):
        return False
    before, old_key = _shown(ticket), ticket.key
    ticket = _same_ticket(ticket, snapshot, tracker=tracker)
    _copy(ticket, snapshot, tracker=tracker, now=now)
    set_freshness(ticket, _freshness_after(ticket, tracker, old_key, now=now), tracker=tracker, now=now, before=old_key)
    is_new = before != _shown(ticket)
    follow(ticket, tracker=tracker, now=now)
    return is_new


def _is_older(snapshot: TicketSnapshot, ticket: Ticket, *, asked_at: datetime | None) -> bool:
    if snapshot.updated_at == ticket.remote_updated_at or ticket.remote_updated_at > ticket.seen_at + CLOCKS_DIFFER:
        return asked_at is not None and asked_at < ticket.seen_at
    return snapshot.updated_at < ticket.remote_updated_at


def _shown(ticket: Ticket) -> tuple[object, ...]:
    return (ticket.key, ticket.state, ticket.title, ticket.freshness, ticket.assignee, ticket.due_on, ticket.labels)


def lose(ticket: Ticket, gone: Gone, *, tracker: Tracker, now: datetime) -> bool:
    """A ticket that cannot be read any more; whether that is news. Its own state and the item stay."""
    freshness = Freshness.NO_ACCESS if gone.why is WhyGone.NO_ACCESS else Freshness.DELETED
    is_news = ticket.freshness is not freshness
    set_freshness(ticket, freshness, tracker=tracker, now=now)
    return is_news


def set_freshness(
    ticket: Ticket, freshness: Freshness, *, tracker: Tracker, now: datetime, before: str | None = None
) -> None:
    """Note what is known of a ticket, and tell its items when it was lost, found again or moved."""
    was, has_moved = ticket.freshness, before is not None and before != ticket.key
    if was is freshness and not has_moved:
        return
    ticket.freshness, ticket.freshness_since = freshness, now
    if not has_moved and freshness not in GONE and was not in GONE:
        return
    sentence = freshness_event(freshness, tracker=tracker.name, key=ticket.key, before=before or ticket.key)
    for action in items_of(ticket):
        action_life.note(action, sentence, by=None, now=now)


def follow(ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    """Let every item that follows the ticket take over what changed there and was not taken over yet."""
    links = session.scalars(
        select(ActionTicket)
        .where(ActionTicket.ticket_id == ticket.id)
        .options(joinedload(ActionTicket.action, innerjoin=True))
        .order_by(ActionTicket.action_id)
        .with_for_update()
    ).all()
    for link in links:
        if link.applied_state is not ticket.state:
            _follow_state(link, ticket, tracker=tracker, now=now)
        follow_words(link, ticket, tracker=tracker, now=now)


def _follow_state(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    """What the tracker says of the state stands; that the item was changed here meanwhile is told in its history."""
    action, directions = link.action, directions_of(tracker)
    asked = asked_state(action.state)
    is_conflict = link.state_here not in (None, asked) and asked is not ticket.state
    step = step_for(
        action.state, applied=link.applied_state, ticket=ticket.state, others=_other_states(action, beside=ticket)
    )
    link.applied_state = ticket.state
    if directions.state_in:
        sentence = sentence_for(step, ticket=ticket.state, item=action.state, tracker=tracker.name, key=ticket.key)
        sentence += f" Here it had become “{action.state.value}”." * is_conflict
        is_back = ticket.state is TicketState.OPEN and step in (Step.REOPEN, Step.NOTE) and asked is TicketState.DONE
        if is_back and directions.reopened is Reopened.NEW_ITEM:
            go_on_in_new_item(link, tracker=tracker, now=now)
            return
        _take(step, action, sentence=sentence, now=now)
        link.state_here = asked_state(action.state)
    elif asked is ticket.state:
        link.state_here = asked


def _take(step: Step, action: ActionItem, *, sentence: str, now: datetime) -> None:
    if step is Step.FINISH:
        action_life.finish(action, evidence="", by=None, now=now, sentence=sentence)
    elif step is Step.REOPEN:
        action_life.reopen(action, by=None, now=now, sentence=sentence)
    elif step is Step.NOTE:
        action_life.note(action, sentence, by=None, now=now)


def link_ticket(action: ActionItem, ticket: Ticket, *, tracker: Tracker, now: datetime) -> bool:
    """Let the item follow the ticket; whether it did not before."""
    if session.get(ActionTicket, (action.id, ticket.id)) is not None:
        return False
    session.add(ActionTicket(action_id=action.id, ticket_id=ticket.id, linked_at=now))
    session.flush()
    follow(ticket, tracker=tracker, now=now)
    return True


def link_made_ticket(push: Push, ticket: Ticket, *, now: datetime) -> bool:
    """The same for a ticket that we made. What either side changed since it was asked for is a change."""
    if session.get(ActionTicket, (push.action_id, ticket.id)) is not None:
        return False
    tracker, since = push.tracker, push.sent_at or push.created_at
    link = ActionTicket(action_id=push.action_id, ticket_id=ticket.id, linked_at=since)
    if push.sent_title:
        link.applied_state = link.state_here = TicketState.OPEN
        link.agreed_at, link.title_here = since, push.sent_title
        link.title_there = ticket_title(push.sent_title, limit=TITLE_LIMITS[tracker.kind])
        link.due_here = push.sent_due_on
        link.due_there = push.sent_due_on if keeps_due_dates(tracker) else ticket.due_on
        agree_as_asked(link, push, ticket)
    session.add(link)
    session.flush()
    follow(ticket, tracker=tracker, now=now)
    return True


def follow_original(duplicate: Ticket, snapshot: TicketSnapshot, *, tracker: Tracker, now: datetime) -> int:
    """The items of a duplicate follow the ticket that it repeats from here on; how many there were."""
    actions = items_of(duplicate)
    original = keep_ticket(tracker, snapshot, now=now)
    session.execute(delete(ActionTicket).where(ActionTicket.ticket_id == duplicate.id))
    session.execute(update(Push).where(Push.ticket_id == duplicate.id).values(ticket_id=original.id))
    session.flush()
    session.expire_all()
    for action in actions:
        sentence = f"{duplicate.key} is a duplicate in {tracker.name}: followed on as {original.key}."
        action_life.note(action, sentence, by=None, now=now)
        link_ticket(action, original, tracker=tracker, now=now)
    return len(actions)


def items_of(ticket: Ticket) -> Sequence[ActionItem]:
    query = select(ActionItem).join(ActionTicket, ActionTicket.action_id == ActionItem.id)
    return session.scalars(query.where(ActionTicket.ticket_id == ticket.id).order_by(ActionItem.id)).all()


def _copy(ticket: Ticket, snapshot: TicketSnapshot, *, tracker: Tracker, now: datetime) -> None:
    ticket.key, ticket.url, ticket.target = snapshot.key[:300], snapshot.url[:1000], snapshot.target[:300]
    ticket.title = snapshot.title
    ticket.state, ticket.state_text = known_state(snapshot, names=tracker.state_names), snapshot.state_text[:300]
    ticket.assignee, ticket.due_on = _assignee(ticket, snapshot), snapshot.due_on
    ticket.labels = list(snapshot.labels)
    ticket.remote_updated_at, ticket.seen_at = snapshot.updated_at, now


def _assignee(ticket: Ticket, snapshot: TicketSnapshot) -> str:
    """Where several are assigned, whoever was it before goes on: that others help is no change."""
    named = [name[:300] for name in (snapshot.assignee, *snapshot.helpers) if name]
    return ticket.assignee if ticket.assignee in named else next(iter(named), "")


def _freshness_after(ticket: Ticket, tracker: Tracker, old_key: str, *, now: datetime) -> Freshness:
    if ticket.key != old_key:
        return Freshness.MOVED if tracker.kind is TrackerKind.JIRA else Freshness.TRANSFERRED
    if ticket.freshness in FOLLOWED and now - ticket.freshness_since < SHOW_MOVE:
        return ticket.freshness
    return Freshness.IN_STEP


def _other_states(action: ActionItem, *, beside: Ticket) -> Sequence[TicketState]:
    """The states of the item's other tickets, of those where we know it."""
    query = select(Ticket.state).join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
    others = query.where(ActionTicket.action_id == action.id, Ticket.id != beside.id, Ticket.freshness.in_(KNOWN))
    return session.scalars(others).all()


def _same_ticket(ticket: Ticket, snapshot: TicketSnapshot, *, tracker: Tracker) -> Ticket:
    """The row to write to when a tracker gave the ticket another identity: an existing one is merged into."""
    if snapshot.remote_id == ticket.remote_id:
        return ticket
    known = select(Ticket).where(Ticket.tracker_id == tracker.id, Ticket.remote_id == snapshot.remote_id)
    other = session.scalar(known)
    if other is None:
        ticket.remote_id = snapshot.remote_id
        return ticket
    _merge(ticket, into=other)
    return other


def _merge(ticket: Ticket, *, into: Ticket) -> None:
    already = select(ActionTicket.action_id).where(ActionTicket.ticket_id == into.id)
    said = update(TicketComment).where(TicketComment.ticket_id == ticket.id, TicketComment.action_id.not_in(already))
    session.execute(said.values(ticket_id=into.id))  # first, while it is known whose links move: nothing is said twice
    moving = update(ActionTicket).where(ActionTicket.ticket_id == ticket.id, ActionTicket.action_id.not_in(already))
    session.execute(moving.values(ticket_id=into.id))
    session.execute(update(Push).where(Push.ticket_id == ticket.id).values(ticket_id=into.id))
    session.execute(delete(ActionTicket).where(ActionTicket.ticket_id == ticket.id))
    session.delete(ticket)
    session.flush()
