"""Action items in a table, its columns in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.transfer.sentences import KINDS, is_done_state, titled
from tracker.transfer.tables import Table
from tracker.transfer.tickets import ticket_refs
from tracker.transfer.times import read_whole_date
from tracker.transfer.values import ActionPromise

_COLUMNS = {
    "title": re.compile(
        r"\b(?:action|item|task|description|what|title|todo|improvement|measure|follow-?up|step)s?\b", re.IGNORECASE
    ),
    "owner": re.compile(r"\b(?:owner|assignee|assigned|who|dri|responsible|lead|person|team|by whom)\b", re.IGNORECASE),
    "due": re.compile(r"\b(?:due|deadline|target|date|eta|when|by when|expected|timeline)\b", re.IGNORECASE),
    "state": re.compile(r"\b(?:status|state|done|completed?|progress)\b", re.IGNORECASE),
    "ticket": re.compile(r"\b(?:ticket|issue|link|bug|jira|tracker|reference|url|tracking)s?\b", re.IGNORECASE),
    "kind": re.compile(r"\b(?:type|kind|category)\b", re.IGNORECASE),
    "priority": re.compile(r"\b(?:priority|prio|urgency|severity)\b", re.IGNORECASE),
}


def promise_from(
    row: Sequence[str], *, table: Table, columns: dict[str, int], definitions: dict[str, str]
) -> ActionPromise:
    """One row as an item; cells of columns that mean nothing to us come back in `extras`."""
    cell = {name: row[number] if number < len(row) else "" for name, number in columns.items()}
    others = [
        (table.header[number] if number < len(table.header) else "", text)
        for number, text in enumerate(row)
        if number not in columns.values() and text
    ]
    title, kept = titled(cell.get("title", ""), paragraph=cell.get("title", ""))
    title = title or cell.get("ticket", "") or next((text for _, text in others), "") or "(no title)"
    state = cell.get("state", "")
    extras = [(name, text) for name, text in others if text != title]
    if cell.get("ticket") and cell["ticket"] != title:
        extras.append((table.header[columns["ticket"]], cell["ticket"]))
    return ActionPromise(
        title=title,
        detail=kept,
        is_done=is_done_state(state),
        owner_text=cell.get("owner", ""),
        due_text=cell.get("due", ""),
        due_on=read_whole_date(cell.get("due", "")),
        ticket_refs=ticket_refs(" ".join(row), definitions=definitions),
        kind_hint=KINDS.get(cell.get("kind", "").strip("[]* ").lower(), ""),
        state_text=state,
        priority_text=cell.get("priority", ""),
        extras=(*extras, *([("Kind", cell["kind"])] if cell.get("kind") else [])),
    )


def columns_of(table: Table) -> dict[str, int]:
    """The number of the column that holds each part of an item."""
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
