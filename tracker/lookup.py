"""Finding what a reference names, for a reader who may see it. What they may not see is not there."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.models import ActionItem, Incident, IncidentService, Person, Service, Tracker, may_see, may_see_action
from tracker.references import number_of

MOST_CHOSEN = 100
"""Items that are changed at once; the list shows fewer on a page."""


def get_incident(ref: str, *, viewer: Person | None) -> Incident:
    """The incident ``INC-42``.

    Raises:
        NotFoundError: there is none, or this reader may not see it.
    """
    return _found(_incident(ref, viewer=viewer), ref=ref)


def get_incident_with_services(ref: str, *, viewer: Person | None) -> Incident:
    """As ``get_incident``, with its services in the same statement: for pages that show them.

    Raises:
        NotFoundError: there is none, or this reader may not see it.
    """
    # Not by joinedload, for which SQLite first lays out the services of all incidents.
    links = _incident(ref, viewer=viewer).outerjoin(IncidentService, IncidentService.incident_id == Incident.id)
    query = links.outerjoin(Service, Service.id == IncidentService.service_id).order_by(Service.name)
    return _found(query.options(contains_eager(Incident.services)), ref=ref)


def _incident(ref: str, *, viewer: Person | None) -> Select[Incident]:
    return select(Incident).where(Incident.number == number_of(ref, prefix="INC"), may_see(viewer))


def _found(query: Select[Incident], *, ref: str) -> Incident:
    incident = session.scalars(query).unique().one_or_none()
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


def chosen_actions(refs: Sequence[str], *, viewer: Person) -> list[ActionItem]:
    """The items of these references that this reader may see, by number; others are not there.

    Raises:
        RuleError: they are too many.
    """
    numbers = {number for ref in refs if (number := number_of(ref, prefix="AI")) is not None}
    if len(numbers) > MOST_CHOSEN:
        raise RuleError(f"Choose at most {MOST_CHOSEN} items at once.")
    query = select(ActionItem).where(ActionItem.number.in_(numbers), may_see_action(viewer))
    return list(session.scalars(query.order_by(ActionItem.number)))


def may_read_incident(incident: Incident, *, person: Person) -> bool:
    return session.scalar(select(Incident.id).where(Incident.id == incident.id, may_see(person))) is not None


def may_read_action(action: ActionItem, *, person: Person) -> bool:
    return session.scalar(select(ActionItem.id).where(ActionItem.id == action.id, may_see_action(person))) is not None


def is_private(action: ActionItem) -> bool:
    """Whether only some people may see the item: every incident that asks for it is private."""
    return session.scalar(select(ActionItem.id).where(ActionItem.id == action.id, may_see_action(None))) is None


def active_trackers() -> Sequence[Tracker]:
    """Those that take tickets, by name."""
    return session.scalars(select(Tracker).where(Tracker.is_active).order_by(Tracker.name, Tracker.id)).all()
