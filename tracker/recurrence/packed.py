"""Where a term stands, packed: the incidents of one block of ids with its impact in each. Bytes in, sums out.

A block is 4,096 neighbouring ids. Its postings are first the places in it, ascending, two bytes each, then the impacts,
one byte each; its days are one number of four bytes a place. The lowest byte comes first, on every machine.
"""

import sys
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import nlargest
from typing import Literal

BLOCK = 4_096
"""Ids in a block. What a term that searches has in one stays within two kilobytes: PostgreSQL keeps that in the row."""
NOBODY = -(2**31)
"""The day of an id that the index has no incident of."""
PLACE, DAY = 2, 4
"""Bytes of a place and of a day."""

Blocks = Mapping[int, bytes]
"""The postings of one term, by block."""


def block_of(incident_id: int) -> int:
    return incident_id // BLOCK


def place_of(incident_id: int) -> int:
    return incident_id % BLOCK


def unpack(postings: bytes) -> tuple["array[int]", bytes]:
    """The places, and the impact at each."""
    end = len(postings) // (PLACE + 1) * PLACE
    return _numbers("H", postings[:end]), postings[end:]


def with_changes(postings: bytes, changes: Mapping[int, int | None]) -> bytes:
    """The same with other impacts at these places; at a place of ``None`` the term stands no more."""
    places, impacts = unpack(postings)
    new = [(place, impact) for place, impact in sorted(changes.items()) if impact is not None]
    if len(new) < len(changes) or (places and new[0][0] <= places[-1]):
        found = dict(zip(places, impacts, strict=True))
        for place, impact in changes.items():
            if impact is None:
                found.pop(place, None)
            else:
                found[place] = impact
        places, impacts, new = array("H"), b"", sorted(found.items())
    places.extend(place for place, _ in new)
    return _bytes(places) + impacts + bytes(impact for _, impact in new)


@dataclass(frozen=True)
class Days:
    """On which days the incidents of a block were; ``packed`` is not needed when all are long ago or all later."""

    incidents: int
    first: int
    last: int
    packed: bytes | None = None

    @cached_property
    def each(self) -> "array[int]":
        """The day at each place."""
        return array("i", [NOBODY]) * BLOCK if self.packed is None else _numbers("i", self.packed)


NOT_YET = Days(0, 2**31 - 1, 2**31 - 1)
"""Of a block whose days were not there yet when they were read."""


def days_with_changes(days: bytes, changes: Mapping[int, int]) -> Days | None:
    """The days of a block with others at these places; ``None`` when nobody is left in it."""
    found = _numbers("i", days) if days else array("i", [NOBODY]) * BLOCK
    for place, day in changes.items():
        found[place] = day
    known = [day for day in found if day != NOBODY]
    return Days(len(known), min(known), max(known), _bytes(found)) if known else None


def _numbers(kind: Literal["H", "i"], packed: bytes) -> "array[int]":
    numbers = array(kind)
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _bytes(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()


@dataclass(frozen=True)
class Calendar:
    """Which incidents are earlier than the one that asks."""

    days: Mapping[int, Days]
    """By block."""
    today: int
    barred: Collection[int] = frozenset()
    """Ids of today that are not earlier."""

    @cached_property
    def _barred_places(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for one in self.barred:
            found.setdefault(block_of(one), set()).add(place_of(one))
        return found

    def of(self, block: int) -> Days:
        return self.days.get(block, NOT_YET)

    def count(self) -> int:
        """How many incidents are earlier."""
        return sum(self._count(block, days) for block, days in self.days.items() if days.first <= self.today)

    def _count(self, block: int, days: Days) -> int:
        if days.packed is None:
            return days.incidents
        known = [place for place, day in enumerate(days.each) if day != NOBODY]
        return len(self.earlier(block, known))

    def earlier(self, block: int, places: Sequence[int]) -> Sequence[int]:
        """Those of the places of a block that are earlier."""
        days, barred, today = self.of(block), self._barred_places.get(block, set()), self.today
        if days.first > today:
            return []
        if days.last > today:
            day = days.each
            return [place for place in places if day[place] <= today and place not in barred]
        return [place for place in places if place not in barred] if barred else places


def count_earlier(blocks: Blocks, calendar: Calendar) -> int:
    """How many earlier incidents have a term."""
    return sum(len(calendar.earlier(block, unpack(postings)[0])) for block, postings in blocks.items())


def latest_earlier(blocks: Blocks, calendar: Calendar, *, most: int) -> list[int]:
    """The earlier incidents that have a term, those of the highest ids, so many at most."""
    found: list[int] = []
    for block in sorted(blocks, reverse=True):
        start = block * BLOCK
        found += [start + place for place in reversed(calendar.earlier(block, unpack(blocks[block])[0]))]
        if len(found) >= most:
            break
    return found[:most]


@dataclass
class Best:
    """The highest sums so far; of equal ones the lowest ids."""

    most: int
    ranked: list[tuple[int, int]] = field(default_factory=list)
    """Sum and negative id, the best first."""

    @property
    def least(self) -> int:
        """What a sum must exceed to be among them, when ids only grow."""
        return self.ranked[-1][0] if len(self.ranked) == self.most else 0

    def add(self, found: list[tuple[int, int]]) -> None:
        if found:
            self.ranked = nlargest(self.most, [*self.ranked, *found])


def strongest(terms: Iterable[tuple[int, Blocks]], calendar: Calendar, *, most: int, since: int) -> dict[int, int]:
    """The earlier incidents with the highest sums of weight times impact, over all time and since a day, with sums."""
    by_block: dict[int, list[tuple[int, bytes]]] = {}
    for weight, blocks in terms:
        for block, postings in blocks.items():
            by_block.setdefault(block, []).append((weight, postings))
    of_all_time, of_late = Best(most), Best(most)
    for block in sorted(by_block):
        days, end = calendar.of(block), -block * BLOCK
        if days.first > calendar.today:
            continue
        points = _points(by_block[block], block, calendar)
        least = of_all_time.least
        of_all_time.add([(value, end - place) for place, value in enumerate(points) if value > least])
        if days.last >= since:
            day, least = days.each, of_late.least
            of_late.add(
                [(value, end - place) for place, value in enumerate(points) if value > least and day[place] >= since]
            )
    return {-number: value for value, number in (*of_all_time.ranked, *of_late.ranked)}


def _points(terms: list[tuple[int, bytes]], block: int, calendar: Calendar) -> list[int]:
    """For each place of a block the sum of weight times impact; 0 where no earlier incident is."""
    points = [0] * BLOCK
    for weight, postings in terms:
        places, impacts = unpack(postings)
        for place, impact in zip(places, impacts, strict=True):
            points[place] += weight * impact
    every = range(BLOCK)
    earlier = calendar.earlier(block, every)
    if earlier is every:
        return points
    kept = [0] * BLOCK
    for place in earlier:
        kept[place] = points[place]
    return kept
