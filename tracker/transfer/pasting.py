"""Lines of a timeline as somebody pastes them, from a chat, a table or a document: how each is understood."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.models import EntryKind
from tracker.transfer.calendars import Calendar, rows_of
from tracker.transfer.timelines import TimelineReader
from tracker.transfer.times import read_time
from tracker.transfer.values import TimelineRow
from tracker.zones import zone_named

MOST = 500
"""Entries that are taken at once; the longest real timeline has 57."""
CLOCKS_DIFFER = timedelta(minutes=10)
_WORDS = {
    EntryKind.DETECTION: "alert* alarm* paged pagerduty detect* notic* discover* spotted report reports reported",
    EntryKind.DECISION: "decid* decision agree* chose choose opted",
    EntryKind.COMMUNICATION: "announc* inform* told tells tweet* e-mailed emailed notif* posts posted statuspage",
    EntryKind.ACTION: "rolled rolling rollback revert* restart* deploy* scaled scales scaling kill* delet* merg* push* "
    "drain* disabl* enabl* apply applied patch* fix fixed fixes cordon* upgrad*",
}
KINDS = {
    kind: re.compile(rf"\b(?:{words.replace('*', '[a-z]*').replace(' ', '|')})\b", re.IGNORECASE)
    for kind, words in _WORDS.items()
}
"""What a first guess at the kind goes by; the surer first. The person who pastes sees it and chooses."""
FLAGS = {
    "no date": "no day: give one above",
    "no time": "no time of day",
    "no zone": "no time zone: give one above",
    "which zone": "a zone that means several: choose one above and leave its name out",
    "no year": "no year: give a day above",
    "day or month first": "day or month first? Say so above",
    "impossible": "no such time",
    "unknown parts": "not known in full",
    "approximate": "approximate",
    "range": "a span; its beginning is taken",
    "after midnight": "after midnight, so the next day",
    "out of order": "earlier than the line above",
    "odd am or pm": "am or pm with a 24-hour time",
    "not a time": "no time that we can read",
}


@dataclass(frozen=True)
class PastedEntry:
    """One entry as it was understood. Times that the text does not state are not made up."""

    text: str
    at: datetime | None
    at_text: str
    kind: EntryKind
    doubts: tuple[str, ...] = ()
    is_there: bool = False
    """Whether the timeline has it already."""
    is_future: bool = False

    @property
    def is_proposed(self) -> bool:
        return not (self.is_there or self.is_future)


@dataclass(frozen=True)
class Reading:
    """What is known besides the text."""

    on: date | None = None
    zone: str = ""
    day_first: bool | None = None


def read_pasted(
    text: str, *, reading: Reading, known: Collection[tuple[datetime | None, str]], now: datetime
) -> tuple[PastedEntry, ...]:
    """The entries of a pasted text, in their order. ``known`` is what the timeline has: each time and text."""
    reader = TimelineReader()
    reader.read_lines(_as_items(text.replace("\r\n", "\n").split("\n")))
    calendar = Calendar(
        zone=zone_named(reader.zone_text or reading.zone),
        year=reading.on.year if reading.on else None,
        today=reading.on,
        day_first=reading.day_first,
    )
    rows = [*_loose_rows(reader), *rows_of(reader.entries, calendar=calendar)]
    return tuple(_entry(row, known=known, now=now) for row in rows if row.text.strip())[:MOST]


_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*$")
_MARKED = re.compile(r"\s*(?:[-*+|]|\d{1,4}[.)]\s|\s{4})")


def _as_items(lines: Iterable[str]) -> list[str]:
    """The same lines with a mark before each that begins with a time: what is pasted as a timeline is one.

    Below a heading that is a time stands what happened then, up to the next time.
    """
    written, is_below_heading = [], False
    for line in lines:
        heading = _HEADING.match(line)
        content = heading[1] if heading else line
        time = None if _MARKED.match(content) else read_time(content)
        if time and (time.has_clock or time.has_date):
            written.append(f"- {content}")
            is_below_heading = heading is not None
        else:
            written.append(f"  {line}" if is_below_heading and line.strip() else line)
    return written


def _loose_rows(reader: TimelineReader) -> Sequence[TimelineRow]:
    """Lines without a time that belong to no entry: a list keeps its items, anything else its lines."""
    if reader.untimed and not reader.entries:
        return [TimelineRow(text="\n".join(lines).strip(), flags=("no time",)) for lines in reader.untimed]
    lines = [line.strip(" \t|*-") for line in reader.loose]
    return [TimelineRow(text=line, flags=("no time",)) for line in lines if re.search(r"\w", line)]


def _entry(row: TimelineRow, *, known: Collection[tuple[datetime | None, str]], now: datetime) -> PastedEntry:
    doubts = tuple(FLAGS.get(flag, flag) for flag in row.flags)
    return PastedEntry(
        text=row.text.strip(),
        at=row.at,
        at_text=" ".join(row.at_text.split())[:300],
        kind=guess_kind(row.text),
        doubts=doubts,
        is_there=(row.at, row.text.strip()) in known,
        is_future=row.at is not None and row.at > now + CLOCKS_DIFFER,
    )


def guess_kind(text: str) -> EntryKind:
    """What sort of entry a line is, by its words; an event when they do not tell."""
    return next((kind for kind, pattern in KINDS.items() if pattern.search(text[:300])), EntryKind.EVENT)
