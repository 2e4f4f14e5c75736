"""Read Markdown postmortems of any shape into values: the ground of `followthrough import`.

`read_postmortem` never loses a line (`keeping.find_lost_lines` proves it), never makes a time up, and takes
linear time. What maps to no question stays, in order, in `notes`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tracker.transfer import dialect
from tracker.transfer.calendars import Calendar, rows_of, settled_order
from tracker.transfer.containers import Document, open_document
from tracker.transfer.days import StatedDay, stated_day_in
from tracker.transfer.facts import facts_in
from tracker.transfer.headings import ACTIONS, ATTENDEES, STATS, TIMELINE, exact_kind_of, kind_of
from tracker.transfer.laying import Desk, lay, lay_introduction, lay_known, lay_timeline
from tracker.transfer.lists import factors_in, is_only_list, names_in, whys_in
from tracker.transfer.promises import PromiseReader, is_template
from tracker.transfer.references import with_references
from tracker.transfer.sections import Outline, Section, line_on_top, outline_of
from tracker.transfer.tickets import is_definition, link_definitions
from tracker.transfer.timelines import TimelineReader, count_times
from tracker.transfer.times import TimeText, read_time
from tracker.transfer.values import ActionPromise, ReadPostmortem, TimelineRow
from tracker.zones import AMBIGUOUS, find_zone_statement, zone_named

_NO_TITLE = re.compile(
    r"(?:issue name|incident title|title|template for reports|untitled|\{\{.*\}\}|memorable title)\W*$", re.IGNORECASE
)
_DAY = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d|\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
    r"|\b\d{1,2} [A-Z][a-z]{2,8} (?:19|20)\d\d"
)


def read_postmortem(
    content: bytes, *, name: str, zone: str | None = None, day_first: bool | None = None
) -> ReadPostmortem:
    """Read one document.

    `zone` (an IANA name or `UTC+2`) is used for times whose zone the document does not state, `day_first` for dates
    such as 10/11/2022 that the document leaves open. Raises `NotADocumentError` with a sentence.
    """
    document = open_document(content, name=name)
    if dialect.is_dialect(document):
        return dialect.read_dialect(document, name=name)
    return _read(document, outline_of(document.lines), name=name, zone=zone, day_first=day_first)


def read_documents(
    content: bytes, *, name: str, zone: str | None = None, day_first: bool | None = None
) -> tuple[ReadPostmortem, ...]:
    """As `read_postmortem`, one value an incident where a file holds several under top headings of their own."""
    document = open_document(content, name=name)
    if dialect.is_dialect(document):
        return (dialect.read_dialect(document, name=name),)
    outline = outline_of(document.lines)
    parts = _parts_of(outline)
    if len(parts) < 2:
        return (_read(document, outline, name=name, zone=zone, day_first=day_first),)
    read = [
        _read(document, part, name=f"{name}#{number}", zone=zone, day_first=day_first)
        for number, part in enumerate(parts, 1)
    ]
    return tuple(replace(one, title=_own_title(part) or one.title) for one, part in zip(read, parts, strict=True))


def _parts_of(outline: Outline) -> list[Outline]:
    """One outline an incident: several top headings, each with a summary or a timeline of its own below."""
    starts = [
        number for number, section in enumerate(outline.sections) if section.level == 1 and not kind_of(section.heading)
    ]
    ends = [*starts[1:], len(outline.sections)] if starts else []
    incidents = [
        start
        for start, end in zip(starts, ends, strict=True)
        if {kind_of(section.heading) for section in outline.sections[start + 1 : end]} & {"summary", TIMELINE}
    ]
    if len(incidents) < 2:
        return [outline]
    bounds = [0, *incidents[1:], len(outline.sections)]
    parts = [Outline(outline.sections[start:end], []) for start, end in pairwise(bounds)]
    parts[-1].comments.extend(outline.comments)
    return parts


def _own_title(outline: Outline) -> str:
    return next((section.heading for section in outline.sections if section.level == 1), "")


def _read(
    document: Document, outline: Outline, *, name: str, zone: str | None, day_first: bool | None
) -> ReadPostmortem:
    desk = Desk(TimelineReader(), PromiseReader(link_definitions(document.lines)))
    title, heading = _title_of(document, outline.sections, name=name)
    fallback = _unnamed_timeline(outline.sections)
    measures = _unnamed_actions(outline.sections)
    for section in outline.sections:
        if section is fallback:
            lay_timeline(section, desk=desk)
        elif section is measures:
            desk.kind, desk.level = ACTIONS, section.level
            lay_known(section, desk=desk)
        elif section is heading:
            lay_introduction(section, desk=desk, is_title=section.heading == title)
        else:
            lay(section, desk=desk)
    return _finished(desk, document, outline, title=title, name=name, zone=zone, day_first=day_first)


def _title_of(document: Document, sections: list[Section], *, name: str) -> tuple[str, Section | None]:
    """The title, and the section whose heading is the document's own."""
    own = None
    for section in sections:
        if (
            not section.heading
            or exact_kind_of(section.heading) in (STATS, ATTENDEES)
            or _NO_TITLE.match(section.heading)
        ):
            continue
        if not exact_kind_of(section.heading) and section.level <= 2:
            own = section
        break
    stated = document.front.get("title", "").strip()
    heading = own.heading if own else ""
    if stated:
        return stated, own
    if heading:
        return heading, own
    if len(sections) > 1 and (first := line_on_top(sections[0].lines)) and not _NO_TITLE.match(first):
        return first, own
    stem = name.rsplit("/", 1)[-1]
    return (re.sub(r"\.(?:md|markdown|qmd|txt|rst|mdx)$", "", stem, flags=re.IGNORECASE).strip() or "Untitled"), own


def _unnamed_timeline(sections: list[Section]) -> Section | None:
    """Where no heading says timeline: the section in which most list items begin with a time of day."""
    if any(kind_of(section.heading) == TIMELINE for section in sections):
        return None
    return next((section for section in sections if section.heading and count_times(section.lines) >= 3), None)


def _unnamed_actions(sections: list[Section]) -> Section | None:
    """Where no heading says action items: a section on prevention that is a list and nothing else."""
    if any(kind_of(section.heading) == ACTIONS for section in sections):
        return None
    prevention = (section for section in sections if kind_of(section.heading) == "prevent_process")
    return next((section for section in prevention if is_only_list(section.lines)), None)


def _finished(
    desk: Desk, document: Document, outline: Outline, *, title: str, name: str, zone: str | None, day_first: bool | None
) -> ReadPostmortem:
    stated = desk.timeline.zone_text or _zone_anywhere(outline)
    order = settled_order(desk.timeline.entries) if day_first is None else day_first
    day = stated_day_in(document.front, outline.sections, day_first=order)
    calendar = _calendar(document, title=title, name=name, stated=stated, zone=zone, day=day)
    calendar.day_first = order
    on = calendar.today or (day.on if day else None)
    rows, loose = _rows(desk.timeline, calendar=calendar)
    actions, loose_actions = _actions(desk.promises)
    whys, loose_whys = whys_in(desk.whys)
    loose_texts = [("Timeline", loose), ("Action items", loose_actions), ("Five whys", loose_whys)]
    answers, notes, unused = _texts(desk, outline, loose=loose_texts)
    return ReadPostmortem(
        title=title,
        name=name,
        front=document.front,
        front_text="\n".join(document.front_lines),
        zone=stated or None,
        zone_text=desk.timeline.zone_source,
        on=on,
        answers=answers,
        timeline=rows,
        actions=actions,
        whys=whys,
        contributing_factors=factors_in(answers.get("contributing_factors", "")),
        attendees=names_in(desk.attendees),
        notes=tuple(notes),
        left_over=(*outline.comments, *desk.promises.left_over, *unused),
        placed=(*desk.placed, *desk.timeline.placed, *desk.promises.placed),
        warnings=(*document.warnings, *_warnings(rows, stated=stated, zone=zone, outline=outline)),
        **_facts(document, outline),
    )


def _texts(
    desk: Desk, outline: Outline, *, loose: list[tuple[str, list[str]]]
) -> tuple[dict[str, str], list[tuple[str, str]], list[str]]:
    """Answers and notes with the reference links they use; notes that hold neither heading nor text fall away."""
    notes = [(heading, _text(lines)) for heading, lines in desk.notes]
    notes += [(heading, text) for heading, lines in loose if (text := _text(lines))]
    answers = {key: text for key, lines in desk.answers.items() if (text := _text(lines))}
    lines = [line for section in outline.sections for line in section.lines]
    answers, notes, unused = with_references(answers, notes, lines)
    empty = {"", *(heading for heading, _ in loose)}
    return answers, [(heading, text) for heading, text in notes if text or heading not in empty], unused


def _facts(document: Document, outline: Outline) -> dict[str, Any]:
    lines = (
        line for section in outline.sections for line in (section.source, *section.lines[:200]) if len(line) < 1000
    )
    found = facts_in(lines)
    if "severity" in document.front:
        found["severity_text"] = document.front["severity"]
    return found


def _zone_anywhere(outline: Outline) -> str:
    for section in outline.sections:
        for line in (section.heading, *section.lines):
            if "times" in line.lower()[:300] and (found := find_zone_statement(line)):
                return found
    return ""


def _calendar(
    document: Document, *, title: str, name: str, stated: str, zone: str | None, day: StatedDay | None
) -> Calendar:
    known = zone_named(stated) if stated and stated.upper() not in AMBIGUOUS else None
    calendar = Calendar(zone=known or (zone_named(zone) if zone else None))
    days = {day[0] for day in _DAY.finditer(title[:300])}
    found = read_time(days.pop()) if len(days) == 1 else None
    if found and found.on:
        calendar.today, calendar.source, calendar.year = found.on, "the title", found.on.year
    if day and not day.is_span and (day.is_of_incident or calendar.today is None):
        calendar.today, calendar.source, calendar.year = day.on, "the document", day.on.year
    for text in (document.front.get("date", ""), name.rsplit("/", 1)[-1]):
        beginning: TimeText | None = read_time(text)
        if calendar.year is None and beginning and beginning.on:
            calendar.year = beginning.on.year
    return calendar


def _rows(timeline: TimelineReader, *, calendar: Calendar) -> tuple[tuple[TimelineRow, ...], list[str]]:
    rows = rows_of(timeline.entries, calendar=calendar)
    dates = [entry.at_text for entry in timeline.entries if entry.is_date_above and entry.at_text]
    if rows or len(timeline.untimed) < 2:
        return rows, timeline.loose
    untimed = tuple(
        TimelineRow(text="\n".join(line.strip() for line in item), flags=("no time",)) for item in timeline.untimed
    )
    known = {line.strip() for item in timeline.untimed for line in item}
    loose = [
        line
        for line in timeline.loose
        if line.strip() not in known and line.strip().lstrip("-*+0123456789.) ") not in known
    ]
    return untimed, [*loose, *dates]


def _actions(promises: PromiseReader) -> tuple[tuple[ActionPromise, ...], list[str]]:
    """The items; short paragraphs are items where the section holds nothing else."""
    if promises.actions:
        return tuple(promises.actions), promises.loose
    paragraphs = [part for part in "\n".join(promises.loose).split("\n\n") if part.strip()]
    if (
        not paragraphs
        or len(paragraphs) > 8
        or any(len(part) > 600 or part.lstrip()[0] in "`#|>![" for part in paragraphs)
    ):
        return (), promises.loose
    for part in paragraphs:
        if is_template(part) or is_definition(part):
            promises.left_over.extend(line for line in part.split("\n") if line.strip())
        else:
            promises.add_paragraph(part)
    return tuple(promises.actions), []


def _text(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _warnings(rows: tuple[TimelineRow, ...], *, stated: str, zone: str | None, outline: Outline) -> tuple[str, ...]:
    warnings = []
    if any("no zone" in row.flags for row in rows) and not zone:
        asked = f"“{stated}” could be more than one time zone" if stated else "The document states no time zone"
        warnings.append(f"{asked}; times are kept as written. Give one to place them.")
    if any("day or month first" in row.flags for row in rows):
        warnings.append("Some dates could be day first or month first; they are kept as written.")
    if any("impossible" in row.flags for row in rows):
        warnings.append("Some times do not exist; they are kept as written.")
    if len(_parts_of(outline)) > 1:
        warnings.append("The file holds more than one incident.")
    return tuple(warnings)
