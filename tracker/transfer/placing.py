"""Decides where each part of a read document goes: incident, timeline, answers, whys, items. Nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from tracker import words
from tracker.markdown_documents import HEADINGS, STARRED
from tracker.models import ActionKind, ActionState, CauseCategory, EntryKind, Priority, Severity
from tracker.transfer.drafts import DocumentDraft, EntryDraft, FactorDraft, ItemDraft, PostmortemDraft, WhyDraft
from tracker.transfer.keeping import bare
from tracker.transfer.moments import first_known, known_moments, midnight, published_day, stated_day
from tracker.transfer.values import ActionPromise, ReadPostmortem, TimelineRow

LINE = 300
"""Characters that a title or a written time has room for; what is longer stays whole in the text below it."""
_SEVERITY = re.compile(r"\W{0,4}(?:sev(?:erity)?|s|level)?[\s:_-]{0,3}([1-4])(?!\d)", re.IGNORECASE)
_PRIORITY = re.compile(r"\W{0,4}p(?:rio(?:rity)?)?[\s:_-]{0,3}([1-3])(?!\d)", re.IGNORECASE)
_GOING_ON = {"in progress", "doing", "ongoing", "started", "wip", "work in progress"}


def place(read: ReadPostmortem, *, now: datetime, zone: str | None = None) -> DocumentDraft:
    """The draft of an incident from a document that somebody wrote anywhere.

    What the table needs and the document does not say is chosen openly: severity SEV3, and for `declared_at` the first
    time that is known, else the document's day, else the time of the import, which is no day; the notes say so.
    """
    moments = known_moments(read, zone=zone)
    known = first_known(read, moments)
    day = stated_day(read)
    declared_at = known or (midnight(day) if day else now)
    severity = _SEVERITY.match(read.severity_text)
    return DocumentDraft(
        name=read.name,
        title=short(read.title) or "Untitled",
        declared_at=declared_at,
        is_undated=known is None and day is None,
        severity=Severity(f"SEV{severity[1]}") if severity else Severity.SEV3,
        moments=moments,
        timeline=tuple(_entry(row) for row in read.timeline),
        postmortem=PostmortemDraft(
            published_at=max(declared_at, midnight(published_day(read) or day or declared_at.date())),
            category=named_category(read.category_text),
            answers=_answers(read, known=known, declared_at=declared_at, is_dated=day is not None),
            own_headings={key: short(heading) for key, heading in read.own_headings.items()},
            whys=tuple(WhyDraft(claim=why.text, depth=why.depth) for why in read.whys if why.text.strip()),
            factors=tuple(FactorDraft(text=text) for text in read.contributing_factors if text.strip()),
            left_over=_left_over(read),
        ),
        items=tuple(place_item(action) for action in read.actions),
        warnings=tuple(_warnings(read, is_severe=severity is not None, is_undated=known is None and day is None)),
    )


def short(text: str) -> str:
    """A line that fits its column."""
    line = " ".join(text.replace("\x00", "").split())
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"


def named_category(text: str) -> CauseCategory | None:
    """The cause category of exactly that name; the categories of others are not ours."""
    return next((category for category in CauseCategory if category.value == text.strip().lower()), None)


def _warnings(read: ReadPostmortem, *, is_severe: bool, is_undated: bool) -> Iterator[str]:
    yield from read.warnings
    if is_undated:
        yield "The document states no day that we can read; its day is not known, and it counts in no week's figures."
    if not is_severe:
        stated = f" (it says “{short(read.severity_text)}”)" if read.severity_text else ""
        yield f"The document states no severity that we know{stated}; SEV3 is assumed."


def _entry(row: TimelineRow) -> EntryDraft:
    written = " ".join(row.at_text.split())
    fits = len(written) <= LINE
    return EntryDraft(
        text=row.text if fits else f"{row.at_text}\n{row.text}",
        at=row.at,
        at_text=written if fits else short(written),
        kind=next((kind for kind in EntryKind if kind.value == row.kind_hint.lower()), EntryKind.EVENT),
        is_starred=STARRED in row.flags,
        flags=tuple(flag for flag in row.flags if flag != STARRED),
    )


def _answers(read: ReadPostmortem, *, known: datetime | None, declared_at: datetime, is_dated: bool) -> dict[str, str]:
    asked = (*HEADINGS, *read.own_headings)
    answers = {key: text for key, text in read.answers.items() if key in asked and text.strip()}
    if _is_said_by(answers.get("contributing_factors", ""), read.contributing_factors):
        del answers["contributing_factors"]
    parts = [answers.pop("notes", ""), *(note_text(heading, text) for heading, text in read.notes)]
    if read.attendees:
        parts.append(note_text("People", "\n".join(f"- {name}" for name in read.attendees)))
    if known is None:
        day = words.day_text(declared_at.date())
        dated = f"_Time not known: the document places no time. {day} is the document's day._"
        parts.append(dated if is_dated else f"_Day not known: the document states none. It was imported on {day}._")
    notes = "\n\n".join(part for part in parts if part.strip())
    return answers | ({"notes": notes} if notes else {})


def note_text(heading: str, text: str) -> str:
    """A text that answers no question, under its own heading."""
    if not heading:
        return text
    return f"## {heading}\n\n{text}" if text else f"## {heading}"


def _is_said_by(answer: str, factors: tuple[str, ...]) -> bool:
    """Whether the factors, one by one, hold every word of the answer."""
    lines = [bare(line) for line in answer.split("\n") if bare(line)]
    said = [bare(line) for factor in factors for line in factor.split("\n") if bare(line)]
    return bool(lines) and lines == said


def _left_over(read: ReadPostmortem) -> tuple[str, ...]:
    title = [read.title] if len(" ".join(read.title.split())) > LINE else []
    lines = [*title, *read.front_text.split("\n"), *read.zone_text.split("\n"), *read.left_over]
    return tuple(line for line in lines if line.strip())


def place_item(action: ActionPromise) -> ItemDraft:
    """One action item; what has no place of its own stands in its detail."""
    priority = _PRIORITY.match(action.priority_text)
    kind = next((kind for kind in ActionKind if action.kind_hint.lower().startswith(kind.value)), None)
    return ItemDraft(
        title=short(action.title) or "Without a title",
        detail=_detail(action, is_kind=kind is not None, is_priority=priority is not None),
        state=_state(action),
        owner_text=short(action.owner_text),
        due_on=action.due_on,
        kind=kind,
        priority=Priority(f"P{priority[1]}") if priority else Priority.P2,
    )


def _state(action: ActionPromise) -> ActionState:
    if action.is_done:
        return ActionState.DONE
    return ActionState.IN_PROGRESS if action.state_text.strip().lower() in _GOING_ON else ActionState.OPEN


def _detail(action: ActionPromise, *, is_kind: bool, is_priority: bool) -> str:
    """The detail, and below it everything the document says of the item that has no place of its own."""
    named = [
        ("Title", action.title if short(action.title) != " ".join(action.title.split()) else ""),
        ("Owner", action.owner_text if len(action.owner_text) > LINE else ""),
        ("Due", "" if action.due_on else action.due_text),
        ("Kind", "" if is_kind else action.kind_hint),
        ("State", action.state_text),
        ("Priority", "" if is_priority else action.priority_text),
        *action.extras,
    ]
    lines = [f"{name}: {value}" for name, value in named if value.strip()]
    lines += [f"Ticket: {ref}" for ref in action.ticket_refs if ref not in action.detail]
    return "\n\n".join(part for part in (action.detail, "\n".join(lines)) if part.strip())
