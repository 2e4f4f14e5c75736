"""Reference links: the address goes with every text that uses it, so that each text renders on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.transfer.tickets import is_definition

_LABEL = re.compile(r" {0,3}\[([^\[\]]{1,200})\]:")
_USE = re.compile(r"\[([^\[\]\n]{1,200})\]")


def with_references(
    answers: dict[str, str], notes: Sequence[tuple[str, str]], lines: Sequence[str]
) -> tuple[dict[str, str], list[tuple[str, str]], list[str]]:
    """The same texts with the definitions they use at their end, and the definitions that no text uses."""
    definitions = {
        match[1].lower(): line.strip() for line in lines if is_definition(line) and (match := _LABEL.match(line))
    }
    if not definitions:
        return answers, list(notes), []
    used: set[str] = set()
    changed = {key: _completed(text, definitions=definitions, used=used) for key, text in answers.items()}
    changed_notes = [(heading, _completed(text, definitions=definitions, used=used)) for heading, text in notes]
    repeated = [line.strip() for line in lines if is_definition(line) and line.strip() not in definitions.values()]
    return changed, changed_notes, [*(line for label, line in definitions.items() if label not in used), *repeated]


def _completed(text: str, *, definitions: dict[str, str], used: set[str]) -> str:
    kept = [line for line in text.split("\n") if not is_definition(line) or _name(line).startswith("^")]
    body = "\n".join(kept).strip("\n")
    labels = {match[1].lower(): None for match in _USE.finditer(body)}
    mine = [definitions[label] for label in labels if label in definitions]
    used.update(label for label in labels if label in definitions)
    return "\n\n".join(part for part in (body, "\n".join(mine)) if part)


def _name(line: str) -> str:
    match = _LABEL.match(line)
    return match[1] if match else ""
