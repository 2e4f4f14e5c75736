"""Reads about families: who is in them, each only as far as its reader may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import (
    EntryKind,
    FamilyChange,
    FamilyChangePair,
    FamilyMember,
    Incident,
    Person,
    Recurrence,
    TimelineEntry,
    may_see,
)
from tracker.recurrence.explaining import Time
from tracker.recurrence.queries import answers_and_causes_of, answers_of, may_see_pair, postmortems_of, promises_of
from tracker.recurrence.unfinished import Stock, began_at, take_stock


@dataclass(frozen=True)
class Occurrence:
    """One incident of a family, and what became of what was promised after it."""

    incident: Incident
    stock: Stock


def family_incidents(family_id: int, *, viewer: Person) -> list[Incident]:
    """The incidents of a family that this reader may see, the first one first.

    Raises:
        NotFoundError: there is no such family, or none of it is shown to this reader.
    """
    incidents = list(
        session.scalars(
            select(Incident)
            .join(FamilyMember, FamilyMember.incident_id == Incident.id)
            .where(FamilyMember.family_id == family_id, may_see(viewer))
            .order_by(Incident.declared_at, Incident.id)
        )
    )
    if not incidents:
        raise NotFoundError("There is no such family, or it is not shown to you.")
    return incidents


def family_occurrences(incidents: Sequence[Incident], *, today: date) -> list[Occurrence]:
    """The incidents of a family in their order, each with what became of its promises by the time of the next."""
    ids = [incident.id for incident in incidents]
    promises, postmortems = promises_of(ids), postmortems_of(ids)
    next_ones: list[datetime | None] = [*(began_at(one) for one in incidents[1:]), None]
    return [
        Occurrence(
            incident,
            take_stock(
                promises.get(incident.id, []),
                came_back=came_back,
                today=today,
                postmortem=postmortems.get(incident.id, ""),
            ),
        )
        for incident, came_back in zip(incidents, next_ones, strict=True)
    ]


def find_family_id(incident_id: int, *, viewer: Person) -> int | None:
    """The incident's family; ``None`` too when this reader may see no other incident of it."""
    own = select(FamilyMember.family_id).where(FamilyMember.incident_id == incident_id)
    query = (
        select(FamilyMember.family_id)
        .join(Incident, Incident.id == FamilyMember.incident_id)
        .where(FamilyMember.family_id.in_(own), may_see(viewer))
        .group_by(FamilyMember.family_id)
        .having(func.count() >= 2)
    )
    return session.scalar(query)


def history_of(incident_ids: Iterable[int], *, viewer: Person | None) -> list[Time]:
    """The incidents of the families of these that this reader may see, the first one first."""
    families = select(FamilyMember.family_id).where(FamilyMember.incident_id.in_(list(incident_ids)))
    rows = session.execute(
        select(Incident.number, Incident.declared_at, Incident.is_undated)
        .join(FamilyMember, FamilyMember.incident_id == Incident.id)
        .where(FamilyMember.family_id.in_(families), may_see(viewer))
        .order_by(Incident.declared_at, Incident.id)
    )
    return [Time(f"INC-{row.number}", row.declared_at, row.is_undated) for row in rows]


def causes_of(incident_ids: Iterable[int]) -> dict[int, str]:
    """The cause category of each of these incidents that has one."""
    return answers_and_causes_of(list(incident_ids))[1]


def detection_of(incidents: Sequence[Incident]) -> dict[int, str]:
    """What is written about how each of these was detected: the postmortem's answer, or else the timeline's entry."""
    ids = [one.id for one in incidents]
    entries = session.execute(
        select(TimelineEntry.incident_id, TimelineEntry.text)
        .where(
            TimelineEntry.incident_id.in_(ids),
            TimelineEntry.kind == EntryKind.DETECTION,
            TimelineEntry.removed_at.is_(None),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
    )
    found = {row.incident_id: row.text for row in entries}
    answers = answers_of(ids, "what_alerted_us")
    return found | {key: told["what_alerted_us"] for key, told in answers.items()}


def changes_about(incident_ids: Iterable[int], *, viewer: Person) -> list[FamilyChange]:
    """The merges and splits about these incidents that can be undone, the latest first.

    One that changed a pair which is hidden from this reader is not theirs to know or undo.
    """
    ids = list(incident_ids)
    pairs = select(FamilyChangePair.change_id).join(Recurrence, Recurrence.id == FamilyChangePair.recurrence_id)
    about = pairs.where(or_(Recurrence.later_id.in_(ids), Recurrence.earlier_id.in_(ids)))
    query = (
        select(FamilyChange)
        .where(FamilyChange.id.in_(about), FamilyChange.id.not_in(pairs.where(~may_see_pair(viewer))))
        .where(FamilyChange.undone_at.is_(None))
        .order_by(FamilyChange.at.desc(), FamilyChange.id.desc())
        .options(
            joinedload(FamilyChange.by),
            selectinload(FamilyChange.pairs).joinedload(FamilyChangePair.recurrence).joinedload(Recurrence.later),
            selectinload(FamilyChange.pairs).joinedload(FamilyChangePair.recurrence).joinedload(Recurrence.earlier),
        )
    )
    return list(session.scalars(query))


def get_change(change_id: int, *, viewer: Person) -> FamilyChange:
    """The change of families, for who may see every pair of it.

    Raises:
        NotFoundError: there is none, it changed a pair that is hidden from this reader, or it is undone.
    """
    pairs = select(FamilyChangePair.change_id).join(Recurrence, Recurrence.id == FamilyChangePair.recurrence_id)
    query = select(FamilyChange).where(
        FamilyChange.id == change_id, FamilyChange.id.not_in(pairs.where(~may_see_pair(viewer)))
    )
    change = session.scalar(query.with_for_update())
    if change is None or not change.pairs:
        raise NotFoundError("There is no such change, or it is not shown to you.")
    return change
