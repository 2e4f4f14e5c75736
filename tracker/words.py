"""Times, spans and shares in words, alike on pages, in mails and on the command line."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

SHARE_BASE = 10
"""Under this many cases a percentage would pretend: the cases are shown instead."""


def duration(span: timedelta | None) -> str:
    """A span in at most two units: "2 h 5 min". ``None`` is "not known", never 0."""
    if span is None:
        return "not known"
    minutes = round(span.total_seconds() / 60)
    if minutes < 1:
        return "under a minute"
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min")]
    shown = [f"{number} {unit}" for number, unit in units if number]
    return " ".join(shown[:2])


def relative(moment: datetime, now: datetime) -> str:
    """How long ago, or in how long: "3 days ago", "in 26 h". Hours up to two days: "1 day" could be nearly two."""
    seconds = (now - moment).total_seconds()
    if abs(seconds) < 60:
        return "just now" if seconds >= 0 else "in a moment"
    text = _largest_unit(abs(seconds))
    return f"{text} ago" if seconds > 0 else f"in {text}"


DAY = 86400
UNITS = (
    (DAY * 365, DAY * 365, "year", "years"),
    (DAY * 2, DAY, "day", "days"),
    (3600, 3600, "h", "h"),
    (60, 60, "min", "min"),
)
"""From how many seconds on each unit is used, and how many it has."""


def _largest_unit(seconds: float) -> str:
    for start, size, one, many in UNITS:
        if seconds >= start:
            number = int(seconds // size)
            return f"{number} {one if number == 1 else many}"
    return "under a minute"


def moment_text(moment: datetime | None, zone: tzinfo) -> str:
    """A moment in full: "Mon 23 Nov 2026, 10:05 CET"."""
    if moment is None:
        return "not known"
    local = moment.astimezone(zone)
    return local.strftime(f"%a {local.day} %b %Y, %H:%M %Z")


def clock_text(moment: datetime, zone: tzinfo) -> str:
    """A moment as a line of a past event shows it: "10 Nov 2026, 09:20 CET"."""
    local = moment.astimezone(zone)
    return local.strftime(f"{local.day} %b %Y, %H:%M %Z")


def hour_text(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """A moment as people say it while it matters: "09:20", with the day when that is not today."""
    local = moment.astimezone(zone)
    return local.strftime("%H:%M" if local.date() == now.astimezone(zone).date() else f"{local.day} %b, %H:%M")


def day_text(day: date | None) -> str:
    """A date: "23 Nov 2026"."""
    return f"{day.day} {day:%b %Y}" if day is not None else "no date"


@lru_cache(maxsize=512)
def state_key(state: str) -> str:
    """The name under which the design system knows a state or its value: "in_progress"."""
    return str(state).lower().replace(" ", "_").replace("-", "_")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 item", "3 items"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """A part of a whole with its base: "8 of 9" under ten cases, then "73 % (22 of 30)"; of nothing "none yet"."""
    if whole == 0:
        return "none yet"
    if whole < SHARE_BASE:
        return f"{part} of {whole}"
    return f"{100 * part / whole:.0f} % ({part} of {whole})"


def sentence(text: str) -> str:
    """A sentence with its full stop; nothing for nothing."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."
