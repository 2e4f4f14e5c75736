"""Owners of items and assignees of their tickets: each follows the other, between accounts that somebody confirmed.

Who is nobody we know is never guessed: it waits until an administrator has said who it is.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from tracker import action_life
from tracker.db import session
from tracker.lookup import is_private
from tracker.models import ActionItem, ActionTicket, Person, Push, RemoteAccount, Ticket, Tracker
from tracker.sync.following.directions import directions_of
from tracker.sync.following.merging import Outcome, merge

NOBODY = ""


def agree_on_owner(link: ActionTicket, ticket: Ticket, *, action: ActionItem) -> None:
    """Nothing that differs now is a change."""
    link.owner_here, link.assignee_there = action.owner_id, ticket.assignee


def agree_as_asked(link: ActionTicket, push: Push, ticket: Ticket) -> None:
    """For a ticket that we made: that a tracker assigned nobody was told with it; what is different is a change."""
    asked = account_name(push.tracker_id, push.sent_owner_id) or NOBODY
    link.owner_here = push.sent_owner_id
    link.assignee_there = ticket.assignee if ticket.assignee in (asked, NOBODY) else asked


def account_name(tracker_id: int, person_id: int | None) -> str | None:
    """What an assignee is set to; ``None``: we do not know who that is there."""
    if person_id is None:
        return NOBODY
    account = session.get(RemoteAccount, (tracker_id, person_id))
    return account.name if account else None


def owner_to_ask_for(action: ActionItem, *, tracker: Tracker) -> int | None:
    """The owner to whom a new ticket is assigned: known there, and told at all."""
    is_told = (
        directions_of(tracker).assignee_out and account_name(tracker.id, action.owner_id) and not is_private(action)
    )
    return action.owner_id if is_told else None


def find_person(tracker_id: int, name: str) -> Person | None:
    """Who an assignee is here, if somebody confirmed it and they are still with us."""
    query = select(Person).join(RemoteAccount, RemoteAccount.person_id == Person.id)
    of_account = query.where(RemoteAccount.tracker_id == tracker_id, RemoteAccount.name == name)
    return session.scalar(of_account.where(Person.is_active))


def follow_assignee(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    """Take over who it was assigned to. What changed here stays different from what was agreed until it is written."""
    outcome = _outcome(link, ticket, tracker=tracker)
    if outcome is Outcome.AGREED:
        agree_on_owner(link, ticket, action=link.action)
    elif outcome in (Outcome.TAKE, Outcome.CONFLICT):
        _take(link, ticket, outcome=outcome, tracker=tracker, now=now)


def waits_to_be_assigned(tracker: Tracker) -> ColumnElement[bool]:
    """Which items have an owner that their tickets were not told, and whom we know there.

    Not where somebody unknown was assigned there meanwhile: nobody is taken off before a person has looked.
    """
    is_known = exists().where(RemoteAccount.tracker_id == tracker.id, RemoteAccount.person_id == ActionItem.owner_id)
    return and_(
        ActionItem.owner_id.is_distinct_from(ActionTicket.owner_here),
        or_(ActionItem.owner_id.is_(None), is_known),
        Ticket.assignee == ActionTicket.assignee_there,
    )


def assignee_to_write(link: ActionTicket, ticket: Ticket, *, tracker: Tracker) -> str | None:
    """Whom the ticket is to be assigned to ("": nobody); ``None``: it is as it should be, or has to wait."""
    if not directions_of(tracker).assignee_out or _outcome(link, ticket, tracker=tracker) is not Outcome.WRITE:
        return None
    return account_name(tracker.id, link.action.owner_id)


def follow_confirmed(tracker: Tracker, name: str, *, now: datetime) -> None:
    """Somebody said who this account is: items whose tickets were waiting for that take their owner over."""
    waiting = (
        select(ActionTicket)
        .join(ActionTicket.ticket)
        .options(joinedload(ActionTicket.action, innerjoin=True), joinedload(ActionTicket.ticket, innerjoin=True))
        .where(Ticket.tracker_id == tracker.id, Ticket.assignee == name, Ticket.assignee != ActionTicket.assignee_there)
        .where(ActionTicket.agreed_at.is_not(None))
        .order_by(ActionTicket.action_id)
        .with_for_update(of=ActionTicket)
    )
    for link in session.scalars(waiting):
        follow_assignee(link, link.ticket, tracker=tracker, now=now)


def _outcome(link: ActionTicket, ticket: Ticket, *, tracker: Tracker) -> Outcome:
    return merge(
        here=link.action.owner_id,
        agreed_here=link.owner_here,
        there=ticket.assignee,
        agreed_there=link.assignee_there,
        as_there=account_name(tracker.id, link.action.owner_id),
    )


def _take(link: ActionTicket, ticket: Ticket, *, outcome: Outcome, tracker: Tracker, now: datetime) -> None:
    if not directions_of(tracker).assignee_in:
        link.assignee_there = ticket.assignee
        return
    if ticket.assignee == NOBODY:
        _keep_owner(link, ticket, tracker=tracker, now=now)
        return
    person = find_person(tracker.id, ticket.assignee)
    if person is None:  # shown as unmapped, and taken over as soon as somebody says who it is
        return
    action, place = link.action, f"in {tracker.name} ({ticket.key})"
    before = action.owner.name if action.owner else action.owner_text or "nobody"
    if outcome is Outcome.CONFLICT and action.owner_id is not None and link.owner_here is not None:
        sentence = (
            f"The owner was changed on both sides: here to {before}, {place} to {person.name}. "
            f"{tracker.name}’s stands; change it here if the other is right."
        )
    else:
        sentence = f"The owner was changed {place}, from {before} to {person.name}."
    action_life.note(action, sentence, by=None, now=now)
    action.owner, action.owner_text = person, ""
    link.owner_here, link.assignee_there = person.id, ticket.assignee


def _keep_owner(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> None:
    """Nobody is asked about an item without an owner, so that one is taken off there takes nobody off here."""
    link.assignee_there = NOBODY
    owner = link.action.owner
    if owner is not None and link.owner_here == owner.id:
        sentence = f"Nobody is assigned in {tracker.name} ({ticket.key}) any more. {owner.name} stays the owner here."
        action_life.note(link.action, sentence, by=None, now=now)
