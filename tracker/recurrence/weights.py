"""The weights of the comparison, in one place, each with where it comes from.

Chosen on the first 60 % of the titanium queries, on seamonkey, and on GitHub's public incidents (2022 to June 2025);
what they give on the rest stands in ``bench/recurrence/RESULT.md``. A replacement of the matcher may
throw all of this away: nothing outside this folder reads it.
"""

import math
from dataclasses import dataclass
from typing import Final

FIELD_WEIGHTS: Final = {"title": 3.0, "summary": 0.5, "cause": 1.0}
"""How much one word counts by where it stands. Body .5: better than .2 and 1 on titanium (R@1 .464, .444, .455)."""
AVERAGE_WORDS: Final = {"title": 8.0, "summary": 60.0, "cause": 30.0}
"""Lengths that count as ordinary. Frozen, so that a score never changes because later incidents are longer."""
LENGTH_SHARE: Final = {"title": 1.0, "summary": 0.8, "cause": 0.8}
"""BM25F's b: how far a longer text makes each of its words count less (Saha et al., REP)."""
SATURATION: Final = 2.0
"""BM25F's k1: the second mention of a word counts less than the first."""
UNSEEN: Final = 30
"""Incidents that are taken to have come before the first and to share no word: of three none is common."""

MAX_TERMS: Final = 64
"""Terms of the asking incident that search, the weightiest first. 40 terms lose a fifth of the candidates."""
MAX_SHARE: Final = 0.15
"""A term that stands in more than this share of the incidents does not search."""
ALWAYS_SEARCHES: Final = 20
"""Unless it stands in at most so many: a share means nothing in a young installation."""
BY_WORDS: Final = 400
BY_RECENCY: Final = 400
"""Candidates that are looked at closely: the strongest by words, and the latest that share any."""
SAME_FACT_CANDIDATES: Final = 200
"""The latest incidents with the same alert, or the same service and cause, are candidates whatever their words."""

SAME_SERVICE: Final = 2.7
"""Points for a service that only these two have; one that all incidents have gives nothing (design)."""
SAME_CAUSE: Final = 3.0
SAME_ALERT: Final = 3.0
"""Points for the same cause category and alert: bug reports have neither, so these are the design's start weights."""
CAUSE_TEXT: Final = 2.0
"""How much a rare word shared by the written causes counts against one shared by the declared texts."""

RECENCY_BEND: Final = 6.0
RECENCY_DAYS: Final = 90
"""An earlier incident counts 1 / (1 + ln(1 + days) / 6), days at most 90: so that old repeats are still found."""

TERMS_SHOWN: Final = 6
REASON_ALWAYS: Final = 3
REASON_SHARE: Final = 0.10
"""A shared word is given as a reason when at most this share of the earlier incidents has it."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """How likely a match is the same: log-odds, linear in a few facts."""

    base: float
    share: float
    """For the share of the asking text's weight that the other has, 0 to 1."""
    evidence: float
    """For ln(1 + points of shared words): long agreement says more than short."""
    margin: float
    """For how far it stands above the next best of another family, 0 to 1."""
    service: float
    cause: float
    alert: float

    def likelihood(
        self, *, share: float, points: float, margin: float, service: float, same_cause: float, same_alert: float
    ) -> float:
        odds = (
            self.base
            + self.share * share
            + self.evidence * math.log1p(points)
            + self.margin * margin
            + self.service * service
            + self.cause * same_cause
            + self.alert * same_alert
        )
        return 1 / (1 + math.exp(-odds))


DECLARED_LEVEL: Final = Level(base=-5.7, share=1.8, evidence=0.46, margin=4.2, service=0.45, cause=1.5, alert=2.5)
"""Fitted by logistic regression on 10,530 titanium reports (444 repeats), the base raised by 1
because incidents repeat more often than bugs (24 of 490 labelled against 741 of 16,556, and half of the strongest
"false" alarms are plainly the same). Cause and alert are the design's; bug reports have neither."""
POSTMORTEM_LEVEL: Final = Level(base=-11.0, share=1.5, evidence=3.0, margin=3.0, service=0.3, cause=1.5, alert=2.0)
"""Chosen on GitHub's incidents with their written causes: precision .70 at recall .67."""
ALIKE_FROM: Final = 0.9
"""Two candidates that share so much of the words they have in common with the asking one are no rivals."""
MARGIN_FLOOR: Final = 3.0
"""Points under which being the best of all means nothing."""

RECURRENCE_FROM: Final = 0.5
POSSIBLY_FROM: Final = 0.25
