"""The day of the incident, where a document states it on a line or in a cell of its own, or in its front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.transfer.headings import ACTIONS, kind_of
from tracker.transfer.sections import Section
from tracker.transfer.tables import cells_of, is_rule
from tracker.transfer.times import order_short, read_time

_LABEL = re.compile(
    r"(?P<own>(?:incident|outage|event) (?:date|day)|(?:date|day) of (?:the )?(?:incident|outage|event)"
    r"|date occurred|occurred(?: on)?|happened on|start date)"
    r"|date(?: ?(?:/|and|&) ?time)?|day|when",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"[\s>|*_#-]{0,12}(?P<label>[A-Za-z][A-Za-z /&]{1,30}?)(?: ?\([^()\n]{0,20}\))?[\s*_]{0,4}[:|][\s*_|]{0,8}"
    r"(?P<value>[^|\n]{1,120})"
)
_NO_DAY = {"unknown parts", "impossible"}
MOST_LINES = 200
"""Lines of a section that are looked at, as for other facts."""


@dataclass(frozen=True)
class StatedDay:
    on: date
    is_of_incident: bool = False
    """Whether the label says so; a plain "Date" may be the document's, and a date in the title comes before it."""
    is_span: bool = False
    """Whether it is the first of several days, so that it is not the day of a row that states none."""


def stated_day_in(front: Mapping[str, str], sections: Sequence[Section], *, day_first: bool | None) -> StatedDay | None:
    """The first day under a label that says it is the incident's, else under "Date", else the front matter's."""
    keys = {key.lower().replace("_", " ").replace("-", " "): value.strip("\"' \n") for key, value in front.items()}
    stated = [*_labelled(sections), *keys.items()]
    days = [
        day
        for label, value in stated
        if (found := _LABEL.fullmatch(label)) and (day := _day(value, found["own"], day_first=day_first))
    ]
    return next((day for day in days if day.is_of_incident), next(iter(days), None))


def _day(value: str, own: str | None, *, day_first: bool | None) -> StatedDay | None:
    time = read_time(value)
    if time is None or set(time.flags) & _NO_DAY:
        return None
    on = time.on
    if time.short and time.short.year:
        on = order_short(time.short, day_first=day_first, year=time.short.year)
    if on is None or on.year < 1970:
        return None
    return StatedDay(on, is_of_incident=bool(own), is_span="range" in time.flags and not time.has_clock)


def _labelled(sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    """Every label with its value, but for those of action items, whose dates are their own."""
    below: int | None = None
    for section in sections:
        if below is not None and section.level > below:
            continue
        below = section.level if kind_of(section.heading) == ACTIONS else None
        if below is None:
            yield from _labels_of(section)


def _labels_of(section: Section) -> Iterator[tuple[str, str]]:
    lines = [line for line in section.lines[:MOST_LINES] if line.strip() and len(line) < 1000]
    if section.heading and lines:
        yield section.heading.strip(" :*_"), lines[0].strip(" *_>-")
    for line in (section.source, *lines):
        found = _LINE.match(line[:400])
        if found:
            yield found["label"].strip(), found["value"]
    for header, rule, row in zip(lines, lines[1:], lines[2:], strict=False):
        if is_rule(rule) and "|" in header and "|" in row:
            cells = (cell.strip(" *_") for cell in cells_of(header))
            yield from zip(cells, (cell.strip(" *_") for cell in cells_of(row)), strict=False)
