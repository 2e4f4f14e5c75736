"""Cut lines into sections: headings of every style, with code fences and comments seen for what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.transfer.headings import UNKNOWN, exact_kind_of, kind_of
from tracker.transfer.times import read_time

LABEL_LEVEL = 7
"""Bold labels and plain lines stand below the six levels of Markdown headings."""

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_CLOSING_HASHES = re.compile(r"(?:^|[ \t])#{1,20}$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,12}(?:[-*+] {1,3})?(`{3,}|~{3,})")
_BOLD_LABEL = re.compile(
    r"(?: {0,3}[-*+] {1,3}| {0,3}[^\w\s#>|*+`~\[<-]{1,4} {1,3}| {0,3})"  # a list mark, an emoji or nothing
    r"(\*{2,3}|__)([^*_]{2,80}?)(:?)\1(:?)(?:[ \t]+(.*)|[ \t]*)$"
)
_PLAIN_LABEL = re.compile(r"([A-ZÄÖÜ][\w'’&/ -]{2,50}?)(:?)[ \t]*$")
_ON_TOP = re.compile(r"\*\*([^*]{3,120})\*\*|([A-ZÄÖÜ0-9][^.:|<>`*\[\]{}]{2,80})")
_BOLD_HEADING = re.compile(r"(\*\*|__)(?!\s)([^*_]+)\1$")


@dataclass
class Section:
    """A heading (`source` is its line as written) and the lines below it, up to the next heading."""

    heading: str = ""
    level: int = 0
    source: str = ""
    lines: list[str] = field(default_factory=list)
    is_inline: bool = False
    """Whether the first of the lines stands behind the heading, in its line."""


@dataclass
class Outline:
    """All sections in order; the first has no heading. Comments that span whole lines stand apart."""

    sections: list[Section]
    comments: list[str]


@dataclass
class _Fence:
    mark: str = ""

    def see(self, line: str) -> bool:
        """Whether this line is code, or opens or closes code."""
        match = _FENCE.match(line)
        if self.mark:
            closes = match and match[1][0] == self.mark[0] and len(match[1]) >= len(self.mark)
            if closes and not line.strip().strip(self.mark[0]):
                self.mark = ""
            return True
        if match and "`" not in line[match.end() :]:
            self.mark = match[1]
            return True
        return False


def code_lines(lines: Sequence[str]) -> list[bool]:
    """For each line whether it belongs to fenced code. A fence that is never closed is no fence."""
    marks, fence, opened = [], _Fence(), 0
    for number, line in enumerate(lines):
        before = fence.mark
        marks.append(fence.see(line))
        if fence.mark and not before:
            opened = number
    if fence.mark:
        marks[opened:] = [False] * (len(marks) - opened)
    return marks


def outline_of(lines: Sequence[str]) -> Outline:
    """The sections of a document."""
    is_code = code_lines(lines)
    lines, is_code, comments = _without_comments(lines, is_code)
    sections = [Section()]
    latest: Section | None = None
    skip = False
    for number, line in enumerate(lines):
        if skip:
            skip = False
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        above = lines[number - 1] if number else ""
        if is_code[number]:
            sections[-1].lines.append(line)
        elif found := _atx(line) or _setext(line, above=above, below=below):
            sections.append(found)
            skip = "\n" in found.source
        elif label := _label(line, above=above, below=below, latest=latest):
            sections.append(label)
        else:
            sections[-1].lines.append(line)
        latest = sections[-1] if sections[-1].heading else latest
    for section in sections:
        _take_tab_off(section)
    return Outline(sections=sections, comments=comments)


def _take_tab_off(section: Section) -> None:
    """Below a label, lines that are all indented by a tab are the text and no code."""
    if section.level == LABEL_LEVEL and all(line[0] == "\t" for line in section.lines if line.strip()):
        section.lines = [line.removeprefix("\t") for line in section.lines]


def _without_comments(lines: Sequence[str], is_code: list[bool]) -> tuple[list[str], list[bool], list[str]]:
    """Comments that begin a line, and end one, are taken out: templates hide their instructions in them."""
    kept, code, comments = [], [], []
    last_end = max((number for number, line in enumerate(lines) if "-->" in line and not is_code[number]), default=-1)
    inside = False
    for number, line in enumerate(lines):
        if not inside and not is_code[number] and line.lstrip().startswith("<!--") and number <= last_end:
            inside = True
        if not inside:
            kept.append(line)
            code.append(is_code[number])
            continue
        before, end, after = line.partition("-->")
        if line.strip():
            comments.append((before + end).strip())
        if end:
            inside = False
            if after.strip():
                kept.append(after)
                code.append(is_code[number])
    return kept, code, comments


def _atx(line: str) -> Section | None:
    match = _ATX.match(line)
    if not match:
        return None
    heading = _CLOSING_HASHES.sub("", (match[2] or "").rstrip()).strip()
    heading = _BOLD_HEADING.sub(r"\2", heading).strip()
    return Section(heading=heading, level=len(match[1]), source=line)


def _setext(line: str, *, above: str, below: str) -> Section | None:
    match = _SETEXT.match(below)
    if not match or not line.strip() or above.strip() or line.lstrip()[0] in "|>-*+" or len(line) > 200 or "|" in line:
        return None
    if _SETEXT.match(line) or line.startswith("    "):
        return None
    return Section(heading=line.strip(), level=1 if match[1][0] == "=" else 2, source=f"{line}\n{below}")


def _label(line: str, *, above: str, below: str, latest: Section | None) -> Section | None:
    if len(line) > 400:
        return None
    is_next = not above.strip() and latest is not None and latest.level == LABEL_LEVEL
    found = _bold_label(line, is_next=is_next) or _plain_label(line, above=above, below=below)
    return found if found and _may_hold_labels(latest, line=line) else None


def _bold_label(line: str, *, is_next: bool) -> Section | None:
    """A bold label; of an unknown wording only after another, where labels are the headings of the document."""
    bold = _BOLD_LABEL.match(line)
    if not bold or not (bold[3] or bold[4] or not bold[5]) or read_time(bold[2]):
        return None
    if not exact_kind_of(bold[2]) and not (is_next and line.startswith(("**", "__"))):
        return None
    lines = [bold[5]] if bold[5] else []
    return Section(heading=bold[2], level=LABEL_LEVEL, source=line, lines=lines, is_inline=bool(lines))


def _plain_label(line: str, *, above: str, below: str) -> Section | None:
    plain = _PLAIN_LABEL.match(line)
    if not plain or above.strip() or not exact_kind_of(plain[1]):
        return None
    if plain[2] or not below.strip() or below[0] == "\t" or below.lstrip()[0] in "-*+|0123456789":
        return Section(heading=plain[1], level=LABEL_LEVEL, source=line)
    return None


def _may_hold_labels(latest: Section | None, *, line: str) -> bool:
    """A label inside a section that says what it is belongs to that section, unless it opens a timeline or items."""
    if latest is None or latest.level == LABEL_LEVEL or kind_of(latest.heading) == UNKNOWN:
        return True
    return exact_kind_of(line.strip(" *_:-+")) in ("timeline", "actions")


def line_on_top(lines: Sequence[str]) -> str:
    """A short line that stands alone at the beginning, as exports write a title; else empty."""
    top = next((number for number, line in enumerate(lines) if line.strip()), None)
    if top is None or (top + 1 < len(lines) and lines[top + 1].strip()):
        return ""
    found = _ON_TOP.fullmatch(lines[top].strip())
    return (found[1] or found[2]).strip() if found else ""
