"""The timeline as it is read: with the moments marked on it, and its entries on the axis."""

from datetime import timedelta

import pytest

from tests import make
from tests.browser import Browser
from tracker.models import Incident, TimelineEntry
from tracker.postmortems.reading import moments_of, ticks_of, with_moments

START = make.NOW


def at(minutes: int, text: str = "") -> TimelineEntry:
    return TimelineEntry(at=START + timedelta(minutes=minutes), text=text or str(minutes))


def an_incident(**moments: int) -> Incident:
    values = {f"{name}_at": START + timedelta(minutes=minutes) for name, minutes in moments.items()}
    return Incident(number=1, **{"declared_at": START + timedelta(minutes=12), "is_undated": False} | values)


@pytest.mark.once
def test_each_known_moment_stands_before_the_first_entry_that_is_not_earlier() -> None:
    incident = an_incident(started=0, detected=10, resolved=60)
    unknown = TimelineEntry(at=None, at_text="later", text="unknown")

    rows = with_moments([at(0), at(5), unknown, at(10), at(30)], moments_of(incident))

    assert [row.entry.text if row.entry else row.moment.label if row.moment else "" for row in rows] == [
        "Began", "0", "5", "unknown", "Detected", "10", "Declared", "30", "Resolved",
    ]  # fmt: skip


@pytest.mark.once
def test_entries_stand_on_the_axis_between_the_first_and_the_last_moment() -> None:
    entries = [at(-5), at(0), at(15), at(60), at(90), TimelineEntry(at=None, text="x")]

    assert ticks_of(an_incident(started=0, resolved=60), entries) == (0.0, 25.0, 100.0)
    assert ticks_of(an_incident(started=0), entries) == ()
    assert ticks_of(an_incident(started=60, resolved=0), entries) == ()


def test_the_page_marks_the_moments_on_the_timeline_and_draws_the_entries(browser: Browser) -> None:
    incident = make.incident(
        started_at=START, detected_at=START + timedelta(minutes=10), resolved_at=START + timedelta(minutes=60)
    )
    make.postmortem(incident)
    make.entry(incident, "Orders wait", at=START + timedelta(minutes=30))

    page = browser.get(f"/incidents/{incident.ref}/postmortem")

    marked = [tag.get_text(" ", strip=True) for tag in page.select(".timeline-moment strong")]
    assert marked == ["Began", "Declared", "Detected", "Resolved"]
    assert [tick["cx"] for tick in page.select(".axis-tick")] == ["50.0%"]
