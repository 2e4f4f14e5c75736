"""All incidents as the comparison knows them, kept by each process and brought up to date before each use.

This first version keeps the whole index in memory: about 1 kB an incident, read in full once a process and then only
where something changed. Whether anything changed is one query over counts, largest ids and sums of versions.
Drills are not in it. Private incidents are: who may see a match is asked where it is shown.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import BigInteger, cast, func, select

from tracker.db import session
from tracker.models import (
    Answer,
    ContributingFactor,
    Incident,
    IncidentService,
    Postmortem,
    Service,
    Why,
)
from tracker.recurrence.similarity import Described, Library, Prepared, prepare

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Where an import stands whose day nobody knows: before all others, so that it is never said to have come back."""
PIECE = 400
"""Incidents whose texts are in memory at once."""
SUMMARY_ANSWERS = ("summary", "what_broke")
CAUSE_ANSWERS = ("root_causes", "contributing_factors")
READ_ANSWERS = (*SUMMARY_ANSWERS, *CAUSE_ANSWERS)

Stamp = tuple[object, ...]


class KnownIncidents:
    """The library of one installation in this process. Safe to ask from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: Stamp = ()
        self._stamps: dict[int, Stamp] = {}
        self._prepared: dict[int, Prepared] = {}
        self._library = Library()

    def current_library(self) -> Library:
        """The library as the database has it now."""
        with self._lock:
            return self._current()

    def current_library_at_once(self) -> Library | None:
        """The same for somebody who types: ``None`` while another thread is reading, so that only one ever waits."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._current()
        finally:
            self._lock.release()

    def _current(self) -> Library:
        key = _key_of_everything()
        if key != self._key:
            self._update()
            self._key = key
        return self._library

    def _update(self) -> None:
        stamps = _stamps()
        changed = [key for key, stamp in stamps.items() if self._stamps.get(key) != stamp]
        new = list(prepared_incidents(changed))
        is_only_longer = self._stamps.keys() <= stamps.keys() and not any(one.id in self._prepared for one in new)
        self._prepared = {key: one for key, one in self._prepared.items() if key in stamps}
        self._prepared.update((one.id, one) for one in new)
        self._stamps = stamps
        new.sort(key=lambda one: one.place)
        if is_only_longer and len(self._library) and new and self._library.is_latest(new[0]):
            for one in new:
                self._library.append(one)
        else:
            self._library = Library(self._prepared.values())


def known_incidents() -> KnownIncidents:
    """Those of the present application."""
    known: KnownIncidents = current_app.extensions.setdefault("followthrough.known_incidents", KnownIncidents())
    return known


def _key_of_everything() -> Stamp:
    """What changes when anything does that is compared; a number a table, and the services by name."""
    numbers: Sequence[tuple[Any, Any]] = (
        (Incident.id, Incident.version),
        (Postmortem.id, Postmortem.version),
        (Answer.id, Answer.version),
        (ContributingFactor.id, ContributingFactor.version),
        (Why.id, Why.version),
        (IncidentService.service_id, cast(IncidentService.service_id, BigInteger) * IncidentService.incident_id),
    )
    columns = [
        select(column).scalar_subquery()
        for key, version in numbers
        for column in (func.count(key), func.max(key), func.sum(key), func.sum(version))
    ]
    names = session.execute(select(Service.id, Service.name).order_by(Service.id))
    return (*session.execute(select(*columns)).one(), *(tuple(row) for row in names))


def _stamps() -> dict[int, Stamp]:
    """For each incident but drills a value that changes when what is compared of it does."""
    found: dict[int, list[object]] = {
        row.id: [row.version]
        for row in session.execute(select(Incident.id, Incident.version).where(Incident.is_drill.is_(False)))
    }
    of_postmortem = (
        select(Postmortem.incident_id, Postmortem.version),
        _versions(Answer).where(Answer.question.in_(READ_ANSWERS)),
        _versions(ContributingFactor),
        _versions(Why),
        select(IncidentService.incident_id, Service.name)
        .join(Service, Service.id == IncidentService.service_id)
        .order_by(IncidentService.incident_id, Service.id),
    )
    for number, query in enumerate(of_postmortem):
        for row in session.execute(query):
            if row[0] in found:
                found[row[0]].append((number, *row[1:]))
    return {key: tuple(stamp) for key, stamp in found.items()}


def _versions(table: Any) -> Any:
    return (
        select(Postmortem.incident_id, func.count(), func.max(table.id), func.sum(table.version))
        .join(table, table.postmortem_id == Postmortem.id)
        .group_by(Postmortem.incident_id)
    )


def prepared_incidents(ids: Sequence[int]) -> Iterator[Prepared]:
    for start in range(0, len(ids), PIECE):
        for described in described_incidents(ids[start : start + PIECE]):
            yield prepare(described)


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
    answers, causes = _answers(ids), _factors(ids)
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


def service_names(slugs: Sequence[str]) -> frozenset[str]:
    """The names of these services; a slug that is none is passed over."""
    return frozenset(session.scalars(select(Service.name).where(Service.slug.in_(slugs)))) if slugs else frozenset()
