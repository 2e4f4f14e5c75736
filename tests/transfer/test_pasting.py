"""Lines of a timeline that somebody pastes: understood in sight, taken as chosen, never with a time made up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import EntryKind, TimelineEntry
from tracker.transfer.pasting import PastedEntry, Reading, guess_kind, read_pasted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FORMATS = {
    "| 2021-06-22 08:29 | Issue detected as a result of alerts |": "2021-06-22 08:29",
    "- [03-26 23:04] The node hosting boskos is drained.": "2018-03-26 23:04",
    "- 04:49 PM UTC Site repo branch Master, was renamed to Main": "2018-06-11 16:49",
    "- **18:53** `@nova` First report of slow response times": "2018-06-11 18:53",
    "- 10:22 EDT (14:22 UTC): Admins post an initial report": "2018-06-11 14:22",
    "2018-08-22, 03:26pm: first noticed that": "2018-08-22 15:26",
    "* [???] IOPS reached a critical point": "",
    "14:02 Checkout answers slowly": "2018-06-11 14:02",
    "10/14/2022 09:30 - A researcher submitted a bug report": "2022-10-14 09:30",
}


def understood(text: str, *, on: date | None = date(2018, 6, 11), zone: str = "UTC") -> tuple[PastedEntry, ...]:
    return read_pasted(text, reading=Reading(on=on, zone=zone), known=(), now=NOW)


@pytest.mark.once
def test_lines_as_real_teams_write_them_are_understood() -> None:
    seen = {line: understood(line) for line in FORMATS}

    times = {line: f"{rows[0].at:%Y-%m-%d %H:%M}" if rows and rows[0].at else "" for line, rows in seen.items()}
    assert times == FORMATS
    assert all(rows[0].text and not rows[0].text.startswith(("-", "|", "*", "[")) for rows in seen.values())


@pytest.mark.once
def test_a_time_is_never_made_up() -> None:
    (no_day,) = understood("14:02 It broke", on=None)
    (no_zone,) = understood("2026-11-01 14:02 It broke", zone="")
    (either,) = understood("10/11/2022 09:30 It broke")
    (loose,) = understood("Somebody called.")

    assert [row.at for row in (no_day, no_zone, either, loose)] == [None] * 4
    assert no_day.doubts == ("no day: give one above",)
    assert no_zone.doubts == ("no time zone: give one above",)
    assert either.doubts == ("day or month first? Say so above",)
    assert (loose.text, loose.at_text) == ("Somebody called.", "")


@pytest.mark.once
def test_hours_that_pass_midnight_go_on_with_the_next_day() -> None:
    before, after = understood("- 23:50 It broke\n- 00:10 It was mended", zone="UTC+2")

    assert (before.at, after.at) == (
        datetime(2018, 6, 11, 21, 50, tzinfo=UTC),
        datetime(2018, 6, 11, 22, 10, tzinfo=UTC),
    )
    assert after.doubts == ("after midnight, so the next day",)


@pytest.mark.once
def test_below_a_heading_that_is_a_time_stands_what_happened_then() -> None:
    first, second = understood("### 2018-02-22 16:30\nIt broke.\n\nBadly.\n### 16:32\nIt was seen.")

    assert (first.at, first.text) == (datetime(2018, 2, 22, 16, 30, tzinfo=UTC), "It broke.\n\nBadly.")
    assert (second.at, second.text) == (datetime(2018, 2, 22, 16, 32, tzinfo=UTC), "It was seen.")


@pytest.mark.once
def test_the_kind_is_guessed_from_the_words() -> None:
    lines = {
        "The alert rang": EntryKind.DETECTION,
        "We decided to wait": EntryKind.DECISION,
        "Posted to the status page": EntryKind.COMMUNICATION,
        "Rolled back to v12": EntryKind.ACTION,
        "Orders wait": EntryKind.EVENT,
    }

    assert {line: guess_kind(line) for line in lines} == lines


def test_pasted_lines_are_shown_as_understood_and_only_the_ticked_ones_are_added(browser: Browser) -> None:
    incident = make.incident(started_at=make.NOW - timedelta(hours=2))
    page = browser.get(f"/incidents/{incident.ref}/timeline/paste")

    seen = page.submit("See how they are understood", lines="- 08:02 Orders wait\n- 08:05 Alert rings\nNo time here")
    added = seen.submit("Add what is ticked", take=["1", "2"], **{"kind-1": "decision"})

    assert "2 entries added to the timeline." in added.flashes
    session.expire_all()
    rows = session.scalars(select(TimelineEntry).order_by(TimelineEntry.at)).all()
    assert [(row.text, row.kind) for row in rows] == [
        ("Orders wait", EntryKind.DECISION),
        ("Alert rings\nNo time here", EntryKind.DETECTION),
    ]


def test_what_is_on_the_timeline_already_or_in_the_future_is_not_proposed(browser: Browser) -> None:
    incident = make.incident(started_at=make.NOW - timedelta(hours=2))
    make.entry(incident, "Orders wait", at=make.NOW)
    day = make.NOW.date()
    lines = f"- {make.NOW:%Y-%m-%d %H:%M} UTC: Orders wait\n- {day + timedelta(days=2)} 10:00 UTC: Tomorrow"

    page = browser.get(f"/incidents/{incident.ref}/timeline/paste").submit("See how they are understood", lines=lines)
    refused = page.submit("Add what is ticked")

    assert [box.has_attr("checked") for box in page.select("[name=take]")] == [False, False]
    assert refused.status == 422
    assert "Tick the lines to add." in refused.text


def test_nothing_that_could_be_an_entry_is_said_so_with_the_text_kept(browser: Browser) -> None:
    incident = make.incident()

    page = browser.get(f"/incidents/{incident.ref}/timeline/paste").submit(
        "See how they are understood", lines="---\n|||"
    )

    assert page.status == 422
    assert "There is nothing in it that could be an entry." in page.text
    assert "|||" in page.select("#lines")[0].get_text()
