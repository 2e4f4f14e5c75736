"""The timeline as it is read: with the moments marked on it, and its entries on the axis."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import Incident, Phase, TimelineEntry
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


def times_of(incident: Incident) -> list[datetime | None]:
    session.rollback()
    session.expire_all()
    return list(session.get_one(Incident, incident.id).moments.values())


def test_one_click_beside_an_entry_says_which_moment_it_was_and_another_takes_it_back(
    browser: Browser, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(START + timedelta(minutes=50))
    incident = make.incident(started_at=START, resolved_at=START + timedelta(minutes=40), phase=Phase.RESOLVED)
    make.postmortem(incident)
    make.entry(incident, "The alert rang", at=START + timedelta(minutes=10))
    make.entry(incident, "Nobody knows when", at=None)
    step = f"/incidents/{incident.ref}/postmortem/edit/what-happened"

    marked = browser.get(step).submit("Set as “Detected”: The alert rang")
    stale = marked.submit("Set as “Stabilised”: The alert rang", version="1")
    odd = marked.submit("Set as “Began”: The alert rang").submit("Not “Detected”: The alert rang")

    assert marked.url.endswith("/what-happened?timeline=open")
    assert "Detected: 09:15." in marked.flashes
    assert "Somebody changed the facts of INC-1 just now." in stale.flashes
    assert [tag.get_text(" ", strip=True) for tag in marked.select(".timeline-marked")] == ["Detected"]
    assert "Corrected: the time it was detected, from not known to 2026-11-23 09:15 UTC." in marked.text
    assert times_of(incident) == [START + timedelta(minutes=10), None, None, START + timedelta(minutes=40)]
    assert [tag.get_text(" ", strip=True) for tag in odd.select(".timeline-marked")] == ["Began"]
    assert not any("Nobody knows" in str(button.get("aria-label")) for button in odd.select("button[name=moment]"))


def test_a_mark_that_reverses_the_times_is_kept_and_warned_of(browser: Browser) -> None:
    incident = make.incident(started_at=START, resolved_at=START + timedelta(minutes=40), phase=Phase.RESOLVED)
    make.postmortem(incident)
    make.entry(incident, "Orders wait", at=START - timedelta(minutes=5))

    page = browser.get(f"/incidents/{incident.ref}/postmortem/edit/what-happened").submit(
        "Set as “Resolved”: Orders wait"
    )

    assert "The times stand in an odd order: It was resolved" in page.flashes
    assert "Some of these times stand in the wrong order" in page.text
    assert times_of(incident)[3] == START - timedelta(minutes=5)


def test_what_cannot_be_marked_gets_a_sentence(browser: Browser) -> None:
    incident = make.incident(phase=Phase.TRIAGED)
    dated, undated = make.entry(incident, "Orders wait", at=START), make.entry(incident, "Later", at=None)
    url, form = f"/incidents/{incident.ref}/timeline/%d/moment", {"csrf_token": browser.token("/profile"), "version": 1}

    pages = [
        browser.post(url % dated.id, form | {"moment": "resolved_at"}),
        browser.post(url % undated.id, form | {"moment": "started_at"}),
        browser.post(url % dated.id, form | {"moment": "title"}),
    ]

    assert [page.status for page in pages] == [422, 422, 422]
    assert "INC-1 is still going on. Say in its room that it is resolved." in pages[0].text
    assert "The time of this entry is not known. Correct the entry, then mark it." in pages[1].text


def test_a_correction_begun_in_the_postmortem_ends_there(browser: Browser) -> None:
    incident = make.incident(phase=Phase.RESOLVED)
    make.postmortem(incident)
    make.entry(incident, "Orders wait", at=START)
    step = browser.get(f"/incidents/{incident.ref}/postmortem/edit/what-happened")

    page = browser.get(str(step.select(".menu-body a")[0]["href"])).submit("Save", text="Orders waited")

    assert page.heading == "What happened?"
    assert "Orders waited" in page.text
