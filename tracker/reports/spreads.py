"""How long things took: the median and the 90th percentile, and the cases themselves when there are few. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from tracker import words


@dataclass(frozen=True)
class Spread:
    """Seconds that cases took, the shortest first, and of how many it is not known."""

    cases: tuple[int, ...]
    unknown: int = 0

    @classmethod
    def of(cls, found: Iterable[int | None]) -> "Spread":
        all_of_them = list(found)
        return cls.known((one for one in all_of_them if one is not None), of=len(all_of_them))

    @classmethod
    def known(cls, cases: Iterable[int], *, of: int) -> "Spread":
        """Of so many cases those of which it is known."""
        known = sorted(cases)
        return cls(tuple(known), of - len(known))

    @property
    def is_summed_up(self) -> bool:
        """Whether there are cases enough for a median not to pretend."""
        return len(self.cases) >= words.SHARE_BASE

    @property
    def median(self) -> int | None:
        middle = len(self.cases) // 2
        return (self.cases[middle] + self.cases[-1 - middle]) // 2 if self.cases else None

    @property
    def ninetieth(self) -> int | None:
        """The nearest rank: at least 90 % of the cases took no longer."""
        return self.cases[-(-9 * len(self.cases) // 10) - 1] if self.cases else None

    @property
    def ninetieth_words(self) -> str:
        return span_words(self.ninetieth)

    @property
    def words(self) -> str:
        """The median; under ten cases each of them."""
        if not self.cases:
            return "none yet"
        if self.is_summed_up:
            return span_words(self.median)
        return ", ".join(span_words(one) for one in self.cases)


def span_words(seconds: int | None) -> str:
    """ "2 h 5 min"; "not known" of nothing."""
    return words.duration(None if seconds is None else timedelta(seconds=seconds))
