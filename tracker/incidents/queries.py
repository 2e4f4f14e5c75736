"""What the list and the room show. Every query here obeys ``may_see``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import load_only

from tracker.db import session
from tracker.incidents.filters import Filter
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Phase,
    Postmortem,
    PostmortemState,
    Service,
    Severity,
    TeamMember,
    may_see,
    may_see_action,
)
from tracker.references import number_of

PAGE = 50
COUNTED = 1_000
"""Incidents that a list counts: to count a million takes longer than to show a page. Who reads further waits for it."""
WORDS = 12
"""Words of a search that count."""
FEW_SERVICES = 200
"""That a form shows all of."""
ALIKE = 5
"""Services that are named when what was typed is none."""


@dataclass(frozen=True)
class IncidentRow:
    """One line of the list."""

    id: int
    ref: str
    title: str
    severity: Severity
    phase: Phase
    is_drill: bool
    is_private: bool
    declared_at: datetime
    is_undated: bool
    postmortem_state: PostmortemState | None
    services: list[str] = field(default_factory=list)
    open_items: int = 0


@dataclass(frozen=True)
class IncidentPage:
    rows: list[IncidentRow]
    total: int
    """On the pages of the first ``COUNTED``: at most one more than these, which stands for all others."""
    number: int

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def has_more(self) -> bool:
        return self.last < self.total

    @property
    def summary(self) -> str:
        of = f"more than {COUNTED:,}" if self.total == COUNTED + 1 else f"{self.total:,}"
        return f"{self.first} to {self.last} of {of}"


def incidents_page(chosen: Filter, *, viewer: Person, number: int) -> IncidentPage:
    """One page of the list, newest first; a page beyond the end is the last one."""
    where = and_(may_see(viewer), *conditions(chosen))
    total = _count(where, is_whole=number * PAGE > COUNTED)
    number = max(1, min(number, -(-total // PAGE)))
    statement = (
        select(
            Incident.id,
            Incident.number,
            Incident.title,
            Incident.severity,
            Incident.phase,
            Incident.is_drill,
            Incident.is_private,
            Incident.declared_at,
            Incident.is_undated,
            Postmortem.state.label("postmortem_state"),
        )
        .outerjoin(Postmortem, Postmortem.incident_id == Incident.id)
        .where(where)
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    rows = session.execute(statement).mappings().all()
    ids = [row["id"] for row in rows]
    services, items = _service_names(ids), _open_items(ids)
    listed = [
        IncidentRow(
            ref=f"INC-{row['number']}",
            services=services.get(row["id"], []),
            open_items=items.get(row["id"], 0),
            **{name: value for name, value in row.items() if name != "number"},
        )
        for row in rows
    ]
    return IncidentPage(listed, total, number)


def _count(where: ColumnElement[bool], *, is_whole: bool) -> int:
    """How many there are, or that there are more than ``COUNTED``."""
    found = select(Incident.id).where(where).limit(None if is_whole else COUNTED + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_has_word(word) for word in chosen.q.split()[:WORDS]]
    if chosen.view == "live":
        found.append(Incident.phase.in_([phase for phase in Phase if phase.is_live]))
    if chosen.severity:
        found.append(Incident.severity == Severity(chosen.severity))
    if chosen.phase:
        found.append(Incident.phase == Phase(chosen.phase))
    if chosen.practice:
        found.append(Incident.is_drill.is_(chosen.practice == "only"))
    if chosen.service:
        of_service = select(IncidentService.incident_id).join(Service).where(Service.slug == chosen.service)
        found.append(Incident.id.in_(of_service))
    return found


def _has_word(word: str) -> ColumnElement[bool]:
    number = number_of(word, prefix="INC")
    in_text = or_(Incident.title.icontains(word, autoescape=True), Incident.summary.icontains(word, autoescape=True))
    return or_(in_text, Incident.number == number) if number else in_text


def _service_names(ids: list[int]) -> dict[int, list[str]]:
    statement = (
        select(IncidentService.incident_id, Service.name)
        .join(Service)
        .where(IncidentService.incident_id.in_(ids))
        .order_by(Service.name)
    )
    names: dict[int, list[str]] = {}
    for incident_id, name in session.execute(statement):
        names.setdefault(incident_id, []).append(name)
    return names


def _open_items(ids: list[int]) -> dict[int, int]:
    """Open items of incidents that this reader sees, and so sees their items.

    Counted in a sum and not in the condition: on the state's index SQLite would walk through all open items first.
    """
    is_open = case((ActionItem.state.in_(OPEN_STATES), 1), else_=0)
    statement = (
        select(IncidentAction.incident_id, func.sum(is_open))
        .join(ActionItem, ActionItem.id == IncidentAction.action_id)
        .where(IncidentAction.incident_id.in_(ids))
        .group_by(IncidentAction.incident_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def has_incidents(viewer: Person) -> bool:
    return session.scalar(select(Incident.id).where(may_see(viewer)).limit(1)) is not None


def find_ref(text: str, *, viewer: Person) -> str | None:
    """``INC-42`` or ``AI-7`` when that is what was typed, it exists, and this reader may see it."""
    incident, action = number_of(text, prefix="INC"), number_of(text, prefix="AI")
    if incident:
        found = session.scalar(select(Incident.number).where(Incident.number == incident, may_see(viewer)))
    elif action:
        found = session.scalar(select(ActionItem.number).where(ActionItem.number == action, may_see_action(viewer)))
    else:
        return None
    return f"{'INC' if incident else 'AI'}-{found}" if found else None


def pickable_services() -> list[Service]:
    statement = select(Service).where(Service.is_archived.is_(False)).order_by(Service.name)
    return list(session.scalars(statement.options(load_only(Service.slug, Service.name))))


@dataclass(frozen=True)
class Offered:
    """The services that a form shows, and those that are meant by the name which was typed for another one."""

    services: list[Service]
    has_others: bool = False
    named: list[Service] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    """Names to choose from when the typed one is none."""


def services_to_declare(*, viewer: Person, chosen: Sequence[str], typed: str) -> Offered:
    """All services while they are few. Of many those of the reader's teams and the chosen ones; others are typed."""
    there = select(Service.id).where(Service.is_archived.is_(False)).limit(FEW_SERVICES + 1).subquery()
    if (session.scalar(select(func.count()).select_from(there)) or 0) <= FEW_SERVICES:
        return Offered(pickable_services())
    pickable = select(Service).where(Service.is_archived.is_(False)).order_by(Service.name, Service.id)
    pickable = pickable.options(load_only(Service.slug, Service.name))
    teams = select(TeamMember.team_id).where(TeamMember.person_id == viewer.id)
    shown = pickable.where(or_(Service.team_id.in_(teams), Service.slug.in_(chosen))).limit(FEW_SERVICES)
    alike = pickable.where(Service.name.icontains(typed, autoescape=True)).limit(ALIKE) if typed else None
    return Offered(
        list(session.scalars(shown)),
        has_others=True,
        named=_called(typed) if typed else [],
        alike=[service.name for service in session.scalars(alike)] if alike is not None else [],
    )


def _called(typed: str) -> list[Service]:
    """The service with this short name, else those with this name, of which there may be several."""
    pickable = select(Service).where(Service.is_archived.is_(False)).order_by(Service.slug)
    by_name = or_(Service.name == typed, func.lower(Service.name) == typed.lower(), Service.slug == typed.lower())
    exactly = list(session.scalars(pickable.where(Service.slug == typed)))
    return exactly or list(session.scalars(pickable.where(by_name).limit(ALIKE)))


def services_to_edit(incident: Incident) -> list[Service]:
    """What may be picked, and what stands there already even if it was archived since."""
    there = {service.id for service in incident.services}
    statement = select(Service).where(or_(Service.is_archived.is_(False), Service.id.in_(there)))
    return list(session.scalars(statement.order_by(Service.name)))


def active_people() -> list[Person]:
    return list(session.scalars(select(Person).where(Person.is_active.is_(True)).order_by(Person.name, Person.id)))
