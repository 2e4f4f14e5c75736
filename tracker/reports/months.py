"""The twelve months of the trends, by the calendar of the installation's time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker.errors import NotFoundError

MONTHS = 12
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Month:
    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def of(cls, day: date, *, zone: ZoneInfo) -> "Month":
        return cls(day.year, day.month, zone)

    @property
    def key(self) -> str:
        """As it stands in an address: ``2026-11``."""
        return f"{self.year}-{self.number:02}"

    @property
    def name(self) -> str:
        return f"{self.first_day:%b} {self.year}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.after.first_day - timedelta(days=1)

    @property
    def before(self) -> "Month":
        return Month.of(self.first_day - timedelta(days=1), zone=self.zone)

    @property
    def after(self) -> "Month":
        return Month.of(self.first_day + timedelta(days=31), zone=self.zone)

    @property
    def starts_at(self) -> datetime:
        return midnight(self.first_day, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return self.after.starts_at


@dataclass(frozen=True)
class Span:
    """Months in a row, the present one last, seen from a day."""

    months: tuple[Month, ...]
    today: date

    @property
    def first_day(self) -> date:
        return self.months[0].first_day

    @property
    def last_day_over(self) -> date:
        """Nothing is late before the end of the day on which it is due."""
        return min(self.today - timedelta(days=1), self.months[-1].last_day)

    def only(self, key: str) -> "Span":
        """One of its months alone.

        Raises:
            NotFoundError: it is none of them.
        """
        found = next((month for month in self.months if month.key == key), None)
        if found is None:
            raise NotFoundError(f"The trends do not reach to {key}. They show the last twelve months.")
        return Span((found,), self.today)

    def day_ends(self) -> tuple[tuple[date, int], ...]:
        """Up to which day a day here ends how many seconds after the UTC midnight with which its date begins."""
        return _day_ends(self.first_day, self.months[-1].last_day, zone=self.months[0].zone)


def twelve_months(now: datetime, *, zone: ZoneInfo) -> Span:
    """The month of now and the eleven before it."""
    today = now.astimezone(zone).date()
    found = [Month.of(today, zone=zone)]
    while len(found) < MONTHS:
        found.insert(0, found[0].before)
    return Span(tuple(found), today)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The moment with which a day begins here, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@lru_cache(maxsize=16)
def _day_ends(first_day: date, last_day: date, *, zone: ZoneInfo) -> tuple[tuple[date, int], ...]:
    return tuple(_stretches(first_day, last_day, zone))


def _stretches(first_day: date, last_day: date, zone: ZoneInfo) -> Iterator[tuple[date, int]]:
    """Days in a row that end alike: a year with summer time has three or four such stretches."""
    day, seconds = first_day, _end_of(first_day, zone)
    while day < last_day:
        following = day + timedelta(days=1)
        other = _end_of(following, zone)
        if other != seconds:
            yield day, seconds
        day, seconds = following, other
    yield day, seconds


def _end_of(day: date, zone: ZoneInfo) -> int:
    return int((midnight(day + timedelta(days=1), zone) - datetime.combine(day, time(), UTC)).total_seconds())
