"""The day that a document states on a line of its own is the day of rows that have only times, and of the incident."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tests import make
from tests.transfer.test_importing import take, written
from tracker.transfer.reading import read_postmortem
from tracker.transfer.values import ReadPostmortem

ROWS = "## Timeline\n\nTimes in UTC.\n\n- 22:10 Alert\n- 23:50 Rolled back\n- 00:20 Over\n"


def read(text: str, *, name: str = "team/outage.md", day_first: bool | None = None) -> ReadPostmortem:
    return read_postmortem(text.encode(), name=name, day_first=day_first)


@pytest.mark.parametrize(
    "line",
    [
        "Date: 2024-03-05",
        "**Date**: 5 March 2024",
        "**Date:** March 5th, 2024",
        "- Date: 2024-03-05",
        "> Date: 5 March 2024",
        "Incident date: 2024-03-05",
        "**Date of incident**: Tuesday, 5 March 2024",
        "Date of the outage: 2024/03/05 (a Tuesday)",
        "Date (UTC): 2024-03-05",
        "Date/Time: 2024-03-05 22:00 - 23:00",
        "Occurred on: 5 March 2024",
        "| Date | 2024-03-05 |",
        "| **Incident date** | 5 March 2024 |",
        "| Severity | Date |\n|---|---|\n| SEV2 | 2024-03-05 |",
        "## Date\n\n2024-03-05",
        "## Date: 2024-03-05",
        "Date: 20/03/2024\nIncident date: 2024-03-05",
    ],
)
def test_a_stated_date_is_the_day_of_rows_that_have_only_times(app: Flask, line: str) -> None:
    text = f"# Checkout was down\n\n{line}\n\n{ROWS}"

    rows = read(text).timeline
    document = written(take(text)[0])

    assert [row.local_at for row in rows] == [
        datetime(2024, 3, 5, 22, 10),  # noqa: DTZ001  as written
        datetime(2024, 3, 5, 23, 50),  # noqa: DTZ001
        datetime(2024, 3, 6, 0, 20),  # noqa: DTZ001
    ]
    assert "date from the document" in rows[0].flags
    assert document.incident.declared_at == datetime(2024, 3, 5, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize("front", ["---\ndate: 2024-03-05\n---\n", "+++\ndate = 2024-03-05\n+++\n"])
def test_the_date_of_the_front_matter_counts_where_nothing_else_states_one(app: Flask, front: str) -> None:
    found = read(f"{front}# Checkout was down\n\n{ROWS}")
    other = read(f"{front}# Checkout was down on 2024-02-01\n\n{ROWS}")
    told = read(f"{front}# Checkout was down\n\nDate of incident: 2024-02-01\n\n{ROWS}")

    assert [one.timeline[0].on for one in (found, other, told)] == [
        date(2024, 3, 5),
        date(2024, 2, 1),
        date(2024, 2, 1),
    ]


def test_without_a_zone_the_day_of_the_document_is_still_the_day_it_was_declared(app: Flask) -> None:
    [outcome] = take(f"# Checkout was down\n\nDate: 2024-03-05\n\n{ROWS.replace('Times in UTC.', '')}")

    assert written(outcome).incident.declared_at == datetime(2024, 3, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    ["Date: YYYY-MM-DD", "Date: 5 March", "Date: tbd", "Date: 10/11/2024", "Date: 2024-02-30", "Updated: 2024-03-05"],
)
def test_a_day_that_is_not_stated_is_not_made_up(line: str) -> None:
    assert read(f"# Checkout was down\n\n{line}\n\n{ROWS}").timeline[0].on is None


def test_the_date_of_an_action_item_is_not_the_day_of_the_incident() -> None:
    items = "## Action items\n\n- Fix it\n  - Date: 2024-04-01\n\n### Later\n\nDate: 2024-04-01\n"

    assert read(f"# Checkout was down\n\n{ROWS}\n{items}").timeline[0].on is None


def test_an_order_of_day_and_month_that_was_given_settles_the_date() -> None:
    text = f"# Checkout was down\n\nDate: 10/11/2024\n\n{ROWS}"

    assert read(text, day_first=True).timeline[0].on == date(2024, 11, 10)


def test_days_from_to_are_no_day_of_a_row_but_begin_the_incident(app: Flask) -> None:
    text = f"# Checkout was down\n\nDate: 2024-03-05 to 2024-03-07\n\n{ROWS}"

    assert read(text).timeline[0].on is None
    assert written(take(text)[0]).incident.declared_at == datetime(2024, 3, 5, tzinfo=UTC)


def test_a_date_on_a_row_or_above_it_comes_before_that_of_the_document() -> None:
    rows = "## Timeline\n\n### 2024-03-04\n\n- 10:00 Alert\n\n### 2024-03-06\n\n- 11:00 Over\n"

    found = read(f"# Checkout was down\n\nDate: 2024-03-05\n\n{rows}").timeline

    assert [row.on for row in found] == [date(2024, 3, 4), date(2024, 3, 6)]


def test_no_import_is_declared_before_it_is_read(app: Flask) -> None:
    assert written(take(f"# Down\n\nDate: 2024-03-05\n\n{ROWS}")[0]).incident.declared_at < make.NOW
