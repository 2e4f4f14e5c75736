"""Who may see which incident: the one place that decides. Every list, search, report, mail and API asks here.

A page asks several times, so the conditions that name a reader are put together once and remembered by the reader's id.
"""

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from tracker.models.actions import ActionItem, IncidentAction
from tracker.models.drills import Drill
from tracker.models.incidents import Incident, IncidentPerson
from tracker.models.people import Person

READER = "reader"
_ANYBODY = bindparam(READER, type_=Integer())


@dataclass(frozen=True)
class AnyReader:
    """Whoever asks, for a statement that is put together once for all: the id is given when it is asked, as READER."""

    is_admin: bool

    @property
    def id(self) -> BindParameter[int]:
        return _ANYBODY


def may_see(viewer: Person | AnyReader | None) -> ColumnElement[bool]:
    """The condition under which ``viewer`` may see a row of ``Incident``.

    Public incidents are for everybody who is signed in; private ones for administrators and the people
    named on them. ``None`` stands for a reader who is not known (a team address, a pipeline): public ones only.
    """
    if viewer is not None and viewer.is_admin:
        return true()
    return _is_public_or_names(None if viewer is None else viewer.id)


def may_not_see(viewer: Person | None) -> ColumnElement[bool]:
    """The opposite of ``may_see``, said so that a database can begin with the few private incidents."""
    if viewer is None:
        return and_(Incident.is_private)
    if viewer.is_admin:
        return false()
    return and_(Incident.is_private, ~_is_named(viewer.id))


READERS = 1024


@lru_cache(maxsize=READERS)
def _is_public_or_names(person_id: int | BindParameter[int] | None) -> ColumnElement[bool]:
    public = Incident.is_private.is_(False)
    return public if person_id is None else or_(public, _is_named(person_id))


@lru_cache(maxsize=READERS)
def _is_named(person_id: int | BindParameter[int]) -> ColumnElement[bool]:
    named = exists().where(IncidentPerson.incident_id == Incident.id, IncidentPerson.person_id == person_id)
    return named.correlate(Incident)


def may_see_action(viewer: Person | AnyReader | None) -> ColumnElement[bool]:
    """The condition under which ``viewer`` may see a row of ``ActionItem``.

    An item belongs to incidents; it is visible through any of them that is, and an item of no incident is
    visible to all.
    """
    if viewer is not None and viewer.is_admin:
        return true()
    return _through_an_incident(None if viewer is None else viewer.id)


@lru_cache(maxsize=READERS)
def _through_an_incident(person_id: int | BindParameter[int] | None) -> ColumnElement[bool]:
    seen = _is_public_or_names(person_id)
    linked = exists().where(IncidentAction.action_id == ActionItem.id)
    through_a_visible_one = exists().where(
        IncidentAction.action_id == ActionItem.id, and_(Incident.id == IncidentAction.incident_id, seen)
    )
    # Said explicitly, so that the links and incidents of the asking query are never taken for those asked about here.
    return or_(~linked.correlate(ActionItem), through_a_visible_one.correlate(ActionItem))


def may_see_actions(viewer: Person | None) -> ColumnElement[bool]:
    """The same as ``may_see_action``, for lists and counts over thousands of items.

    It begins with the few items that hidden incidents asked for; only for these it is asked whether another incident
    shows them. A count and not EXISTS, which PostgreSQL would answer with a table of all links of all incidents.
    """
    if viewer is not None and viewer.is_admin:
        return true()
    return or_(ActionItem.id.not_in(_asked_by_hidden(viewer)), _shown_by(viewer) > 0)


def may_see_first_actions(viewer: Person | None) -> ColumnElement[bool]:
    """The same as ``may_see_actions``, for a walk along an index that ends after a page: it is asked row by row."""
    if viewer is not None and viewer.is_admin:
        return true()
    links = select(func.count()).where(IncidentAction.action_id == ActionItem.id).correlate(ActionItem)
    return or_(_shown_by(viewer) > 0, links.scalar_subquery() == 0)


def _asked_by_hidden(viewer: Person | None) -> Select[int]:
    links = select(IncidentAction.action_id).join(Incident, Incident.id == IncidentAction.incident_id)
    return links.where(may_not_see(viewer))


def _shown_by(viewer: Person | None) -> ScalarSelect[int]:
    """How many incidents show an item to this reader."""
    return (
        select(func.count())
        .where(
            IncidentAction.action_id == ActionItem.id,
            Incident.id == IncidentAction.incident_id,
            may_see(viewer),
        )
        .correlate(ActionItem)
        .scalar_subquery()
    )


def may_see_drill(viewer: Person | None) -> ColumnElement[bool]:
    """The condition under which ``viewer`` may see a row of ``Drill``: its incident, and the one that it replays."""
    if viewer is not None and viewer.is_admin:
        return true()
    own_or_replayed = or_(Incident.id == Drill.incident_id, Incident.id == Drill.replays_id)
    return ~exists().where(own_or_replayed, may_not_see(viewer)).correlate(Drill)
