"""Dates of the sample data, told from today, so that it always looks alive.

``-12w Tue`` is the Tuesday twelve weeks before the one of this week, ``+1w Fri`` the Friday of next week, ``-2w Mon
14:05`` a moment, ``70 minutes ago`` a moment that follows the clock.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SATURDAY = 5
_DAY = re.compile(r"([+-]?\d+)w (Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?: (\d+):(\d\d))?")
_AGO = re.compile(r"(\d+) minutes ago")
_CLOCK = re.compile(r"(\d+):(\d\d)")


@dataclass(frozen=True)
class Calendar:
    """What the words for days and moments mean at ``now``, by the clocks of the installation's ``zone``."""

    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        return self.day_of(self.now)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def day(self, text: str) -> date:
        match = _DAY.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a day. Write it like -12w Tue.")
        monday = self.today - timedelta(days=self.today.weekday())
        return monday + timedelta(weeks=int(match[1]), days=DAYS.index(match[2]))

    def moment(self, text: str) -> datetime:
        """A moment in UTC; a day without a time is its midnight."""
        if ago := _AGO.fullmatch(text):
            return self.now.replace(second=0, microsecond=0) - timedelta(minutes=int(ago[1]))
        match = _DAY.fullmatch(text)
        hours = timedelta(hours=int(match[3] or 0), minutes=int(match[4] or 0)) if match else timedelta()
        return self.midnight(self.day(text)) + hours

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def in_office_hours(self, start: datetime, *, days: int, spread: int) -> datetime:
        """That many days after ``start``, on a working day, at an hour that ``spread`` varies."""
        day = self.day_of(start) + timedelta(days=days)
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return self.midnight(day) + timedelta(hours=9 + spread * 5 % 8, minutes=spread * 13 % 60)


def offset(text: str) -> timedelta:
    """The time since an incident's first midnight (or since it began): ``03:12``; ``24:10`` is past midnight."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time. Write it like 03:12.")
    return timedelta(hours=int(match[1]), minutes=int(match[2]))
