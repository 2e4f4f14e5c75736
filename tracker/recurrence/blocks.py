"""The blocks of the index as rows: read for a question, written with a change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import and_, case, delete, select, text

from tracker.db import session
from tracker.models import IndexBlock, IndexDays
from tracker.recurrence.packed import NOBODY, Days, block_of, days_with_changes, place_of, with_changes
from tracker.recurrence.prepared import Prepared

Value = TypeVar("Value")

PIECE = 500
"""Values that one statement is given: below the least limit of any database."""

WRITE_POSTINGS = text(
    "INSERT INTO index_blocks (term_id, block, postings) VALUES (:term_id, :block, :postings) "
    "ON CONFLICT (term_id, block) DO UPDATE SET postings = excluded.postings"
)
WRITE_DAYS = text(
    "INSERT INTO index_days (block, incidents, first_day, last_day, days) "
    "VALUES (:block, :incidents, :first_day, :last_day, :days) ON CONFLICT (block) DO UPDATE "
    "SET incidents = excluded.incidents, first_day = excluded.first_day, "
    "last_day = excluded.last_day, days = excluded.days"
)


def pieces(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


def read_blocks(term_ids: Sequence[int]) -> dict[int, dict[int, bytes]]:
    """All postings of these terms, by term and block."""
    found: dict[int, dict[int, bytes]] = {one: {} for one in term_ids}
    for piece in pieces(term_ids):
        query = select(IndexBlock.term_id, IndexBlock.block, IndexBlock.postings)
        for term_id, block, postings in session.execute(query.where(IndexBlock.term_id.in_(piece))):
            found[term_id][block] = postings
    return found


def read_days(*, since: int, until: int) -> dict[int, Days]:
    """The days by block; each single one only where some are in this span of days, or on both sides of its end."""
    needed = and_(IndexDays.first_day <= until, IndexDays.last_day >= since)
    columns = (IndexDays.block, IndexDays.incidents, IndexDays.first_day, IndexDays.last_day)
    return {row[0]: Days(*row[1:]) for row in session.execute(select(*columns, case((needed, IndexDays.days))))}


@dataclass(frozen=True)
class Weighed:
    """An incident with the impact of each of its terms."""

    prepared: Prepared
    impacts: dict[str, int]


def write_blocks(old: Iterable[Weighed], new: Iterable[Weighed], *, ids: Mapping[str, int]) -> None:
    """Have the blocks say of these incidents what is new instead of what is old; ``ids`` are the terms'."""
    postings: dict[int, dict[int, dict[int, int | None]]] = defaultdict(lambda: defaultdict(dict))
    days: dict[int, dict[int, int]] = defaultdict(dict)
    for one in old:
        block, place = block_of(one.prepared.id), place_of(one.prepared.id)
        days[block][place] = NOBODY
        for term in one.impacts:
            postings[block][ids[term]][place] = None
    for one in new:
        block, place = block_of(one.prepared.id), place_of(one.prepared.id)
        days[block][place] = one.prepared.day
        for term, impact in one.impacts.items():
            postings[block][ids[term]][place] = impact
    for block in sorted(days):
        _write_postings(block, postings[block])
        _write_days(block, days[block])


def _write_postings(block: int, changes: dict[int, dict[int, int | None]]) -> None:
    for piece in pieces(sorted(changes)):
        query = select(IndexBlock.term_id, IndexBlock.postings)
        rows = session.execute(query.where(IndexBlock.block == block, IndexBlock.term_id.in_(piece)))
        old = {row.term_id: row.postings for row in rows}
        new = {one: with_changes(old.get(one, b""), changes[one]) for one in piece}
        empty = [one for one in piece if one in old and not new[one]]
        written = [
            {"term_id": one, "block": block, "postings": new[one]}
            for one in piece
            if new[one] != old.get(one, b"") and new[one]
        ]
        if written:
            session.execute(WRITE_POSTINGS, written)
        if empty:
            session.execute(delete(IndexBlock).where(IndexBlock.block == block, IndexBlock.term_id.in_(empty)))


def _write_days(block: int, changes: dict[int, int]) -> None:
    old = session.scalar(select(IndexDays.days).where(IndexDays.block == block)) or b""
    new = days_with_changes(old, changes)
    if new is None:
        session.execute(delete(IndexDays).where(IndexDays.block == block))
    elif new.packed != old:
        row = {
            "block": block,
            "incidents": new.incidents,
            "first_day": new.first,
            "last_day": new.last,
            "days": new.packed,
        }
        session.execute(WRITE_DAYS, row)
