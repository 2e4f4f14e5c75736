"""Which candidates stand out: ranked by a linear formula, then measured against the next best of another kind.

Who shares the same with the asking incident is another time of the same thing, decided or not: it is no rival, makes
no shared word less rare, and the likeliest of them speaks for all. So the third time is never quieter than the second.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tracker.recurrence import weights
from tracker.recurrence.likeness import Likeness, likeness
from tracker.recurrence.prepared import CAUSE_MARK, Prepared, impacts_of
from tracker.recurrence.question import Basis, Question

Formula = dict[str, float]
Families = Mapping[int, object]


@dataclass(frozen=True)
class Candidate:
    """One earlier incident, looked at."""

    prepared: Prepared
    alike: Likeness
    strength: float


@dataclass(frozen=True)
class Standing:
    """What says how likely one is the same, or whoever speaks for it."""

    alike: Likeness
    """As if the thing had happened only this once before."""
    lead: float
    """How far it stands above the next best that is no other time of it; below it is negative."""


def by_strength(
    question: Question,
    documents: Iterable[Prepared],
    *,
    points: Mapping[int, int],
    families: Families,
    formula: Formula,
) -> list[Candidate]:
    """The candidates, the strongest first, equally strong ones by id."""
    times = Counter(families.values())
    found = []
    for one in documents:
        often = times.get(families.get(one.id), 1)
        alike = likeness(question, one, points=points.get(one.id, 0), times=often)
        found.append(Candidate(one, alike, alike.weighed(formula)))
    return sorted(found, key=lambda one: (-one.strength, one.prepared.id))


def standings(
    question: Question, candidate: Candidate, *, ranked: list[Candidate], families: Families, formula: Formula
) -> list[Standing]:
    """How one of the ``ranked`` stands, then how each other time of it does: the likeliest speaks for all.

    What is no other time of the strongest stays behind it, whoever speaks.
    """
    near = ranked[: weights.LOOKED_AT]
    times = Times(question, near, families=families)
    behind = 0.0 if times.are_one(candidate, near[0]) else near[0].strength - candidate.strength
    spoken = (_standing(question, one, times=times, formula=formula) for one in times.others_of(candidate))
    own = _standing(question, candidate, times=times, formula=formula)
    return [own, *(replace(one, lead=one.lead - behind) for one in spoken)]


class Times:
    """Which of the nearest candidates are times of one thing: of one family, or they share the same with the asking."""

    def __init__(self, question: Question, near: list[Candidate], *, families: Families) -> None:
        self.near = near
        self._question, self._families = question, families
        self._shared = {one.prepared.id: shared_with(question, one.prepared) for one in near}

    def shared(self, one: Candidate) -> frozenset[str]:
        found = self._shared.get(one.prepared.id)
        return shared_with(self._question, one.prepared) if found is None else found

    def others_of(self, candidate: Candidate) -> list[Candidate]:
        return [one for one in self.near if one is not candidate and self.are_one(candidate, one)]

    def are_one(self, one: Candidate, other: Candidate) -> bool:
        family = self._families.get(one.prepared.id)
        if one is other or (family is not None and self._families.get(other.prepared.id) == family):
            return True
        return self._share_the_same(self.shared(one), self.shared(other))

    def _share_the_same(self, first: frozenset[str], second: frozenset[str]) -> bool:
        """Of all that they share with the asking incident, and of its title: bodies begin with the same sentences."""
        question = self._question
        both, either = question.worth(first & second), question.worth(first | second)
        in_title = question.worth(first & second & question.title)
        whole = max(question.worth((first | second) & question.title), question.title_worth)
        return both >= weights.ALIKE_FROM * either > 0 and in_title >= weights.TITLE_ALIKE_FROM * whole


def shared_with(question: Question, prepared: Prepared) -> frozenset[str]:
    """The terms that one has in common with the asking incident, those of the causes marked."""
    declared = question.declared & {*prepared.title, *prepared.body}
    causes = question.causes & {*prepared.causes} if question.basis is Basis.POSTMORTEM else frozenset[str]()
    return declared | {CAUSE_MARK + term for term in causes}


def _standing(question: Question, candidate: Candidate, *, times: Times, formula: Formula) -> Standing:
    alike, strength = candidate.alike, candidate.strength
    if again := times.others_of(candidate):
        mine = times.shared(candidate)
        often = Counter(term for one in again for term in mine & times.shared(one))
        fewer = {term: min(count, weights.TAKEN_OUT) for term, count in often.items()}
        alike = _alone(question.without(fewer), candidate)
        strength = alike.weighed(formula)
    rivals = [one.strength for one in times.near if not times.are_one(candidate, one)]
    if not rivals:
        return Standing(alike, weights.LEAD_ALONE)
    return Standing(alike, max(-weights.MOST_LEAD, min(weights.MOST_LEAD, strength - rivals[0])))


def _alone(question: Question, candidate: Candidate) -> Likeness:
    points = question.points_of(impacts_of(candidate.prepared))
    found = likeness(question, candidate.prepared, points=points)
    return replace(found, family=candidate.alike.family)
