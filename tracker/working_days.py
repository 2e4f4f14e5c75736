"""Which days people work: the one definition that deadlines and reminders share. Takes values, returns values."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

SATURDAY = 5


@dataclass(frozen=True)
class WorkCalendar:
    """Whose days they are: Monday to Friday by the clocks of ``zone``, without the installation's ``holidays``."""

    zone: tzinfo
    holidays: frozenset[date] = frozenset()

    def is_free(self, day: date) -> bool:
        return day.weekday() >= SATURDAY or day in self.holidays

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def later(self, day: date, *, working_days: int) -> date:
        """The day that many working days later; free days do not count."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= not self.is_free(day)
        return day

    def moved_to(self, zone: tzinfo) -> "WorkCalendar":
        """The same holidays by other clocks."""
        return replace(self, zone=zone)
