"""The trends as their readers meet them, and equal to a slow count of the same rows."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tracker.models import ActionState, Incident, Person, PostmortemState, RecurrenceState, Severity
from tracker.reports.months import twelve_months

TRENDS = "/reports/trends"
ROWS = "/reports/trends/rows"


@pytest.fixture(autouse=True)
def _today(now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)


def figures(browser: Browser, query: str = "") -> dict[tuple[str, str], tuple[str, str]]:
    """Number and base of every figure of the CSV, by its key and month."""
    lines = csv.DictReader(io.StringIO(browser.get(f"{TRENDS}.csv{query}").body))
    return {(line["figure"], line["month"]): (line["number"], line["of"]) for line in lines}


def a_year(now: datetime) -> Incident:
    """One incident that came back, with a postmortem, and four items that got differently far."""
    began = now - timedelta(days=61)
    over = began + timedelta(hours=2)
    earlier = make.incident("The first time", declared_at=began, started_at=began, resolved_at=over)
    incident = make.incident(
        "The second time", detected_at=now + timedelta(minutes=5), stabilised_at=now - timedelta(hours=1)
    )
    make.recurrence(incident, earlier, state=RecurrenceState.SAME, decided_at=now)
    make.postmortem(earlier, is_required=True, state=PostmortemState.PUBLISHED, published_at=now - timedelta(days=50))
    make.postmortem(incident, is_required=True)
    made: dict[str, Any] = {
        "incidents": (earlier,),
        "created_at": now - timedelta(days=50),
        "due_on": date(2026, 10, 30),
    }
    done_at, verified_at = now - timedelta(days=40), now - timedelta(days=5)
    make.action("Open", **made)
    make.action("Done", state=ActionState.DONE, done_at=done_at, **made)
    tested: dict[str, Any] = {"done_at": done_at, "verified_at": verified_at} | made
    make.ticket(action=make.action("Verified", state=ActionState.VERIFIED, **tested))
    make.action("Failed", state=ActionState.DID_NOT_HOLD, did_not_hold_at=now - timedelta(days=1), **tested)
    return incident


def test_the_funnel_counts_how_many_got_to_each_step(browser: Browser, now: datetime) -> None:
    a_year(now)

    found = figures(browser)

    funnel = ["incidents", "required", "published", "items", "in-tracker", "done", "verified", "held"]
    assert [found[key, ""] for key in funnel] == [
        ("2", ""), ("2", "2"), ("1", "2"), ("4", ""), ("1", "4"), ("3", "4"), ("2", "3"), ("1", "2"),
    ]  # fmt: skip
    assert found["items-on-time", "2026-10"] == ("2", "4")
    assert found["came-back", "2026-11"] == ("1", "1")


def test_a_time_that_is_missing_or_reversed_is_not_known_and_never_nothing(browser: Browser, now: datetime) -> None:
    a_year(now)

    page = browser.get(TRENDS)

    assert "Time to detect 1 case : Time to detect 5 min Not known of 1" in page.text
    assert "Time to stabilise 0 cases None of which both moments are known Not known of 2" in page.text


def test_every_figure_of_the_funnel_leads_to_as_many_rows_as_it_says(browser: Browser, now: datetime) -> None:
    a_year(now)

    for step in ("incidents", "required", "published", "items", "in-tracker", "done", "verified", "held"):
        rows = browser.get(f"{ROWS}?figure={step}")
        number = figures(browser)[step, ""][0]
        assert f"{number} in the last twelve months" in rows.text, step
        assert rows.body.count('class="row-main"') == int(number), step


def test_every_other_number_leads_to_as_many_rows_as_it_says(browser: Browser, now: datetime) -> None:
    a_year(now)
    page = browser.get(TRENDS)
    links = {
        str(link["href"]): int(re.split(r"\D", link.get_text())[0])
        for link in page.select("main a[href*='/reports/trends/rows']")
        if not re.search("papers-due|known-|figure=declined", str(link["href"]))
    }

    asked = {re.sub(r".*figure=([a-z-]+).*", r"\1", link) for link in links}
    wrong = {
        link: number for link, number in links.items() if browser.get(link).body.count('class="row-main"') != number
    }

    assert {"items-due", "items-on-time", "open-all", "open-age-", "open-overdue", "came-back"} <= asked
    assert wrong == {}
    assert f"{ROWS}?figure=known-resolve&month=2026-09" in page.links()
    assert browser.get(f"{ROWS}?figure=known-detect").body.count('class="row-main"') == 1


def test_a_month_leads_to_its_rows_alone(browser: Browser, now: datetime) -> None:
    a_year(now)

    rows = browser.get(f"{ROWS}?figure=incidents&month=2026-09")

    assert "The first time" in rows.text
    assert "The second time" not in rows.text


@pytest.mark.parametrize("query", ["?figure=none", "?month=2020-01", "?team=none", "?service=none", "?severity=SEV9"])
def test_what_there_is_not_is_said_to_be_missing(browser: Browser, query: str) -> None:
    assert browser.get(ROWS + query).status == 404


def test_the_trends_are_narrowed_by_team_service_and_severity(browser: Browser, now: datetime) -> None:
    team = make.team("Payments")
    checkout, search = make.service("Checkout", team_id=team.id), make.service("Search")
    make.action(incidents=(make.incident(services=[checkout], severity=Severity.SEV1),), team_id=team.id)
    make.action(incidents=(make.incident(services=[search], severity=Severity.SEV3),))

    assert figures(browser)["incidents", ""][0] == "2"
    for query in ("?team=payments", "?service=checkout", "?severity=SEV1", "?service=search&severity=SEV3"):
        found = figures(browser, query)
        assert (found["incidents", ""][0], found["items", ""][0]) == ("1", "1"), query
    assert figures(browser, "?service=search&severity=SEV1")["items", ""][0] == "0"


def test_private_incidents_and_drills_are_in_no_figure_and_no_list_of_a_stranger(
    browser: Browser, app: Flask, admin: Person, now: datetime
) -> None:
    secret = make.incident("Zanzibar leak", is_private=True)
    drill = make.incident("A drill", is_drill=True)
    make.action("Zanzibar item", incidents=(secret,))
    make.action("A drill's item", incidents=(drill,))
    make.recurrence(make.incident("Visible"), secret, state=RecurrenceState.SAME, decided_at=now)

    found = figures(browser)

    assert [found[key, ""][0] for key in ("incidents", "items")] == ["1", "0"]
    assert found["came-back", "2026-11"] == ("0", "1")
    for figure in ("incidents", "came-back", "items"):
        assert "Zanzibar" not in browser.get(f"{ROWS}?figure={figure}").body
    assert "Zanzibar leak" in Browser(app, person=admin).get(f"{ROWS}?figure=incidents").body
    assert "Zanzibar item" in Browser(app, person=admin).get(f"{ROWS}?figure=items").body


@pytest.mark.once
def test_the_trends_take_a_fixed_number_of_statements(browser: Browser, now: datetime) -> None:
    a_year(now)
    few = len(browser.get(TRENDS).queries)
    for _ in range(12):
        make.action(incidents=(make.incident(),))

    assert len(browser.get(TRENDS).queries) == few <= 12


def test_twelve_months_end_with_the_present_one_by_the_calendar_here() -> None:

    span = twelve_months(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), zone=ZoneInfo("Europe/Copenhagen"))

    assert [month.key for month in span.months][::11] == ["2026-02", "2027-01"]
    assert span.months[2].starts_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
