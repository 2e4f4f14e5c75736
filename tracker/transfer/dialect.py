"""The Markdown that our own export writes, so that it reads well and reads back exactly.

A document of this dialect begins with front matter that holds `followthrough: 1`. All values of the front matter are
JSON strings on one line. Its body is made of blocks between two comments that no renderer shows; only what stands in
a block is read, so headings between blocks are for people (anything else between blocks is left over):

    ---
    followthrough: 1
    title: "Harbour API down"
    ref: "INC-42"
    severity: "SEV2"
    zone: "UTC"
    started: "2026-11-23 09:02 UTC"
    ---
    # Harbour API down

    ## Summary
    <!-- ft:summary -->
    Any Markdown, with headings of its own if need be.
    <!-- /ft -->

    ## Timeline
    <!-- ft:timeline -->
    - 2026-11-23 09:05 UTC | detection | The alert fires.
      A second line of the same entry.
    - 2026-11-23 09:30 UTC "~10:30" {approximate} | event | What was written, where it differs, stands in quotes.
    - 2026-11-23 10:35 +01:00 | event | A local time with its distance from UTC.
    - 2026-11-23 10:40 | event | Without a zone: the time is known as local time only.
    - "2026-11-?? HH:mm" {unknown parts} | event | Not known: only what was written.
    <!-- /ft -->

    ## Five whys
    <!-- ft:whys -->
    - Why did it stop?
      - Because the certificate expired.
    <!-- /ft -->

    ## Action items
    <!-- ft:actions -->
    - [ ] Renew certificates by machine
      - ref: AI-7
      - owner: Ana Lund <ana@example.org>
      - due: 2026-12-01
      - kind: prevent
      - state: open
      - priority: P1
      - ticket: https://github.com/octo/harbour/issues/7
      > The detail, one quoted line for each of its lines.
    <!-- /ft -->

    ## Notes
    <!-- ft:note "Background reading" -->
    ...
    <!-- /ft -->

Block names: each of `values.QUESTION_KEYS`, and `timeline whys factors attendees actions left_over`, and `note` with
its heading as a JSON string. A line of a text that would itself begin or end a block gets a backslash in front. A value
of an item that could be misread (spaces at an end, a quote in front, several lines) is written as a JSON string.
A question of an installation's own has a name that begins with `own_`, and its heading as a JSON string.
Unknown names below an item come back in `extras`, unknown keys of the front matter in `front`.
`dialect_writing.write_dialect` writes all this; `export` should call it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime

from tracker.transfer.containers import Document
from tracker.transfer.times import read_whole_date
from tracker.transfer.values import (
    QUESTION_KEYS,
    ActionPromise,
    NotADocumentError,
    Placement,
    ReadPostmortem,
    ReadWhy,
    TimelineRow,
)
from tracker.zones import zone_named

VERSION = "1"
OWN = "own_"
OPENING = re.compile(r"<!-- ft:([a-z_][a-z0-9_]{0,39})(?: (\"(?:[^\"\\]|\\.)*\"))? -->$")
CLOSING = "<!-- /ft -->"
GUARDED = re.compile(r"\\*<!-- /?ft\b")
_ROW = re.compile(
    r"- (?:(\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?)( UTC| [+-]\d\d:\d\d)?)?"
    r'(?: ?("(?:[^"\\]|\\.)*"))?(?: ?\{([^{}|]*)\})? \| ([^|]*) \| ?(.*)$'
)
_ITEM = re.compile(r"- \[([ x])\] ?(.*)$")
_FIELD = re.compile(r"  - ([^:\n]{1,80}): ?(.*)$")
_WHY = re.compile(r"((?:  )*)- (.*)$")


def is_dialect(document: Document) -> bool:
    """Whether our own export wrote the document."""
    return document.front.get("followthrough") == VERSION


def read_dialect(document: Document, *, name: str) -> ReadPostmortem:
    """The values that `dialect_writing.write_dialect` was given. Raises `NotADocumentError` for a block without end."""
    blocks, around = _blocks(document.lines, name=name)
    own = {key: heading for key, heading, _ in blocks if key.startswith(OWN) and heading}
    answers = {key: "\n".join(lines) for key, _, lines in blocks if key in QUESTION_KEYS or key in own}
    front = document.front
    left_over = [line for key, _, lines in blocks if key == "left_over" for line in lines]
    unknown = [
        line for key, _, lines in blocks if key not in (*QUESTION_KEYS, *_PARTS, *own) for line in lines if line.strip()
    ]
    return ReadPostmortem(
        title=front.get("title", "") or "Untitled",
        name=name,
        front=front,
        front_text="\n".join(document.front_lines),
        zone=front.get("zone") or None,
        answers=answers,
        own_headings=own,
        timeline=tuple(row for key, _, lines in blocks if key == "timeline" for row in _rows(lines)),
        actions=tuple(action for key, _, lines in blocks if key == "actions" for action in _actions(lines)),
        whys=tuple(why for key, _, lines in blocks if key == "whys" for why in _whys(lines)),
        contributing_factors=tuple(why.text for key, _, lines in blocks if key == "factors" for why in _whys(lines)),
        attendees=tuple(why.text for key, _, lines in blocks if key == "attendees" for why in _whys(lines)),
        notes=tuple((heading, "\n".join(lines)) for key, heading, lines in blocks if key == "note"),
        left_over=(*left_over, *unknown, *(line for line in around if not line.startswith("#"))),
        placed=tuple(Placement(line, "layout") for line in around if line.startswith("#")),
        severity_text=front.get("severity", ""),
        started_text=front.get("started", ""),
        detected_text=front.get("detected", ""),
        resolved_text=front.get("resolved", ""),
        category_text=front.get("category", ""),
    )


_PARTS = frozenset({"timeline", "actions", "whys", "factors", "attendees", "note", "left_over"})


def _blocks(lines: Sequence[str], *, name: str) -> tuple[list[tuple[str, str, list[str]]], list[str]]:
    blocks: list[tuple[str, str, list[str]]] = []
    around: list[str] = []
    current: list[str] | None = None
    for line in lines:
        opening = OPENING.match(line.rstrip()) if current is None else None
        if opening:
            current = []
            blocks.append((opening[1], json.loads(opening[2]) if opening[2] else "", current))
        elif current is None and line.strip():
            around.append(line)
        elif current is not None and line.rstrip() == CLOSING:
            current = None
        elif current is not None:
            current.append(line[1:] if line.startswith("\\") and GUARDED.match(line) else line)
    if current is not None:
        raise NotADocumentError(f"{name} ends in the middle of a block. Export it again.")
    return blocks, around


def _grouped(lines: Sequence[str], *, first: re.Pattern[str]) -> list[list[str]]:
    groups: list[list[str]] = []
    for line in lines:
        if first.match(line) or not groups:
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _continued(lines: Sequence[str]) -> list[str]:
    return [line[2:] if line.startswith("  ") else line.strip() for line in lines]


def _rows(lines: Sequence[str]) -> list[TimelineRow]:
    rows = []
    for group in _grouped(lines, first=_ROW):
        match = _ROW.match(group[0])
        if match is None:
            rows.append(TimelineRow(text="\n".join(group), flags=("not a time",)))
            continue
        stamp, zone, quoted, flags, kind, text = match.groups()
        at, local, on = _moment(stamp, zone=zone or "")
        rows.append(
            TimelineRow(
                text="\n".join([text, *_continued(group[1:])]),
                at_text=json.loads(quoted) if quoted else f"{stamp or ''}{zone or ''}",
                at=at,
                local_at=local,
                on=on,
                kind_hint=kind.strip(),
                flags=tuple(part.strip() for part in (flags or "").split(",") if part.strip()),
            )
        )
    return rows


def _moment(stamp: str | None, *, zone: str) -> tuple[datetime | None, datetime | None, date | None]:
    if not stamp:
        return None, None, None
    try:
        if len(stamp) == 10:
            return None, None, date.fromisoformat(stamp)
        local = datetime.fromisoformat(stamp)
        known = zone_named(zone.strip()) if zone else None
        at = local.replace(tzinfo=known).astimezone(UTC) if known else None
    except (ValueError, OverflowError):
        return None, None, None
    return at, local, local.date()


def _value(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text


def _actions(lines: Sequence[str]) -> list[ActionPromise]:
    return [_action(group) for group in _grouped(lines, first=_ITEM)]


def _action(group: Sequence[str]) -> ActionPromise:
    match = _ITEM.match(group[0])
    named: list[tuple[str, str]] = []
    detail: list[str] = []
    for line in group[1:]:
        field = _FIELD.match(line)
        if field and not detail:
            named.append((_value(field[1]), _value(field[2])))
        elif line.strip():
            detail.append(line[4:] if line.startswith("  > ") else line.strip().removeprefix(">"))
    first = dict(reversed(named))
    known = ("owner", "due", "kind", "state", "priority", "ticket")
    due = first.get("due", "")
    return ActionPromise(
        title=_value(match[2]) if match else group[0],
        detail="\n".join(detail),
        is_done=match is not None and match[1] == "x",
        owner_text=first.get("owner", ""),
        due_text=due,
        due_on=read_whole_date(due),
        ticket_refs=tuple(value for name, value in named if name == "ticket"),
        kind_hint=first.get("kind", ""),
        state_text=first.get("state", ""),
        priority_text=first.get("priority", ""),
        extras=tuple((name, value) for name, value in named if name not in known),
    )


def _whys(lines: Sequence[str]) -> list[ReadWhy]:
    found = []
    for line in lines:
        match = _WHY.match(line)
        if match:
            found.append(ReadWhy(text=_value(match[2]), depth=len(match[1]) // 2))
        elif line.strip():
            found.append(ReadWhy(text=line.strip()))
    return found
