"""A why as one line of text, and back: its claim, and in brackets behind it what else is known of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from tracker.models import Confidence, Why, WhyEnding, WhyKind

ROOT_CAUSE = "a root cause"
_ASIDES = re.compile(
    r"(?P<claim>.*?)"
    r"(?: \(evidence: (?P<evidence>.*)\))?"
    r"(?: \(kind: (?P<kind>[^()]*)\))?"
    r"(?: \(how sure: (?P<confidence>[^()]*)\))?"
    rf"(?: \((?P<root>{ROOT_CAUSE})\))?"
    r"(?: \(leads to: (?P<items>AI-[1-9]\d{0,8}(?:, AI-[1-9]\d{0,8})*)\))?"
    r"(?: \(ends here: (?P<ending>[^()]*)\))?$",
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class WhyText:
    """What a why says."""

    claim: str
    evidence: str = ""
    kind: WhyKind | None = None
    confidence: Confidence | None = None
    is_root_cause: bool = False
    items: tuple[str, ...] = ()
    """The references of the action items that it leads to."""
    ending: WhyEnding | None = None

    @classmethod
    def of(cls, row: Why) -> Self:
        return cls(
            claim=row.claim,
            evidence=row.evidence,
            kind=row.kind,
            confidence=row.confidence,
            is_root_cause=row.is_root_cause,
            items=tuple(item.ref for item in row.items),
            ending=row.ending,
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """What ``str`` wrote; a text that it did not write is a claim as a whole."""
        found = _ASIDES.match(text)
        parts = found.groupdict() if found else {}
        enums = _members(parts)
        if not found or any(parts[name] and enums[name] is None for name in ENUMS):
            return cls(claim=text)
        items = tuple(parts["items"].split(", ")) if parts["items"] else ()
        is_root = bool(parts["root"])
        return cls(claim=parts["claim"], evidence=parts["evidence"] or "", is_root_cause=is_root, items=items, **enums)

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Self:
        """What ``values`` gave; whatever is of another shape counts as not said."""
        items = values.get("items")
        return cls(
            claim=_text(values.get("claim")),
            evidence=_text(values.get("evidence")),
            is_root_cause=values.get("is_root_cause") is True,
            items=tuple(one for one in items if isinstance(one, str)) if isinstance(items, list) else (),
            **_members(values),
        )

    def __str__(self) -> str:
        asides = [
            (self.evidence, f"evidence: {self.evidence}"),
            (self.kind, f"kind: {self.kind}"),
            (self.confidence, f"how sure: {self.confidence}"),
            (self.is_root_cause, ROOT_CAUSE),
            (self.items, f"leads to: {', '.join(self.items)}"),
            (self.ending, f"ends here: {self.ending}"),
        ]
        return " ".join([self.claim, *(f"({words})" for is_said, words in asides if is_said)])

    def values(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "claim": self.claim,
            "evidence": self.evidence,
            "kind": self.kind and self.kind.value,
            "confidence": self.confidence and self.confidence.value,
            "is_root_cause": self.is_root_cause,
            "items": list(self.items),
            "ending": self.ending and self.ending.value,
        }


ENUMS: dict[str, type[StrEnum]] = {"kind": WhyKind, "confidence": Confidence, "ending": WhyEnding}


def _members(texts: Mapping[str, Any]) -> dict[str, Any]:
    """The members that the texts name; ``None`` where they name none."""
    known = {name: {one.value: one for one in kind} for name, kind in ENUMS.items()}
    return {name: members.get(_text(texts.get(name))) for name, members in known.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def in_tree_order(rows: Sequence[Why]) -> list[tuple[int, Why]]:
    """Whys as a reader meets them, each before those below it, with its depth; 0 is a root."""
    below: dict[int | None, list[Why]] = {}
    known = {row.id for row in rows}
    for row in sorted(rows, key=lambda row: (row.position, row.id), reverse=True):
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    ordered, waiting = [], [(0, row) for row in below.get(None, [])]
    while waiting:
        depth, row = waiting.pop()
        ordered.append((depth, row))
        waiting += [(depth + 1, child) for child in below.get(row.id, [])]
    return ordered
