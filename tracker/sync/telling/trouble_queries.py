"""What changed here and could not be written to its ticket."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager

from tracker.db import session
from tracker.models import ActionItem, ActionTicket, CommentState, Person, Ticket, TicketComment, may_see_action
from tracker.ticket_troubles import comment_failed, is_undecided

TROUBLES_SHOWN = 50


def troubles_of(action: ActionItem) -> dict[int, ActionTicket]:
    """The links of an item that have a trouble, by their ticket."""
    query = select(ActionTicket).where(ActionTicket.action_id == action.id, ActionTicket.trouble.is_not(None))
    return {link.ticket_id: link for link in session.scalars(query)}


def unwritten_by_tracker() -> dict[int, int]:
    """How many links of each tracker have a trouble, or something that could not be said."""
    query = (
        select(Ticket.tracker_id, func.count().label("links"))
        .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
        .where(or_(ActionTicket.trouble.is_not(None), comment_failed()))
        .group_by(Ticket.tracker_id)
    )
    return {row.tracker_id: row.links for row in session.execute(query)}


def undecided_by_tracker() -> dict[int, int]:
    """How many tickets of each tracker were closed, and not as completed, while an item of theirs is open."""
    query = (
        select(Ticket.tracker_id, func.count(Ticket.id.distinct()).label("tickets"))
        .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
        .join(ActionItem, ActionItem.id == ActionTicket.action_id)
        .where(is_undecided())
        .group_by(Ticket.tracker_id)
    )
    return {row.tracker_id: row.tickets for row in session.execute(query)}


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
