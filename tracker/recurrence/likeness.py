"""How two incidents are alike, in numbers that a linear formula can weigh. All sums are of whole numbers."""

import math
from collections.abc import Collection, Set
from dataclasses import dataclass, fields
from itertools import pairwise

from tracker.recurrence import weights
from tracker.recurrence.prepared import Prepared
from tracker.recurrence.question import Question

SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Likeness:
    """One candidate beside the asking incident. Shares are 0 to 1 of what the asking one's terms are worth."""

    points: float
    """BM25F over the declared text (and the causes, once they are asked for), in millions."""
    log_points: float
    """The same, logarithmic: the tenth shared rare word says less than the first."""
    points_share: float
    title_in_title: float
    title_in_all: float
    body_in_all: float
    their_title: float
    """The share of the candidate's title terms that the asking one has anywhere."""
    their_all: float
    """The share of all its terms, however rare they are."""
    overlap: float
    """The terms of both among the terms of either."""
    length_ratio: float
    """The terms of the shorter one for each of the longer one."""
    rarest: float
    """How rare the rarest term of both is: 1 when no other incident has it."""
    title_pairs: float
    pairs: float
    pair_worth: float
    """The worth of the shared pairs of neighbouring terms, logarithmic."""
    title_worth: float
    """The worth of the title terms that both titles have, logarithmic."""
    all_worth: float
    """The same of all terms."""
    close_in_time: float
    """1 for at once, falling to 0 within hours: one failure that was declared twice, or is not over."""
    service: float
    service_overlap: float
    """The services of both among the services of either."""
    recency: float
    """1 for today, falling to 0 with 90 days."""
    age: float
    """ln(1 + years)."""
    same_alert: float
    same_cause: float
    cause_share: float
    """The share of the asking one's written causes that the candidate's have."""
    cause_in_all: float
    cause_worth: float
    family: float
    """ln of how often the candidate's family happened."""

    def weighed(self, weight: dict[str, float]) -> float:
        return math.fsum(value * float(getattr(self, name)) for name, value in weight.items())


NAMES = tuple(field.name for field in fields(Likeness))


def likeness(question: Question, candidate: Prepared, *, points: int, times: int = 1) -> Likeness:
    title, causes = set(candidate.title), set(candidate.causes)
    asking, title_asked = question.asking, question.title
    theirs = title.union(candidate.body)
    both = question.declared & theirs
    title_worth, all_worth = question.worth(title_asked & title), question.worth(both)
    title_pairs, pairs = _shared_pairs(question, candidate, both=both)
    same_services = asking.services & candidate.services
    shared_causes = question.worth(question.causes & causes)
    days = max(0.0, (asking.moment - candidate.moment).total_seconds() / SECONDS_A_DAY)
    return Likeness(
        points=points / 1e6,
        log_points=math.log1p(points / 1e5),
        points_share=points / question.whole,
        title_in_title=_share(title_worth, question.title_worth),
        title_in_all=_share(question.worth(title_asked & both), question.title_worth),
        body_in_all=_share(all_worth, question.declared_worth),
        their_title=_share(len(both & title), len(title)),
        their_all=_share(len(both), len(theirs)),
        overlap=_overlap(both, question.declared, theirs),
        length_ratio=_share(*sorted((len(question.declared), len(theirs)))),
        rarest=question.rarest(both),
        title_pairs=_share(title_pairs, question.title_pairs_worth),
        pairs=_share(pairs, question.pairs_worth),
        pair_worth=math.log1p(pairs / 1000),
        title_worth=math.log1p(title_worth / 1000),
        all_worth=math.log1p(all_worth / 1000),
        close_in_time=max(0.0, 1 - 24 * days / weights.AT_ONCE_HOURS),
        service=math.fsum(question.telling[one] for one in sorted(same_services)),
        service_overlap=_overlap(same_services, asking.services, candidate.services),
        recency=1 - math.log1p(min(days, weights.RECENCY_DAYS)) / math.log1p(weights.RECENCY_DAYS),
        age=math.log1p(days / 365),
        same_alert=float(is_same(asking.alert, candidate.alert)),
        same_cause=float(is_same(asking.cause, candidate.cause)),
        cause_share=_share(shared_causes, question.causes_worth),
        cause_in_all=_share(_causes_anywhere(question, candidate, causes), question.causes_worth),
        cause_worth=math.log1p(shared_causes / 1000),
        family=math.log(max(1, times)),
    )


def _shared_pairs(question: Question, candidate: Prepared, *, both: Collection[str]) -> tuple[int, int]:
    """What the pairs of neighbouring terms are worth that both have, in their titles and anywhere."""
    possible = {pair for pair in question.pairs if pair[0] in both and pair[1] in both}
    if not possible:
        return 0, 0
    of_title = possible.intersection(pairwise(candidate.title))
    anywhere = of_title | possible.intersection(pairwise(candidate.body))
    title_pairs = question.title_pairs
    return (
        sum(title_pairs[pair] for pair in of_title if pair in title_pairs),
        sum(map(question.pairs.__getitem__, anywhere)),
    )


def _causes_anywhere(question: Question, candidate: Prepared, causes: set[str]) -> int:
    if not question.causes:
        return 0
    return question.worth(question.causes & causes.union(candidate.title, candidate.body))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _overlap(both: Set[str], one: Set[str], other: Set[str]) -> float:
    """What two have in common among all that either has (Jaccard)."""
    return _share(len(both), len(one) + len(other) - len(both))


def is_same(one: str, other: str) -> bool:
    """Whether two facts are equal; what is not known is equal to nothing."""
    return bool(one) and one == other
