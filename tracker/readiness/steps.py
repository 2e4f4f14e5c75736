"""The steps of a runbook, out of its text, and whether anybody looked at it lately. Values in, values out."""

import re
from datetime import date

from tracker.deadlines import RUNBOOK_GOOD_FOR

STEP = re.compile(r"\s{0,3}(?:\d{1,3}[.)]|[-*] \[[ xX]\])\s+(?P<text>\S.*)")
MOST_STEPS = 100


def steps_of(text: str) -> list[str]:
    """Its numbered lines and its boxes to tick, in order; what is indented below one belongs to it and is left out."""
    return [match["text"].strip() for line in text.splitlines() if (match := STEP.fullmatch(line))][:MOST_STEPS]


def is_stale(reviewed_on: date | None, *, today: date) -> bool:
    """Whether nobody has said for half a year, or ever, that it is right."""
    return reviewed_on is None or today - reviewed_on > RUNBOOK_GOOD_FOR
