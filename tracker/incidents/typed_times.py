"""Times that people type in front of what happened: "14:02 rollback started", "-5m deploy finished"."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from tracker.zones import AREAS, NAMES, zone_named

_PART = r"\d{1,4}\s?(?:seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)"
_SPAN = rf"(?:an?\s(?:minute|hour|day)|{_PART}(?:\s?{_PART})?)"
_AFTER = r"\s*[]>)]?(?:[:,|–—]|\s[-–—|])?\s+(?P<rest>\S.*)"
AGO = re.compile(rf"(?:-\s?(?P<minus>{_SPAN})|(?P<ago>{_SPAN})\sago)\b{_AFTER}", re.DOTALL | re.IGNORECASE)
_UNIT = re.compile(r"(\d+|an?)\s?([smhd])", re.IGNORECASE)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})(?:day|sday|nesday|rsday|urday)?"
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_DAY = (
    rf"(?P<iso>\d{{4}}-\d\d-\d\d)|(?P<near>yesterday|today)|{_WEEKDAY}|"
    rf"(?P<first>\d{{1,2}})\.?\s(?P<month>{_MONTH})\.?(?:\s(?P<year>\d{{4}}))?|"
    rf"(?P<month2>{_MONTH})\.?\s(?P<second>\d{{1,2}})(?:,?\s(?P<year2>\d{{4}}))?"
)
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<sec>\d\d)(?:[.,]\d{1,9})?)?(?:\s?(?P<half>[ap])\.?m\b\.?)?|"
    r"(?P<hour2>\d{1,2})\s?(?P<half2>[ap])m\b|(?P<hour3>[0-2]\d)(?P<minute3>[0-5]\d)(?=\s?(?:Z|UTC)\b)"
)
_ZONE = (
    r"\s?(?P<zone>\+\d\d:?\d\d|(?(iso)-\d\d:?\d\d|(?!))|"
    rf"(?-i:(?:UTC|GMT)[+-]\d{{1,2}}(?::?\d\d)?|{NAMES}|{AREAS}/[A-Z][A-Za-z_]+))"
)
_UNTIL = r"\s?[-–—]\s?(?P<until>\d{1,2}:\d\d)"
STAMP = re.compile(
    rf"(?:at\s|[@[(<])?(?:(?:{_DAY})(?:,\s?|\sat\s|[ T]\s?))?(?:{_CLOCK})(?:{_ZONE}(?![\w/-]))?(?:{_UNTIL})?{_AFTER}",
    re.DOTALL | re.IGNORECASE,
)
FIRST_YEAR = 1970
SLACK = timedelta(minutes=1)
"""Clocks differ a little: so far ahead of ours a typed time still counts as today's."""
EXAMPLES = (
    ("-5m deploy finished", "five minutes ago"),
    ("-1h30m deploy finished", "an hour and a half ago"),
    ("5 min ago alert fired", "the same in words"),
    ("14:02 rollback started", "the last 14:02 there was; soon after midnight that was yesterday"),
    ("2:02 pm rollback started", "14:02"),
    ("[14:02:30] rollback started", "as a chat writes it"),
    ("yesterday 23:50 disk full", "the day before today"),
    ("Mon 14:02 deploy finished", "the last Monday"),
    ("20 Nov 14:02 deploy finished", "the last 20 November"),
    ("2026-11-20 14:02 deploy finished", "that day"),
    ("14:02 UTC rollback started", "another time zone: also CET, +02:00 or Europe/Paris"),
    ("2026-11-20T14:02Z rollback started", "as machines write it"),
    ("14:02-14:10 database away", "from when until when"),
)
"""What the help beside the field shows: a line, and what its time means. A test reads each of them."""


@dataclass(frozen=True)
class TypedLine:
    at: datetime | None
    """``None``: no time was typed."""
    text: str


def read_line(line: str, *, now: datetime, zone: tzinfo) -> TypedLine:
    """Take a leading time off a typed line.

    ``14:02`` is the last 14:02 there was in ``zone``: yesterday's when today's is still to come. A line that is
    only a time, or begins with something that cannot be a time (``25:61``) or could be two (``14:02 IST``,
    ``10/11 14:02``), stays as it is.
    """
    line = line.strip()
    ago = AGO.fullmatch(line)
    if ago:
        return TypedLine(now - _span(ago["minus"] or ago["ago"]), ago["rest"])
    stamp = STAMP.fullmatch(line)
    at = _moment(stamp, now=now, zone=zone) if stamp else None
    if stamp is None or at is None:
        return TypedLine(None, line)
    return TypedLine(at, f"until {stamp['until']}: {stamp['rest']}" if stamp["until"] else stamp["rest"])


def _span(text: str) -> timedelta:
    parts = (
        (1 if number.lower().startswith("a") else int(number), unit.lower()) for number, unit in _UNIT.findall(text)
    )
    return sum((timedelta(**{UNITS[unit]: number}) for number, unit in parts), timedelta())


def _moment(stamp: re.Match[str], *, now: datetime, zone: tzinfo) -> datetime | None:
    written = zone_named(stamp["zone"]) if stamp["zone"] else zone
    if written is None:
        return None
    here = now.astimezone(written)
    try:
        at = _on_its_day(_at_its_hour(stamp, here), stamp, here=here)
        return at.astimezone(UTC) if at.year >= FIRST_YEAR else None
    except (ValueError, OverflowError):  # 25:61, the 31st of June, the last hour of the year 9999
        return None


def _at_its_hour(stamp: re.Match[str], here: datetime) -> datetime:
    hour = int(stamp["hour"] or stamp["hour2"] or stamp["hour3"])
    half = (stamp["half"] or stamp["half2"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(f"{hour} {half}m")
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return here.replace(
        hour=hour, minute=int(stamp["minute"] or stamp["minute3"] or 0), second=int(stamp["sec"] or 0), microsecond=0
    )


def _on_its_day(at: datetime, stamp: re.Match[str], *, here: datetime) -> datetime:
    """The day that is written, or the last one on which it can have been."""
    is_ahead = at > here + SLACK
    near, month = (stamp["near"] or "").lower(), stamp["month"] or stamp["month2"]
    if stamp["iso"]:
        return _dated(at, date.fromisoformat(stamp["iso"]))
    if month:
        return _in_its_year(at, stamp, month=_MONTHS.index(month[:3].lower()) + 1, here=here)
    if stamp["weekday"]:
        back = (at.weekday() - _WEEKDAYS.index(stamp["weekday"].lower())) % 7
        return at - timedelta(days=back or 7 * is_ahead)
    if near == "today":
        return at
    return at - timedelta(days=1) if near or is_ahead else at


def _in_its_year(at: datetime, stamp: re.Match[str], *, month: int, here: datetime) -> datetime:
    day, year = int(stamp["first"] or stamp["second"]), stamp["year"] or stamp["year2"]
    if year:
        return _dated(at, date(int(year), month, day))
    this_year = _dated(at, date(here.year, month, day))
    return this_year if this_year <= here + SLACK else _dated(at, date(here.year - 1, month, day))


def _dated(at: datetime, day: date) -> datetime:
    return at.replace(year=day.year, month=day.month, day=day.day)
