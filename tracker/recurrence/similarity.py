"""Which earlier incidents one looks like, and why. The narrow door: values in, ranked matches out.

A store gives the few hundred earlier incidents that share the most (``question.py`` says what is asked of it), each is
looked at closely (``likeness.py``) and weighed by a linear formula (``weights.json``), and what is shown is measured
against the next best (``standing.py``).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tracker.recurrence import weights
from tracker.recurrence.calibration import SHIPPED, Calibration
from tracker.recurrence.likeness import is_same
from tracker.recurrence.memory import Memory
from tracker.recurrence.prepared import Described, Prepared, facts_of, prepare
from tracker.recurrence.question import Basis, Question, Store, ask
from tracker.recurrence.standing import Candidate, by_strength, standings

__all__ = ["Band", "Basis", "Described", "Library", "Match", "Prepared", "prepare"]


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
    uncalibrated: float
    """The same as it was shipped, before this installation's own decisions corrected it."""
    closeness: float
    """How strong it is beside the strongest match, 0 to 1."""
    band: Band
    reasons: tuple[str, ...]
    """The equal facts that carried weight, as sentences."""
    differs: tuple[str, ...]
    """The facts that are known of both and are not equal, as sentences."""
    shared_terms: tuple[tuple[str, int], ...]
    """Rare terms that stand in both, with the number of earlier incidents that have them."""


class Library:
    """All incidents that a store has, to be asked."""

    def __init__(self, incidents: "Iterable[Prepared] | Store" = (), *, calibration: Calibration = SHIPPED) -> None:
        self._calibration = calibration
        self._store: Store = Memory(incidents) if isinstance(incidents, Iterable) else incidents

    def count_before(self, asking: Prepared) -> int:
        """How many earlier incidents one is compared with, as far as everybody may know of them."""
        return self._store.count_shown(asking)

    def match(
        self,
        asking: Prepared,
        *,
        basis: Basis = Basis.DECLARED,
        limit: int = 5,
        families: Mapping[int, object] | None = None,
    ) -> list[Match]:
        """The earlier incidents that resemble ``asking``, the strongest first, equally strong ones by id.

        ``families`` gives the family of an incident: what came often comes again, and its members are no rivals.
        """
        if not (asking.has_words or asking.alert):
            return []
        question = ask(asking, basis, store=self._store)
        ranked = self._ranked(question, families or {})
        found = [self._match(question, one, ranked=ranked, families=families or {}) for one in ranked[:limit]]
        return self._with_shared_terms(question, found, ranked)

    def measure(
        self, asking: Prepared, *, basis: Basis = Basis.DECLARED, families: Mapping[int, object] | None = None
    ) -> tuple[list[int], list[Match]]:
        """All ids, the strongest first, and the best match alone; for measuring."""
        if not (asking.has_words or asking.alert):
            return [], []
        question = ask(asking, basis, store=self._store)
        ranked = self._ranked(question, families or {})
        best = [self._match(question, one, ranked=ranked, families=families or {}) for one in ranked[:1]]
        return [one.prepared.id for one in ranked], best

    def rank(self, asking: Prepared, *, basis: Basis = Basis.DECLARED) -> list[int]:
        """Only the ids, the strongest first."""
        return self.measure(asking, basis=basis)[0]

    def _ranked(self, question: Question, families: Mapping[int, object]) -> list[Candidate]:
        asking = question.asking
        points = self._store.strongest(question.searching, asking=asking)
        ids = points.keys() | self._store.alike(sorted(facts_of(asking)), asking=asking)
        return by_strength(
            question,
            self._store.documents(ids, asking=asking),
            points=points,
            families=families,
            formula=weights.RANK[question.basis],
        )

    def _match(
        self, question: Question, candidate: Candidate, *, ranked: list[Candidate], families: Mapping[int, object]
    ) -> Match:
        found = standings(question, candidate, ranked=ranked, families=families, formula=weights.RANK[question.basis])
        level = weights.LEVELS[question.basis]
        shipped = max(level.likelihood(one.alike, lead=one.lead) for one in found)
        likelihood = round(self._calibration.likelihood(shipped), 4)
        return Match(
            incident_id=candidate.prepared.id,
            score=likelihood,
            uncalibrated=round(shipped, 4),
            closeness=round(math.exp(candidate.strength - ranked[0].strength), 4),
            band=band_of(likelihood),
            reasons=tuple(_equal_facts(question.asking, candidate.prepared)),
            differs=tuple(_other_facts(question.asking, candidate.prepared)),
            shared_terms=(),
        )

    def _with_shared_terms(self, question: Question, found: list[Match], ranked: list[Candidate]) -> list[Match]:
        shared = {one.prepared.id: shared_terms(question, one.prepared) for one in ranked[: len(found)]}
        wanted = sorted({term for terms in shared.values() for term in terms})
        counts = self._store.exact_frequencies(wanted, asking=question.asking) if wanted else {}
        return [
            replace(match, shared_terms=_rare(shared[match.incident_id], counts, before=question.before))
            for match in found
        ]


def _equal_facts(asking: Prepared, found: Prepared) -> Iterator[str]:
    if shared := sorted(asking.services & found.services):
        yield f"same service: {', '.join(shared)}"
    if is_same(asking.alert, found.alert):
        yield f"same alert: {asking.alert}"
    if is_same(asking.cause, found.cause):
        yield f"same cause: {asking.cause}"


def _other_facts(asking: Prepared, found: Prepared) -> Iterator[str]:
    """What is known of both and is not equal, the earlier one's first."""
    pairs = (
        ("service", ", ".join(sorted(found.services)), ", ".join(sorted(asking.services))),
        ("alert", found.alert, asking.alert),
        ("cause", found.cause, asking.cause),
    )
    for name, then, now in pairs:
        if then and now and then != now and not (name == "service" and asking.services & found.services):
            yield f"{name}: then {then}, now {now}"


def shared_terms(question: Question, prepared: Prepared) -> list[str]:
    """The terms that both have in the same part of what they say, the weightiest first."""
    plain = question.declared & {*prepared.title, *prepared.body}
    causes = question.causes & {*prepared.causes} if question.basis is Basis.POSTMORTEM else frozenset()
    return sorted(plain | causes, key=lambda term: (-question.weight(term), term))[: 2 * weights.TERMS_SHOWN]


def _rare(terms: list[str], counts: Mapping[str, int], *, before: int) -> tuple[tuple[str, int], ...]:
    most = min(max(weights.REASON_SHARE * before, weights.REASON_ALWAYS), weights.REASON_MOST)
    rare = [(term, counts[term]) for term in terms if 0 < counts.get(term, 0) <= most]
    return tuple(rare[: weights.TERMS_SHOWN])
