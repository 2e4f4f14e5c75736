"""What speaks against changing a service just now: what is owed, what was never shown to work, what broke it lately."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, true

from tracker import words
from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import (
    ActionItem,
    ActionState,
    FamilyMember,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Phase,
    Service,
    may_see,
    may_see_action,
)

LATELY = timedelta(days=90)
TRIGGERS_SHOWN = 5
ITEMS_SHOWN = 50
LIVE = [phase for phase in Phase if phase.is_live]
WATCHED_STATES = [state for state in ActionState if state.is_open or state is ActionState.DONE]


@dataclass(frozen=True)
class RiskItem:
    """An item that an incident of the service asks for and that is not shown to work."""

    ref: str
    title: str
    state: ActionState
    due_on: date | None
    days_overdue: int


@dataclass(frozen=True)
class Trigger:
    """An incident that hit the service lately."""

    ref: str
    title: str
    severity: str
    alert: str
    declared_at: datetime
    is_live: bool
    came_back: bool
    """Whether it is one of a family: the same failure happened more than once."""


@dataclass(frozen=True)
class ServiceRisk:
    """The facts about one service; lists are cut, counts are not."""

    slug: str
    name: str
    open: int
    overdue: int
    did_not_hold: int
    unverified: int
    live: int
    items: list[RiskItem]
    """The longest overdue first."""
    triggers: list[Trigger]
    """The latest first."""

    @property
    def is_at_risk(self) -> bool:
        """Whether somebody should look before a deploy: an overdue item, a fix that did not hold, a live incident."""
        return bool(self.overdue or self.did_not_hold or self.live)

    @property
    def sentence(self) -> str:
        """All in a line: "Checkout: 1 overdue item, 2 items done but not verified."."""
        parts = [
            words.count(self.live, "live incident") if self.live else "",
            words.count(self.overdue, "overdue item") if self.overdue else "",
            words.count(self.did_not_hold, "fix that did not hold", "fixes that did not hold")
            if self.did_not_hold
            else "",
            words.count(self.open, "open item") if self.open else "",
            f"{words.count(self.unverified, 'item')} done but not verified" if self.unverified else "",
        ]
        return f"{self.name}: {', '.join(part for part in parts if part) or 'nothing is owed'}."

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "service": self.slug,
            "at_risk": self.is_at_risk,
            "open": self.open,
            "overdue": self.overdue,
            "did_not_hold": self.did_not_hold,
            "unverified": self.unverified,
            "live": self.live,
            "items": [
                {
                    "ref": one.ref,
                    "title": one.title,
                    "state": one.state.value,
                    "due_on": one.due_on.isoformat() if one.due_on else None,
                    "days_overdue": one.days_overdue,
                }
                for one in self.items
            ],
            "last_triggers": [
                {
                    "ref": one.ref,
                    "title": one.title,
                    "severity": one.severity,
                    "alert": one.alert or None,
                    "declared_at": one.declared_at.isoformat().replace("+00:00", "Z"),
                    "live": one.is_live,
                    "came_back": one.came_back,
                }
                for one in self.triggers
            ],
        }


EVERYBODY: ColumnElement[bool] = true()


def service_risk(slug: str, *, viewer: Person | None, now: datetime, today: date) -> ServiceRisk:
    """The facts about a service that this reader may see; ``None``: a reader nobody knows, so public ones only.

    Raises:
        NotFoundError: there is no such service.
    """
    return _risk(slug, sees=may_see(viewer), sees_item=may_see_action(viewer), now=now, today=today)


def service_risk_for_administrators(slug: str, *, now: datetime, today: date) -> ServiceRisk:
    """The same for the command line, whose reader administers the machine: private incidents count too.

    Raises:
        NotFoundError: there is no such service.
    """
    return _risk(slug, sees=EVERYBODY, sees_item=EVERYBODY, now=now, today=today)


def _risk(
    slug: str, *, sees: ColumnElement[bool], sees_item: ColumnElement[bool], now: datetime, today: date
) -> ServiceRisk:
    service = session.scalar(select(Service).where(Service.slug == slug))
    if service is None:
        raise NotFoundError(f"There is no service {slug}.")
    items = _items(service.id, sees=sees, sees_item=sees_item, today=today)
    states = [item.state for item in items]
    return ServiceRisk(
        slug=service.slug,
        name=service.name,
        open=sum(state.is_open for state in states),
        overdue=sum(item.days_overdue > 0 for item in items),
        did_not_hold=states.count(ActionState.DID_NOT_HOLD),
        unverified=states.count(ActionState.DONE),
        live=_live(service.id, sees=sees),
        items=items[:ITEMS_SHOWN],
        triggers=_triggers(service.id, sees=sees, now=now),
    )


def _items(
    service_id: int, *, sees: ColumnElement[bool], sees_item: ColumnElement[bool], today: date
) -> list[RiskItem]:
    """Each item once, however many incidents of the service ask for it."""
    asked_for = (
        select(IncidentAction.action_id)
        .join(IncidentService, IncidentService.incident_id == IncidentAction.incident_id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(IncidentService.service_id == service_id, Incident.is_drill.is_(False), sees)
    )
    rows = session.scalars(
        select(ActionItem)
        .where(ActionItem.id.in_(asked_for), ActionItem.state.in_(WATCHED_STATES), sees_item)
        .order_by(ActionItem.number)
    )
    found = [RiskItem(one.ref, one.title, one.state, one.due_on, one.days_overdue(today)) for one in rows]
    return sorted(found, key=lambda one: -one.days_overdue)


def _of_service(service_id: int) -> ColumnElement[bool]:
    of_service = select(IncidentService.incident_id).where(IncidentService.service_id == service_id)
    return Incident.id.in_(of_service) & Incident.is_drill.is_(False)


def _live(service_id: int, *, sees: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Incident).where(_of_service(service_id), Incident.phase.in_(LIVE), sees)
    return session.scalar(query) or 0


def _triggers(service_id: int, *, sees: ColumnElement[bool], now: datetime) -> list[Trigger]:
    query = (
        select(Incident)
        .where(_of_service(service_id), Incident.is_undated.is_(False), Incident.declared_at > now - LATELY, sees)
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(TRIGGERS_SHOWN)
    )
    incidents = list(session.scalars(query))
    families = _families_seen([one.id for one in incidents], sees=sees)
    return [
        Trigger(
            one.ref,
            one.title,
            one.severity.value,
            one.alert_name,
            one.declared_at,
            one.phase.is_live,
            one.id in families,
        )
        for one in incidents
    ]


def _families_seen(incident_ids: list[int], *, sees: ColumnElement[bool]) -> set[int]:
    """Those of these incidents whose family has another member that this reader may see."""
    own = select(FamilyMember.incident_id, FamilyMember.family_id).where(FamilyMember.incident_id.in_(incident_ids))
    families = {row.incident_id: row.family_id for row in session.execute(own)}
    sizes = (
        select(FamilyMember.family_id)
        .join(Incident, Incident.id == FamilyMember.incident_id)
        .where(FamilyMember.family_id.in_(families.values()), sees)
        .group_by(FamilyMember.family_id)
        .having(func.count() > 1)
    )
    repeated = set(session.scalars(sizes))
    return {incident for incident, family in families.items() if family in repeated}
