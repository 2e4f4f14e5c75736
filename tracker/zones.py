"""Time zones as people write them. What could mean two zones is not decided here."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_HOURS = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "MEZ": 1,
    "MESZ": 2,
    "BST": 1,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "AKST": -9,
    "AKDT": -8,
    "HST": -10,
    "JST": 9,
    "KST": 9,
    "SGT": 8,
    "HKT": 8,
    "AEST": 10,
    "AEDT": 11,
    "AWST": 8,
    "NZST": 12,
    "NZDT": 13,
    "SAST": 2,
    "BRT": -3,
    "ART": -3,
}
_PLACES = {
    "PT": "America/Los_Angeles",
    "MT": "America/Denver",
    "CT": "America/Chicago",
    "ET": "America/New_York",
}
AMBIGUOUS = frozenset({"IST", "CST", "AST", "ECT"})
"""India, Israel or Ireland; Chicago, China or Cuba; Halifax or Arabia; Ecuador or Europe: the reader is asked."""

OFFSET = r"(?:[+-]\d{1,2}(?::?\d{2})?)"
NAMES = "|".join(sorted((*_HOURS, *_PLACES, *AMBIGUOUS), key=len, reverse=True))
ZONE = re.compile(rf"(?:(?:UTC|GMT) ?{OFFSET}|(?:{NAMES}))(?![A-Za-z0-9-])")
AREAS = "(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)"
_IN_TEXT = re.compile(
    rf"(?<![A-Za-z0-9-])(?:(?:UTC|GMT) ?{OFFSET}|(?:{NAMES})|{AREAS}/[A-Z][A-Za-z_]+)(?![A-Za-z0-9-])"
)
_OFFSET_PARTS = re.compile(r"([+-])(\d{1,2}):?(\d{2})?$")
_STATEMENT = re.compile(r"\btimes?\b|\btimestamps?\b|\btime ?zone\b", re.IGNORECASE)


def zone_named(text: str) -> tzinfo | None:
    """The zone that `UTC`, `CEST`, `UTC+2`, `+02:00` or `Europe/Copenhagen` names; None where it names none or two."""
    text = text.strip().strip("()")
    offset = _OFFSET_PARTS.search(text)
    if offset and text[: offset.start()].strip() in ("", "UTC", "GMT"):
        return _fixed(offset)
    if text.upper() in _HOURS:
        return timezone(timedelta(hours=_HOURS[text.upper()]))
    return _place(_PLACES.get(text.upper(), text))


def _fixed(offset: re.Match[str]) -> tzinfo | None:
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))


def _place(name: str) -> tzinfo | None:
    if "/" not in name or name.startswith(("/", ".")) or ".." in name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def find_zone_statement(line: str) -> str | None:
    """The zone that a sentence, heading or column header about times states (`All times in CET.`), as written."""
    line = line[:300]
    if not _STATEMENT.search(line):
        return None
    found = _IN_TEXT.search(line)
    return found[0] if found else None


def find_zone_word(text: str) -> str | None:
    """The first zone in a short text such as a column header, as written."""
    found = _IN_TEXT.search(text[:200])
    return found[0] if found else None
