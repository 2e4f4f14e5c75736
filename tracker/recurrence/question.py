"""One question worked out once for all candidates: how rare each of its terms is, and which of them search."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from heapq import nlargest
from itertools import pairwise
from typing import Protocol

from tracker.recurrence import weights
from tracker.recurrence.prepared import CAUSE_MARK, Prepared, impacts_of, service_fact


class Basis(StrEnum):
    """What is compared: what was declared, with recency; or the written causes too, without."""

    DECLARED = "declared"
    POSTMORTEM = "postmortem"


class Store(Protocol):
    """Where the incidents are: in the tables of the index, or in memory while something is measured."""

    def count_before(self, asking: Prepared) -> int:
        """How many incidents are earlier."""

    def count_shown(self, asking: Prepared) -> int:
        """The same as everybody may know it: without private incidents."""

    def frequencies(self, terms: list[str], *, asking: Prepared) -> dict[str, int]:
        """How many other incidents have each term; one that nobody has may be left out."""

    def exact_frequencies(self, terms: list[str], *, asking: Prepared) -> dict[str, int]:
        """How many earlier incidents have each of these few terms; private ones only where no other has it.

        This is shown, and would tell everybody which words stand in an incident that is hidden from them.
        """

    def strongest(self, searching: dict[str, int], *, asking: Prepared) -> dict[int, int]:
        """The best by the sum of weight times impact, over all time and over the last 90 days: their sums by id."""

    def alike(self, facts: list[str], *, asking: Prepared) -> set[int]:
        """The latest incidents that share one of these facts, and the few that were declared within hours before."""

    def documents(self, ids: set[int], *, asking: Prepared) -> list[Prepared]:
        """Those of these incidents that are earlier, by id."""


Pair = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """What is asked, and all that is known of it before one candidate was looked at."""

    asking: Prepared
    basis: Basis
    before: int
    frequencies: dict[str, int]
    rarity: dict[str, int]
    """How much sharing a term says, in thousandths: whole numbers, so that a sum is the same in any order."""
    impacts: dict[str, int]
    telling: dict[str, float]
    """For each service of the asking incident how much sharing it says, 0 to 1."""

    @cached_property
    def title(self) -> frozenset[str]:
        return frozenset(self.asking.title)

    @cached_property
    def declared(self) -> frozenset[str]:
        return self.title | frozenset(self.asking.body)

    @cached_property
    def causes(self) -> frozenset[str]:
        return frozenset(self.asking.causes)

    @cached_property
    def pairs(self) -> dict[Pair, int]:
        return self._pairs(self.asking.title) | self._pairs(self.asking.body)

    @cached_property
    def title_pairs(self) -> dict[Pair, int]:
        return self._pairs(self.asking.title)

    def _pairs(self, terms: tuple[str, ...]) -> dict[Pair, int]:
        return {pair: (self.rarity[pair[0]] + self.rarity[pair[1]]) // 2 for pair in pairwise(terms)}

    def worth(self, terms: Iterable[str]) -> int:
        return sum(map(self.rarity.__getitem__, terms))

    def rarest(self, terms: Iterable[str]) -> float:
        """The rarity of the rarest of these terms: 1 when nobody else has it."""
        return max(map(self.rarity.__getitem__, terms), default=0) / self.most_rare

    @cached_property
    def most_rare(self) -> int:
        """The rarity of a term that no other incident has."""
        return rarity(0, before=self.before)

    @cached_property
    def title_worth(self) -> int:
        return self.worth(self.title)

    @cached_property
    def declared_worth(self) -> int:
        return self.worth(self.declared)

    @cached_property
    def causes_worth(self) -> int:
        return self.worth(self.causes)

    @cached_property
    def pairs_worth(self) -> int:
        return sum(self.pairs.values())

    @cached_property
    def title_pairs_worth(self) -> int:
        return sum(self.title_pairs.values())

    def weight(self, term: str) -> int:
        """How much a term counts here, in what was declared or in the causes."""
        impacts = self.impacts
        return self.rarity[term] * max(impacts.get(term, 0), impacts.get(CAUSE_MARK + term, 0))

    @cached_property
    def searching(self) -> dict[str, int]:
        """The weightiest terms that are not too common, with what each unit of impact counts.

        When all are too common (the same text a thousand times), the weightiest few of them.
        """
        found = self._searching(is_cause=False)
        if self.basis is Basis.POSTMORTEM:
            found |= self._searching(is_cause=True)
        return found or self._common()

    def _searching(self, *, is_cause: bool) -> dict[str, int]:
        most = self.most_common
        useful = {
            term: round(self.rarity[term] * impact / 255)
            for term, impact in self.impacts.items()
            if impact and term.startswith(CAUSE_MARK) is is_cause and self.rarity[term] > most
        }
        chosen = nlargest(weights.MAX_TERMS, useful, key=lambda term: (useful[term], term))
        return {term: useful[term] for term in chosen}

    def _common(self) -> dict[str, int]:
        useful = {term: self.rarity[term] * impact for term, impact in self.impacts.items() if impact}
        chosen = nlargest(weights.COMMON_TERMS, useful, key=lambda term: (useful[term], term))
        return {term: max(1, round(useful[term] / 255)) for term in chosen}

    @cached_property
    def most_common(self) -> int:
        """The rarity of a term that is just too common to search."""
        most = max(weights.MAX_SHARE * self.before, weights.ALWAYS_SEARCHES)
        return rarity(most, before=self.before)

    def without(self, often: Mapping[str, int]) -> "Question":
        """The same question as if each of these terms stood in so many incidents less."""
        rarer = {
            term: rarity(max(0, self.frequencies.get(term, 0) - less), before=self.before)
            for term, less in often.items()
        }
        return replace(self, rarity=self.rarity | rarer)

    def points_of(self, impacts: Mapping[str, int]) -> int:
        """What an incident with these impacts gets."""
        return sum(weight * impacts[term] for term, weight in self.searching.items() if term in impacts)

    @cached_property
    def whole(self) -> int:
        """What an incident with exactly the same terms would get."""
        return self.points_of(self.impacts) or 1


def ask(asking: Prepared, basis: Basis, *, store: Store) -> Question:
    before = store.count_before(asking)
    impacts = impacts_of(asking)
    plain = {*asking.title, *asking.body, *asking.causes}
    frequencies = store.frequencies(sorted({*impacts, *plain}), asking=asking)
    return Question(
        asking,
        basis,
        before,
        frequencies,
        {term: rarity(frequencies.get(term, 0), before=before) for term in {*impacts, *plain}},
        impacts,
        {
            service: max(0.0, 1 - frequencies.get(service_fact(service), 0) / (before + weights.UNSEEN))
            for service in sorted(asking.services)
        },
    )


def rarity(frequency: float, *, before: int) -> int:
    """BM25's inverse document frequency in thousandths, at least 1."""
    rest = max(0.0, before + weights.UNSEEN - frequency)
    return max(1, round(1000 * math.log(1 + (rest + 0.5) / (frequency + 0.5))))
