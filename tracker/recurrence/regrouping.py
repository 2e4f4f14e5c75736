"""Families put together or taken apart by hand, and that undone. Families follow from decided pairs: so these are
decisions about pairs, several at once, each noted with how the pair stood before.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise, product

from sqlalchemy import and_, or_, select

from tracker import audit
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import (
    FamilyChange,
    FamilyChangeKind,
    FamilyChangePair,
    FamilyMember,
    Incident,
    Person,
    Recurrence,
    RecurrenceState,
    Stage,
)
from tracker.recurrence import families, verdicts
from tracker.recurrence.queries import stocks


def merge(one: Incident, other: Incident, *, why: str, by: Person, now: datetime) -> FamilyChange:
    """Two incidents are the same, whatever was found or decided before: their families become one.

    Raises:
        RuleError: it is the same incident, a drill is among them, or they are one family already.
    """
    if one.id == other.id:
        raise RuleError(f"{one.ref} is the same as itself. Name another incident.")
    if one.is_drill or other.is_drill:
        raise RuleError("A drill is compared with nothing, so it is in no family.")
    families.lock({one.id, other.id})
    if other.id in families.relatives_to_change(one.id):
        raise RuleError(f"{one.ref} and {other.ref} are one family already.")
    change = _change(FamilyChangeKind.MERGED, why=why, by=by, now=now)
    _make_same(change, one, other)
    families.rejoin({one.id, other.id}, now=now)
    audit.note("merge_families", f"{one.ref} and {other.ref}", by=by, now=now)
    return change


def split(family_id: int, out: Sequence[Incident], *, why: str, by: Person, now: datetime) -> list[str]:
    """Some incidents of a family are another failure: they leave it, and are a family of their own if several.

    Every pair across the cut becomes *related*. Returns what became of items that a verdict across it had judged.

    Raises:
        RuleError: nobody would leave, or nobody would stay.
    """
    members = _members(family_id)
    families.lock(set(members))
    leaving = {one.id for one in out} & members.keys()
    staying = members.keys() - leaving
    if not leaving or not staying:
        raise RuleError("Choose who leaves this family, and leave at least one in it.")
    change = _change(FamilyChangeKind.SPLIT, why=why, by=by, now=now)
    became = [
        sentence
        for pair in _same_pairs(leaving, staying)
        for sentence in _decide(change, pair, RecurrenceState.RELATED, by=by)
    ]
    session.flush()
    for side in (leaving, staying):
        _hold_together(change, [members[key] for key in side])
    families.rejoin(set(members), now=now)
    refs = ", ".join(sorted(one.ref for one in out))
    audit.note("split_family", refs, by=by, now=now)
    return became


def undo(change: FamilyChange, *, by: Person, now: datetime) -> list[str]:
    """Everything as it stood before the change; what became of items that a verdict had judged in the meantime.

    Raises:
        RuleError: it was undone before, or a pair of it was decided again since.
    """
    if change.undone_at is not None:
        raise RuleError("That is undone already. Reload the page to see the families as they are.")
    pairs = [(note, note.recurrence) for note in change.pairs]
    families.lock({key for _, pair in pairs for key in (pair.later_id, pair.earlier_id)})
    for note, pair in pairs:
        session.refresh(pair)
        if pair.state is not note.became:
            raise RuleError(
                f"{pair.later.ref} and {pair.earlier.ref} were decided again since: {pair.state.value}. "
                "Change that pair instead."
            )
    touched = {key for _, pair in pairs for key in (pair.later_id, pair.earlier_id)}
    change.undone_at = now
    became = [sentence for note, pair in pairs for sentence in _restore(note, pair, by=by, now=now)]
    session.flush()
    families.rejoin(touched, now=now)
    audit.note("undo_family_change", change.kind.value, by=by, now=now)
    return became


def _change(kind: FamilyChangeKind, *, why: str, by: Person, now: datetime) -> FamilyChange:
    change = FamilyChange(kind=kind, why=why, by_id=by.id, at=now)
    session.add(change)
    session.flush()
    return change


def _members(family_id: int) -> dict[int, Incident]:
    own = select(FamilyMember.incident_id).where(FamilyMember.family_id == family_id)
    return {one.id: one for one in session.scalars(select(Incident).where(Incident.id.in_(own)).order_by(Incident.id))}


def _same_pairs(leaving: set[int], staying: set[int]) -> list[Recurrence]:
    across = or_(
        and_(Recurrence.later_id.in_(leaving), Recurrence.earlier_id.in_(staying)),
        and_(Recurrence.later_id.in_(staying), Recurrence.earlier_id.in_(leaving)),
    )
    query = select(Recurrence).where(across, Recurrence.state == RecurrenceState.SAME).order_by(Recurrence.id)
    return list(session.scalars(query.with_for_update()))


def _hold_together(change: FamilyChange, side: list[Incident]) -> None:
    """A side that the cut left in pieces is one all the same: the pieces are joined in the order of their time."""
    rows = {one.id: one for one in side}
    pieces = sorted((sorted(group & rows.keys()) for group in families.connected(rows)), key=lambda keys: keys[0])
    for before, after in pairwise(pieces):
        one, other = next(_strangers(before, after), (before[-1], after[0]))
        _make_same(change, rows[one], rows[other])
        session.flush()


def _strangers(before: list[int], after: list[int]) -> Iterator[tuple[int, int]]:
    """Two of which nobody has said anything: no decision need be changed to join them."""
    return (both for both in product(before, after) if _find_pair(*both) is None)


def _make_same(change: FamilyChange, one: Incident, other: Incident) -> None:
    pair = _find_pair(one.id, other.id)
    if pair is not None:
        _decide(change, pair, RecurrenceState.SAME, by=change.by)
        return
    earlier, later = sorted((one, other), key=lambda each: (each.declared_at, each.id))
    pair = Recurrence(
        later_id=later.id,
        earlier_id=earlier.id,
        state=RecurrenceState.SAME,
        stage=Stage.DECLARED,
        score=0.0,
        found_at=change.at,
        decided_at=change.at,
        decided_by_id=change.by_id,
        decided_why=change.why,
    )
    session.add(pair)
    session.flush()
    if not later.phase.is_live:
        # History put in order wakes nobody; only what changes from now on is told.
        pair.alerted_state = stocks([pair], today=change.at.date())[pair.id].digest
    session.add(FamilyChangePair(change_id=change.id, recurrence_id=pair.id, became=pair.state, was=None))


def _find_pair(one: int, other: int) -> Recurrence | None:
    either = or_(
        and_(Recurrence.later_id == one, Recurrence.earlier_id == other),
        and_(Recurrence.later_id == other, Recurrence.earlier_id == one),
    )
    return session.scalar(select(Recurrence).where(either).order_by(Recurrence.id).limit(1))


def _decide(change: FamilyChange, pair: Recurrence, state: RecurrenceState, *, by: Person | None) -> list[str]:
    session.add(
        FamilyChangePair(
            change_id=change.id,
            recurrence_id=pair.id,
            became=state,
            was=pair.state,
            was_decided_at=pair.decided_at,
            was_decided_by_id=pair.decided_by_id,
            was_decided_why=pair.decided_why,
        )
    )
    became = _without_verdicts(pair, by=by, now=change.at)
    pair.state, pair.decided_at, pair.decided_by_id, pair.decided_why = state, change.at, change.by_id, change.why
    return became


def _restore(note: FamilyChangePair, pair: Recurrence, *, by: Person, now: datetime) -> list[str]:
    became = _without_verdicts(pair, by=by, now=now)
    if note.was is None:
        session.delete(note)
        session.flush()
        session.delete(pair)
        return became
    pair.state, pair.decided_at = note.was, note.was_decided_at
    pair.decided_by_id, pair.decided_why = note.was_decided_by_id, note.was_decided_why
    return became


def _without_verdicts(pair: Recurrence, *, by: Person | None, now: datetime) -> list[str]:
    """Verdicts are about a pair that is the same: when that changes they are taken back."""
    if pair.state is not RecurrenceState.SAME or by is None:
        return []
    return verdicts.take_back_all(pair, by=by, now=now)
