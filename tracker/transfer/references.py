"""Reference links: the address goes with every text that uses it, so that each text renders on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.transfer.sections import code_lines
from tracker.transfer.tickets import is_definition

_LABEL = re.compile(r" {0,3}\[([^\[\]]{1,200})\]:")
_USE = re.compile(r"\[([^\[\]\n]{1,200})\]")


def with_references(
    answers: dict[str, str], notes: Sequence[tuple[str, str]], lines: Sequence[str]
) -> tuple[dict[str, str], list[tuple[str, str]], list[str]]:
    """The same texts with the definitions they use at their end, and the definitions that no text uses."""
    definitions: dict[str, str] = {}
    repeated = []
    for line in _definition_lines(lines):
        if _label_of(line) in definitions:
            repeated.append(line.strip())
        definitions.setdefault(_label_of(line), line.strip())
    if not definitions:
        return answers, list(notes), []
    used: set[str] = set()
    changed = {key: _completed(text, definitions=definitions, used=used) for key, text in answers.items()}
    changed_notes = [(heading, _completed(text, definitions=definitions, used=used)) for heading, text in notes]
    return changed, changed_notes, [*(line for label, line in definitions.items() if label not in used), *repeated]


def _completed(text: str, *, definitions: dict[str, str], used: set[str]) -> str:
    lines = text.split("\n")
    apart = {line for line in _definition_lines(lines) if _label_of(line) in definitions}
    body = "\n".join(line for line in lines if line not in apart).strip("\n")
    labels = {match[1].lower(): None for match in _USE.finditer(body)}
    mine = [definitions[label] for label in labels if label in definitions]
    used.update(label for label in labels if label in definitions)
    return "\n\n".join(part for part in (body, "\n".join(mine)) if part)


def _definition_lines(lines: Sequence[str]) -> list[str]:
    """The lines that define a link; footnotes and code stay where they are."""
    if not any(is_definition(line) for line in lines):
        return []
    found = [line for line, code in zip(lines, code_lines(lines), strict=True) if not code and is_definition(line)]
    return [line for line in found if not _label_of(line).startswith("^")]


def _label_of(line: str) -> str:
    match = _LABEL.match(line)
    return match[1].lower() if match else ""
