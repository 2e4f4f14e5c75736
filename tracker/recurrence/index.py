"""Keeping the index in step: what a change marked is read again, what is gone is taken out, exactly.

Every change goes through one locked row, so that two workers never count a term at once. A document knows the terms it
was counted under: an edit takes back those and adds the new ones. Marks are written with the change itself; rows that
were written past the session are found by ``mark_differing``, which reads all of them and compares.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text, update

from tracker.db import session
from tracker.models import Incident, IndexDocument, IndexMark, IndexState, IndexTerm
from tracker.recurrence.blocks import Weighed, pieces, write_blocks
from tracker.recurrence.described import compared, described_incidents
from tracker.recurrence.prepared import EDITION, Prepared, impacts_of, prepare
from tracker.recurrence.stored import read_documents

Changed = tuple[Prepared, Prepared]
"""What the index had read of an incident, and what it has read of it now."""

AT_ONCE = 300
"""Incidents that one transaction reads anew: few enough that nobody waits long for the next."""


@dataclass(frozen=True)
class Read:
    """What one transaction has read."""

    marks: int = 0
    """How many it settled."""
    changed: tuple[Changed, ...] = ()


def read_marked() -> Read:
    """Read the marked incidents again, as many as one transaction should.

    Marks that are written meanwhile stay: only those seen here are taken away.
    """
    _lock()
    marks = session.execute(select(IndexMark.id, IndexMark.incident_id).order_by(IndexMark.id).limit(AT_ONCE)).all()
    if not marks:
        return Read()
    changed = read_again(sorted({mark.incident_id for mark in marks}))
    for piece in pieces([mark.id for mark in marks]):
        session.execute(delete(IndexMark).where(IndexMark.id.in_(piece)))
    return Read(len(marks), tuple(changed))


def mark_all() -> None:
    """Have every incident read again, and whatever the index has of one that is gone. It answers on meanwhile."""
    session.execute(update(IndexDocument).values(edition=0))
    session.execute(insert(IndexMark).from_select(["incident_id"], select(Incident.id).order_by(Incident.id)))
    gone = select(IndexDocument.incident_id).where(IndexDocument.incident_id.not_in(select(Incident.id)))
    session.execute(insert(IndexMark).from_select(["incident_id"], gone))


def mark_differing(after: int) -> int | None:
    """Mark the incidents, of the next few after this id, of which the index does not say what their rows say.

    Returns the id to go on from; ``None`` when all were looked at.
    """
    known = select(IndexDocument.incident_id.label("id"))
    every = select(Incident.id.label("id")).union(known).subquery()
    ids = list(session.scalars(select(every.c.id).where(every.c.id > after).order_by(every.c.id).limit(AT_ONCE)))
    old = {one.id: one for one in read_documents(ids)}
    new = {one.id: prepare(one) for one in described_incidents(compared(ids))}
    stale = _of_other_editions(ids)
    if wrong := [one for one in ids if old.get(one) != new.get(one) or one in stale]:
        session.execute(insert(IndexMark), [{"incident_id": one} for one in wrong])
    return ids[-1] if ids else None


def waiting() -> int:
    """How many incidents wait to be read again."""
    return session.scalar(select(func.count(IndexMark.incident_id.distinct()))) or 0


def read_again(ids: Sequence[int]) -> list[Changed]:
    """Make the index say of these incidents what their rows say now; which of them people wrote something else of."""
    old = {one.id: one for one in read_documents(ids)}
    new = {one.id: prepare(one) for one in described_incidents(compared(ids))}
    stale = _of_other_editions(ids)
    changed = [one for one in ids if old.get(one) != new.get(one) or one in stale]
    _replace([old[one] for one in changed if one in old], [new[one] for one in changed if one in new])
    both = [one for one in changed if one in old and one in new and one not in stale]
    return [(old[one], new[one]) for one in both]


def _of_other_editions(ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for piece in pieces(ids):
        query = select(IndexDocument.incident_id).where(IndexDocument.incident_id.in_(piece))
        found.update(session.scalars(query.where(IndexDocument.edition != EDITION)))
    return found


def _replace(old: list[Prepared], new: list[Prepared]) -> None:
    taken, put = [Weighed(one, impacts_of(one)) for one in old], [Weighed(one, impacts_of(one)) for one in new]
    counted: Counter[str] = Counter()
    for one in taken:
        counted.subtract(one.impacts.keys())
    for one in put:
        counted.update(one.impacts.keys())
    ids = _count(counted)
    write_blocks(taken, put, ids=ids)
    for piece in pieces([one.id for one in old]):
        session.execute(delete(IndexDocument).where(IndexDocument.incident_id.in_(piece)))
    if new:
        session.execute(insert(IndexDocument), [_row(one) for one in new])
    gone = [ids[term] for term, more in counted.items() if more < 0]
    for piece in pieces(gone):
        session.execute(delete(IndexTerm).where(IndexTerm.id.in_(piece), IndexTerm.incidents <= 0))
    state = update(IndexState).values(incidents=IndexState.incidents + len(new) - len(old))
    session.execute(state)


COUNT = text(
    "INSERT INTO index_terms (term, incidents) VALUES (:term, :more) "
    "ON CONFLICT (term) DO UPDATE SET incidents = index_terms.incidents + excluded.incidents"
)


def _count(more: Counter[str]) -> dict[str, int]:
    """Count for each term so many incidents more, or fewer; the ids of all of them."""
    if changed := [{"term": term, "more": number} for term, number in sorted(more.items()) if number]:
        session.execute(COUNT, changed)
    ids: dict[str, int] = {}
    for piece in pieces(sorted(more)):
        rows = session.execute(select(IndexTerm.term, IndexTerm.id).where(IndexTerm.term.in_(piece)))
        ids.update((row.term, row.id) for row in rows)
    return ids


def _row(one: Prepared) -> dict[str, object]:
    return {
        "incident_id": one.id,
        "moment": one.moment,
        "services": sorted(one.services),
        "alert": one.alert,
        "cause": one.cause,
        "title_terms": "\n".join(one.title),
        "body_terms": "\n".join(one.body),
        "cause_terms": "\n".join(one.causes),
        "edition": EDITION,
    }


def _lock() -> None:
    """Nobody else changes the index until the transaction ends."""
    session.execute(text("INSERT INTO index_state (id, incidents) VALUES (1, 0) ON CONFLICT (id) DO NOTHING"))
    session.execute(select(IndexState.id).with_for_update())
