"""The first ten minutes: what to find out and to check before anything else. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.models import Tick

PREFIX = "first: "


@dataclass(frozen=True)
class Check:
    key: str
    question: str
    hint: str
    said: str
    """How the timeline begins to tell of it."""


CHECKS = (
    Check("users", "How many users are affected?", "About 300, all with saved cards", "Users affected"),
    Check("features", "Which features?", "Payment by card; invoices work", "Features affected"),
    Check("regions", "Which regions?", "Europe alone", "Regions affected"),
    Check("deploys", "Recent deploys", "4.2 went out at 13:50", "Looked at recent deploys"),
    Check("infrastructure", "Infrastructure changes", "None since Monday", "Looked at infrastructure changes"),
    Check("upstream", "Upstream dependencies", "The bank's status page is green", "Looked at upstream dependencies"),
    Check("told", "First message is out", "In #checkout", "The first message is out"),
)


@dataclass(frozen=True)
class CheckRow:
    check: Check
    tick: Tick | None


def find_check(key: str) -> Check | None:
    return next((check for check in CHECKS if check.key == key), None)


def rows_of(ticks: Mapping[str, Tick]) -> list[CheckRow]:
    """Every check with its tick. ``ticks`` by their ``item``."""
    return [CheckRow(check, ticks.get(PREFIX + check.key)) for check in CHECKS]


def sentence(check: Check, note: str) -> str:
    return f"{check.said}: {note}" if note else f"{check.said}."
