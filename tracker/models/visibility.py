"""Who may see which incident: the one place that decides. Every list, search, report, mail and API asks here."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from tracker.models.actions import ActionItem, IncidentAction
from tracker.models.incidents import Incident, IncidentPerson
from tracker.models.people import Person


def may_see(viewer: Person | None) -> ColumnElement[bool]:
    """The condition under which ``viewer`` may see a row of ``Incident``.

    Public incidents are for everybody who is signed in; private ones for administrators and the people
    named on them. ``None`` stands for a reader who is not known (a team address, a pipeline): public ones only.
    """
    if viewer is None:
        return Incident.is_private.is_(False)
    if viewer.is_admin:
        return true()
    return or_(Incident.is_private.is_(False), _is_named(viewer))


def may_not_see(viewer: Person | None) -> ColumnElement[bool]:
    """The opposite of ``may_see``, said so that a database can begin with the few private incidents."""
    if viewer is None:
        return and_(Incident.is_private)
    if viewer.is_admin:
        return false()
    return and_(Incident.is_private, ~_is_named(viewer))


def _is_named(viewer: Person) -> ColumnElement[bool]:
    named = exists().where(IncidentPerson.incident_id == Incident.id, IncidentPerson.person_id == viewer.id)
    return named.correlate(Incident)


def may_see_action(viewer: Person | None) -> ColumnElement[bool]:
    """The condition under which ``viewer`` may see a row of ``ActionItem``.

    An item belongs to incidents; it is visible through any of them that is, and an item of no incident is
    visible to all.
    """
    if viewer is not None and viewer.is_admin:
        return true()
    linked = exists().where(IncidentAction.action_id == ActionItem.id)
    through_a_visible_one = exists().where(
        IncidentAction.action_id == ActionItem.id, and_(Incident.id == IncidentAction.incident_id, may_see(viewer))
    )
    # Said explicitly, so that the links and incidents of the asking query are never taken for those asked about here.
    return or_(~linked.correlate(ActionItem), through_a_visible_one.correlate(ActionItem))
