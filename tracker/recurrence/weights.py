"""The numbers of the comparison, in one place. What was learned stands in ``weights.json`` with where it comes from.

What was chosen by hand was chosen on the first 60 % of the titanium queries; what all of it gives on other data stands
in ``bench/recurrence/RESULT.md``.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

FIELD_WEIGHTS: Final = {"title": 3.0, "body": 0.5, "causes": 1.0}
"""How much one word counts by where it stands."""
AVERAGE_TERMS: Final = {"title": 8.0, "body": 60.0, "causes": 30.0}
"""Lengths that count as ordinary. Frozen, so that a score never changes because later incidents are longer."""
LENGTH_SHARE: Final = {"title": 1.0, "body": 0.8, "causes": 0.8}
"""BM25F's b: how far a longer text makes each of its words count less (Saha et al., REP)."""
SATURATION: Final = 2.0
"""BM25F's k1: the second mention of a word counts less than the first."""
UNSEEN: Final = 30
"""Incidents that are taken to have come before the first and to share no word: of three none is common."""

MAX_TERMS: Final = 64
"""Terms of the asking incident that search, the weightiest first. 40 terms lose a fifth of the candidates."""
COMMON_TERMS: Final = 8
"""So many search when none of them is rare enough."""
MAX_SHARE: Final = 0.15
"""A term that stands in more than this share of the incidents does not search."""
ALWAYS_SEARCHES: Final = 20
"""Unless it stands in at most so many: a share means nothing in a young installation."""
CANDIDATES: Final = 200
"""Incidents that are looked at closely: so many of all time, and as many of the last 90 days."""
SAME_FACT_CANDIDATES: Final = 50
"""The latest incidents with the same alert, or the same service and cause, are candidates whatever their words."""
AT_ONCE_HOURS: Final = 6
AT_ONCE_CANDIDATES: Final = 20
"""What was declared so shortly before is looked at too, the latest few, whatever its words."""
RECENCY_DAYS: Final = 90
"""What is older than this is not made less likely by its age: old repeats are the ones that a team forgets."""

TERMS_SHOWN: Final = 6
REASON_ALWAYS: Final = 3
REASON_SHARE: Final = 0.10
REASON_MOST: Final = 1_000
"""A shared word is given as a reason when at most this share, and so many, of the earlier incidents have it."""

LOOKED_AT: Final = 20
"""How many of the strongest are looked at for the next best, and for other times of the same thing."""
ALIKE_FROM: Final = 0.5
TITLE_ALIKE_FROM: Final = 0.6
"""Two are times of one thing that have so much in common of what they share with the asking one, and of its title."""
TAKEN_OUT: Final = 10
"""So many other times make no shared word less rare; what is told oftener is how everything is told there."""
MOST_LEAD: Final = 6.0
"""Beyond this a lead over the next best says nothing more."""
LEAD_ALONE: Final = 7.0
"""The lead when nothing else resembles the asking incident, as of the first of two incidents."""

RECURRENCE_FROM: Final = 0.5
POSSIBLY_FROM: Final = 0.2


@dataclass(frozen=True)
class Level:
    """How likely a match is the same: log-odds, linear in its likeness and in its lead over the next best."""

    base: float
    lead: float
    weight: dict[str, float]

    def likelihood(self, alike: "Weighed", *, lead: float) -> float:
        odds = self.base + self.lead * lead + alike.weighed(self.weight)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


class Weighed(Protocol):
    def weighed(self, weight: dict[str, float]) -> float: ...


LEARNED: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("weights.json").read_text("utf-8"))
RANK: Final[dict[str, dict[str, float]]] = {basis: LEARNED[basis]["rank"] for basis in ("declared", "postmortem")}
LEVELS: Final[dict[str, Level]] = {basis: Level(**LEARNED[basis]["likelihood"]) for basis in ("declared", "postmortem")}
