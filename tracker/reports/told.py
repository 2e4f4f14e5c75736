"""The figures of a week as they were told when it ended, and what would be counted otherwise today. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker import words
from tracker.reports.figures import Compared, Share, definition


@dataclass(frozen=True)
class Told:
    """All that a report says in numbers, and the headline that was chosen from them."""

    headline: str
    figures: tuple[Compared, ...]
    declined_when_due: int
    overdue_count: int
    overdue_median: int | None
    late_postmortems: int

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "headline": self.headline,
            "figures": {one.definition.key: _shares(one) for one in self.figures},
            "declined_when_due": self.declined_when_due,
            "overdue_count": self.overdue_count,
            "overdue_median": self.overdue_median,
            "late_postmortems": self.late_postmortems,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Told":
        figures = tuple(_compared(key, shares) for key, shares in stored["figures"].items())
        return cls(**{**stored, "figures": figures})


def _shares(one: Compared) -> dict[str, Any]:
    return {
        "this": [one.this.part, one.this.whole],
        "before": [one.before.part, one.before.whole],
        "more_is_better": one.more_is_better,
    }


def _compared(key: str, stored: Mapping[str, Any]) -> Compared:
    this, before = (Share(*stored[name]) for name in ("this", "before"))
    return Compared(definition(key), this, before, stored["more_is_better"])


@dataclass(frozen=True)
class Count:
    """A number that stands beside the figures; ``None`` when there is nothing to count."""

    key: str
    name: str
    words: str
    number: int | None


def counts_of(told: Told) -> tuple[Count, ...]:
    """What a report counts apart from its figures, alike in whatever it is written as."""
    days = "none" if told.overdue_median is None else words.count(told.overdue_median, "day")
    return (
        Count("declined-when-due", "Declined when due", str(told.declined_when_due), told.declined_when_due),
        Count("overdue", "Overdue", words.count(told.overdue_count, "item"), told.overdue_count),
        Count("overdue-median", "Median days overdue", days, told.overdue_median),
        Count("late-postmortems", "Late postmortems", str(told.late_postmortems), told.late_postmortems),
    )


@dataclass(frozen=True)
class Recorded:
    """What one kind of reader was told of a week, and when that was written down."""

    told: Told
    at: datetime


@dataclass(frozen=True)
class Correction:
    """A figure of a week that is over and would be counted otherwise now."""

    name: str
    then: str
    now: str


def corrections(then: Told, now: Told) -> tuple[Correction, ...]:
    """What changed since, in the order of the report."""
    before, after = _said(then), _said(now)
    return tuple(
        Correction(name, before.get(name, "not told"), text) for name, text in after.items() if before.get(name) != text
    )


def _said(told: Told) -> dict[str, str]:
    """Every figure in the words of a correction; a figure is itself, whatever it is compared with."""
    figures = {one.definition.name: _share_words(one.this) for one in told.figures}
    return {"Headline": told.headline} | figures | {one.name: one.words for one in counts_of(told)}


def _share_words(share: Share) -> str:
    return f"{share.part} of {share.whole}" if share.whole else "none"
