"""What a read postmortem consists of: frozen values, no behaviour that needs anything else of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

QUESTION_KEYS: tuple[str, ...] = (
    "summary",
    "what_broke",
    "who_was_affected",
    "root_causes",
    "contributing_factors",
    "what_alerted_us",
    "time_to_know",
    "right_people",
    "worked_well",
    "slow_or_confusing",
    "information",
    "lucky",
    "prevent_code",
    "prevent_architecture",
    "prevent_process",
    "detect_monitoring",
    "detect_alerting",
    "detect_on_call",
    "recover_runbooks",
    "recover_tools",
    "recover_communication",
    "resolution",
    "background",
    "notes",
)
"""The steps of the postmortem form, in the order in which an export writes them."""


class NotADocumentError(ValueError):
    """The bytes are no text that could be a postmortem. The message is a sentence for the person who gave them."""


@dataclass(frozen=True)
class TimelineRow:
    """One entry. `at` is aware UTC and only there when date, time and zone are all stated; `at_text` is as written.

    `local_at` is the naive time as written, `on` the date alone where no time of day is known. `flags` are words for
    people: "no date", "no time", "no year", "no zone", "impossible", "approximate", "range", "unknown parts",
    "day or month first", "after midnight", "out of order", "odd am or pm", "which zone",
    "date from the title", "date from the document".
    """

    text: str
    at_text: str = ""
    at: datetime | None = None
    local_at: datetime | None = None
    on: date | None = None
    kind_hint: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActionPromise:
    """One action item as promised in the document. Owner and due date only where they are written as such."""

    title: str
    detail: str = ""
    is_done: bool = False
    owner_text: str = ""
    due_text: str = ""
    due_on: date | None = None
    ticket_refs: tuple[str, ...] = ()
    kind_hint: str = ""
    state_text: str = ""
    priority_text: str = ""
    extras: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReadWhy:
    """One node of the whys; `depth` 0 is a root, a child follows its parent."""

    text: str
    depth: int = 0


@dataclass(frozen=True)
class Placement:
    """A source line that became structure (heading, table header, date above entries) and what it led to."""

    source: str
    became: str


@dataclass(frozen=True)
class ReadPostmortem:
    """Everything one document says. Text fields are Markdown, unchanged but for the structure around them."""

    title: str
    name: str
    front: dict[str, str] = field(default_factory=dict)
    front_text: str = ""
    severity_text: str = ""
    zone: str | None = None
    zone_text: str = ""
    on: date | None = None
    """The day that the title, a line of its own or the front matter states."""
    started_text: str = ""
    detected_text: str = ""
    resolved_text: str = ""
    category_text: str = ""
    time_to_detect_text: str = ""
    time_to_recover_text: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    own_headings: Mapping[str, str] = field(default_factory=dict)
    """How the questions read that are the exporting installation's own, by their key."""
    timeline: tuple[TimelineRow, ...] = ()
    actions: tuple[ActionPromise, ...] = ()
    whys: tuple[ReadWhy, ...] = ()
    contributing_factors: tuple[str, ...] = ()
    attendees: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    left_over: tuple[str, ...] = ()
    placed: tuple[Placement, ...] = ()
    warnings: tuple[str, ...] = ()
