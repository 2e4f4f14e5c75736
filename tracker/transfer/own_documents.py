"""Decides where each part of a document goes that Followthrough wrote itself: everything back to where it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from tracker.markdown_documents import HEADINGS, MOMENTS, NOT_KNOWN
from tracker.models import (
    ActionState,
    Audience,
    CauseCategory,
    IncidentRole,
    Lever,
    Phase,
    PostmortemState,
)
from tracker.transfer.drafts import (
    DocumentDraft,
    EntryDraft,
    FactorDraft,
    ItemDraft,
    PersonDraft,
    PostmortemDraft,
    RoleDraft,
    ServiceDraft,
    UpdateDraft,
    WhyDraft,
)
from tracker.transfer.findings import read_hypotheses, read_ticks
from tracker.transfer.placing import note_text, place, place_item, short
from tracker.transfer.sidecars import ITEM_TIMES, Beside, read_sidecar
from tracker.transfer.values import ActionPromise, ReadPostmortem

NOT_STATED = "The imported document does not say why."
AS_DECLARED = "As it was declared"
_STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d(?:\.\d{1,6})?)? UTC$")
_REF = re.compile(r"(?:INC|AI)-([1-9]\d{0,8})$")
_FACTOR = re.compile(r"(.*?)(?: \(cause: ([^()]*)\))?$", re.DOTALL)
_FRONT = frozenset(
    {"followthrough", "title", "ref", "zone", "severity", "phase", "kind", "visibility", "services", "alert", "day"}
    | {name.removesuffix("_at") for name in MOMENTS}
    | {"category", "postmortem", "owner", "published", "skipped_because"}
)
_ITEM_PARTS = frozenset({"ref", "lever", "done when", "evidence", "declined because", "look again"})
Kind = TypeVar("Kind", bound=StrEnum)


def place_own(read: ReadPostmortem, *, now: datetime, sidecar: bytes | None) -> DocumentDraft:
    """The draft of an incident from our own export. The Markdown counts; the JSON adds what Markdown cannot say."""
    front = read.front
    beside = read_sidecar(sidecar, ref=front.get("ref", ""))
    incident = beside.part("incident")
    unknown = "\n".join(f"{key}: {value}" for key, value in front.items() if key not in _FRONT)
    base = place(replace(read, front_text=unknown, left_over=()), now=now)
    moments = dict(base.moments) | dict(_moments(read, incident=incident))
    return replace(
        base,
        declared_at=moments.get("declared_at", base.declared_at),
        is_undated=front.get("day") == NOT_KNOWN or ("declared_at" not in moments and base.is_undated),
        summary="\n\n".join(text for heading, text in read.notes if heading == AS_DECLARED),
        phase=_member(Phase, front.get("phase", "")) or Phase.CLOSED,
        is_drill=front.get("kind") == "drill",
        is_private=front.get("visibility") == "private" or incident.is_true("is_private"),
        alert_name=short(front.get("alert", "")),
        moments=moments,
        services=_services(front.get("services", ""), incident=incident),
        people=tuple(PersonDraft(one.text("email"), one.text("name")) for one in beside.rows("people")),
        named_people=tuple(incident.texts("named_people")),
        roles=tuple(_roles(beside)),
        updates=tuple(_updates(beside)),
        hypotheses=tuple(read_hypotheses(beside)),
        ticks=tuple(read_ticks(beside)),
        timeline=tuple(_timeline(base.timeline, beside=beside)),
        postmortem=_postmortem(read, base=base, beside=beside),
        items=tuple(_item(action, beside=beside) for action in read.actions),
        number=_number(front.get("ref", "")),
        warnings=(*base.warnings, *_warnings(beside)),
    )


def _warnings(beside: Beside) -> Iterator[str]:
    if beside.is_damaged:
        yield "The JSON beside it could not be read; roles, updates, suspicions and the times of items are missing."


def _member(kind: type[Kind], text: str) -> Kind | None:
    return next((member for member in kind if member.value == text.strip()), None)


def _number(ref: str) -> int | None:
    found = _REF.match(ref)
    return int(found[1]) if found else None


def _moment(text: str) -> datetime | None:
    if not _STAMP.match(text):
        return None
    try:
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _moments(read: ReadPostmortem, *, incident: Beside) -> Iterator[tuple[str, datetime]]:
    for name in MOMENTS:
        moment = _moment(read.front.get(name.removesuffix("_at"), ""))
        if moment:
            yield name, moment
    closed = incident.moment("closed_at")
    if closed:
        yield "closed_at", closed


def _services(stated: str, *, incident: Beside) -> tuple[ServiceDraft, ...]:
    names = incident.part("service_names")
    slugs = incident.texts("services")
    if slugs and ", ".join(names.text(slug) for slug in slugs) == stated:
        return tuple(ServiceDraft(slug=slug, name=names.text(slug)) for slug in slugs)
    return tuple(ServiceDraft(name=name.strip()) for name in stated.split(", ") if name.strip())


def _roles(beside: Beside) -> Iterator[RoleDraft]:
    for row in beside.rows("roles"):
        role, since = _member(IncidentRole, row.text("role")), row.moment("since")
        if role and since:
            yield RoleDraft(role=role, email=row.text("email"), since=since, until=row.moment("until"))


def _updates(beside: Beside) -> Iterator[UpdateDraft]:
    for row in beside.rows("updates"):
        audience, sent_at = _member(Audience, row.text("audience")), row.moment("sent_at")
        if audience and sent_at:
            yield UpdateDraft(
                audience=audience,
                text=row.text("text"),
                author_email=row.text("author_email"),
                sent_at=sent_at,
                next_due_at=row.moment("next_due_at"),
            )


def _timeline(entries: Sequence[EntryDraft], *, beside: Beside) -> Iterator[EntryDraft]:
    """A time that stands for itself was not written by anybody."""
    rows = beside.rows("timeline")
    for number, entry in enumerate(entries):
        row = rows[number] if number < len(rows) else Beside()
        if row.text("text") == entry.text and row.moment("at") == entry.at:
            yield replace(entry, at_text=short(row.text("at_text")))
        else:
            yield replace(entry, at_text="") if entry.at and _moment(entry.at_text) == entry.at else entry


def _postmortem(read: ReadPostmortem, *, base: DocumentDraft, beside: Beside) -> PostmortemDraft | None:
    front, values = read.front, beside.part("postmortem")
    answers = _answers(read, beside=beside)
    placed = base.postmortem or PostmortemDraft()
    left_over = (*placed.left_over, *read.left_over)
    if "postmortem" not in front and not (answers or read.whys or read.contributing_factors or left_over):
        return None
    state = _member(PostmortemState, front.get("postmortem", "")) or PostmortemState.PUBLISHED
    return replace(
        placed,
        state=state,
        published_at=_moment(front.get("published", "")) or placed.published_at,
        skipped_reason=front.get("skipped_because", "") or (NOT_STATED if state is PostmortemState.SKIPPED else ""),
        lead=values.text("owner_email") or front.get("owner", ""),
        is_required=values.is_true("is_required"),
        due_on=values.day("due_on"),
        answers=answers,
        whys=_whys(read, rows=values.rows("whys")),
        factors=tuple(_factor(text) for text in read.contributing_factors if text.strip()),
        left_over=left_over,
    )


def _answers(read: ReadPostmortem, *, beside: Beside) -> dict[str, str]:
    answers = {
        key: text
        for key, text in read.answers.items()
        if (key in HEADINGS or key in read.own_headings) and text.strip()
    }
    parts = [answers.pop("notes", "")]
    for heading, text in read.notes:
        if heading == HEADINGS["no_items"]:
            answers["no_items"] = text
        elif heading != AS_DECLARED:
            parts.append(note_text(heading, text))
    if read.attendees and not beside.rows("roles"):
        parts.append(note_text("People", "\n".join(f"- {name}" for name in read.attendees)))
    notes = "\n\n".join(part for part in parts if part.strip())
    return answers | ({"notes": notes} if notes else {})


def _whys(read: ReadPostmortem, *, rows: Sequence[Beside]) -> tuple[WhyDraft, ...]:
    found = []
    for number, why in enumerate(read.whys):
        row = rows[number] if number < len(rows) else Beside()
        draft = WhyDraft.from_values(row.content)
        if not draft.claim or str(draft) != why.text:
            draft = WhyDraft.read(why.text)
        found.append(replace(draft, depth=why.depth))
    return tuple(found)


def _factor(text: str) -> FactorDraft:
    found = _FACTOR.match(text)
    category = _member(CauseCategory, found[2] or "") if found else None
    return FactorDraft(text=found[1], category=category) if found and category else FactorDraft(text=text)


def _item(action: ActionPromise, *, beside: Beside) -> ItemDraft:
    named = dict(reversed(action.extras))
    number, state = _number(named.get("ref", "")), _member(ActionState, action.state_text)
    row = next((row for row in beside.rows("action_items") if number and row.text("ref") == f"AI-{number}"), Beside())
    unknown = tuple(pair for pair in action.extras if pair[0] not in _ITEM_PARTS)
    base = place_item(replace(action, extras=unknown, state_text="" if state else action.state_text))
    state = state or base.state
    look_again = named.get("look again", "")
    return replace(
        base,
        state=state,
        lever=_member(Lever, named.get("lever", "")),
        done_when=named.get("done when", ""),
        done_evidence=named.get("evidence", ""),
        declined_reason=named.get("declined because", "") or (NOT_STATED if state is ActionState.DECLINED else ""),
        look_again_on=Beside({"on": look_again}).day("on"),
        watch_until=row.day("watch_until"),
        owner_email=row.text("owner_email") if row.text("owner") == action.owner_text else "",
        number=number,
        at={name: moment for name in ITEM_TIMES if (moment := row.moment(name))},
    )
