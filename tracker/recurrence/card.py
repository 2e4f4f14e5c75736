"""What the card shows while somebody declares: the best three families, what fixed them, what to check first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import cast, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.models import Answer, EntryKind, FamilyMember, Incident, Person, Postmortem, TimelineEntry, may_see
from tracker.recurrence import queries
from tracker.recurrence.operations import as_written
from tracker.recurrence.similarity import Described, Match
from tracker.recurrence.unfinished import Promise, Stock, cut, take_stock

CARD_SHOWN = 3
TEXT_SHOWN = 240
USEFUL_FROM = 0.1
"""Under this likelihood the best match is a guess that would only distract while somebody declares."""
NEXT_FROM = 0.5
"""Beside a useful one, others that are at least so close to it are shown too."""
ANSWERS = ("resolution", "root_causes")
ROLLBACK = "rollback"
ROLLBACK_WORDS = ("roll back", "rolled back", "rollback", "revert")


@dataclass(frozen=True)
class Seen:
    """One earlier incident on the seen-before card, for its whole family."""

    incident: Incident
    reasons: list[str]
    times: int
    fix: str
    check_first: str
    """What was the cause then: the first thing to look at now."""
    rollback: str
    """The rollback that was made or thought about then, as the timeline tells it."""
    took: timedelta | None
    stock: Stock


def seen_before(described: Described, matches: list[Match], *, viewer: Person, today: date) -> list[Seen]:
    """The best three of what this reader may see, one a family; empty when nothing is worth interrupting for."""
    visible = incidents_of_families([match.incident_id for match in matches], viewer=viewer)
    best: dict[int, Match] = {}
    for match in _useful([match for match in matches if match.incident_id in visible]):
        best.setdefault(visible[match.incident_id].family_id or -match.incident_id, match)
    chosen = list(best.values())[:CARD_SHOWN]
    incident_ids = [match.incident_id for match in chosen]
    told = _Told(queries.promises_of(incident_ids), written_of(incident_ids))
    return [_seen(visible[match.incident_id], match, described, told=told, today=today) for match in chosen]


@dataclass(frozen=True)
class OfFamily:
    """An incident, its family if it has one, and how often that happened as far as its reader may know."""

    incident: Incident
    family_id: int | None
    times: int


def incidents_of_families(incident_ids: Sequence[int], *, viewer: Person) -> dict[int, OfFamily]:
    """Those of these incidents that a reader may see, by id."""
    if not incident_ids:
        return {}
    member, other = aliased(FamilyMember), aliased(FamilyMember)
    is_seen = exists().where(Incident.id == other.incident_id, may_see(viewer)).correlate(other)
    times = (
        select(func.count())
        .select_from(other)
        .where(other.family_id == member.family_id, is_seen)
        .correlate(member)
        .scalar_subquery()
    )
    query = (
        select(Incident, member.family_id, times)
        .outerjoin(member, member.incident_id == Incident.id)
        .where(Incident.id.in_(incident_ids), may_see(viewer))
    )
    return {row[0].id: OfFamily(row[0], row[1], row[2] or 1) for row in session.execute(query)}


@dataclass(frozen=True)
class _Told:
    """What is known of all that the card shows, read at once."""

    promises: dict[int, list[Promise]]
    written: dict[int, dict[str, str]]


def _seen(known: OfFamily, match: Match, described: Described, *, told: _Told, today: date) -> Seen:
    incident = known.incident
    written = told.written.get(incident.id, {})
    shared = ", ".join(word for word, _ in as_written(match, described))
    return Seen(
        incident,
        reasons=[*match.reasons, *([f"shared words: {shared}"] if shared else [])],
        times=known.times,
        fix=first_words(written.get("resolution", "")),
        check_first=first_words(written.get("root_causes", "")),
        rollback=first_words(written.get(ROLLBACK, "")),
        took=incident.time_to_resolve,
        stock=take_stock(told.promises.get(incident.id, []), came_back=None, today=today),
    )


def first_words(text: str) -> str:
    """The beginning of a text in one line, without the marks of a list."""
    return cut(" ".join(text.split()).lstrip("-*# "), TEXT_SHOWN)


def written_of(incident_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What their postmortems answer, and under ``ROLLBACK`` the timeline's last word of one."""
    text = func.lower(TimelineEntry.text)
    rollbacks = select(TimelineEntry.incident_id, literal(ROLLBACK), TimelineEntry.text, TimelineEntry.at).where(
        TimelineEntry.incident_id.in_(incident_ids),
        TimelineEntry.kind.in_([EntryKind.ACTION, EntryKind.DECISION]),
        TimelineEntry.removed_at.is_(None),
        or_(*(text.like(f"%{word}%") for word in ROLLBACK_WORDS)),
    )
    answers = (
        select(
            Postmortem.incident_id,
            Answer.question.label("about"),
            Answer.text,
            cast(null(), TimelineEntry.at.type).label("at"),
        )
        .join(Answer, Answer.postmortem_id == Postmortem.id)
        .where(Postmortem.incident_id.in_(incident_ids), Answer.question.in_(ANSWERS), Answer.text != "")
    )
    both = union_all(answers, rollbacks).subquery()
    found: dict[int, dict[str, str]] = {}
    for row in session.execute(select(both).order_by(both.c.at.nulls_first(), both.c.text)):
        found.setdefault(row.incident_id, {})[row.about] = row.text
    return found


def _useful(matches: list[Match]) -> list[Match]:
    """Only of what their reader may see: that something hidden is alike must not bring another to their eyes."""
    if not any(match.score >= USEFUL_FROM for match in matches):
        return []
    near = NEXT_FROM * max(match.closeness for match in matches)
    return [
        match
        for match in matches
        if (match.score >= USEFUL_FROM or match.closeness >= near) and (match.shared_terms or match.reasons)
    ]
