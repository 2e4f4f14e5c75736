"""What changed here and could not be written to its ticket."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager

from tracker.db import session
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionTicket,
    CommentState,
    Person,
    Ticket,
    TicketComment,
    Tracker,
    may_see_action,
)
from tracker.sync.telling.unwritten import changed_here
from tracker.ticket_troubles import comment_failed, is_undecided, is_unmapped

TROUBLES_SHOWN = 50


def troubles_of(action: ActionItem) -> dict[int, ActionTicket]:
    """The links of an item that have a trouble, by their ticket."""
    query = select(ActionTicket).where(ActionTicket.action_id == action.id, ActionTicket.trouble.is_not(None))
    return {link.ticket_id: link for link in session.scalars(query)}


@dataclass(frozen=True)
class Beside:
    """What else bears on whether an item and one of its tickets agree."""

    is_being_told: bool
    """The ticket is about to be told what changed here, and did not refuse it."""
    is_shared: bool
    """Another open item follows it too."""


def beside_tickets(action: ActionItem, *, trackers: Iterable[Tracker]) -> dict[int, Beside]:
    """For each ticket of an item, by its id."""
    changes = [changed_here(tracker) for tracker in trackers if tracker.is_active]
    told = and_(ActionTicket.trouble.is_(None), or_(false(), *changes))
    link, item = aliased(ActionTicket), aliased(ActionItem)
    follows = and_(link.ticket_id == ActionTicket.ticket_id, link.action_id != action.id, item.id == link.action_id)
    shared = exists().where(follows, item.state.in_(OPEN_STATES)).correlate(ActionTicket)
    query = select(ActionTicket.ticket_id, told.label("told"), shared.label("shared"))
    query = query.join(ActionTicket.action).join(ActionTicket.ticket).where(ActionTicket.action_id == action.id)
    return {row.ticket_id: Beside(bool(row.told), bool(row.shared)) for row in session.execute(query)}


def unwritten_by_tracker() -> dict[int, int]:
    """How many links of each tracker have a trouble, or something that could not be said."""
    query = (
        select(Ticket.tracker_id, func.count().label("links"))
        .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
        .where(or_(ActionTicket.trouble.is_not(None), comment_failed()))
        .group_by(Ticket.tracker_id)
    )
    return {row.tracker_id: row.links for row in session.execute(query)}


@dataclass(frozen=True)
class ToBeSaid:
    """How many tickets of a tracker wait for a word from a person here."""

    undecided: int = 0
    """Closed, and not as completed, while an item of theirs is open."""
    unmapped: int = 0
    """Assigned to somebody whom nobody here is known to be."""


def to_be_said_by_tracker() -> dict[int, ToBeSaid]:
    ticket = func.count(Ticket.id.distinct())
    query = (
        select(
            Ticket.tracker_id,
            ticket.filter(is_undecided()).label("undecided"),
            ticket.filter(is_unmapped()).label("unmapped"),
        )
        .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
        .join(ActionItem, ActionItem.id == ActionTicket.action_id)
        .where(or_(is_undecided(), is_unmapped()))
        .group_by(Ticket.tracker_id)
    )
    return {row.tracker_id: ToBeSaid(row.undecided, row.unmapped) for row in session.execute(query)}


def unsaid_of(action: ActionItem) -> dict[int, list[TicketComment]]:
    """What could not be said on the tickets of an item, by ticket."""
    found: dict[int, list[TicketComment]] = {}
    query = select(TicketComment).where(
        TicketComment.action_id == action.id, TicketComment.state == CommentState.FAILED
    )
    for comment in session.scalars(query.order_by(TicketComment.id)):
        found.setdefault(comment.ticket_id, []).append(comment)
    return found


def unsaid(*, viewer: Person) -> Sequence[TicketComment]:
    """The same of all items that ``viewer`` may see, the newest first."""
    query = (
        select(TicketComment)
        .join(TicketComment.action)
        .join(TicketComment.ticket)
        .options(contains_eager(TicketComment.action), contains_eager(TicketComment.ticket))
        .where(TicketComment.state == CommentState.FAILED, may_see_action(viewer))
        .order_by(TicketComment.id.desc())
        .limit(TROUBLES_SHOWN)
    )
    return session.scalars(query).all()


def troubles(*, viewer: Person) -> Sequence[ActionTicket]:
    """Those of all items that ``viewer`` may see, the newest first."""
    query = (
        select(ActionTicket)
        .join(ActionTicket.action)
        .join(ActionTicket.ticket)
        .options(contains_eager(ActionTicket.action), contains_eager(ActionTicket.ticket))
        .where(ActionTicket.trouble.is_not(None), may_see_action(viewer))
        .order_by(ActionTicket.trouble_since.desc(), Ticket.id.desc())
        .limit(TROUBLES_SHOWN)
    )
    return session.scalars(query).all()
