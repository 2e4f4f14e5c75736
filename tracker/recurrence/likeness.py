"""How two incidents are alike, in numbers that a linear formula can weigh. All sums are of whole numbers."""

import math
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
    points_share: float
    title_in_title: float
    title_in_all: float
    body_in_all: float
    their_title: float
    """The share of the candidate's title terms that the asking one has anywhere."""
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
    title, body, causes = set(candidate.title), set(candidate.body), set(candidate.causes)
    everywhere = title | body
    asking = question.asking
    both = question.declared & everywhere
    pairs = set(pairwise(candidate.title))
    all_pairs = pairs | set(pairwise(candidate.body))
    shared_pairs = sum(question.pairs[pair] for pair in question.pairs.keys() & all_pairs)
    shared_causes = question.worth(question.causes & causes)
    days = max(0.0, (asking.moment - candidate.moment).total_seconds() / SECONDS_A_DAY)
    return Likeness(
        points=points / 1e6,
        points_share=points / question.whole,
        title_in_title=_share(question.worth(question.title & title), question.worth(question.title)),
        title_in_all=_share(question.worth(question.title & everywhere), question.worth(question.title)),
        body_in_all=_share(question.worth(both), question.worth(question.declared)),
        their_title=_share(len(question.declared & title), len(title)),
        title_pairs=_share(
            sum(question.title_pairs[pair] for pair in question.title_pairs.keys() & pairs),
            sum(question.title_pairs.values()),
        ),
        pairs=_share(shared_pairs, sum(question.pairs.values())),
        pair_worth=math.log1p(shared_pairs / 1000),
        title_worth=math.log1p(question.worth(question.title & title) / 1000),
        all_worth=math.log1p(question.worth(both) / 1000),
        close_in_time=max(0.0, 1 - 24 * days / weights.AT_ONCE_HOURS),
        service=math.fsum(question.telling[one] for one in sorted(asking.services & candidate.services)),
        recency=1 - math.log1p(min(days, weights.RECENCY_DAYS)) / math.log1p(weights.RECENCY_DAYS),
        age=math.log1p(days / 365),
        same_alert=float(is_same(asking.alert, candidate.alert)),
        same_cause=float(is_same(asking.cause, candidate.cause)),
        cause_share=_share(shared_causes, question.worth(question.causes)),
        cause_in_all=_share(question.worth(question.causes & (everywhere | causes)), question.worth(question.causes)),
        cause_worth=math.log1p(shared_causes / 1000),
        family=math.log(max(1, times)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def is_same(one: str, other: str) -> bool:
    """Whether two facts are equal; what is not known is equal to nothing."""
    return bool(one) and one == other
