"""The only look at the clock. Below routes, jobs and commands, times arrive as arguments."""

from datetime import UTC, date, datetime, tzinfo


def utcnow() -> datetime:
    return datetime.now(UTC)


def today(zone: tzinfo) -> date:
    """The day it is in the installation's time zone, where working days and due dates are counted."""
    return datetime.now(zone).date()
