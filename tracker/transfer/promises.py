"""Action items out of lines: bullets, numbers, boxes, tables, headings and short paragraphs.

An owner or a due date is taken only where the text says that it is one; a title keeps its words. When words were
taken out of the title (a state, an owner), the whole text stands in the detail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tracker.transfer.headings import plain_words
from tracker.transfer.promise_tables import columns_of, promise_from
from tracker.transfer.sections import Section, code_lines
from tracker.transfer.sentences import KINDS, facts_of, titled
from tracker.transfer.tables import begins_table, read_table
from tracker.transfer.tickets import is_definition, ticket_refs
from tracker.transfer.values import ActionPromise, Placement

_ITEM = re.compile(r"( {0,3})(?:[-*+]|\d{1,4}[.)]|\d{1,2}(?:\.\d{1,2}){1,2}\.?(?=[ \t]))(?:[ \t]+(.*)|)$")
_BOX = re.compile(r"\[([ xX*✓✔]?)\](?:[ \t]+|$)|([☐☑✅☒✔])[ \t]*")
_TEMPLATE = re.compile(
    r"\{\{\s{0,3}\w+(?: \w+)?\s{0,3}\}\}|^\[link to github issue\]"
    r"|these are only sample subheadings|every action item should have a github issue"
    r"|so these do not get forgotten|\(even a small skeleton of one\)"
    r"|^\[?(?:action item|task|description|owner)s?\]?$|lorem ipsum",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:n/?a|none|nothing|tbd|tba|tbc|todo|-+|\.+|\?+|no action items?|no actions?)\W{0,3}$", re.IGNORECASE
)
_ABOUT_ITSELF = re.compile(
    r"(?:incident title|(?:after-action |incident |this )?(?:report|document|post-?mortem)).{0,60}"
    r"(?:cleaned up|filled (?:in|out)|is complete)"
    r"|all (?:actionable )?items above have|sections? (?:above )?(?:have|are) .{0,20}filled"
    r"|^incident has been dealt with|^push this document"
    r"|^schedule any follow up meetings|^file issues for all the corrective",
    re.IGNORECASE,
)
_WITH_OWNERS = re.compile(r"with owners?|\(owners?\)", re.IGNORECASE)


@dataclass
class PromiseReader:
    """Collects action items over the sections of one document."""

    definitions: dict[str, str]
    actions: list[ActionPromise] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    placed: list[Placement] = field(default_factory=list)
    owners_in_brackets: bool = False
    _kind: str = ""

    def read_main(self, section: Section) -> None:
        """The section whose heading says that these are action items."""
        self.owners_in_brackets = bool(_WITH_OWNERS.search(section.heading))
        self._kind = ""
        self._read(section.lines)

    def read_below(self, section: Section) -> None:
        """A section below that one: a group of items, or an item in itself."""
        words = plain_words(section.heading)
        self._kind = KINDS.get(words.split()[0], "") if words else ""
        body = [line for line in section.lines if line.strip()]
        has_items = any(_ITEM.match(line) or line.lstrip().startswith("|") for line in body)
        is_numbered = re.match(r"\d{1,3}[.)]\s", section.heading)
        is_deed = is_numbered or (not has_items and len(section.heading.split()) > 2)
        if section.heading and is_deed and not (body and all(is_template(line) for line in body)):
            self._add([section.heading, "", *_trimmed(section.lines)], marked_done=None)
            return
        self.placed.append(Placement(section.source, "group of action items"))
        if (
            not has_items
            and body
            and len(body) <= 6
            and not any(is_template(line) or is_definition(line) for line in body)
        ):
            self._add(_trimmed(section.lines), marked_done=None)
        else:
            self._read(section.lines)

    def add_paragraph(self, text: str) -> None:
        """A paragraph that is an item by itself."""
        self._add(text.strip("\n").split("\n"), marked_done=None)

    def _read(self, lines: Sequence[str]) -> None:
        is_code, position = code_lines(lines), 0
        while position < len(lines):
            line = lines[position]
            if is_code[position] or not line.strip():
                self.loose.append(line)
                position += 1
            elif begins_table(lines, position):
                position = self._read_table(lines, position)
            elif item := _ITEM.match(line):
                position = self._read_item(lines, position, first=item[2] or "", indent=len(item[1]), is_code=is_code)
            else:
                self._read_text(line)
                position += 1

    def _read_text(self, line: str) -> None:
        (self.left_over if is_template(line) else self.loose).append(line)

    def _read_item(self, lines: Sequence[str], position: int, *, first: str, indent: int, is_code: list[bool]) -> int:
        """One list item with everything indented or wrapped below it."""
        taken, end, blank = [first], position + 1, False
        while end < len(lines):
            line = lines[end]
            item = None if is_code[end] else _ITEM.match(line)
            depth = len(line) - len(line.lstrip(" \t"))
            if (
                line.strip()
                and not is_code[end]
                and ((item and len(item[1]) < indent + 2) or (blank and depth < indent + 2))
            ):
                break
            if line.strip() and not is_code[end] and (is_definition(line) or begins_table(lines, end)) and depth < 2:
                break
            blank = not line.strip()
            taken.append(line)
            end += 1
        box = _BOX.match(taken[0])
        done = None
        if box:
            taken[0] = taken[0][box.end() :]
            done = (box[1] or "").strip() != "" or ((box[2] or "") in "☑✅☒✔" and bool(box[2]))
        if is_template(" ".join(taken[:3])) or (_ABOUT_ITSELF.search(taken[0])):
            self.left_over.extend(line for line in lines[position:end] if line.strip())
        else:
            self._add(_trimmed(taken), marked_done=done)
        return end

    def _add(self, lines: Sequence[str], *, marked_done: bool | None) -> None:
        if any(line.strip() for line in lines):
            self.actions.append(self._promise(lines, marked_done=marked_done))

    def _promise(self, lines: Sequence[str], *, marked_done: bool | None) -> ActionPromise:
        paragraph, detail = _first_paragraph(lines)
        whole = "\n".join(line for line in (paragraph, detail) if line)
        found = facts_of(paragraph, owners_in_brackets=self.owners_in_brackets)
        title, kept = titled(found.title or paragraph, paragraph=paragraph)
        detail = "\n\n".join(part for part in (kept, detail) if part)
        return replace(
            found,
            title=title,
            detail=detail,
            is_done=bool(marked_done) or found.is_done,
            ticket_refs=ticket_refs(whole, definitions=self.definitions),
            kind_hint=found.kind_hint or self._kind,
        )

    def _read_table(self, lines: Sequence[str], position: int) -> int:
        table = read_table(lines, position)
        if not table.header or (len(table.header) < 2 and "action" not in table.header[0].lower()):
            self.loose.extend(lines[position : table.end])
            return table.end
        columns = columns_of(table)
        self.placed.append(Placement("\n".join(table.header_lines), "action item columns"))
        for row, source in zip(table.rows, table.sources, strict=True):
            if is_template(" ".join(row)) or not any(row):
                self.left_over.append(source)
            else:
                self.actions.append(promise_from(row, table=table, columns=columns, definitions=self.definitions))
        return table.end


def is_template(text: str) -> bool:
    """Whether this is a template's own text, or says that there is nothing."""
    text = text.strip().lstrip("-*+0123456789.) ").strip()[:2000]
    return not text or bool(_NOTHING.match(text)) or bool(_TEMPLATE.search(text))


def _trimmed(lines: Sequence[str]) -> list[str]:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    while kept and not kept[0].strip():
        kept.pop(0)
    return kept


def _first_paragraph(lines: Sequence[str]) -> tuple[str, str]:
    """The first paragraph in one line, and everything below with its indentation taken off."""
    end = 1
    while (
        end < len(lines)
        and lines[end].strip()
        and not _ITEM.match(lines[end].strip())
        and lines[end].lstrip()[0] not in "`~|>#"
    ):
        end += 1
    rest = list(lines[end:])
    depth = min((len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), default=0)
    paragraph = " ".join(line.strip() for line in lines[:end])
    return paragraph, "\n".join(line[min(depth, len(line) - len(line.lstrip(" "))) :].rstrip() for line in rest).strip(
        "\n"
    )
