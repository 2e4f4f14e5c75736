"""What changed here and could not be written to its ticket."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from tracker.db import session
from tracker.models import ActionItem, ActionTicket, Person, Ticket, may_see_action

TROUBLES_SHOWN = 50


def troubles_of(action: ActionItem) -> dict[int, ActionTicket]:
    """The links of an item that have a trouble, by their ticket."""
    query = select(ActionTicket).where(ActionTicket.action_id == action.id, ActionTicket.trouble.is_not(None))
    return {link.ticket_id: link for link in session.scalars(query)}


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
