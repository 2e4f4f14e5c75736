"""Times that people type in front of what happened: "14:02 rollback started", "-5m deploy finished"."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

AGO = re.compile(r"-\s?(?P<number>\d{1,4})\s?(?P<unit>s|sec|m|min|h|d)\b[:,]?\s+(?P<rest>\S.*)", re.DOTALL)
CLOCK = re.compile(
    r"(?:(?P<day>\d{4}-\d\d-\d\d|yesterday|today)[ T,]\s*)?(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?"
    r"(?P<utc>\s?(?:Z|UTC)\b)?[:,]?\s+(?:[-–]\s+)?(?P<rest>\S.*)",
    re.DOTALL | re.IGNORECASE,
)
UNITS = {"s": "seconds", "sec": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
FIRST_YEAR = 1970
SLACK = timedelta(minutes=1)
"""Clocks differ a little: so far ahead of ours a typed time still counts as today's."""


@dataclass(frozen=True)
class TypedLine:
    at: datetime | None
    """``None``: no time was typed."""
    text: str


def read_line(line: str, *, now: datetime, zone: tzinfo) -> TypedLine:
    """Take a leading time off a typed line.

    ``14:02`` is the last 14:02 there was in ``zone``: yesterday's when today's is still to come. A line that is
    only a time, or begins with something that cannot be a time (``25:61``), stays as it is.
    """
    line = line.strip()
    ago = AGO.fullmatch(line)
    if ago:
        return TypedLine(now - timedelta(**{UNITS[ago["unit"]]: int(ago["number"])}), ago["rest"])
    clock = CLOCK.fullmatch(line)
    at = _clock_time(clock, now=now, zone=UTC if clock["utc"] else zone) if clock else None
    return TypedLine(at, clock["rest"]) if clock and at else TypedLine(None, line)


def _clock_time(match: re.Match[str], *, now: datetime, zone: tzinfo) -> datetime | None:
    here = now.astimezone(zone)
    try:
        at = here.replace(hour=int(match["hour"]), minute=int(match["minute"]), second=0, microsecond=0)
        day = (match["day"] or "").lower()
        if day == "yesterday":
            at -= timedelta(days=1)
        elif day and day != "today":
            written = datetime.fromisoformat(day)
            if written.year < FIRST_YEAR:
                return None
            at = at.replace(year=written.year, month=written.month, day=written.day)
        elif not day and at > here + SLACK:
            at -= timedelta(days=1)
    except ValueError:  # 25:61, or the 31st of June
        return None
    return at.astimezone(UTC)
