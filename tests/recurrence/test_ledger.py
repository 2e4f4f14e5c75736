"""The ledger of a family: how each time was detected, and whether it went better than the last time."""

from datetime import timedelta

import pytest

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import family_of
from tracker.models import EntryKind, Incident
from tracker.recurrence.ledger import Measure, ledger

MINUTES = timedelta(minutes=1)


def incident(number: int, *, detect: int | None, resolve: int | None = None, alert: str = "") -> Incident:
    after = {"detected_at": detect, "resolved_at": resolve}
    moments = {name: make.NOW + minutes * MINUTES for name, minutes in after.items() if minutes is not None}
    return Incident(id=number, number=number, title=f"Time {number}", alert_name=alert, started_at=make.NOW, **moments)


@pytest.mark.parametrize(
    ("span", "before", "words", "is_better"),
    [
        (12, 30, "18 min less", True),
        (30, 12, "18 min more", False),
        (30, 30, "as long as the last time", None),
        (30, None, "", None),
        (None, 30, "", None),
    ],
)
def test_a_time_is_told_beside_the_last_one(
    span: int | None, before: int | None, words: str, is_better: bool | None
) -> None:
    spans = [None if one is None else one * MINUTES for one in (span, before)]

    measure = Measure("Time to detect", *spans)

    assert (measure.compared, measure.is_better) == (words, is_better)


def test_a_time_that_is_not_known_is_passed_over_not_taken_for_nothing() -> None:
    entries = ledger([incident(1, detect=30), incident(2, detect=None), incident(3, detect=10)], detected={})

    assert [entry.measures[0].compared for entry in entries] == ["", "", "20 min less"]


def test_what_alerted_us_is_the_alert_or_what_was_written() -> None:
    incidents = [incident(1, detect=1, alert="lag"), incident(2, detect=1), incident(3, detect=1)]

    entries = ledger(incidents, detected={1: "A user wrote.", 2: "- A user\n  wrote."})

    assert [entry.detected_by for entry in entries] == ["the alert lag", "A user wrote.", ""]


def test_the_familys_page_has_the_ledger(browser: Browser, earlier: Incident, later: Incident) -> None:
    make.entry(earlier, "A customer called", kind=EntryKind.DETECTION)
    make.entry(later, "Removed", kind=EntryKind.DETECTION, removed_at=make.NOW)
    make.answer(make.postmortem(later), "what_alerted_us", "The new alarm.")

    rows = browser.get(f"/families/{family_of(earlier, later).id}").select("main table tbody tr")

    assert [[cell.get_text(" ", strip=True) for cell in row.select("td")][2] for row in rows] == [
        "A customer called",
        "The new alarm.",
    ]


@pytest.mark.once
def test_the_page_of_a_family_has_a_fixed_number_of_queries(
    browser: Browser, earlier: Incident, later: Incident, others: list[Incident]
) -> None:
    few, many = family_of(earlier, later), family_of(*others)

    counts = [len(browser.get(f"/families/{one.id}").queries) for one in (few, many)]

    assert counts[0] == counts[1] <= 12
