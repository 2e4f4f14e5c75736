"""Finding what a reference names, for a reader who may see it. What they may not see is not there."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ActionItem, Incident, Person, Tracker, may_see, may_see_action
from tracker.references import number_of


def get_incident(ref: str, *, viewer: Person | None) -> Incident:
    """The incident ``INC-42``.

    Raises:
        NotFoundError: there is none, or this reader may not see it.
    """
    number = number_of(ref, prefix="INC")
    incident = session.scalar(select(Incident).where(Incident.number == number, may_see(viewer)))
    if incident is None:
        raise NotFoundError(f"There is no incident {ref}, or it is not shown to you.")
    return incident


def get_action(ref: str, *, viewer: Person | None) -> ActionItem:
    """The action item ``AI-7``.

    Raises:
        NotFoundError: there is none, or this reader may not see it.
    """
    number = number_of(ref, prefix="AI")
    found = select(ActionItem).where(ActionItem.number == number, may_see_action(viewer))
    action = session.scalar(found.options(joinedload(ActionItem.owner), joinedload(ActionItem.team)))
    if action is None:
        raise NotFoundError(f"There is no action item {ref}, or it is not shown to you.")
    return action


def may_read_incident(incident: Incident, *, person: Person) -> bool:
    return session.scalar(select(Incident.id).where(Incident.id == incident.id, may_see(person))) is not None


def may_read_action(action: ActionItem, *, person: Person) -> bool:
    return session.scalar(select(ActionItem.id).where(ActionItem.id == action.id, may_see_action(person))) is not None


def active_trackers() -> Sequence[Tracker]:
    """Those that take tickets, by name."""
    return session.scalars(select(Tracker).where(Tracker.is_active).order_by(Tracker.name, Tracker.id)).all()
