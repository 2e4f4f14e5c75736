"""Titles, due dates and owners of an item and its ticket: what changed on which side since both last agreed."""

from datetime import datetime

from sqlalchemy import func, select

from tracker import action_life
from tracker.clients.ticket_text import ticket_title
from tracker.db import session
from tracker.lookup import is_private
from tracker.models import ActionItem, ActionTicket, Ticket, Tracker, TrackerKind
from tracker.sync.following.assignees import agree_on_owner, follow_assignee
from tracker.sync.following.directions import directions_of
from tracker.sync.following.merging import Outcome, asked_state, merge
from tracker.words import day_text

TITLE_LIMITS = {TrackerKind.GITHUB: 256, TrackerKind.JIRA: 255}
OUR_TITLE = 300
BREAKER = "\u200b"
"""What our clients put into "@name", so that nobody is called by accident."""


def agree(link: ActionTicket, ticket: Ticket, *, action: ActionItem, now: datetime) -> None:
    """Nothing that differs now is a change: both are left as they are."""
    link.agreed_at = now
    link.title_here, link.title_there = action.title, ticket.title
    link.due_here, link.due_there = action.due_on, ticket.due_on
    agree_on_owner(link, ticket, action=action)
    link.state_here = link.state_here or asked_state(action.state)


def title_there(action: ActionItem, *, kind: TrackerKind) -> str:
    """An item's title as the tracker keeps it."""
    return ticket_title(action.title, limit=TITLE_LIMITS[kind])


def keeps_due_dates(tracker: Tracker) -> bool:
    """GitHub's issues have no due date of their own."""
    return tracker.kind is TrackerKind.JIRA


def owns_words(action: ActionItem, ticket: Ticket) -> bool:
    """Whether the ticket is this item's alone, and may say what it says: else each keeps its own title and date."""
    sharing = select(func.count()).select_from(ActionTicket).where(ActionTicket.ticket_id == ticket.id)
    return session.scalar(sharing) == 1 and not is_private(action)


def follow_words(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    """Take over what changed there. What changed here stays different from what was agreed, and is written later."""
    action = link.action
    if link.agreed_at is None or not owns_words(action, ticket):
        agree(link, ticket, action=action, now=now)
        return
    _follow_title(link, ticket, tracker=tracker, now=now)
    if keeps_due_dates(tracker):
        _follow_due_date(link, ticket, tracker=tracker, now=now)
    follow_assignee(link, ticket, tracker=tracker, now=now)
    link.agreed_at = now


def _follow_title(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    action, directions = link.action, directions_of(tracker)
    outcome = merge(
        here=action.title,
        agreed_here=link.title_here,
        there=ticket.title,
        agreed_there=link.title_there,
        as_there=title_there(action, kind=tracker.kind),
    )
    if outcome in (Outcome.NOTHING, Outcome.WRITE):
        return
    new = ticket.title.replace(BREAKER, "").strip()[:OUR_TITLE]
    link.title_there = ticket.title
    is_taken = directions.title_in and bool(new) and outcome in (Outcome.TAKE, Outcome.CONFLICT)
    if outcome is Outcome.CONFLICT:
        _note_conflict(link, "title", ours=f"“{action.title}”", theirs=f"“{new}”", tracker=tracker, now=now)
    elif is_taken:
        sentence = f"The title was changed in {tracker.name} ({ticket.key}), from “{action.title}” to “{new}”."
        action_life.note(action, sentence, by=None, now=now)
    if is_taken:
        action.title = new
    if is_taken or outcome is Outcome.AGREED:
        link.title_here = action.title


def _follow_due_date(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    action, directions = link.action, directions_of(tracker)
    outcome = merge(
        here=action.due_on,
        agreed_here=link.due_here,
        there=ticket.due_on,
        agreed_there=link.due_there,
        as_there=action.due_on,
    )
    if outcome in (Outcome.NOTHING, Outcome.WRITE):
        return
    link.due_there = ticket.due_on
    is_taken = directions.due_in and outcome in (Outcome.TAKE, Outcome.CONFLICT)
    ours, theirs = day_text(action.due_on), day_text(ticket.due_on)
    if outcome is Outcome.CONFLICT:
        _note_conflict(link, "due date", ours=ours, theirs=theirs, tracker=tracker, now=now)
    elif is_taken:
        sentence = f"The due date was changed in {tracker.name} ({ticket.key}), from {ours} to {theirs}."
        action_life.note(action, sentence, by=None, now=now)
    if is_taken:
        action.due_on = ticket.due_on
    if is_taken or outcome is Outcome.AGREED:
        link.due_here = action.due_on


def _note_conflict(link: ActionTicket, field: str, *, ours: str, theirs: str, tracker: Tracker, now: datetime) -> None:
    directions = directions_of(tracker)
    is_taken = directions.title_in if field == "title" else directions.due_in
    stands = f"{tracker.name}’s stands" if is_taken else "ours stands"
    sentence = (
        f"The {field} was changed on both sides: here to {ours}, in {tracker.name} ({link.ticket.key}) to {theirs}. "
        f"{stands[0].upper()}{stands[1:]}; change it here if the other is right."
    )
    action_life.note(link.action, sentence, by=None, now=now)
