"""Finding published postmortems, of incidents that their reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Subquery, exists, func, select, union_all

from tracker.db import session
from tracker.library.words import beginnings_of
from tracker.models import (
    Answer,
    CauseCategory,
    Incident,
    IncidentService,
    LibraryText,
    LibraryWord,
    Person,
    Postmortem,
    PostmortemState,
    Service,
    Severity,
    may_see,
)

ON_A_PAGE = 20
LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True)
class Filter:
    """What the library is narrowed to; empty means everything."""

    q: str = ""
    service: str = ""
    severity: str = ""
    cause: str = ""
    year: str = ""

    def query(self, **changes: str | int) -> dict[str, str | int]:
        """What stands in the address, with changes."""
        values = {name: getattr(self, name) for name in ("q", "service", "severity", "cause", "year")}
        return {name: value for name, value in (values | changes).items() if value}


@dataclass(frozen=True, kw_only=True)
class Found:
    """One postmortem of a page."""

    ref: str
    title: str
    severity: Severity
    is_private: bool
    cause: CauseCategory | None
    lead: str
    published_at: datetime
    summary: str
    services: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class Shelf:
    """One page of what was found."""

    rows: Sequence[Found]
    number: int
    total: int
    unread: int = 0
    """Published ones whose words are not read yet, and which no word finds so far."""

    @property
    def has_more(self) -> bool:
        return self.number * ON_A_PAGE < self.total


def shelf(chosen: Filter, *, viewer: Person, number: int) -> Shelf:
    """A page of the postmortems that match, the best first; without words, the latest first."""
    beginnings = beginnings_of(chosen.q)
    matching = _matching(beginnings) if beginnings else None
    if chosen.q.strip() and matching is None:
        return Shelf((), 1, 0)
    number = min(max(number, 1), 10_000)
    total = session.scalar(_narrowed(select(func.count(Postmortem.id)), chosen, matching=matching, viewer=viewer)) or 0
    columns = (
        Incident.id,
        Incident.number,
        Incident.title,
        Incident.severity,
        Incident.is_private,
        Postmortem.id.label("postmortem_id"),
        Postmortem.cause_category,
        Postmortem.published_at,
        Person.name,
    )
    asked = _narrowed(select(*columns), chosen, matching=matching, viewer=viewer)
    asked = asked.outerjoin(Person, Person.id == Postmortem.lead_id)
    if matching is not None:
        asked = asked.order_by(matching.c.score.desc())
    asked = asked.order_by(Postmortem.published_at.desc(), Postmortem.id.desc())
    rows = session.execute(asked.limit(ON_A_PAGE).offset((number - 1) * ON_A_PAGE)).all()
    return Shelf(_told(rows), number, total, _count_unread(chosen, viewer=viewer) if matching is not None else 0)


def _count_unread(chosen: Filter, *, viewer: Person) -> int:
    rows = _narrowed(select(func.count(Postmortem.id)), chosen, matching=None, viewer=viewer)
    return session.scalar(rows.where(~exists().where(LibraryText.incident_id == Incident.id))) or 0


def _matching(beginnings: Sequence[str]) -> Subquery:
    """The incidents that have a word with each of the beginnings, with the weight of their best words added up."""
    each = union_all(
        *(
            select(LibraryWord.incident_id, func.max(LibraryWord.weight).label("weight"))
            .where(LibraryWord.word >= beginning, LibraryWord.word < beginning + LAST_LETTER)
            .group_by(LibraryWord.incident_id)
            for beginning in beginnings
        )
    ).subquery()
    return (
        select(each.c.incident_id, func.sum(each.c.weight).label("score"))
        .group_by(each.c.incident_id)
        .having(func.count() == len(beginnings))
        .subquery()
    )


def _narrowed(asked: Any, chosen: Filter, *, matching: Subquery | None, viewer: Person) -> Any:
    asked = asked.select_from(Postmortem).join(Incident, Incident.id == Postmortem.incident_id)
    asked = asked.where(Postmortem.state == PostmortemState.PUBLISHED, Incident.is_drill.is_(False), may_see(viewer))
    if matching is not None:
        asked = asked.join(matching, matching.c.incident_id == Incident.id)
    if chosen.service:
        of_service = select(IncidentService.incident_id).join(Service, Service.id == IncidentService.service_id)
        asked = asked.where(Incident.id.in_(of_service.where(Service.slug == chosen.service)))
    if chosen.severity:
        asked = asked.where(Incident.severity == Severity(chosen.severity))
    if chosen.cause:
        asked = asked.where(Postmortem.cause_category == CauseCategory(chosen.cause))
    if chosen.year:
        begins, ends = (datetime(int(chosen.year) + more, 1, 1, tzinfo=UTC) for more in (0, 1))
        asked = asked.where(Postmortem.published_at >= begins, Postmortem.published_at < ends)
    return asked


def _told(rows: Sequence[Any]) -> list[Found]:
    services = _services([row.id for row in rows])
    told = select(Answer.postmortem_id, Answer.text).where(
        Answer.postmortem_id.in_([row.postmortem_id for row in rows]), Answer.question == "summary"
    )
    summaries = {row.postmortem_id: row.text for row in session.execute(told)}
    return [
        Found(
            ref=f"INC-{row.number}",
            title=row.title,
            severity=row.severity,
            is_private=row.is_private,
            cause=row.cause_category,
            lead=row.name or "",
            published_at=row.published_at,
            summary=summaries.get(row.postmortem_id, ""),
            services=services.get(row.id, ()),
        )
        for row in rows
    ]


def _services(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(IncidentService.incident_id, Service.name).join(Service, Service.id == IncidentService.service_id)
    for row in session.execute(query.where(IncidentService.incident_id.in_(ids)).order_by(Service.name)):
        found.setdefault(row.incident_id, []).append(row.name)
    return found


def services() -> list[tuple[str, str]]:
    """All services to choose from, as (slug, name)."""
    return [(row.slug, row.name) for row in session.execute(select(Service.slug, Service.name).order_by(Service.name))]


def years(*, viewer: Person) -> list[str]:
    """The years in which something was published that this reader may see, the latest first."""
    first, last = session.execute(
        _narrowed(
            select(func.min(Postmortem.published_at), func.max(Postmortem.published_at)),
            Filter(),
            matching=None,
            viewer=viewer,
        )
    ).one()
    return [str(year) for year in range(last.year, first.year - 1, -1)] if first and last else []
