"""Times as people write them at the beginning of a line, a cell or a heading.

`read_time` takes the longest beginning of a text that is nothing but time (dates, times, zones, weekdays, "ca.",
ranges and their punctuation) and says what is stated in it. Nothing is completed here: a missing date, year or
zone is missing. Every pattern is anchored and bounded, so the work is linear in what is consumed, and that is
at most `LONGEST` characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time

from tracker.zones import OFFSET, ZONE

LONGEST = 120
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?:,?\s{1,3}(?P<year>(?:19|20)\d\d)\b)?"
_TOKENS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("iso", r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)T?(?![A-Za-z])"),
        ("isot", r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T(?=\d)"),
        ("vague", r"(?=[\d?xym/-]{0,12}[?xm])[\d?xy]{2,4}(?:/[\d?]{2})?[-/][\d?xm]{2}[-/][\d?xd]{2}(?!\w)"),
        ("wrongdate", r"\d{5}[-/]\d{1,2}[-/]\d{1,2}(?!\d)|\d{1,2}[-/]\d{1,2}[-/](?:\d{3}|\d{5})(?!\d)"),
        ("short", r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?![\d:])"),
        ("monthday", r"(?P<a>\d{1,2})[-/](?P<b>\d{1,2})(?=,?\s{1,3}[\[(~]?\d{1,2}[:.]\d\d)"),
        ("named", _MONTH + r"\s{0,3}(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d|:\d)" + _YEAR),
        ("named", r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?\s{0,3}(?:of\s{1,3})?" + _MONTH + _YEAR),
        ("weekday", r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"),
        (
            "clock",
            r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,6}))?)?(?!\d)\s{0,3}(?P<ap>[ap]\.?m\b\.?|(?<=\d)[ap]\b)?(?:Uhr\b)?",
        ),
        ("clock", r"(?P<h>\d{1,2})(?:\.(?P<m>\d{2}))?\s{0,3}(?P<ap>[ap]\.?m)\b\.?"),
        ("vagueclock", r"(?:\d{1,2}|[\d?x]{2}|hh|--):(?:[\d?x]{2}|mm|--)(?:pm|am)?(?!\w)"),
        ("unknown", r"\?{2,6}(?!\w)"),
        (
            "about",
            r"(?:~|≈|ca\.?(?=\s)|circa\b|approx(?:imately|\.)?(?=\s)|around\b|about\b|roughly\b|after\b|before\b|early\b)",
        ),
        ("join", r"(?:to|until|till|and|between|from|through|at|on)\b"),
        ("second", r":?\d{2}(?!\d)(?=[\s:]|$)"),
    )
)
_PUNCTUATION = re.compile(r"[\s,*_\[\](){}`]{1,20}")
_DASH = re.compile(r"\s{0,3}(?:-|–|—|->|→|/)\s{0,3}")
_OFFSET = re.compile(OFFSET + r"(?![\w-])")
_AFTER_T = frozenset(f"{digit}T" for digit in range(10))
_STATED = frozenset(
    {"iso", "isot", "vague", "wrongdate", "short", "monthday", "named", "clock", "vagueclock", "unknown"}
)
_LINKS = frozenset({"join", "about", "weekday"})
_DATES = frozenset({"iso", "isot", "vague", "wrongdate", "short", "monthday", "named"})
_CLOCKS = frozenset({"clock", "vagueclock"})


@dataclass(frozen=True)
class ShortDate:
    """`10/11/2022`: two numbers whose order the text alone does not tell."""

    first: int
    second: int
    year: int | None


@dataclass(frozen=True)
class TimeText:
    """What a beginning of a text states about time. `end` is where the rest of the text begins."""

    end: int
    on: date | None = None
    month_day: tuple[int, int] | None = None
    short: ShortDate | None = None
    has_date: bool = False
    at: time | None = None
    has_clock: bool = False
    zone_name: str = ""
    flags: tuple[str, ...] = ()


@dataclass
class _Reading:
    kinds: list[str]
    value: TimeText


def read_time(text: str) -> TimeText | None:
    """What the beginning of `text` states about time; None when it does not begin with a date, a time or `??`."""
    text = text[:LONGEST]
    reading = _Reading(kinds=[], value=TimeText(end=0))
    position, end = 0, 0
    while True:
        position = _skip_punctuation(text, position)
        taken = _take(text, position, reading)
        if taken is None:
            after = _after_dash(text, position, reading)
            if after is None:
                break
            position = after
            continue
        position = taken
        if reading.kinds[-1] not in _LINKS:
            end = position
    if not any(kind in _STATED for kind in reading.kinds):
        return None
    return replace(reading.value, end=end)


def _skip_punctuation(text: str, position: int) -> int:
    match = _PUNCTUATION.match(text, position)
    return match.end() if match else position


def _after_dash(text: str, position: int, reading: _Reading) -> int | None:
    """The place behind a dash when more time follows it (`16:00 - 16:10`, `10/20/2022 - 15:38`)."""
    dash = _DASH.match(text, position)
    if not dash or not reading.kinds:
        return None
    follows = _match(text, dash.end())
    if follows is None or follows[0] in ("join", "about"):
        return None
    reading.kinds.append("join" if reading.value.has_clock else "gap")
    return dash.end()


def _match(text: str, position: int) -> tuple[str, re.Match[str]] | None:
    if position >= len(text):
        return None
    if (
        position
        and text[position - 1].isalnum()
        and text[position].isalnum()
        and text[position - 2 : position] not in _AFTER_T
    ):
        return None
    for kind, pattern in _TOKENS:
        match = pattern.match(text, position)
        if match:
            return kind, match
    return None


def _take(text: str, position: int, reading: _Reading) -> int | None:
    zone = _zone_at(text, position, reading)
    if zone:
        if not reading.value.zone_name:
            reading.value = replace(reading.value, zone_name=zone[0].strip())
        reading.kinds.append("zone")
        return zone.end()
    found = _match(text, position)
    if found is None:
        return None
    kind, match = found
    if kind == "second" and not (reading.kinds and reading.kinds[-1] == "join" and reading.value.has_clock):
        return None
    _note(kind, match, reading)
    reading.kinds.append(kind)
    return match.end()


def _zone_at(text: str, position: int, reading: _Reading) -> re.Match[str] | None:
    if not reading.value.has_clock:
        return None
    zone = ZONE.match(text, position)
    if zone is None and reading.kinds[-1] in _CLOCKS and position and text[position - 1].isdigit():
        zone = _OFFSET.match(text, position)
        return zone if zone and "isot" in reading.kinds else None
    return zone


def _note(kind: str, match: re.Match[str], reading: _Reading) -> None:
    value = reading.value
    if kind in _DATES and not value.has_date:
        reading.value = _with_date(kind, match, value)
    elif kind in _CLOCKS and not value.has_clock:
        reading.value = _with_clock(kind, match, value)
    elif kind in _DATES | _CLOCKS | {"second"}:
        reading.value = _flagged(value, "range")
    elif kind == "about":
        reading.value = _flagged(value, "approximate")
    elif kind == "unknown":
        reading.value = _flagged(value, "unknown parts")


def _flagged(value: TimeText, flag: str) -> TimeText:
    return value if flag in value.flags else replace(value, flags=(*value.flags, flag))


def _with_date(kind: str, match: re.Match[str], value: TimeText) -> TimeText:
    value = replace(value, has_date=True)
    if kind == "vague":
        return _flagged(value, "unknown parts")
    if kind == "wrongdate":
        return _flagged(value, "impossible")
    if kind in ("iso", "isot"):
        return _dated(value, year=int(match["y"]), month=int(match["m"]), day=int(match["d"]))
    if kind == "named":
        month = _MONTHS.index(match["month"][:3].lower()) + 1
        year = int(match["year"]) if match["year"] else None
        return _dated(value, year=year, month=month, day=int(match["d"]))
    year = _full_year(match["y"]) if kind == "short" else None
    return replace(value, short=ShortDate(int(match["a"]), int(match["b"]), year))


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _dated(value: TimeText, *, year: int | None, month: int, day: int) -> TimeText:
    on = possible_date(year or 2000, month, day)
    if on is None:
        return _flagged(value, "impossible")
    return replace(value, on=on) if year else replace(value, month_day=(month, day))


def possible_date(year: int, month: int, day: int) -> date | None:
    """The date, or None when the calendar has no such day or no computer had such a clock."""
    if not 1970 <= year <= 2199:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _with_clock(kind: str, match: re.Match[str], value: TimeText) -> TimeText:
    value = replace(value, has_clock=True)
    if kind == "vagueclock":
        return _flagged(value, "unknown parts")
    hour, half = int(match["h"]), (match["ap"] or "")[:1].lower()
    if half and (hour > 12 or hour == 0):
        if half == "a" and hour > 12:
            return _flagged(value, "impossible")
        value = _flagged(value, "odd am or pm")
    elif half:
        hour = hour % 12 + (12 if half == "p" else 0)
    parts = match.groupdict()
    try:
        at = time(hour, int(parts["m"] or 0), int(parts.get("s") or 0), int((parts.get("f") or "").ljust(6, "0")))
    except ValueError:
        return _flagged(value, "impossible")
    return replace(value, at=at)


def read_whole_date(text: str) -> date | None:
    """The day that a short text names and nothing else, when year, month and day leave no doubt; else None."""
    found = read_time(text.strip())
    if found is None or text.strip()[found.end :].strip(" .)]*_"):
        return None
    if found.short is None:
        return found.on
    if found.short.year is None:
        return None
    return order_short(found.short, day_first=None, year=found.short.year)


def order_short(short: ShortDate, *, day_first: bool | None, year: int) -> date | None:
    """The date of `10/20/2022` where only one order is possible, or the order is told; None when it could be either."""
    month_first_date = possible_date(year, short.first, short.second)
    day_first_date = possible_date(year, short.second, short.first)
    if month_first_date and day_first_date and short.first != short.second:
        return None if day_first is None else (day_first_date if day_first else month_first_date)
    return month_first_date or day_first_date
