"""Services and teams, with counts of what this reader may see. Practice counts in none of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from tracker.db import session
from tracker.deadlines import CONTACT_GOOD_FOR
from tracker.errors import NotFoundError
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Priority,
    Service,
    Team,
    Tracker,
    may_see,
)
from tracker.remembered import remembered

Row = TypeVar("Row")
WINDOW = timedelta(days=90)
PAGE = 50
"""Services or teams of one page of their lists."""
SHOWN = 10
"""Incidents and items of one service on its page; the lists have the rest."""
SHOWN_OF_SERVICE = (
    joinedload(Service.team),
    joinedload(Service.owner),
    joinedload(Service.escalation_verified_by).load_only(Person.name),
)
LISTED_INCIDENT = (
    Incident.number,
    Incident.title,
    Incident.severity,
    Incident.phase,
    Incident.declared_at,
    Incident.is_undated,
    Incident.is_drill,
    Incident.is_private,
)
LISTED_ITEM = (ActionItem.number, ActionItem.title, ActionItem.due_on, ActionItem.state, ActionItem.priority)


@dataclass(frozen=True)
class ServiceRow:
    service: Service
    open_items: int
    incidents: int


@dataclass(frozen=True)
class Part(Generic[Row]):
    """One page of a list."""

    rows: list[Row]
    number: int
    has_more: bool


def service_rows(*, viewer: Person, now: datetime, number: int) -> Part[ServiceRow]:
    """One page of all services, the archived ones last."""
    statement = select(Service).options(*SHOWN_OF_SERVICE).order_by(Service.is_archived, Service.name, Service.id)
    part = _part(statement, number=number)
    ids = [service.id for service in part.rows]
    items, incidents = _open_items(ids, viewer=viewer), _recent_incidents(ids, viewer=viewer, since=now - WINDOW)
    rows = [ServiceRow(service, items.get(service.id, 0), incidents.get(service.id, 0)) for service in part.rows]
    return Part(rows, part.number, part.has_more)


def _part(statement: Select[Row], *, number: int) -> Part[Row]:
    found = list(session.scalars(statement.limit(PAGE + 1).offset((number - 1) * PAGE)))
    return Part(found[:PAGE], number, len(found) > PAGE)


def _recent_incidents(ids: list[int], *, viewer: Person, since: datetime) -> dict[int, int]:
    statement = (
        select(IncidentService.service_id, func.count())
        .join(Incident, Incident.id == IncidentService.incident_id)
        .where(
            IncidentService.service_id.in_(ids),
            may_see(viewer),
            Incident.is_drill.is_(False),
            Incident.is_undated.is_(False),
            Incident.declared_at >= since,
        )
        .group_by(IncidentService.service_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _open_items(ids: list[int], *, viewer: Person) -> dict[int, int]:
    """Open items through incidents that this reader may see, and so the items too; one of two incidents counts once."""
    # They are looked for among all that was ever asked for after incidents of these services.
    return remembered(("catalog.open_items_each", *ids, viewer.id), lambda: _count_open_items(ids, viewer=viewer))


def _count_open_items(ids: list[int], *, viewer: Person) -> dict[int, int]:
    statement = (
        select(IncidentService.service_id, func.count(ActionItem.id.distinct()))
        .join(Incident, Incident.id == IncidentService.incident_id)
        .join(IncidentAction, IncidentAction.incident_id == Incident.id)
        .join(ActionItem, ActionItem.id == IncidentAction.action_id)
        .where(
            IncidentService.service_id.in_(ids),
            may_see(viewer),
            Incident.is_drill.is_(False),
            ActionItem.state.in_(OPEN_STATES),
        )
        .group_by(IncidentService.service_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def get_service(slug: str) -> Service:
    service = session.scalar(select(Service).where(Service.slug == slug).options(*SHOWN_OF_SERVICE))
    if service is None:
        raise NotFoundError(f"There is no service {slug}. It may have another name now: look through the list.")
    return service


def incidents_of(service: Service, *, viewer: Person) -> list[Incident]:
    """The newest ones, practice too."""
    statement = (
        select(Incident)
        .join(IncidentService, IncidentService.incident_id == Incident.id)
        .where(IncidentService.service_id == service.id, may_see(viewer))
        .options(load_only(*LISTED_INCIDENT, raiseload=True))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(SHOWN)
    )
    return list(session.scalars(statement))


@dataclass(frozen=True)
class OpenItem:
    ref: str
    title: str
    due_on: date | None
    state: ActionState
    priority: Priority
    owner: str
    """Empty when nobody owns it."""


def open_items_of(service: Service, *, viewer: Person) -> list[OpenItem]:
    """The ones that are due first. Items that only practice asked for are left out."""
    # It looks through all that was ever asked for after incidents of the service.
    return remembered(("catalog.open_items", service.id, viewer.id), lambda: _open_items_of(service, viewer=viewer))


def _open_items_of(service: Service, *, viewer: Person) -> list[OpenItem]:
    order = (ActionItem.due_on.is_(None), ActionItem.due_on, ActionItem.number)
    # They are visible through an incident that is. Their ids first: only the ones to show are read as a whole.
    first = (
        select(ActionItem.id)
        .distinct()
        .add_columns(*order)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .join(IncidentService, IncidentService.incident_id == Incident.id)
        .where(
            IncidentService.service_id == service.id,
            Incident.is_drill.is_(False),
            may_see(viewer),
            ActionItem.state.in_(OPEN_STATES),
        )
        .order_by(*order)
        .limit(SHOWN)
        .subquery()
    )
    statement = (
        select(*LISTED_ITEM, Person.name.label("owner"))
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .where(ActionItem.id.in_(select(first.c.id)))
        .order_by(*order)
    )
    return [
        OpenItem(f"AI-{row.number}", row.title, row.due_on, row.state, row.priority, row.owner or "")
        for row in session.execute(statement)
    ]


def is_contact_stale(service: Service, *, today: date) -> bool:
    """Whether nobody has tried the escalation contact for a quarter of a year, or ever."""
    verified = service.escalation_verified_on
    return verified is None or today - verified > CONTACT_GOOD_FOR


def services_in(incident: Incident) -> list[Service]:
    """The services of an incident that was looked up for this reader, with whom to wake for them."""
    statement = (
        select(Service)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .where(IncidentService.incident_id == incident.id)
        .options(*SHOWN_OF_SERVICE)
    )
    return list(session.scalars(statement.order_by(Service.name)))


def last_drilled(service: Service, *, viewer: Person) -> datetime | None:
    """When people last practised with it, as far as this reader may see; ``None``: never."""
    statement = (
        select(func.max(Incident.declared_at))
        .join(IncidentService, IncidentService.incident_id == Incident.id)
        .where(IncidentService.service_id == service.id, Incident.is_drill, may_see(viewer))
    )
    return session.scalar(statement)


def find_tracker(service: Service) -> Tracker | None:
    return session.get(Tracker, service.tracker_id) if service.tracker_id else None


def active_people() -> list[Person]:
    return list(session.scalars(select(Person).where(Person.is_active.is_(True)).order_by(Person.name, Person.id)))


def all_teams() -> list[Team]:
    """To pick one."""
    return list(session.scalars(select(Team).order_by(Team.name)))


def teams_listed(number: int) -> Part[Team]:
    """One page of all teams, with their people."""
    statement = select(Team).options(joinedload(Team.lead), selectinload(Team.members))
    return _part(statement.order_by(Team.name, Team.id), number=number)


def get_team(slug: str) -> Team:
    team = session.scalar(
        select(Team).where(Team.slug == slug).options(joinedload(Team.lead), selectinload(Team.members))
    )
    if team is None:
        raise NotFoundError(f"There is no team {slug}. It may have another name now: look through the list.")
    return team


def services_of(team: Team) -> list[Service]:
    statement = select(Service).where(Service.team_id == team.id).options(joinedload(Service.owner))
    return list(session.scalars(statement.order_by(Service.is_archived, Service.name)))


def services_by_team(teams: Iterable[Team]) -> dict[int, int]:
    """How many services, without the archived ones, each of these teams has."""
    statement = (
        select(Service.team_id, func.count())
        .where(Service.is_archived.is_(False), Service.team_id.in_([team.id for team in teams]))
        .group_by(Service.team_id)
    )
    return {team_id: number for team_id, number in session.execute(statement) if team_id is not None}
