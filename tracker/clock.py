"""The only look at the clock. Below routes, jobs and commands, times arrive as arguments."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

NIGHT = time(3)
"""When what is done once a night may begin, in the installation's time zone."""


def utcnow() -> datetime:
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    """The day it is in the installation's time zone, where working days and due dates are counted."""
    return datetime.now(zone).date()


def last_night(now: datetime, *, zone: tzinfo) -> datetime:
    """When the latest night began: what was last done before it is due again, and a missed night is made up for."""
    local = now.astimezone(zone)
    night = datetime.combine(local.date(), NIGHT, tzinfo=zone)
    if local < night:
        night = datetime.combine(local.date() - timedelta(days=1), NIGHT, tzinfo=zone)
    return night.astimezone(UTC)
