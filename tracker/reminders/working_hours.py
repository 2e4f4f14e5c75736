"""When a person may be written to: on working days, in working hours, by their own clock."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tracker.working_days import WorkCalendar

FIRST_HOUR, LAST_HOUR = 9, 17
"""Mails are written from nine until five. What a stopped worker missed in the morning still goes the same day."""


def working_day(now: datetime, *, zone: ZoneInfo, holidays: frozenset[date]) -> date | None:
    """The day it is for a person when now is in their working hours, else ``None``."""
    local = now.astimezone(zone)
    is_free = WorkCalendar(zone, holidays).is_free(local.date())
    return local.date() if not is_free and FIRST_HOUR <= local.hour < LAST_HOUR else None
