"""Which earlier incidents one looks like, and why. The narrow door: values in, ranked matches out.

A ``Library`` holds what is known of all incidents in the order of their moments, with an inverted index over their
terms. ``match`` finds the earlier ones that resemble a given one. Only what is earlier counts, also in the
statistics: how rare a term is follows from the postings that stand before the one that asks.

The formula is REP's (BM25F over title, text and causes, plus points for equal facts; Sun et al. 2011) with a gentle
recency at the declared stage; ``weights.py`` holds its numbers.
"""

import math
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest

from tracker.recurrence import weights
from tracker.recurrence.postings import (
    NO_POSITIONS,
    NOWHERE,
    Asked,
    Basis,
    Candidate,
    Document,
    Postings,
    Query,
    asked,
    facts_of,
    is_alike,
    is_same,
    rare_and_shared,
    reasons,
)
from tracker.recurrence.prepared import Described, Prepared, prepare

__all__ = ["Band", "Basis", "Described", "Library", "Match", "Prepared", "prepare"]

DECLARED, CAUSE = "declared", "cause"
SECONDS_A_DAY = 86_400
RIVALS = 20
"""How many of the best are looked at for the next best of another family."""


class Band(StrEnum):
    """How loud a match may be: only the first two are ever an alarm."""

    RECURRENCE = "recurrence of"
    POSSIBLY = "possibly"
    BELOW = "below"

    @property
    def is_alarm(self) -> bool:
        return self is not Band.BELOW


def band_of(likelihood: float) -> Band:
    if likelihood >= weights.RECURRENCE_FROM:
        return Band.RECURRENCE
    return Band.POSSIBLY if likelihood >= weights.POSSIBLY_FROM else Band.BELOW


@dataclass(frozen=True, kw_only=True)
class Match:
    """One earlier incident that resembles the one that asked."""

    incident_id: int
    score: float
    """How likely the two are the same, 0 to 1; only for ordering, never shown alone."""
    closeness: float
    """How strong it is beside the strongest match, 0 to 1."""
    band: Band
    reasons: tuple[str, ...]
    """The equal facts that carried weight, as sentences."""
    shared_terms: tuple[tuple[str, int], ...]
    """Rare terms that stand in both, with the number of earlier incidents that have them."""


class Library:
    """All incidents, prepared, in the order of their moments."""

    def __init__(self, prepared: Iterable[Prepared] = ()) -> None:
        self._documents: list[Document] = []
        self._postings: dict[str, dict[str, Postings]] = {DECLARED: {}, CAUSE: {}}
        self._facts: dict[tuple[str, ...], array[int]] = defaultdict(lambda: array("l"))
        self._ids: set[int] = set()
        for one in sorted(prepared, key=lambda one: one.place):
            self.append(one)

    def __len__(self) -> int:
        return len(self._documents)

    def has(self, incident_id: int) -> bool:
        return incident_id in self._ids

    def is_latest(self, prepared: Prepared) -> bool:
        return not self._documents or prepared.place > self._documents[-1].place

    def append(self, prepared: Prepared) -> None:
        """Add an incident that is later than all others.

        Raises:
            ValueError: it is not; make a new library then.
        """
        if not self.is_latest(prepared):
            raise ValueError("Only what is later than everything else can be appended.")
        position = len(self._documents)
        self._documents.append(
            Document(prepared.id, prepared.moment, prepared.services, prepared.alert, prepared.cause)
        )
        self._ids.add(prepared.id)
        for field, terms in ((DECLARED, prepared.terms), (CAUSE, prepared.cause_terms)):
            postings = self._postings[field]
            for term, impact in terms.items():
                if term not in postings:
                    postings[term] = Postings()
                postings[term].append(position, impact)
        for fact in facts_of(prepared):
            self._facts[fact].append(position)

    def count_before(self, asking: Prepared) -> int:
        """How many earlier incidents one is compared with."""
        return bisect_left(self._documents, asking.place, key=lambda document: document.place)

    def match(
        self,
        asking: Prepared,
        *,
        basis: Basis = Basis.DECLARED,
        limit: int = 5,
        families: Mapping[int, object] | None = None,
    ) -> list[Match]:
        """The earlier incidents that resemble ``asking``, the strongest first, equally strong ones by id.

        ``families`` gives the family of an incident: a member is measured against the next best outside of it.
        """
        query = self._query(asking, basis)
        ranked = self._ranked(query, limit=max(limit, RIVALS))
        return [
            _match(
                query,
                one,
                margin=_margin(query, one, ranked=ranked, families=families or {}),
                strongest=ranked[0].strength,
            )
            for one in ranked[:limit]
        ]

    def rank(self, asking: Prepared, *, basis: Basis = Basis.DECLARED, limit: int = 1000) -> list[int]:
        """Only the ids, the strongest first; for measuring."""
        return [one.document.id for one in self._ranked(self._query(asking, basis), limit=limit)]

    def _query(self, asking: Prepared, basis: Basis) -> Query:
        query = Query(asking, basis, self.count_before(asking))
        parts = [(DECLARED, asking.terms, 1.0)]
        if basis is Basis.POSTMORTEM:
            parts.append((CAUSE, asking.cause_terms, weights.CAUSE_TEXT))
        for field, terms, factor in parts:
            postings = self._postings[field]
            found = [
                asked(term, factor * impact, postings=postings.get(term, NOWHERE), before=query.before)
                for term, impact in terms.items()
            ]
            query.whole += sum(one.weight * terms[one.term] for one in found)
            query.asked += _searching(found, query.before)
        query.telling = {service: self._telling(service, query.before) for service in asking.services}
        return query

    def _telling(self, service: str, before: int) -> float:
        """How much sharing a service says: 1 when nobody else has it, next to 0 when everybody does."""
        having = bisect_left(self._facts.get(("service", service), NO_POSITIONS), before)
        return 1 - having / (before + weights.UNSEEN)

    def _ranked(self, query: Query, *, limit: int) -> list[Candidate]:
        points: dict[int, float] = defaultdict(float)
        for one in query.asked:
            positions, impacts = one.postings.positions, one.postings.impacts
            for at in range(one.frequency):
                points[positions[at]] += one.weight * impacts[at]
        chosen = set(nlargest(weights.BY_WORDS, points, key=lambda position: (points[position], position)))
        chosen.update(nlargest(weights.BY_RECENCY, points))
        chosen.update(self._alike(query))
        candidates = [self._candidate(query, position, points.get(position, 0.0)) for position in sorted(chosen)]
        return nlargest(limit, candidates, key=lambda one: (one.strength, -one.document.id))

    def _alike(self, query: Query) -> Iterable[int]:
        """The latest incidents with the same alert, or the same service and cause."""
        for fact in facts_of(query.asking):
            if fact[0] != "service":
                positions = self._facts.get(fact, NO_POSITIONS)
                end = bisect_left(positions, query.before)
                yield from positions[max(0, end - weights.SAME_FACT_CANDIDATES) : end]

    def _candidate(self, query: Query, position: int, points: float) -> Candidate:
        document, asking = self._documents[position], query.asking
        shared = {service: query.telling[service] for service in sorted(asking.services & document.services)}
        strength = points + weights.SAME_SERVICE * sum(shared.values())
        strength += weights.SAME_ALERT * is_same(asking.alert, document.alert)
        strength += weights.SAME_CAUSE * is_same(asking.cause, document.cause)
        recency = 1.0
        if query.basis is Basis.DECLARED:
            recency = _recency((asking.moment - document.moment).total_seconds() / SECONDS_A_DAY)
        return Candidate(position, document, points, shared, strength * recency, recency)


def _searching(found: list[Asked], before: int) -> list[Asked]:
    most = max(weights.MAX_SHARE * before, weights.ALWAYS_SEARCHES)
    useful = [one for one in found if 0 < one.frequency <= most]
    return nlargest(weights.MAX_TERMS, useful, key=lambda one: (one.weight, one.term))


def _recency(days: float) -> float:
    return 1 / (1 + math.log1p(min(max(days, 0.0), weights.RECENCY_DAYS)) / weights.RECENCY_BEND)


def _margin(query: Query, candidate: Candidate, *, ranked: list[Candidate], families: Mapping[int, object]) -> float:
    """How far one stands above the next best of another family, 0 to 1. Age alone never makes it small.

    Who shares the same words with the asking incident is no rival but another time of the same.
    """
    family = families.get(candidate.document.id)
    others = (
        one.strength
        for one in ranked
        if one is not candidate
        and (family is None or families.get(one.document.id) != family)
        and not is_alike(query, one.position, candidate.position)
    )
    rival = max(max(others, default=0.0), weights.MARGIN_FLOOR * candidate.recency)
    return max(0.0, 1 - rival / candidate.strength) if candidate.strength > 0 else 0.0


def _match(query: Query, candidate: Candidate, *, margin: float, strongest: float) -> Match:
    document, asking = candidate.document, query.asking
    level = weights.DECLARED_LEVEL if query.basis is Basis.DECLARED else weights.POSTMORTEM_LEVEL
    likelihood = level.likelihood(
        share=candidate.points / query.whole if query.whole else 0.0,
        points=candidate.points,
        margin=margin,
        service=sum(candidate.services.values()),
        same_cause=is_same(asking.cause, document.cause),
        same_alert=is_same(asking.alert, document.alert),
    )
    return Match(
        incident_id=document.id,
        score=round(likelihood, 4),
        closeness=candidate.strength / strongest if strongest > 0 else 0.0,
        band=band_of(likelihood),
        reasons=tuple(reasons(query, candidate)),
        shared_terms=tuple((one.term, one.frequency) for one in rare_and_shared(query, candidate.position)),
    )
