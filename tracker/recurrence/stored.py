"""The index in the tables, asked: plain SQL over whole numbers, so that both databases give the same ids and sums."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, union

from tracker.db import session
from tracker.models import IndexDocument, IndexPosting, IndexTerm
from tracker.recurrence import weights
from tracker.recurrence.prepared import Prepared, impacts_of

Value = TypeVar("Value")

PIECE = 500
"""Values that one statement is given: below the least limit of any database."""

TERM = (IndexTerm.id, IndexTerm.term, IndexTerm.incidents)
STRONGEST = """
WITH asked (term_id, weight) AS (VALUES {values}),
points AS (
    SELECT p.incident_id, p.day, SUM(a.weight * p.impact) AS points
    FROM asked a JOIN index_postings p ON p.term_id = a.term_id
    WHERE p.day <= :day AND p.incident_id <> :asking
    GROUP BY p.incident_id, p.day
)
SELECT incident_id, points FROM (
    SELECT incident_id, points FROM points ORDER BY points DESC, incident_id LIMIT :most
) of_all_time
UNION
SELECT incident_id, points FROM (
    SELECT incident_id, points FROM points WHERE day >= :since ORDER BY points DESC, incident_id LIMIT :most
) of_late
"""


class Stored:
    """The store that the product asks, made for one question. Who may see what it finds is asked where it is shown."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def count_before(self, asking: Prepared) -> int:
        earlier = _is_earlier(asking.moment, asking.id)
        return session.scalar(select(func.count()).select_from(IndexDocument).where(earlier)) or 0

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
        query = (
            select(IndexTerm.term, func.count())
            .join(IndexPosting, IndexPosting.term_id == IndexTerm.id)
            .join(IndexDocument, IndexDocument.incident_id == IndexPosting.incident_id)
            .where(IndexTerm.term.in_(terms), _is_earlier(asking.moment, asking.id))
            .group_by(IndexTerm.term)
        )
        return {row[0]: row[1] for row in session.execute(query)}

    def strongest(self, searching: dict[str, int], *, asking: Prepared) -> dict[int, int]:
        asked = {self._ids[term]: weight for term, weight in searching.items() if term in self._ids}
        if not asked:
            return {}
        # Whole numbers of our own making: written out, they need no types and no limit of parameters.
        values = ", ".join(f"({term_id:d}, {weight:d})" for term_id, weight in sorted(asked.items()))
        answer = session.execute(
            text(STRONGEST.format(values=values)),
            {
                "day": asking.day,
                "asking": asking.id,
                "since": asking.day - weights.RECENCY_DAYS,
                "most": weights.CANDIDATES,
            },
        )
        return {row[0]: int(row[1]) for row in answer}

    def alike(self, facts: list[str], *, asking: Prepared) -> set[int]:
        with_fact = (_with_fact(self._ids[fact], asking) for fact in facts if fact in self._ids)
        # Each has a limit of its own, and SQLite takes that in a union only one level down.
        limited = [one.subquery() for one in (_at_once(asking), *with_fact)]
        return set(session.scalars(union(*(select(one.c.incident_id) for one in limited))))

    def documents(self, ids: set[int], *, asking: Prepared) -> list[Prepared]:
        return [one for one in read_documents(sorted(ids)) if one.place < asking.place]


def pieces(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


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


def _is_earlier(moment: datetime, incident_id: int) -> ColumnElement[bool]:
    same = and_(IndexDocument.moment == moment, IndexDocument.incident_id < incident_id)
    return or_(IndexDocument.moment < moment, same)


def _terms_of(stored: str) -> tuple[str, ...]:
    return tuple(stored.split("\n")) if stored else ()


def _with_fact(term_id: int, asking: Prepared) -> Select[int]:
    """The latest that have a service, an alert or a cause in common with it."""
    having = select(IndexPosting.incident_id).where(
        IndexPosting.term_id == term_id, IndexPosting.day <= asking.day, IndexPosting.incident_id != asking.id
    )
    return having.order_by(IndexPosting.incident_id.desc()).limit(weights.SAME_FACT_CANDIDATES)


def _at_once(asking: Prepared) -> Select[int]:
    """The latest that were declared within hours before."""
    since = asking.moment - timedelta(hours=weights.AT_ONCE_HOURS)
    within = select(IndexDocument.incident_id).where(
        IndexDocument.moment >= since, _is_earlier(asking.moment, asking.id)
    )
    latest = within.order_by(IndexDocument.moment.desc(), IndexDocument.incident_id.desc())
    return latest.limit(weights.AT_ONCE_CANDIDATES)
