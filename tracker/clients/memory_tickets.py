"""One ticket of the tracker that lives in memory, and what can be changed of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker.clients.ticket_text import ticket_title
from tracker.clients.tickets import KEEP, BackLink, TicketEdit, TicketSnapshot, TicketState

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
WORDS = {
    TicketState.OPEN: "open",
    TicketState.DONE: "closed as completed",
    TicketState.NOT_PLANNED: "closed as not planned",
    TicketState.DUPLICATE: "closed as duplicate",
}


@dataclass
class MemoryTicket:
    """One ticket as the tracker keeps it."""

    snapshot: TicketSnapshot
    body: str
    marker: str
    created_at: datetime
    comments: list[str] = field(default_factory=list)
    comment_markers: set[str] = field(default_factory=set)
    original: str | None = None
    links: dict[str, BackLink] = field(default_factory=dict)


def target_of(key: str) -> str:
    """ "SHOP" of SHOP-7, "acme/shop" of acme/shop#7; "" for what is no key."""
    match = re.fullmatch(r"([A-Z]+)-\d+|([\w.-]+/[\w.-]+)#\d+", key, re.ASCII)
    return (match[1] or match[2]) if match else ""


def edited(snapshot: TicketSnapshot, *, changes: TicketEdit) -> TicketSnapshot:
    if changes.title is not KEEP:
        snapshot = replace(snapshot, title=ticket_title(str(changes.title), limit=TITLE_LIMIT))
    if changes.due_on is not KEEP:
        snapshot = replace(snapshot, due_on=changes.due_on)
    if changes.labels is not KEEP:
        snapshot = replace(snapshot, labels=changes.labels)
    if changes.assignee is not KEEP:
        snapshot = replace(snapshot, assignee=changes.assignee)
    return snapshot
