"""Notices when a why points at a person, so that the form can ask one question more. It suggests and never blocks."""

import re
from collections.abc import Iterable

_AT_NAME = re.compile(r"(?<![\w.])@[A-Za-z]\w+")
_SOMEBODY = re.compile(
    r"\b(?:human error|operator error|user error"
    r"|(?:some(?:body|one)|he|she|(?:the|an?|our) (?:[\w-]+ )?(?:engineer|developer|operator|admin|administrator"
    r"|person|colleague|intern|contractor|responder|reviewer))\s+(?:\w+ )?"
    r"(?:forgot|failed|missed|overlooked|ignored|broke|caused|mistyped|made a mistake|did not|didn['’]t"
    r"|should have|was careless|deleted|pushed|ran|typed))\b",
    re.IGNORECASE,
)
MIN_FIRST_NAME = 3
"""Shorter first names are more often ordinary words."""


def names_a_person(claim: str, *, people: Iterable[str]) -> bool:
    """Whether a claim names one of ``people`` (full names), mentions somebody, or blames a role."""
    if _AT_NAME.search(claim) or _SOMEBODY.search(claim):
        return True
    return any(_stands_in(claim, name=name) for name in people)


def _stands_in(claim: str, *, name: str) -> bool:
    parts = name.split()
    if not parts:
        return False
    first = parts[0]
    wanted = {name.strip()} | ({first} if len(first) >= MIN_FIRST_NAME else set())
    return any(word in claim and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", claim) for word in wanted)
