"""The index in the tables, asked: both databases keep the same bytes, so the same ids and sums come of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, not_, or_, select, union_all

from tracker.db import session
from tracker.models import Incident, IndexDocument, IndexTerm
from tracker.recurrence import packed, weights
from tracker.recurrence.blocks import pieces, read_blocks, read_days
from tracker.recurrence.prepared import EPOCH, Prepared, facts_of, impacts_of

TERM = (IndexTerm.id, IndexTerm.term, IndexTerm.incidents)


class Near(IntEnum):
    """Why an incident is read before the others."""

    JUST_BEFORE = 1
    NOT_EARLIER = 2
    PRIVATE = 3
    """Earlier, and compared like any other, but in no figure that is shown: it would tell what is written there."""


class Stored:
    """The store that the product asks, made for one question. Who may see what it finds is asked where it is shown."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._blocks: dict[str, packed.Blocks] = {}
        self._around: dict[tuple[datetime, int], Around] = {}

    def count_before(self, asking: Prepared) -> int:
        return self._earlier_than(asking).count()

    def count_shown(self, asking: Prepared) -> int:
        return self.count_before(asking) - len(self._read_around(asking).private)

    def frequencies(self, terms: list[str], *, asking: Prepared) -> dict[str, int]:
        """The asking incident itself is not counted. Later ones are: they are few when an incident is compared."""
        found = {}
        for piece in pieces(terms):
            for row in session.execute(select(*TERM).where(IndexTerm.term.in_(piece))):
                self._ids[row.term], found[row.term] = row.id, row.incidents
        own = next(read_documents([asking.id]), None) if asking.id else None
        for term in impacts_of(own) if own else ():
            if term in found:
                found[term] -= 1
        return found

    def exact_frequencies(self, terms: list[str], *, asking: Prepared) -> dict[str, int]:
        blocks, around = self._read(terms), self._read_around(asking)
        return {
            term: packed.count_earlier(one, around.shown) or min(1, packed.count_earlier(one, around.calendar))
            for term, one in blocks.items()
        }

    def strongest(self, searching: dict[str, int], *, asking: Prepared) -> dict[int, int]:
        blocks = self._read([*searching, *facts_of(asking)])
        return packed.strongest(
            ((weight, blocks[term]) for term, weight in searching.items() if term in blocks),
            self._earlier_than(asking),
            most=weights.CANDIDATES,
            since=asking.day - weights.RECENCY_DAYS,
        )

    def alike(self, facts: list[str], *, asking: Prepared) -> set[int]:
        blocks, calendar = self._read(facts), self._earlier_than(asking)
        found = set(self._read_around(asking).just_before)
        for one in blocks.values():
            found.update(packed.latest_earlier(one, calendar, most=weights.SAME_FACT_CANDIDATES))
        return found

    def documents(self, ids: set[int], *, asking: Prepared) -> list[Prepared]:
        return [one for one in read_documents(sorted(ids)) if one.place < asking.place]

    def _read(self, terms: Iterable[str]) -> dict[str, packed.Blocks]:
        """The postings of those of the terms that anybody has; each is read once."""
        known = [term for term in terms if term in self._ids]
        unread = {self._ids[term]: term for term in known if term not in self._blocks}
        for term_id, blocks in read_blocks(sorted(unread)).items():
            self._blocks[unread[term_id]] = blocks
        return {term: self._blocks[term] for term in known}

    def _earlier_than(self, asking: Prepared) -> packed.Calendar:
        return self._read_around(asking).calendar

    def _read_around(self, asking: Prepared) -> "Around":
        if asking.place not in self._around:
            days = read_days(since=asking.day - weights.RECENCY_DAYS, until=asking.day)
            near: dict[int, list[int]] = {}
            for row in session.execute(_near(asking)):
                near.setdefault(row.near, []).append(row.incident_id)
            barred, private = {asking.id, *near.get(Near.NOT_EARLIER, ())}, set(near.get(Near.PRIVATE, ()))
            self._around[asking.place] = Around(
                packed.Calendar(days, asking.day, barred),
                packed.Calendar(days, asking.day, barred | private),
                private,
                near.get(Near.JUST_BEFORE, []),
            )
        return self._around[asking.place]


@dataclass(frozen=True)
class Around:
    """Which incidents are earlier than one that asks, and the few of them that were declared within hours."""

    calendar: packed.Calendar
    shown: packed.Calendar
    """Without the private ones."""
    private: set[int]
    just_before: list[int]


def read_documents(ids: Sequence[int]) -> Iterator[Prepared]:
    """What the index has read of these incidents, by id."""
    table = IndexDocument.__table__
    for piece in pieces(ids):
        query = select(*table.columns).where(table.c.incident_id.in_(piece)).order_by(table.c.incident_id)
        for row in session.execute(query):
            yield Prepared(
                id=row.incident_id,
                moment=row.moment,
                services=frozenset(row.services),
                alert=row.alert,
                cause=row.cause,
                title=_terms_of(row.title_terms),
                body=_terms_of(row.body_terms),
                causes=_terms_of(row.cause_terms),
            )


def _is_not_earlier(asking: Prepared) -> ColumnElement[bool]:
    """Itself, and what is later. The first half alone lets the databases go to the right end of the index."""
    later = or_(IndexDocument.moment > asking.moment, IndexDocument.incident_id >= asking.id)
    return and_(IndexDocument.moment >= asking.moment, later)


def _terms_of(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("\n")) if stored else ()


def _near(asking: Prepared) -> CompoundSelect[int, int]:
    """The latest that were declared within hours before, those of its own day that are not earlier, the private."""
    since, tomorrow = asking.moment - timedelta(hours=weights.AT_ONCE_HOURS), EPOCH + timedelta(days=asking.day + 1)
    document = IndexDocument.incident_id
    before = select(document).where(IndexDocument.moment.between(since, asking.moment), not_(_is_not_earlier(asking)))
    latest = before.order_by(IndexDocument.moment.desc(), document.desc()).limit(weights.AT_ONCE_CANDIDATES)
    # SQLite takes a limit in a union only one level down.
    return union_all(
        select(latest.subquery().c.incident_id, literal(int(Near.JUST_BEFORE)).label("near")),
        select(document, literal(int(Near.NOT_EARLIER))).where(
            _is_not_earlier(asking), IndexDocument.moment < tomorrow
        ),
        select(document, literal(int(Near.PRIVATE)))
        .join(Incident, Incident.id == document)
        .where(Incident.is_private, not_(_is_not_earlier(asking))),
    )
