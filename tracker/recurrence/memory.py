"""Incidents in memory, in the order of their moments: what the evaluation asks. Statistics are of earlier ones only."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from heapq import nlargest

from tracker.recurrence import weights
from tracker.recurrence.prepared import Prepared, impacts_of


class Memory:
    """A store that is filled in the order of time, and knows at each moment only what came before."""

    def __init__(self, prepared: Iterable[Prepared] = ()) -> None:
        self._documents: list[Prepared] = []
        self._positions: dict[int, int] = {}
        self._postings: dict[str, tuple[array[int], array[int]]] = defaultdict(lambda: (array("l"), array("B")))
        for one in sorted(prepared, key=lambda one: one.place):
            self.append(one)

    def append(self, prepared: Prepared) -> None:
        """Add an incident that is later than all others.

        Raises:
            ValueError: it is not; make a new store then.
        """
        if self._documents and prepared.place <= self._documents[-1].place:
            raise ValueError("Only what is later than everything else can be appended.")
        position = len(self._documents)
        self._documents.append(prepared)
        self._positions[prepared.id] = position
        for term, impact in impacts_of(prepared).items():
            positions, impacts = self._postings[term]
            positions.append(position)
            impacts.append(impact)

    def count_before(self, asking: Prepared) -> int:
        return bisect_left(self._documents, asking.place, key=lambda document: document.place)

    count_shown = count_before

    def frequencies(self, terms: list[str], *, asking: Prepared) -> dict[str, int]:
        end = self.count_before(asking)
        return {term: bisect_left(self._postings[term][0], end) for term in terms if term in self._postings}

    exact_frequencies = frequencies

    def strongest(self, searching: dict[str, int], *, asking: Prepared) -> dict[int, int]:
        end = self.count_before(asking)
        points: dict[int, int] = defaultdict(int)
        for term in searching.keys() & self._postings.keys():
            positions, impacts = self._postings[term]
            weight = searching[term]
            for at in range(bisect_left(positions, end)):
                points[positions[at]] += weight * impacts[at]
        found = {self._documents[position].id: value for position, value in points.items()}
        recent = [one for one in found if self._day(one) >= asking.day - weights.RECENCY_DAYS]
        return {one: found[one] for one in (*_best(found, list(found)), *_best(found, recent))}

    def _day(self, incident_id: int) -> int:
        return self._documents[self._positions[incident_id]].day

    def alike(self, facts: list[str], *, asking: Prepared) -> set[int]:
        end = self.count_before(asking)
        since = asking.moment - timedelta(hours=weights.AT_ONCE_HOURS)
        latest = self._documents[max(0, end - weights.AT_ONCE_CANDIDATES) : end]
        found = {one.id for one in latest if one.moment >= since}
        for fact in facts:
            positions = self._postings[fact][0] if fact in self._postings else array("l")
            ids = [self._documents[at].id for at in positions[: bisect_left(positions, end)]]
            found.update(nlargest(weights.SAME_FACT_CANDIDATES, ids))
        return found

    def documents(self, ids: set[int], *, asking: Prepared) -> list[Prepared]:
        found = (self._documents[self._positions[one]] for one in sorted(ids))
        return [one for one in found if one.place < asking.place]


def _best(points: dict[int, int], ids: list[int]) -> list[int]:
    return nlargest(weights.CANDIDATES, ids, key=lambda one: (points[one], -one))
