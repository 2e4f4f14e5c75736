"""Small facts that documents state as `label: value`, wherever they stand: severity, category, moments, durations."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FACT = re.compile(
    r"[\s>|*_#-]{0,12}(?P<label>severity|sev|level|incident level|category"
    r"|time to detect(?:ion)?|time to (?:recover(?:y)?|resolve|resolution|fix)"
    r"|start(?:ed)?(?: at| time)?|incident start(?:ed)?|began|detected(?: at)?|resolved(?: at)?"
    r"|end(?:ed)?(?: at| time)?)"
    r"[\s*_]{0,4}[:|][\s*_|]{0,8}(?P<value>[^|\n]{1,200})",
    re.IGNORECASE,
)
_NAMES = (
    ("severity_text", ("sev", "level", "incident level")),
    ("category_text", ("category",)),
    ("time_to_detect_text", ("time to detect",)),
    ("time_to_recover_text", ("time to",)),
    ("started_text", ("start", "incident start", "began")),
    ("detected_text", ("detected",)),
    ("resolved_text", ("resolved", "end")),
)


def facts_in(lines: Iterable[str]) -> dict[str, str]:
    """The first value stated for each known label, by the name of its field in `ReadPostmortem`."""
    found: dict[str, str] = {}
    for line in lines:
        match = _FACT.match(line[:400])
        if match:
            value = match["value"].strip(" \t*_|")
            if value:
                found.setdefault(_field_of(match["label"].lower()), value)
    return found


def _field_of(label: str) -> str:
    return next(name for name, beginnings in _NAMES if label.startswith(beginnings))
