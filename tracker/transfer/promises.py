"""Action items out of lines: bullets, numbers, boxes, tables, headings and short paragraphs.

An owner or a due date is taken only where the text says that it is one; a title keeps its words. When words were
taken out of the title (a state, an owner), the whole text stands in the detail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tracker.transfer.headings import plain_words
from tracker.transfer.sections import Section, code_lines
from tracker.transfer.tables import Table, begins_table, read_table
from tracker.transfer.tickets import is_definition, ticket_refs
from tracker.transfer.times import read_whole_date
from tracker.transfer.values import ActionPromise, Placement

_ITEM = re.compile(r"( {0,3})(?:[-*+]|\d{1,4}[.)])(?:[ \t]+(.*)|)$")
_BOX = re.compile(r"\[([ xX*✓✔]?)\](?:[ \t]+|$)|([☐☑✅☒✔])[ \t]*")
_TEMPLATE = re.compile(
    r"\{\{\s{0,3}\w+(?: \w+)?\s{0,3}\}\}|^\[link to github issue\]|these are only sample subheadings|every action item should have a github issue"
    r"|so these do not get forgotten|\(even a small skeleton of one\)|^\[?(?:action item|task|description|owner)s?\]?$|lorem ipsum",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"(?:n/?a|none|nothing|tbd|tba|tbc|todo|-+|\.+|\?+|no action items?|no actions?)\W{0,3}$", re.IGNORECASE)
_ABOUT_ITSELF = re.compile(
    r"(?:incident title|(?:after-action |incident |this )?(?:report|document|post-?mortem)).{0,60}"
    r"(?:cleaned up|filled (?:in|out)|is complete)|all (?:actionable )?items above have|sections? (?:have|are) .{0,20}filled"
    r"|^incident has been dealt with|^push this document|^schedule any follow up meetings|^file issues for all the corrective",
    re.IGNORECASE,
)
_DONE_WORD = re.compile(r"\s*[\[(](done|completed?|fixed|closed|resolved|merged)[\])]\s*\.?$|^(?:\*\*)?(done)(?:\*\*)?:\s*", re.IGNORECASE)
_STATES_DONE = frozenset("done complete completed closed fixed resolved merged finished yes x ✅ ✓ ✔ ☑ shipped implemented verified".split())
_PRIORITY = re.compile(r"\*\*(HIGH|MEDIUM|LOW|CRITICAL|URGENT|P[0-4])\*\*:?\s+|\[(HIGH|MEDIUM|LOW|CRITICAL|URGENT|P[0-4])\]\s+", re.IGNORECASE)
_OWNER = re.compile(r"[\[(]?\b(?:owner|assignee|assigned to|responsible|dri)\b\s*[:=]?\*{0,2}\s+([^\s,;()\[\]|][^,;()\[\]|\n]{0,79})[\])]?", re.IGNORECASE)
_HANDLE = re.compile(r"(?:^|[\s(\[])`?(@[A-Za-z0-9][\w.-]{0,60})`?(?=$|[\s)\].,:])")
_DUE = re.compile(r"\b(?:due(?: date| on| by)?|deadline|eta|target date)\b\s*[:=]?\s+([^;()\[\]|\n]{1,40})", re.IGNORECASE)
_KIND = re.compile(r"\[(\w{4,12})\]|\((\w{4,12})\)")
_KINDS = {"prevent": "prevent", "prevention": "prevent", "preventive": "prevent", "preventative": "prevent", "detect": "detect",
          "detection": "detect", "recover": "recover", "recovery": "recover"}  # fmt: skip
_BOLD_LEAD = re.compile(r"\*\*([^*\n]{3,300}?)(:?)\*\*(:?)\s+(?=\S)")
_COLUMNS = {
    "title": re.compile(r"\b(?:action|item|task|description|what|title|todo|improvement|measure|follow-?up|step)s?\b", re.I),
    "owner": re.compile(r"\b(?:owner|assignee|assigned|who|dri|responsible|lead|person|team|by whom)\b", re.I),
    "due": re.compile(r"\b(?:due|deadline|target|date|eta|when|by when|expected|timeline)\b", re.I),
    "state": re.compile(r"\b(?:status|state|done|completed?|progress)\b", re.I),
    "ticket": re.compile(r"\b(?:ticket|issue|link|bug|jira|tracker|reference|url|tracking)s?\b", re.I),
    "kind": re.compile(r"\b(?:type|kind|category)\b", re.I),
    "priority": re.compile(r"\b(?:priority|prio|urgency|severity)\b", re.I),
}  # fmt: skip
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
        self._kind = _KINDS.get(words.split()[0], "") if words else ""
        body = [line for line in section.lines if line.strip()]
        has_items = any(_ITEM.match(line) or line.lstrip().startswith("|") for line in body)
        is_numbered = re.match(r"\d{1,3}[.)]\s", section.heading)
        is_deed = is_numbered or (not has_items and len(section.heading.split()) > 2)
        if section.heading and is_deed and not (body and all(is_template(line) for line in body)):
            self._add([section.heading, *_trimmed(section.lines)], marked_done=None)
            return
        self.placed.append(Placement(section.source, "group of action items"))
        if not has_items and body and len(body) <= 6 and not any(is_template(line) or is_definition(line) for line in body):
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
            if line.strip() and not is_code[end] and ((item and len(item[1]) < indent + 2) or (blank and depth < indent + 2)):
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
            done = (box[1] or "").strip() != "" or (box[2] or "") in "☑✅☒✔" and bool(box[2])
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
        found = _facts_in(paragraph, owners_in_brackets=self.owners_in_brackets)
        title, kept = _titled(found.title or paragraph, paragraph=paragraph)
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
        if not table.header or len(table.header) < 2 and "action" not in table.header[0].lower():
            self.loose.extend(lines[position : table.end])
            return table.end
        columns = _columns_of(table)
        self.placed.append(Placement("\n".join(table.header_lines), "action item columns"))
        for row, source in zip(table.rows, table.sources, strict=True):
            if is_template(" ".join(row)) or not any(row):
                self.left_over.append(source)
            else:
                self.actions.append(self._from_row(row, table=table, columns=columns))
        return table.end

    def _from_row(self, row: Sequence[str], *, table: Table, columns: dict[str, int]) -> ActionPromise:
        cell = {name: row[number] if number < len(row) else "" for name, number in columns.items()}
        others = [
            (table.header[number] if number < len(table.header) else "", text)
            for number, text in enumerate(row)
            if number not in columns.values() and text
        ]
        title, kept = _titled(cell.get("title", ""), paragraph=cell.get("title", ""))
        title = title or cell.get("ticket", "") or next((text for _, text in others), "") or "(no title)"
        state = cell.get("state", "")
        extras = [(name, text) for name, text in others if text != title]
        if cell.get("ticket") and cell["ticket"] != title:
            extras.append((table.header[columns["ticket"]], cell["ticket"]))
        return ActionPromise(
            title=title,
            detail=kept,
            is_done=_is_done_state(state),
            owner_text=cell.get("owner", ""),
            due_text=cell.get("due", ""),
            due_on=read_whole_date(cell.get("due", "")),
            ticket_refs=ticket_refs(" ".join(row), definitions=self.definitions),
            kind_hint=_KINDS.get(cell.get("kind", "").strip("[]* ").lower(), ""),
            state_text=state,
            priority_text=cell.get("priority", ""),
            extras=tuple([*extras, *([("Kind", cell["kind"])] if cell.get("kind") else [])]),
        )


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
    while end < len(lines) and lines[end].strip() and not _ITEM.match(lines[end].strip()) and lines[end].lstrip()[0] not in "`~|>#":
        end += 1
    rest = list(lines[end:])
    depth = min((len(line) - len(line.lstrip(" ")) for line in rest if line.strip()), default=0)
    paragraph = " ".join(line.strip() for line in lines[:end])
    return paragraph, "\n".join(line[min(depth, len(line) - len(line.lstrip(" "))) :].rstrip() for line in rest).strip("\n")


def _facts_in(text: str, *, owners_in_brackets: bool) -> ActionPromise:
    """What one sentence states beside the deed: state, priority, owner, due date, kind. `title` is what remains."""
    title = text.strip()
    priority = _PRIORITY.match(title)
    title = title[priority.end() :] if priority else title
    done = _DONE_WORD.search(title[-60:]) or _DONE_WORD.match(title)
    is_struck = title.startswith("~~") and title.endswith("~~") and len(title) > 4
    if done and title.endswith(done[0]):
        title = title[: -len(done[0])]
    elif done and title.startswith(done[0]):
        title = title[len(done[0]) :]
    owner = _OWNER.search(title[:5000])
    due = _DUE.search(title[:5000])
    due_text = due[1].strip(" .*") if due else ""
    kind = next((_KINDS[word] for match in _KIND.finditer(title[:5000]) if (word := (match[1] or match[2]).lower()) in _KINDS), "")
    return ActionPromise(
        title=title.strip("~ ") if is_struck else title.strip(),
        is_done=bool(done) or is_struck or text.lstrip()[:1] in "✅☑" and bool(text.strip()),
        owner_text=owner[1].strip(" .*`") if owner else _handle(title, in_brackets=owners_in_brackets),
        due_text=due_text,
        due_on=read_whole_date(due_text) if due_text else None,
        kind_hint=kind,
        state_text=next((word for word in done.groups() if word), "") if done else "",
        priority_text=(priority[1] or priority[2]) if priority else "",
    )


def _handle(title: str, *, in_brackets: bool) -> str:
    """`@dma` where it stands in front, or alone at the end; a name in brackets where the heading says owners do."""
    ends = title[-160:]
    if in_brackets and (match := re.search(r"\[([^\[\]]{2,60})\]\s*$", ends)):
        return match[1]
    ends = re.sub(r"\s*[\[(]\w{3,12}[\])]\s*$", "", ends)
    for match in _HANDLE.finditer(ends):
        if not ends[match.end() :].strip(" )]`.") and (len(title) > 160 or match.start() > 0):
            return match[1]
    first = re.match(r"`?(@[A-Za-z0-9][\w.-]{0,60})`?\s*:", title)
    return first[1] if first else ""


def _titled(text: str, *, paragraph: str) -> tuple[str, str]:
    """A title, and what must stand in the detail so that no word of the paragraph is lost."""
    lead = _BOLD_LEAD.match(text)
    if lead and (lead[2] or lead[3]) and text == paragraph:
        return lead[1].strip(), text[lead.end() :].strip()
    title = text.strip()
    if title.startswith("**") and title.endswith("**") and title.count("**") == 2:
        title = title[2:-2].strip()
    if len(title) > 300:
        return _shortened(title), paragraph
    return title, "" if title.strip("* ") == paragraph.strip("* ") else paragraph


def _shortened(title: str) -> str:
    end = title.find(". ", 20, 280)
    return title[:end] if end > 0 else title[:280].rsplit(" ", 1)[0] + " ..."


def _is_done_state(text: str) -> bool:
    words = text.strip(" *_`.!").lower()
    return words in _STATES_DONE or words.split(" ")[0] in _STATES_DONE and not words.startswith("yes")


def _columns_of(table: Table) -> dict[str, int]:
    columns: dict[str, int] = {}
    for name in ("due", "owner", "state", "priority", "kind", "title", "ticket"):
        for number, header in enumerate(table.header):
            if number not in columns.values() and _COLUMNS[name].search(header[:80]):
                columns[name] = number
                break
    if "title" not in columns:
        free = [number for number in range(len(table.header)) if number not in columns.values()]
        columns["title"] = free[0] if free else columns.pop("ticket", 0)
    return columns
