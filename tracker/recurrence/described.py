"""What the rows say of an incident that is compared: its texts, services, alert and causes, for many at a time."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from tracker.db import session
from tracker.models import (
    FIRST_MINUTES,
    Answer,
    ContributingFactor,
    Incident,
    IncidentService,
    Postmortem,
    Service,
    TimelineEntry,
    Why,
)
from tracker.recurrence.prepared import Described

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Where an import stands whose day nobody knows: before all others, so that it is never said to have come back."""
SUMMARY_ANSWERS = ("summary", "what_broke")
CAUSE_ANSWERS = ("root_causes", "contributing_factors")
READ_ANSWERS = (*SUMMARY_ANSWERS, *CAUSE_ANSWERS)
FIRST_ENTRIES = 5
"""Entries of the timeline that are read, of those noted in the first minutes: what was known at the beginning."""


def compared(ids: Sequence[int]) -> list[int]:
    """Those of these incidents that are there and no drill."""
    query = select(Incident.id).where(Incident.id.in_(ids), Incident.is_drill.is_(False))
    return list(session.scalars(query.order_by(Incident.id)))


def is_compared(incident_id: int) -> bool:
    return compared([incident_id]) != []


def described_incidents(ids: Sequence[int]) -> Iterable[Described]:
    """What is known of these incidents, drills too, in a fixed number of queries."""
    columns = (
        Incident.id,
        Incident.declared_at,
        Incident.is_undated,
        Incident.title,
        Incident.summary,
        Incident.alert_name,
    )
    rows = session.execute(select(*columns).where(Incident.id.in_(ids)).order_by(Incident.id)).all()
    services = _services(ids)
    answers, causes, entries = _answers(ids), _factors(ids), first_entries(ids)
    categories = {
        row.incident_id: row.cause_category.value
        for row in session.execute(
            select(Postmortem.incident_id, Postmortem.cause_category).where(
                Postmortem.incident_id.in_(ids), Postmortem.cause_category.is_not(None)
            )
        )
    }
    for row in rows:
        told = answers.get(row.id, {})
        yield Described(
            id=row.id,
            moment=LONG_AGO if row.is_undated else row.declared_at,
            title=row.title,
            summary="\n".join([row.summary, *(told.get(question, "") for question in SUMMARY_ANSWERS)]),
            entries="\n".join(entries.get(row.id, ())),
            services=frozenset(services.get(row.id, ())),
            alert=row.alert_name,
            cause_category=categories.get(row.id, ""),
            root_cause="\n".join(told.get(question, "") for question in CAUSE_ANSWERS),
            factors="\n".join(causes.get(row.id, ())),
        )


def _services(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(IncidentService.incident_id, Service.name).join(Service, Service.id == IncidentService.service_id)
    for row in session.execute(query.where(IncidentService.incident_id.in_(ids)).order_by(Service.name)):
        found.setdefault(row.incident_id, []).append(row.name)
    return found


def _answers(ids: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    query = select(Postmortem.incident_id, Answer.question, Answer.text).join(
        Answer, Answer.postmortem_id == Postmortem.id
    )
    for row in session.execute(query.where(Postmortem.incident_id.in_(ids), Answer.question.in_(READ_ANSWERS))):
        found.setdefault(row.incident_id, {})[row.question] = row.text
    return found


def _factors(ids: Sequence[int]) -> dict[int, list[str]]:
    """Contributing factors and the claims of the whys."""
    found: dict[int, list[str]] = {}
    for table, column in ((ContributingFactor, ContributingFactor.text), (Why, Why.claim)):
        query = select(Postmortem.incident_id, column.label("text")).join(table, table.postmortem_id == Postmortem.id)
        for row in session.execute(query.where(Postmortem.incident_id.in_(ids)).order_by(table.id)):
            found.setdefault(row.incident_id, []).append(row.text)
    return found


def first_entries(ids: Sequence[int]) -> dict[int, list[str]]:
    """What people and alerts noted first, in the order in which they noted it."""
    number = func.row_number().over(
        partition_by=TimelineEntry.incident_id, order_by=(TimelineEntry.created_at, TimelineEntry.id)
    )
    noted = (
        select(TimelineEntry.incident_id, TimelineEntry.text, TimelineEntry.created_at, number.label("number"))
        .where(TimelineEntry.incident_id.in_(ids))
        .where(TimelineEntry.is_automatic.is_(False), TimelineEntry.removed_at.is_(None))
        .subquery()
    )
    query = select(noted.c.incident_id, noted.c.text, noted.c.created_at, Incident.declared_at)
    query = query.join(Incident, Incident.id == noted.c.incident_id).where(noted.c.number <= FIRST_ENTRIES)
    query = query.where(Incident.imported_text.is_(None))
    found: dict[int, list[str]] = {}
    for row in session.execute(query.order_by(noted.c.incident_id, noted.c.number)):
        if row.created_at <= row.declared_at + FIRST_MINUTES:
            found.setdefault(row.incident_id, []).append(row.text)
    return found
