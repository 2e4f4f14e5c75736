"""ISO weeks in the installation's time zone: which one a day is in, when it begins and ends (ISO 8601)."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tracker.errors import NotFoundError

PATTERN = re.compile(r"(\d{4})-W(\d{2})")
YEARS = range(1970, 9999)
"""The years that have reports: from each of their weeks one can count back and ahead without leaving the calendar."""


@dataclass(frozen=True)
class Week:
    """Monday to Sunday, by the calendar of one time zone."""

    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def of(cls, day: date, *, zone: ZoneInfo) -> "Week":
        year, number, _ = day.isocalendar()
        return cls(year, number, zone)

    @classmethod
    def parse(cls, text: str, *, zone: ZoneInfo) -> "Week":
        """The week written as ``2026-W47``.

        Raises:
            NotFoundError: there is no such week.
        """
        match = PATTERN.fullmatch(text.upper())
        try:
            year, number = (int(match[1]), int(match[2])) if match else (0, 0)
            date.fromisocalendar(year if year in YEARS else 0, number, 1)
        except ValueError as error:
            raise NotFoundError(f"There is no week {text}. Write it like 2026-W47.") from error
        return cls(year, number, zone)

    @property
    def name(self) -> str:
        return f"{self.year}-W{self.number:02}"

    @cached_property
    def first_day(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @cached_property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=6)

    @property
    def starts_at(self) -> datetime:
        """Monday 00:00 here, in UTC; a week with a change of the clocks is an hour longer or shorter."""
        return self._midnight(self.first_day)

    @property
    def ends_at(self) -> datetime:
        """The first moment after the week, in UTC."""
        return self._midnight(self.last_day + timedelta(days=1))

    @property
    def before(self) -> "Week":
        return Week.of(self.first_day - timedelta(days=7), zone=self.zone)

    @property
    def after(self) -> "Week":
        return Week.of(self.first_day + timedelta(days=7), zone=self.zone)

    def midnight_before(self, days: int) -> datetime:
        """Midnight that many days before the week's end, in UTC."""
        return self._midnight(self.last_day + timedelta(days=1 - days))

    def moment(self, weekday: int, *, hour: int) -> datetime:
        """That hour by the clock here on a day of the week (0 is Monday), in UTC, also after the clocks changed."""
        return datetime.combine(self.first_day + timedelta(days=weekday), time(hour), self.zone).astimezone(UTC)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def day_of_report(week: Week, *, now: datetime) -> date:
    """The day from which overdue is counted: today while the week lasts, the day after it when it is over."""
    return min(now.astimezone(week.zone).date(), week.last_day + timedelta(days=1))
