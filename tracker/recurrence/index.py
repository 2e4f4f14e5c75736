"""Keeping the index in step: what a change marked is read again, what is gone is taken out, exactly.

Every change goes through one locked row, so that two workers never count a term at once. A document knows the terms it
was counted under: an edit takes back those and adds the new ones. Marks are written with the change itself; rows that
were written past the session are found by ``mark_differing``, which reads all of them and compares.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, text, update

from tracker.db import session
from tracker.models import Incident, IndexDocument, IndexMark, IndexPosting, IndexState, IndexTerm
from tracker.recurrence.described import compared, described_incidents
from tracker.recurrence.prepared import EDITION, Prepared, impacts_of, prepare
from tracker.recurrence.stored import pieces, read_documents

AT_ONCE = 300
"""Incidents that one transaction reads anew: few enough that nobody waits long for the next."""


def read_marked() -> int:
    """Read the marked incidents again, as many as one transaction should; how many marks that settled.

    Marks that are written meanwhile stay: only those seen here are taken away.
    """
    _lock()
    marks = session.execute(select(IndexMark.id, IndexMark.incident_id).order_by(IndexMark.id).limit(AT_ONCE)).all()
    if not marks:
        return 0
    read_again(sorted({mark.incident_id for mark in marks}))
    for piece in pieces([mark.id for mark in marks]):
        session.execute(delete(IndexMark).where(IndexMark.id.in_(piece)))
    return len(marks)


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


def read_again(ids: Sequence[int]) -> None:
    """Make the index say of these incidents what their rows say now."""
    old = {one.id: one for one in read_documents(ids)}
    new = {one.id: prepare(one) for one in described_incidents(compared(ids))}
    stale = _of_other_editions(ids)
    changed = [one for one in ids if old.get(one) != new.get(one) or one in stale]
    _replace([old[one] for one in changed if one in old], [new[one] for one in changed if one in new])


def _of_other_editions(ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for piece in pieces(ids):
        query = select(IndexDocument.incident_id).where(IndexDocument.incident_id.in_(piece))
        found.update(session.scalars(query.where(IndexDocument.edition != EDITION)))
    return found


def _replace(old: list[Prepared], new: list[Prepared]) -> None:
    counted: Counter[str] = Counter()
    for one in old:
        counted.subtract(impacts_of(one).keys())
    for one in new:
        counted.update(impacts_of(one).keys())
    ids = _count(counted)
    for one in old:
        _take_out(one, sorted(ids[term] for term in impacts_of(one)))
    _put_in(new, ids)
    gone = [ids[term] for term, more in counted.items() if more < 0]
    for piece in pieces(gone):
        session.execute(delete(IndexTerm).where(IndexTerm.id.in_(piece), IndexTerm.incidents <= 0))
    state = update(IndexState).values(incidents=IndexState.incidents + len(new) - len(old))
    session.execute(state)


def _count(more: Counter[str]) -> dict[str, int]:
    """Count for each term so many incidents more, or fewer; the ids of all of them."""
    ids: dict[str, int] = {}
    for piece in pieces(sorted(more)):
        values = ", ".join(f"(:term{number}, {more[term]:d})" for number, term in enumerate(piece))
        statement = text(
            f"INSERT INTO index_terms (term, incidents) VALUES {values} "  # noqa: S608 (numbers only; terms are bound)
            "ON CONFLICT (term) DO UPDATE SET incidents = index_terms.incidents + excluded.incidents "
            "RETURNING term, id"
        )
        rows = session.execute(statement, {f"term{number}": term for number, term in enumerate(piece)})
        ids.update((row[0], row[1]) for row in rows)
    return ids


def _take_out(one: Prepared, term_ids: list[int]) -> None:
    for piece in pieces(term_ids):
        session.execute(delete(IndexPosting).where(IndexPosting.term_id.in_(piece), IndexPosting.incident_id == one.id))
    session.execute(delete(IndexDocument).where(IndexDocument.incident_id == one.id))


ROWS_AT_ONCE = 5_000


def _put_in(new: list[Prepared], ids: dict[str, int]) -> None:
    if not new:
        return
    session.execute(insert(IndexDocument), [_row(one) for one in new])
    postings = sorted((ids[term], one.id, impact, one.day) for one in new for term, impact in impacts_of(one).items())
    for start in range(0, len(postings), ROWS_AT_ONCE):
        # Whole numbers of our own making, written out: a tenth of the time that bound ones take.
        values = ", ".join(map(str, postings[start : start + ROWS_AT_ONCE]))
        session.connection().exec_driver_sql(
            f"INSERT INTO index_postings (term_id, incident_id, impact, day) VALUES {values}"  # noqa: S608
        )


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
