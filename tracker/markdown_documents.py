"""An incident with its postmortem as one document: Markdown that reads well and reads back exactly, and JSON.

The Markdown is the dialect that ``tracker/transfer/dialect.py`` describes: what stands between two comments is read
back, headings are for people. A why carries what else is known of it in brackets behind the claim; JSON has it apart.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tracker.models import (
    ActionItem,
    ActionState,
    ContributingFactor,
    Incident,
    Postmortem,
    RoleAssignment,
    Ticket,
    TimelineEntry,
    Why,
)
from tracker.why_texts import WhyText, in_tree_order

HEADINGS: dict[str, str] = {
    "summary": "What happened, in short",
    "what_broke": "What broke",
    "who_was_affected": "Who was affected",
    "resolution": "How it was resolved",
    "background": "Background",
    "root_causes": "Root causes",
    "contributing_factors": "Contributing factors",
    "what_alerted_us": "What alerted us",
    "time_to_know": "How long until we knew",
    "right_people": "Were the right people told",
    "worked_well": "What worked well",
    "slow_or_confusing": "What was slow or confusing",
    "information": "Did we have the information we needed",
    "lucky": "Where we got lucky",
    "prevent_code": "Prevent it: code",
    "prevent_architecture": "Prevent it: architecture",
    "prevent_process": "Prevent it: process",
    "detect_monitoring": "Detect it faster: monitoring",
    "detect_alerting": "Detect it faster: alerting",
    "detect_on_call": "Detect it faster: on-call practices",
    "recover_runbooks": "Recover faster: runbooks",
    "recover_tools": "Recover faster: tools",
    "recover_communication": "Recover faster: communication",
    "no_items": "Why there are no action items",
    "notes": "Notes",
}
"""The questions of a postmortem in reading order, with the heading each has in a document."""

MOMENTS = ("started_at", "detected_at", "declared_at", "triaged_at", "stabilised_at", "resolved_at", "verified_at")
NOT_KNOWN = "not known"
CLOSING = "<!-- /ft -->"
STARRED = "starred"  # in braces behind the time of an entry
_GUARDED = re.compile(r"\\*<!-- /?ft\b")
_PLAIN = re.compile(r"[^\s\"][^\x00-\x1f\x85\u2028\u2029]*$")


@dataclass(frozen=True, kw_only=True)
class IncidentDocument:
    """The rows that one document is made of, in order."""

    incident: Incident
    postmortem: Postmortem | None
    answers: Mapping[str, str] = field(default_factory=dict)
    own_headings: Mapping[str, str] = field(default_factory=dict)
    """How questions read that are this installation's own, by their key."""
    entries: Sequence[TimelineEntry] = ()
    roles: Sequence[RoleAssignment] = ()
    whys: Sequence[Why] = ()
    factors: Sequence[ContributingFactor] = ()
    items: Sequence[ActionItem] = ()
    tickets: Mapping[int, Sequence[Ticket]] = field(default_factory=dict)
    """The tickets of an item, by the item's id."""

    @property
    def headings(self) -> Mapping[str, str]:
        """How each question reads, in the words of the template that the postmortem was started with."""
        template = self.postmortem.template if self.postmortem else None
        return {**HEADINGS, **(template.own_headings if template else {})}


def to_markdown(document: IncidentDocument) -> str:
    """The whole document; every word that was typed stands in it."""
    answers = document.answers
    parts = ["\n".join(_front(document)), f"# {_one_line(document.incident.title)}"]
    if document.incident.summary:
        parts += _block("As it was declared", _note("As it was declared"), document.incident.summary.split("\n"))
    headings = document.headings
    parts += _answers(answers, ["summary"], headings=headings)
    parts += _block("Timeline", "timeline", [line for entry in document.entries for line in _entry_lines(entry)])
    parts += _answers(
        answers, [key for key in HEADINGS if key not in ("summary", "notes", "no_items")], headings=headings
    )
    for key, heading in document.own_headings.items():
        parts += _block(_one_line(heading), f"{key} {json.dumps(heading)}", answers[key].split("\n"))
    parts += _block("The tree of whys", "whys", [f"{'  ' * depth}- {text}" for depth, text in _whys(document.whys)])
    parts += _block("Contributing factors, one by one", "factors", [f"- {_factor(one)}" for one in document.factors])
    parts += _block("People", "attendees", [f"- {_value(f'{r.person.name} ({r.role.value})')}" for r in document.roles])
    parts += _block("Action items", "actions", [line for item in document.items for line in _item(item, document)])
    if answers.get("no_items"):
        parts += _block(HEADINGS["no_items"], _note(HEADINGS["no_items"]), answers["no_items"].split("\n"))
    parts += _answers(answers, ["notes"], headings=headings)
    parts += _block("Also in the imported document", "left_over", _left_over(document))
    return "\n\n".join(parts) + "\n"


def _front(document: IncidentDocument) -> Iterator[str]:
    incident, postmortem = document.incident, document.postmortem
    stated = {
        "title": incident.title,
        "ref": incident.ref,
        "zone": "UTC",
        "severity": incident.severity.value,
        "phase": incident.phase.value,
        "kind": "drill" if incident.is_drill else "",
        "visibility": "private" if incident.is_private else "",
        "day": NOT_KNOWN if incident.is_undated else "",
        "services": ", ".join(service.name for service in incident.services),
        "alert": incident.alert_name,
    }
    stated |= {name.removesuffix("_at"): _stamp(getattr(incident, name)) for name in MOMENTS}
    if postmortem is not None:
        stated |= {
            "category": postmortem.cause_category.value if postmortem.cause_category else "",
            "postmortem": postmortem.state.value,
            "owner": postmortem.lead.name if postmortem.lead else "",
            "published": _stamp(postmortem.published_at),
            "skipped_because": postmortem.skipped_reason,
        }
    yield "---"
    yield "followthrough: 1"
    yield from (f"{key}: {json.dumps(value)}" for key, value in stated.items() if value)
    yield "---"


def _answers(answers: Mapping[str, str], keys: Iterable[str], *, headings: Mapping[str, str]) -> list[str]:
    return [
        part
        for key in keys
        if answers.get(key)
        for part in _block(_one_line(headings[key]), key, answers[key].split("\n"))
    ]


def _block(heading: str, name: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    guarded = [f"\\{line}" if _GUARDED.match(line) else line for line in lines]
    return ["\n".join([f"## {heading}", f"<!-- ft:{name} -->", *guarded, CLOSING])]


def _note(heading: str) -> str:
    return f"note {json.dumps(heading)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _value(text: str) -> str:
    """A value on one line; what could be misread is written as a JSON string."""
    return text if not text or (_PLAIN.match(text) and not text[-1].isspace()) else json.dumps(text)


def _stamp(moment: datetime | None) -> str:
    if moment is None:
        return ""
    precision = "microseconds" if moment.microsecond else "seconds" if moment.second else "minutes"
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ', timespec=precision)} UTC"


def _entry_lines(entry: TimelineEntry) -> list[str]:
    stamp = _stamp(entry.at)
    written = json.dumps(entry.at_text) if entry.at_text and entry.at_text != stamp else ""
    first, *rest = entry.text.split("\n")
    when = " ".join(part for part in (stamp, written) if part) or json.dumps("")
    when += f" {{{STARRED}}}" if entry.is_starred else ""
    return [f"- {when} | {entry.kind.value} | {first}", *(f"  {line}" for line in rest)]


def _whys(rows: Sequence[Why]) -> Iterator[tuple[int, str]]:
    for depth, row in in_tree_order(rows):
        yield depth, _value(str(WhyText.of(row)))


def _factor(factor: ContributingFactor) -> str:
    return _value(f"{factor.text} (cause: {factor.category.value})" if factor.category else factor.text)


def _item(item: ActionItem, document: IncidentDocument) -> list[str]:
    is_done = item.state in (ActionState.DONE, ActionState.VERIFIED)
    named = [
        ("ref", item.ref),
        ("owner", owner_of(item)),
        ("due", item.due_on.isoformat() if item.due_on else ""),
        ("kind", item.kind.value if item.kind else ""),
        ("lever", item.lever.value if item.lever else ""),
        ("state", item.state.value),
        ("priority", item.priority.value),
        *(("ticket", ticket.url) for ticket in document.tickets.get(item.id, ())),
        ("done when", item.done_when),
        ("evidence", item.done_evidence),
        ("declined because", item.declined_reason),
        ("look again", item.look_again_on.isoformat() if item.look_again_on else ""),
    ]
    lines = [f"- [{'x' if is_done else ' '}] {_value(item.title)}"]
    lines += [f"  - {name}: {_value(value)}" for name, value in named if value]
    return lines + [f"  > {line}" for line in (item.detail.split("\n") if item.detail else [])]


def _left_over(document: IncidentDocument) -> list[str]:
    lines = document.postmortem.left_over if document.postmortem else []
    return [part for line in lines for part in str(line).split("\n")]


def to_json(document: IncidentDocument) -> dict[str, Any]:
    """The same as values: ``incident``, ``timeline``, ``postmortem``, ``action_items``. Times are RFC 3339 in UTC."""
    return {
        "incident": _incident_json(document.incident),
        "timeline": [
            {"at": _rfc3339(entry.at), "at_text": entry.at_text, "kind": entry.kind.value, "text": entry.text}
            | {"is_starred": entry.is_starred}
            for entry in document.entries
        ],
        "postmortem": _postmortem_json(document),
        "action_items": [_item_json(item, document) for item in document.items],
    }


def _incident_json(incident: Incident) -> dict[str, Any]:
    return {
        "ref": incident.ref,
        "title": incident.title,
        "summary": incident.summary,
        "severity": incident.severity.value,
        "phase": incident.phase.value,
        "is_drill": incident.is_drill,
        "is_private": incident.is_private,
        "is_undated": incident.is_undated,
        "alert_name": incident.alert_name,
        "services": [service.slug for service in incident.services],
        **{name: _rfc3339(getattr(incident, name)) for name in (*MOMENTS, "closed_at")},
    }


def _postmortem_json(document: IncidentDocument) -> dict[str, Any] | None:
    postmortem = document.postmortem
    if postmortem is None:
        return None
    return {
        "state": postmortem.state.value,
        "owner": postmortem.lead.name if postmortem.lead else None,
        "due_on": postmortem.due_on.isoformat() if postmortem.due_on else None,
        "published_at": _rfc3339(postmortem.published_at),
        "skipped_reason": postmortem.skipped_reason,
        "cause_category": postmortem.cause_category.value if postmortem.cause_category else None,
        **{key: document.answers.get(key, "") for key in (*HEADINGS, *document.own_headings)},
        "own_headings": dict(document.own_headings),
        "whys": [{"depth": depth, **WhyText.of(row).values()} for depth, row in in_tree_order(document.whys)],
        "factors": [
            {"text": one.text, "category": one.category.value if one.category else None} for one in document.factors
        ],
        "left_over": list(postmortem.left_over),
    }


def _item_json(item: ActionItem, document: IncidentDocument) -> dict[str, Any]:
    return {
        "ref": item.ref,
        "title": item.title,
        "detail": item.detail,
        "done_when": item.done_when,
        "owner": owner_of(item) or None,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "kind": item.kind.value if item.kind else None,
        "lever": item.lever.value if item.lever else None,
        "priority": item.priority.value,
        "state": item.state.value,
        "done_evidence": item.done_evidence,
        "declined_reason": item.declined_reason,
        "tickets": [
            {"key": ticket.key, "url": ticket.url, "state": ticket.state.value, "freshness": ticket.freshness.value}
            for ticket in document.tickets.get(item.id, ())
        ],
    }


def owner_of(item: ActionItem) -> str:
    return item.owner.name if item.owner else item.owner_text


def _rfc3339(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
