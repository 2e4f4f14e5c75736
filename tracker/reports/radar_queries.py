"""What the radar looks at: who led which incident, and what published postmortems say in their whys and factors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select, union_all

from tracker.db import session
from tracker.models import (
    ContributingFactor,
    Incident,
    IncidentRole,
    IncidentService,
    Person,
    Postmortem,
    PostmortemState,
    RoleAssignment,
    Service,
    Why,
)
from tracker.reports import trend_conditions as conditions
from tracker.reports.counting import Counts
from tracker.reports.months import Span
from tracker.reports.scope import READERS, Scope
from tracker.reports.trend_counting import MONTH_ENDS, month_of, values


@dataclass(frozen=True)
class Led:
    """One person was technical lead of an incident of a service. ``month`` is its place in the span."""

    month: int
    incident_id: int
    slug: str
    service: str
    person_id: int


def led(span: Span, *, scope: Scope, now: datetime) -> list[Led]:
    return [Led(*row) for row in session.execute(_led(scope), values(span, now=now))]


@lru_cache(maxsize=READERS)
def _led(scope: Scope) -> Counts:
    month = month_of(Incident.declared_at, ends=MONTH_ENDS)
    return (
        select(month, Incident.id, Service.slug, Service.name, RoleAssignment.person_id)
        .select_from(Incident)
        .join(RoleAssignment, RoleAssignment.incident_id == Incident.id)
        .join(IncidentService, IncidentService.incident_id == Incident.id)
        .join(Service, Service.id == IncidentService.service_id)
        .where(RoleAssignment.role == IncidentRole.TECHNICAL_LEAD, conditions.declared(scope))
        .distinct()
    )


def incidents_named(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Reference and title of incidents that a figure counted for this reader."""
    rows = session.execute(select(Incident.id, Incident.number, Incident.title).where(Incident.id.in_(ids)))
    return {row.id: (f"INC-{row.number}", row.title) for row in rows}


@dataclass(frozen=True)
class Said:
    """One sentence of a published postmortem that explains; empty for one that has none."""

    month: int
    number: int
    title: str
    text: str


def said(span: Span, *, scope: Scope, now: datetime) -> Iterator[Said]:
    for row in session.execute(_said(scope), values(span, now=now)):
        yield Said(row.month, row.number, row.title, row.text or "")


@lru_cache(maxsize=READERS)
def _said(scope: Scope) -> Any:
    whys = select(Why.postmortem_id, Why.claim.label("text"))
    factors = select(ContributingFactor.postmortem_id, ContributingFactor.text.label("text"))
    sentences = union_all(whys, factors).subquery()
    month = month_of(Incident.declared_at, ends=MONTH_ENDS).label("month")
    return (
        select(month, Incident.number, Incident.title, sentences.c.text)
        .select_from(Incident)
        .join(Postmortem, Postmortem.incident_id == Incident.id)
        .outerjoin(sentences, sentences.c.postmortem_id == Postmortem.id)
        .where(Postmortem.state == PostmortemState.PUBLISHED, conditions.declared(scope))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
    )


def names() -> list[str]:
    """Everybody's name, by which a sentence may point at them."""
    return list(session.scalars(select(Person.name).where(Person.name != "").order_by(Person.name).distinct()))
