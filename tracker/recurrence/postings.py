"""The inside of the library: where each term stands, and one question worked out once for all candidates."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tracker.recurrence import weights
from tracker.recurrence.prepared import Prepared


class Basis(StrEnum):
    """What is compared: what was declared, with recency; or the written causes too, without."""

    DECLARED = "declared"
    POSTMORTEM = "postmortem"


@dataclass(frozen=True)
class Document:
    """What the library keeps of an incident beside its postings."""

    id: int
    moment: datetime
    services: frozenset[str]
    alert: str
    cause: str

    @property
    def place(self) -> tuple[datetime, int]:
        return (self.moment, self.id)


class Postings:
    """Where a term stands, by position in the library, and how much it stands for there."""

    __slots__ = ("impacts", "positions")

    def __init__(self) -> None:
        self.positions = array("l")
        self.impacts = array("f")

    def append(self, position: int, impact: float) -> None:
        self.positions.append(position)
        self.impacts.append(impact)

    def before(self, position: int) -> int:
        """In how many earlier incidents the term stands."""
        return bisect_left(self.positions, position)

    def has(self, position: int) -> bool:
        at = bisect_left(self.positions, position)
        return at < len(self.positions) and self.positions[at] == position


NOWHERE = Postings()
NO_POSITIONS: "array[int]" = array("l")


@dataclass(frozen=True)
class Asked:
    """One term of the asking incident: what it may add, where it stands, and how many earlier incidents have it."""

    term: str
    weight: float
    postings: Postings
    frequency: int


def asked(term: str, impact: float, *, postings: Postings, before: int) -> Asked:
    frequency = postings.before(before)
    rarity = math.log(1 + (before + weights.UNSEEN - frequency + 0.5) / (frequency + 0.5))
    return Asked(term, rarity * impact, postings, frequency)


@dataclass
class Query:
    """One question to the library."""

    asking: Prepared
    basis: Basis
    before: int
    """How many incidents are earlier."""
    asked: list[Asked] = field(default_factory=list)
    whole: float = 0.0
    """What an incident with exactly the same words would get."""
    telling: dict[str, float] = field(default_factory=dict)
    """For each service of the asking incident how much sharing it says, 0 to 1."""


@dataclass
class Candidate:
    """One earlier incident that may resemble the asking one."""

    position: int
    document: Document
    points: float
    """From shared words."""
    services: dict[str, float]
    """The services that both have, each with how telling it is."""
    strength: float = 0.0
    recency: float = 1.0


def facts_of(prepared: Prepared) -> Iterator[tuple[str, ...]]:
    """What makes an incident a candidate whatever its words; and its services, which are only counted."""
    for service in sorted(prepared.services):
        yield ("service", service)
        if prepared.cause:
            yield ("service and cause", service, prepared.cause)
    if prepared.alert:
        yield ("alert", prepared.alert)


def is_same(one: str, other: str) -> bool:
    """Whether two facts are equal; what is not known is equal to nothing."""
    return bool(one) and one == other


def is_alike(query: Query, one: int, other: int) -> bool:
    """Whether two candidates share the same with the asking incident: most of the weight of their words."""
    both = either = 0.0
    for term in query.asked:
        found = term.postings.has(one) + term.postings.has(other)
        both += term.weight * (found == 2)
        either += term.weight * (found > 0)
    return both >= weights.ALIKE_FROM * either > 0


def rare_and_shared(query: Query, position: int) -> list[Asked]:
    """The weightiest rare terms that both have, each once."""
    most = max(weights.REASON_SHARE * query.before, weights.REASON_ALWAYS)
    found: dict[str, Asked] = {}
    for one in sorted(query.asked, key=lambda one: (-one.weight, one.term)):
        if one.term not in found and one.frequency <= most and one.postings.has(position):
            found[one.term] = one
            if len(found) == weights.TERMS_SHOWN:
                break
    return list(found.values())


def reasons(query: Query, candidate: Candidate) -> Iterator[str]:
    """The equal facts that carried weight, as sentences; what the shared words are is told apart."""
    if candidate.services:
        yield f"same service: {', '.join(candidate.services)}"
    if is_same(query.asking.alert, candidate.document.alert):
        yield f"same alert: {query.asking.alert}"
    if is_same(query.asking.cause, candidate.document.cause):
        yield f"same cause: {query.asking.cause}"
