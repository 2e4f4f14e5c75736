"""A new item that goes on where one was done: its ticket was opened again, and the tracker is set to ask for that."""

from datetime import datetime

from sqlalchemy import select, update

from tracker import action_life
from tracker.db import session
from tracker.deadlines import action_due_on
from tracker.models import ACTIONS, ActionItem, ActionTicket, IncidentAction, Push, Tracker, next_number
from tracker.sync.following.agreements import agree


def go_on_in_new_item(link: ActionTicket, *, tracker: Tracker, now: datetime) -> ActionItem:
    """The done item stays done, and a new one of the same incidents follows the ticket from here on."""
    done, ticket = link.action, link.ticket
    new = _copy_of(done, now=now)
    following = ActionTicket(action_id=new.id, ticket_id=ticket.id, linked_at=now, applied_state=ticket.state)
    agree(following, ticket, action=new, now=now)
    session.add(following)
    session.delete(link)
    of_ticket = update(Push).where(Push.action_id == done.id, Push.ticket_id == ticket.id)
    session.execute(of_ticket.values(action_id=new.id).execution_options(synchronize_session="fetch"))
    session.flush()
    sentence = f"Opened again in {tracker.name} ({ticket.key})."
    action_life.note(done, f"{sentence} {new.ref} goes on with it.", by=None, now=now)
    action_life.note(new, f"{sentence} Goes on with {done.ref}, which was done.", by=None, now=now)
    return new


def _copy_of(done: ActionItem, *, now: datetime) -> ActionItem:
    """The same promise for the same incidents, so that who may see it stays the same."""
    new = ActionItem(number=next_number(session(), ACTIONS), created_at=now, created_by_id=done.created_by_id)
    new.title, new.detail, new.done_when = done.title, done.detail, done.done_when
    new.owner_id, new.owner_text, new.team_id = done.owner_id, done.owner_text, done.team_id
    new.kind, new.lever, new.priority = done.kind, done.lever, done.priority
    new.due_on = action_due_on(done.priority, now.date())
    session.add(new)
    session.flush()
    asking = select(IncidentAction).where(IncidentAction.action_id == done.id)
    session.add_all(
        IncidentAction(incident_id=one.incident_id, action_id=new.id, linked_at=now, linked_by_id=one.linked_by_id)
        for one in session.scalars(asking)
    )
    session.flush()
    return new
