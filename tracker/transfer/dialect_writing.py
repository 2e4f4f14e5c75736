"""Write the dialect that `dialect` describes and reads back exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from tracker.transfer.dialect import CLOSING, GUARDED, VERSION
from tracker.transfer.values import QUESTION_KEYS, ActionPromise, ReadPostmortem, ReadWhy, TimelineRow

HEADINGS: dict[str, str] = {
    "summary": "Summary",
    "what_broke": "What broke",
    "who_was_affected": "Who was affected",
    "root_causes": "Root causes",
    "contributing_factors": "Contributing factors",
    "what_alerted_us": "What alerted us",
    "time_to_know": "How long until we knew",
    "right_people": "Were the right people notified",
    "worked_well": "What worked well",
    "slow_or_confusing": "What was slow or confusing",
    "information": "Did we have the information we needed",
    "lucky": "Where we got lucky",
    "prevent_code": "Prevent: code",
    "prevent_architecture": "Prevent: architecture",
    "prevent_process": "Prevent: process",
    "detect_monitoring": "Detect: monitoring",
    "detect_alerting": "Detect: alerting",
    "detect_on_call": "Detect: on-call practices",
    "recover_runbooks": "Recover: runbooks",
    "recover_tools": "Recover: tools",
    "recover_communication": "Recover: communication",
    "resolution": "Resolution",
    "background": "Background",
    "notes": "Notes",
}
_PLAIN = re.compile(r"[^\s\"][^\x00-\x1f\x85\u2028\u2029]*$")
_KEY = re.compile(r"[A-Za-z_][\w .-]{0,60}$")


def write_dialect(read: ReadPostmortem) -> str:
    """Markdown that `read_postmortem` reads back to the same title, front, texts, timeline, items, whys and notes."""
    parts = ["\n".join(_front(read)), f"# {_one_line(read.title)}"]
    for key in QUESTION_KEYS[:1]:
        parts += _answer(key, read=read)
    parts += _block("Timeline", "timeline", _flat(_row_lines(row) for row in read.timeline))
    for key in QUESTION_KEYS[1:]:
        parts += _answer(key, read=read)
    parts += _block("Five whys", "whys", _why_lines(read.whys))
    parts += _block("Factors, one by one", "factors", _why_lines([ReadWhy(text) for text in read.contributing_factors]))
    parts += _block("People", "attendees", _why_lines([ReadWhy(name) for name in read.attendees]))
    parts += _block("Action items", "actions", _flat(_action_lines(action) for action in read.actions))
    for heading, text in read.notes:
        parts += _block(_one_line(heading), f"note {json.dumps(heading, ensure_ascii=True)}", text.split("\n"))
    parts += _block("Left over", "left_over", _flat([line.split("\n") for line in read.left_over]))
    return "\n\n".join(parts) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _flat(groups: Iterable[Sequence[str]]) -> list[str]:
    return [line for group in groups for line in group]


def _front(read: ReadPostmortem) -> Iterator[str]:
    stated = {"title": read.title, "zone": read.zone or ""}
    stated |= {"severity": read.severity_text, "started": read.started_text, "detected": read.detected_text}
    stated |= {"resolved": read.resolved_text, "category": read.category_text}
    others = {
        key: value
        for key, value in read.front.items()
        if key not in stated and key != "followthrough" and _KEY.match(key)
    }
    yield "---"
    yield f"followthrough: {VERSION}"
    for key, value in (stated | others).items():
        if value:
            yield f"{key}: {json.dumps(value)}"
    yield "---"


def _answer(key: str, *, read: ReadPostmortem) -> list[str]:
    return _block(HEADINGS[key], key, read.answers[key].split("\n")) if key in read.answers else []


def _block(heading: str, name: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    guarded = [f"\\{line}" if GUARDED.match(line) else line for line in lines]
    return ["\n".join([*([f"## {heading}"] if heading else []), f"<!-- ft:{name} -->", *guarded, CLOSING])]


def _value(text: str) -> str:
    return text if not text or (_PLAIN.match(text) and not text[-1].isspace()) else json.dumps(text)


def _row_lines(row: TimelineRow) -> list[str]:
    first, *rest = row.text.split("\n")
    stamp = _stamp(row)
    written = f" {json.dumps(row.at_text)}" if row.at_text != stamp else ""
    flags = f" {{{', '.join(row.flags)}}}" if row.flags else ""
    return [f"- {(stamp + written + flags).strip()} | {row.kind_hint} | {first}", *(f"  {line}" for line in rest)]


def _stamp(row: TimelineRow) -> str:
    moment = row.local_at or (row.at.replace(tzinfo=None) if row.at else None)
    if moment is None:
        return row.on.isoformat() if row.on else ""
    precision = "microseconds" if moment.microsecond else "seconds" if moment.second else "minutes"
    return moment.isoformat(sep=" ", timespec=precision) + _distance(row)


def _distance(row: TimelineRow) -> str:
    if row.at is None:
        return ""
    minutes = 0 if row.local_at is None else round((row.local_at - row.at.replace(tzinfo=None)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f" {'-' if minutes < 0 else '+'}{hours:02}:{rest:02}" if minutes else " UTC"


def _why_lines(whys: Sequence[ReadWhy]) -> list[str]:
    return [f"{'  ' * why.depth}- {_value(why.text)}" for why in whys]


def _action_lines(action: ActionPromise) -> list[str]:
    named = [
        ("owner", action.owner_text),
        ("due", action.due_text or (action.due_on.isoformat() if action.due_on else "")),
        ("kind", action.kind_hint),
        ("state", action.state_text),
        ("priority", action.priority_text),
        *(("ticket", ref) for ref in action.ticket_refs),
        *action.extras,
    ]
    lines = [f"- [{'x' if action.is_done else ' '}] {_value(action.title)}"]
    lines += [f"  - {name}: {_value(value)}" for name, value in named if value]
    return lines + [f"  > {line}" for line in (action.detail.split("\n") if action.detail else [])]
