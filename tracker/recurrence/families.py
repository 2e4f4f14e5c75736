"""Families: incidents joined by *same*. They follow from the decisions: joining, merging and parting are one."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Select, or_, select

from tracker.db import session
from tracker.models import Family, FamilyMember, Incident, Recurrence, RecurrenceState


def rejoin(incident_ids: set[int], *, now: datetime) -> None:
    """Put right the families around these incidents, after a decision about them changed.

    Whoever is connected by pairs that are *same* is one family; who is connected to nobody is in none. Of several
    families that become one the oldest stays; of parts of one the part that it is named after, or else the largest.
    """
    session.flush()
    lock(incident_ids)
    members = _members_around(incident_ids)
    before = {row.family_id for row in members.values()}
    taken: set[int] = set()
    named_after = _name_givers(before)
    groups = connected(incident_ids | members.keys())
    for group in sorted(groups, key=lambda group: (named_after.isdisjoint(group), -len(group), min(group))):
        if len(group) == 1:
            _leave(members, *group)
            continue
        old = min({members[one].family_id for one in group if one in members} - taken, default=None)
        family_id = old if old is not None else _new_family(group, now=now)
        taken.add(family_id)
        _join(members, group, family_id=family_id)
    session.flush()
    for family_id in before - taken:
        session.delete(session.get_one(Family, family_id))


def relatives_of(incident_id: int) -> set[int]:
    """The other members of its family."""
    return {row.incident_id for row in session.scalars(_around({incident_id}))} - {incident_id}


def relatives_to_change(incident_id: int) -> set[int]:
    """The same, and nobody else changes the family until the transaction ends."""
    return set(_members_around({incident_id})) - {incident_id}


def likenesses_of_all() -> dict[int, int]:
    """For each incident of a pair that is the same, or may be, one number for all that hang together so.

    Incidents that are suspected to be the same are no rivals of each other: the third time is as loud as the second.
    """
    alike = (RecurrenceState.SAME, RecurrenceState.SUSPECTED)
    pairs = select(Recurrence.later_id, Recurrence.earlier_id).where(Recurrence.state.in_(alike))
    first: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    for one, other in session.execute(pairs):
        low, high = sorted(first.setdefault(each, each) for each in (one, other))
        if low != high:
            moved = members.pop(high, [high])
            members.setdefault(low, [low]).extend(moved)
            first.update(dict.fromkeys(moved, low))
    return first


def lock(incident_ids: set[int]) -> None:
    """Two decisions about one incident at the same moment come one after the other."""
    rows = select(Incident.id).where(Incident.id.in_(incident_ids)).order_by(Incident.id)
    session.execute(rows.with_for_update(key_share=True))


def _members_around(incident_ids: set[int]) -> dict[int, FamilyMember]:
    return {row.incident_id: row for row in session.scalars(_around(incident_ids).with_for_update())}


def _around(incident_ids: set[int]) -> Select[FamilyMember]:
    own = select(FamilyMember.family_id).where(FamilyMember.incident_id.in_(incident_ids))
    return select(FamilyMember).where(FamilyMember.family_id.in_(own))


def _name_givers(family_ids: set[int]) -> set[int]:
    """The incidents after which these families were named."""
    query = (
        select(Incident.id)
        .join(FamilyMember, FamilyMember.incident_id == Incident.id)
        .join(Family, Family.id == FamilyMember.family_id)
    )
    return set(session.scalars(query.where(Family.id.in_(family_ids), Family.name == Incident.title)))


def _leave(members: dict[int, FamilyMember], incident_id: int) -> None:
    if incident_id in members:
        session.delete(members[incident_id])


def _join(members: dict[int, FamilyMember], group: set[int], *, family_id: int) -> None:
    for one in sorted(group):
        if one in members:
            members[one].family_id = family_id
        else:
            session.add(FamilyMember(incident_id=one, family_id=family_id))


def _new_family(group: set[int], *, now: datetime) -> int:
    """A family named after its first incident. Pages name it after the first one their reader may see."""
    first = select(Incident.title).where(Incident.id.in_(group)).order_by(Incident.declared_at, Incident.id).limit(1)
    family = Family(name=session.scalars(first).one(), created_at=now)
    session.add(family)
    session.flush()
    return family.id


def connected(incident_ids: Iterable[int]) -> Iterator[set[int]]:
    """The groups that pairs decided as *same* make of these incidents."""
    rest = set(incident_ids)
    pairs = session.execute(
        select(Recurrence.later_id, Recurrence.earlier_id).where(
            Recurrence.state == RecurrenceState.SAME,
            or_(Recurrence.later_id.in_(rest), Recurrence.earlier_id.in_(rest)),
        )
    ).all()
    while rest:
        group = {min(rest)}
        while more := {one for pair in pairs for one in pair if not group.isdisjoint(pair)} - group:
            group |= more
        rest -= group
        yield group
