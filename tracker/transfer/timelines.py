"""Timeline entries out of lines: bullets, tables, headings and paragraphs that begin with a time.

What stands between two entries belongs to the earlier one; what stands before the first or after the last list or
table is handed back as loose text. Dates and zones are put in by `calendars`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracker.transfer.sections import Section, code_lines
from tracker.transfer.tables import Table, begins_table, read_table
from tracker.transfer.times import TimeText, read_time
from tracker.transfer.values import Placement
from tracker.zones import find_zone_statement, find_zone_word

_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,4}[.)])(?:[ \t]+(.*)|)$")
_TIME_HEADER = re.compile(
    r"\b(?:time|times|date|when|day|timestamp|utc|gmt|c?est?|cet|pt|pst|pdt|hour|tz|zone|timezone|zeit|datum|uhrzeit|at)\b",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?$", re.IGNORECASE)
_CLOSERS = re.compile(r"[\s*_\])}`]{0,12}")
_SEPARATOR = re.compile(r"\s*(?:->|→|=>|[:|–—-])*\s*")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ZONE_LINE = re.compile(
    r"[\W_]{0,6}(?:please note:? )?(?:all|the|any|unless|times?|timestamps?|time ?zone)\b", re.IGNORECASE
)


@dataclass
class Entry:
    """One entry before its date is worked out: what stands in place of the time, and the lines of its text."""

    at_text: str
    time: TimeText | None
    lines: list[str] = field(default_factory=list)
    zone_text: str = ""
    year_above: int | None = None
    is_date_above: bool = False
    style: str = "paragraph"


@dataclass
class TimelineReader:
    """Collects entries over the sections of one timeline."""

    entries: list[Entry] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    untimed: list[list[str]] = field(default_factory=list)
    placed: list[Placement] = field(default_factory=list)
    zone_text: str = ""
    zone_source: str = ""
    _pending: list[str] = field(default_factory=list)
    _current: Entry | None = None
    _item: list[str] | None = None

    def read_main(self, section: Section) -> None:
        """The section whose heading says that it is the timeline."""
        self._leave()
        self._note_zone(section.heading, is_statement=True)
        found = _YEAR.search(section.heading)
        if found:
            self._date_above(_first_time(section.heading), year=int(found[0]))
        self.read_lines(section.lines)

    def read_timed(self, section: Section, *, time: TimeText) -> None:
        """A section whose heading is a time or a date."""
        self._leave()
        at_text, rest = split_at(section.heading, time=time)
        if not time.has_clock and not rest and _holds_times(section.lines):
            self._date_above(time, at_text=at_text)
            self.placed.append(Placement(section.source, "date above timeline entries"))
            self.read_lines(section.lines)
            return
        self._open(Entry(at_text=at_text, time=time, lines=[rest] if rest else [], style="heading"))
        if self._current:
            self._current.lines.extend(section.lines)

    def read_lines(self, lines: Sequence[str]) -> None:
        """Lines of a timeline, of any style."""
        is_code, position = code_lines(lines), 0
        while position < len(lines):
            if not is_code[position] and begins_table(lines, position):
                position = self._read_table(lines, position)
                continue
            self._read_line(lines, position, is_code=is_code[position])
            position += 1
        self._leave()

    def _read_line(self, lines: Sequence[str], position: int, *, is_code: bool) -> None:
        line = lines[position]
        item = None if is_code else _ITEM.match(line)
        content = (item[1] or "") if item else line
        time = None if is_code or (not item and line.startswith(("    ", "\t"))) else read_time(content)
        if time and (item or _stands_alone(content, time, above=lines[position - 1] if position else "")):
            self._begin(
                content,
                time,
                lines=lines[position + 1 : position + 13],
                source=line,
                style="item" if item else "paragraph",
            )
        elif not self._current and not self.entries and self._is_zone_line(line):
            return
        else:
            self._continue(line, content=content, is_item=bool(item))

    def _begin(self, content: str, time: TimeText, *, lines: Sequence[str], source: str, style: str) -> None:
        at_text, rest = split_at(content, time=time)
        if not time.has_clock and not rest and time.has_date and _holds_times(lines):
            self._date_above(time, at_text=at_text)
            self.placed.append(Placement(source, "date above timeline entries"))
            return
        self._open(Entry(at_text=at_text, time=time, lines=[rest] if rest else [], style=style))

    def _open(self, entry: Entry) -> None:
        if self._current:
            self._current.lines.extend(self._pending)
        else:
            self.loose.extend(self._pending)
        self._pending = []
        self.entries.append(entry)
        self._current = entry

    def _continue(self, line: str, *, content: str, is_item: bool) -> None:
        if self._current is None:
            self._continue_untimed(line, content=content, is_item=is_item)
        elif self._pending or not self._belongs(line):
            self._pending.append(line)
        else:
            self._current.lines.append(line)

    def _continue_untimed(self, line: str, *, content: str, is_item: bool) -> None:
        """Before the first entry: list items are kept apart, in case the whole timeline states no times."""
        if is_item and content:
            self._item = [content]
            self.untimed.append(self._item)
        elif self._item is not None and line.startswith((" ", "\t")):
            self._item.append(line)
        elif line.strip():
            self._item = None
        self.loose.append(line)

    def _belongs(self, line: str) -> bool:
        current = self._current
        if current is None or current.style in ("heading", "paragraph"):
            return current is not None
        is_after_blank = bool(current.lines) and not current.lines[-1].strip()
        return current.style == "item" and (not is_after_blank or not line.strip() or line.startswith((" ", "\t")))

    def _leave(self) -> None:
        """At the end of a section: what follows the last entry's list or table is loose."""
        self.loose.extend(self._pending)
        self._pending = []
        if self._current is not None:
            self._current = None
            self.loose.append("")

    def _date_above(self, time: TimeText | None, *, at_text: str = "", year: int | None = None) -> None:
        if self._pending:
            self._leave()
        self.entries.append(Entry(at_text=at_text, time=time, year_above=year, is_date_above=True))

    def _is_zone_line(self, line: str) -> bool:
        """Whether the line does nothing but state the zone of all times."""
        if not self._note_zone(line, is_statement=True):
            return False
        if len(line) > 120 or not _ZONE_LINE.match(line) or self.zone_source:
            return False
        self.zone_source = line.strip()
        return True

    def _note_zone(self, text: str, *, is_statement: bool) -> bool:
        stated = find_zone_statement(text) if is_statement else find_zone_word(text)
        if not stated and is_statement and "(" in text and len(text) < 200:
            stated = find_zone_word(text[text.index("(") :]) if not self.entries else None
        if stated and not self.zone_text:
            self.zone_text = stated
        return bool(stated)

    def _read_table(self, lines: Sequence[str], position: int) -> int:
        table = read_table(lines, position)
        columns = time_columns(table)
        if columns is None:
            for line in lines[position : table.end]:
                self._continue(line, content=line, is_item=False)
            return table.end
        if table.header_lines:
            self.placed.append(Placement("\n".join(table.header_lines), "timeline columns"))
        self._note_zone(" ".join(table.header), is_statement=False)
        year = _YEAR.search(" ".join(table.header)[:400])
        if year:
            self._date_above(None, year=int(year[0]))
        for row in table.rows:
            self._open(_table_entry(row, columns=columns))
        return table.end


def _table_entry(row: Sequence[str], *, columns: frozenset[int]) -> Entry:
    found = [cell for number, cell in enumerate(row) if number in columns and cell]
    if not columns:
        found = list(row[: leading_times(row)])
    rest = list(row)
    for cell in found:
        rest.remove(cell)
    at_text = " ".join(found)
    text = " | ".join(cell for cell in rest if cell)
    return Entry(at_text=at_text, time=read_time(at_text), lines=[text] if text else [], style="table")


def time_columns(table: Table) -> frozenset[int] | None:
    """The columns that hold the time; empty when each row begins with it; None when this is no table of times."""
    named = [number for number, name in enumerate(table.header) if _TIME_HEADER.search(name[:60]) and len(name) < 60]
    sample = table.rows[:40]
    if named and _mostly(read_time(" ".join(row[n] for n in named if n < len(row))) is not None for row in sample):
        return frozenset(named)
    if _mostly(leading_times(row) > 0 for row in sample):
        return frozenset()
    return None


def _mostly(answers: Iterable[bool]) -> bool:
    values = list(answers)
    return bool(values) and 2 * sum(values) >= len(values)


def leading_times(row: Sequence[str]) -> int:
    """How many cells at the beginning of a row are times, dates or weekdays and nothing else."""
    count, is_time = 0, False
    for cell in row[:5]:
        time = read_time(cell)
        whole = time is not None and not cell[time.end :].strip(" .)]*_")
        if not whole and not _WEEKDAY.match(cell):
            break
        is_time = is_time or whole
        count += 1
    return count if is_time else 0


def split_at(content: str, *, time: TimeText) -> tuple[str, str]:
    """The time as written, without the markup around it, and the text after it."""
    at, rest = content[: time.end], content[time.end :]
    closers = _CLOSERS.match(rest)
    closing, after = (closers[0], rest[closers.end() :]) if closers else ("", rest)
    is_bold = at.count("**") % 2 == 1 or at.count("__") % 2 == 1
    is_soft = not is_bold and (at.count("*") % 2 == 1 or at.count("_") % 2 == 1)
    if "(" in at and at.count("(") > at.count(")") and ")" in closing:
        at += closing[: closing.index(")") + 1]
        closing = closing[closing.index(")") + 1 :]
    opens_in_rest = closing.lstrip(" ])}`").rstrip() if not (is_bold or is_soft) else ""
    separator = _SEPARATOR.match(after)
    text = after[separator.end() :] if separator and not opens_in_rest and not closing.endswith("`") else after
    closed = not (is_bold or is_soft) or any(mark in closing for mark in "*_")
    if not closed and text[:2] in ("**", "__"):
        closed, text = True, text[2:].lstrip()
    elif not closed and is_soft and text[:1] in ("*", "_"):
        closed, text = True, text[1:].lstrip()
    mark = "**" if is_bold else "*"
    lead = opens_in_rest or ("`" if closing.endswith("`") else "") or ("" if closed or not text else mark)
    return at.strip(" \t*_[]{}`,-"), (lead + text).strip()


def _stands_alone(content: str, time: TimeText, *, above: str) -> bool:
    """Whether a paragraph's line that begins with a time is an entry and not a sentence that wraps there."""
    rest = content[time.end :].lstrip(" *_])}`")
    if not rest or rest[0] in ":-–—|>→=" or content[: time.end].endswith("\t"):
        return True
    return not above.strip() and time.has_clock and (time.has_date or content[: time.end].lstrip()[:1] in "*[_~")


def _holds_times(lines: Sequence[str]) -> bool:
    """Whether the next words below are a time of day, so that a date alone stands for all that follows."""
    following = next((line for line in lines if line.strip()), None)
    if following is None:
        return True
    item = _ITEM.match(following)
    time = read_time((item[1] or "") if item else following)
    if time is None and following.startswith("|"):
        return True
    return time is not None and time.has_clock and not time.has_date


def count_times(lines: Sequence[str]) -> int:
    """How many list items begin with a time of day; 0 where most items do not."""
    items = [match[1] or "" for line in lines if (match := _ITEM.match(line))]
    timed = sum(1 for item in items if (time := read_time(item)) and time.has_clock)
    return timed if 3 * timed >= 2 * len(items) else 0


def _first_time(heading: str) -> TimeText | None:
    """The one date in a heading such as `Timeline (2021-03-04)`; None when there are two."""
    for match in re.finditer(r"\d|\b[A-Z][a-z]{2}", heading[:200]):
        time = read_time(heading[match.start() :])
        if time and time.has_date:
            return None if "range" in time.flags else time
    return None
