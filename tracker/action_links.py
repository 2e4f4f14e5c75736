"""Which incidents ask for an action item: what follows for its priority, and that no link changes who may see it.

The one place that links and unlinks, from whichever feature the wish comes.
"""

from datetime import datetime

from sqlalchemy import delete, func, select

from tracker import action_life
from tracker.db import session
from tracker.errors import RuleError
from tracker.lookup import may_read_action
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    IncidentAction,
    Person,
    Postmortem,
    Priority,
    Why,
    WhyAction,
)

HIGHER = {Priority.P3: Priority.P2, Priority.P2: Priority.P1, Priority.P1: Priority.P1}


def link_incident(action: ActionItem, incident: Incident, *, by: Person, now: datetime) -> None:
    """A further incident asks for the item: its count rises, and its priority one step, never above P1.

    What was declined comes back to be looked at again. Drills do neither. An item that only private incidents ask for
    stays private.

    Raises:
        RuleError: it asks already, or the link would show a private item to everybody.
    """
    _lock(action)
    if session.get(IncidentAction, (incident.id, action.id)) is not None:
        raise RuleError(f"{incident.ref} asks for {action.ref} already.")
    links, public = _links(action)
    if links and not public and not incident.is_private:
        raise RuleError(
            f"{action.ref} belongs to a private incident. Linking {incident.ref} would show it to everybody: "
            "write a new item for it instead."
        )
    add_link(action, incident, by=by, now=now)
    action_life.note(action, "A further incident asks for it.", by=by, now=now, about=incident)
    if links and action.state.is_open and not incident.is_drill:
        _raise_priority(action, by=by, now=now)
    if action.state is ActionState.DECLINED and not incident.is_drill:
        action_life.bring_back_declined(action, now=now)


def unlink_incident(action: ActionItem, incident: Incident, *, by: Person, now: datetime) -> None:
    """The incident does not ask for the item after all. Who may see the item must stay the same.

    Raises:
        RuleError: it does not ask, it is the only one that does, or readers would win or lose the item.
    """
    _lock(action)
    link = session.get(IncidentAction, (incident.id, action.id))
    if link is None:
        raise RuleError(f"{incident.ref} does not ask for {action.ref}.")
    links, public = _links(action)
    if links == 1:
        raise RuleError(f"{incident.ref} is the only incident that asks for {action.ref}. Link the right one first.")
    if public == 1 and not incident.is_private:
        raise RuleError(
            f"Without {incident.ref} only private incidents ask for {action.ref}, and most of its readers lose it."
        )
    session.delete(link)
    session.execute(
        delete(WhyAction).where(
            WhyAction.action_id == action.id,
            WhyAction.why_id.in_(
                select(Why.id).join(Postmortem).where(Postmortem.incident_id == incident.id).scalar_subquery()
            ),
        )
    )
    session.flush()
    check_owner_reads(action)
    if not may_read_action(action, person=by):
        raise RuleError(f"Without {incident.ref} you could not see {action.ref} any more. Ask somebody who still can.")
    action_life.note(action, "An incident asks for it no longer.", by=by, now=now, about=incident)


def add_link(action: ActionItem, incident: Incident, *, by: Person, now: datetime) -> None:
    """The bare link, for an item that is being written down for its first incident."""
    session.add(IncidentAction(incident_id=incident.id, action_id=action.id, linked_at=now, linked_by_id=by.id))
    session.flush()


def check_owner_reads(action: ActionItem) -> None:
    """Refuse an owner who may not see the item that they would owe."""
    owner = session.get(Person, action.owner_id) if action.owner_id is not None else None
    if owner is not None and not may_read_action(action, person=owner):
        raise RuleError(
            f"{owner.name} may not see the private incident that asks for this. "
            f"Choose an owner who is named on it, or name {owner.name} there first."
        )


def _lock(action: ActionItem) -> None:
    """Nobody else links or unlinks until this transaction ends: two who do so at once would each count both links."""
    session.execute(select(ActionItem.id).where(ActionItem.id == action.id).with_for_update())
    session.refresh(action)


def _raise_priority(action: ActionItem, *, by: Person, now: datetime) -> None:
    before, action.priority = action.priority, HIGHER[action.priority]
    if action.priority is not before:
        sentence = f"Priority raised from {before.value} to {action.priority.value}: a further incident asks for it."
        action_life.note(action, sentence, by=by, now=now)


def _links(action: ActionItem) -> tuple[int, int]:
    """How many incidents ask for it, and how many of them are public."""
    rows = session.execute(
        select(Incident.is_private, func.count())
        .join(IncidentAction, IncidentAction.incident_id == Incident.id)
        .where(IncidentAction.action_id == action.id)
        .group_by(Incident.is_private)
    )
    counts: dict[bool, int] = dict(rows.all())
    return sum(counts.values()), counts.get(False, 0)
