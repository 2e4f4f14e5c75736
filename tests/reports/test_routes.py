"""The weekly report as its readers meet it."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests import make
from tests.browser import Browser, Page
from tracker.cli import main
from tracker.models import ActionState, Incident, Person, RecurrenceState
from tracker.reports.figures import HEADLINE_RULES

REPORT = "/reports/weekly/2026-W48"


def test_the_front_page_of_reports_is_this_week(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)

    page = browser.get(browser.get("/reports/").response.headers["Location"])

    assert page.heading == "Follow-through report 2026-W48"
    assert "A calm week" in page.text


def test_what_came_back_is_told_with_what_is_still_owed(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    earlier, later = make.incident(declared_at=now - timedelta(days=61)), make.incident("Checkout is down again")
    make.action(incidents=(earlier,))
    make.action(incidents=(earlier,), state=ActionState.DONE, done_at=now)
    make.recurrence(later, earlier, state=RecurrenceState.SAME, decided_at=now)

    page = browser.get(REPORT)

    assert "1 incident came back this week" in page.text
    assert "1 of its 2 items still open" in page.text


def test_overdue_items_stand_under_their_owner(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    ana = make.person("Ana")
    make.action(
        "Page somebody", owner_id=ana.id, due_on=(now - timedelta(days=33)).date(), created_at=now - timedelta(days=60)
    )

    page = browser.get(REPORT)

    assert "Ana 1 33 days 33 days" in page.text
    assert "1 action item is overdue by 30 days or more." in page.text


def test_a_private_incident_is_in_no_part_of_a_strangers_report(
    browser: Browser, app: Flask, admin: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    earlier = make.incident(declared_at=now - timedelta(days=61))
    secret = make.incident("Zanzibar leak", is_private=True)
    make.recurrence(secret, earlier, state=RecurrenceState.SAME, decided_at=now)
    make.recurrence(
        make.incident("Visible"), make.incident("Zanzibar first", is_private=True, declared_at=earlier.declared_at)
    )
    make.action(
        "Zanzibar item", incidents=(secret,), due_on=(now - timedelta(days=2)).date(), created_at=earlier.declared_at
    )
    make.postmortem(secret, is_required=True, due_on=(now - timedelta(days=2)).date())

    for address in (REPORT, REPORT + ".md", REPORT + ".json"):
        assert "Zanzibar" not in browser.get(address).body, address
        assert "Zanzibar" in Browser(app, person=admin).get(address).body, address


@pytest.mark.parametrize("hidden", [{"is_private": True}, {"is_drill": True}], ids=["private", "drill"])
def test_that_an_incident_repeats_one_that_may_not_be_seen_is_in_no_figure(
    browser: Browser, app: Flask, now: datetime, set_clock: Callable[[datetime], None], hidden: dict[str, Any]
) -> None:
    set_clock(now)
    earlier = make.incident("Zanzibar", declared_at=now - timedelta(days=61), **hidden)
    make.recurrence(make.incident("Visible"), earlier, state=RecurrenceState.SAME, decided_at=now)

    report = json.loads(browser.get(REPORT + ".json").body)

    assert report["headline"] == "1 incident this week, and nothing slipped."
    assert (report["figures"]["recurrence"]["part"], report["lists"]["recurrences"]) == (0, [])


def test_the_headline_counts_more_than_the_lists_show(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    for number in range(25):
        make.action(f"Fix {number}", state=ActionState.VERIFIED, done_at=now, verified_at=now)

    assert "Nothing slipped, and 25 fixes shown to work this week." in browser.get(REPORT).text

    later = make.incident("Visible")
    for number in range(22):
        make.recurrence(later, make.incident(f"Earlier {number}", declared_at=now - timedelta(days=61)))

    assert "22 possible recurrences waiting for somebody to decide." in browser.get(REPORT).text


def test_what_went_wrong_with_a_tracker_is_not_in_the_report(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    make.tracker("GitHub", read_at=now, last_error="acme/zanzibar#1 is gone.")

    assert "zanzibar" not in browser.get(REPORT + ".json").body


def test_drills_are_in_no_figure(browser: Browser, now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)
    drill = make.incident("Game day", is_drill=True)
    make.action(
        "Learned in the drill",
        incidents=(drill,),
        due_on=(now - timedelta(days=3)).date(),
        created_at=now - timedelta(days=9),
    )

    page = browser.get(REPORT)

    assert "A calm week" in page.text
    assert "Nothing is overdue." in page.text


def test_a_team_sees_its_own_part(browser: Browser, now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)
    team = make.team("Payments")
    due_on, created_at = (now - timedelta(days=3)).date(), now - timedelta(days=9)
    make.action("Ours", team_id=team.id, due_on=due_on, created_at=created_at)
    make.action("Theirs", due_on=due_on, created_at=created_at)

    page = browser.get(REPORT + "?team=payments")

    assert "Ours" in page.text
    assert "Theirs" not in page.text


def test_old_knowledge_of_a_tracker_is_said_on_top(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    make.tracker("Jira", read_at=now - timedelta(hours=2))
    make.tracker("GitHub", read_at=now - timedelta(minutes=5))

    page = browser.get(REPORT)

    assert "Jira was last read" in page.text
    assert "GitHub was" not in page.text


def test_the_json_has_the_rates_and_their_cases(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    yesterday = now - timedelta(days=1)
    make.action(due_on=yesterday.date(), created_at=now - timedelta(days=9), state=ActionState.DONE, done_at=yesterday)

    report = json.loads(browser.get("/reports/weekly/2026-W47" + ".json").body)

    assert report["figures"]["completion"]["part"] == 1
    assert report["figures"]["completion"]["rate"] == 1.0
    assert report["figures"]["held"]["rate"] is None


def test_nothing_is_late_before_its_day_is_over(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now + timedelta(days=2))
    created_at = now - timedelta(days=30)
    for days in range(7):
        make.action(due_on=(now + timedelta(days=days)).date(), created_at=created_at)
        due_on = (now + timedelta(days=days)).date()
        make.postmortem(make.incident(declared_at=created_at), is_required=True, due_on=due_on)

    figures = json.loads(browser.get(REPORT + ".json").body)["figures"]

    assert [(figures[name]["part"], figures[name]["whole"]) for name in ("completion", "coverage")] == [(0, 2), (0, 2)]


def test_a_week_that_does_not_exist_is_not_found(browser: Browser) -> None:
    page = browser.get("/reports/weekly/2026-W99")

    assert page.status == 404
    assert "Write it like 2026-W47" in page.text


@pytest.mark.once
def test_the_report_takes_as_many_statements_for_sixty_rows_as_for_three(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    statements = [len(fill_and_open(browser, now, rows).queries) for rows in (3, 60)]

    assert statements[0] == statements[1] <= 12


def fill_and_open(browser: Browser, now: datetime, rows: int) -> Page:
    earlier: Incident = make.incident(declared_at=now - timedelta(days=61))
    for number in range(rows):
        person = make.person(f"Person {rows} {number}")
        later = make.incident(f"Again {number}")
        make.recurrence(later, earlier)
        make.postmortem(later, is_required=True, lead_id=person.id, due_on=(now - timedelta(days=2)).date())
        old = {"due_on": (now - timedelta(days=number)).date(), "created_at": now - timedelta(days=90)}
        make.action(f"Item {number}", incidents=(later,), owner_id=person.id, **old)
    return browser.get(REPORT)


def test_every_figure_is_defined(browser: Browser) -> None:
    page = browser.get("/reports/definitions")

    assert "Fix-held rate" in page.text
    assert "Drills are in none of them" in page.text
    assert [tag.get_text() for tag in page.select("#headline ~ ol li")] == list(HEADLINE_RULES)


def test_a_person_subscribes_once_a_team_and_stops(browser: Browser) -> None:
    make.team("Payments")
    browser.get("/reports/mail").submit("Send it to me", weekday="2")

    page = browser.get("/reports/mail").submit("Send it to me", weekday="4")
    assert "Friday at 08:00" in page.text
    assert "Wednesday at" not in page.text

    page = page.submit("Stop the report on all teams")
    assert "No report comes to you yet." in page.text


@pytest.mark.parametrize("week", ["0001-W01", "9999-W52"])
def test_a_week_at_the_end_of_the_calendar_is_not_there(browser: Browser, week: str) -> None:
    assert browser.get(f"/reports/weekly/{week}").status == 404
    assert browser.get(f"/reports/weekly/{week}.json").status == 404


@pytest.mark.parametrize("week", ["1970-W01", "9998-W52"])
def test_the_first_and_the_last_week_that_can_be_asked_for_are_there(browser: Browser, week: str) -> None:
    assert browser.get(f"/reports/weekly/{week}").status == 200
    assert browser.get(f"/reports/weekly/{week}.json").status == 200


def test_the_command_tells_in_one_line_that_there_is_no_such_week(app: Flask) -> None:
    result = CliRunner().invoke(main, ["report", "weekly", "--week", "0001-W01"], obj=lambda: app)

    assert result.exit_code == 1
    assert result.stderr == "followthrough: There is no week 0001-W01. Write it like 2026-W47.\n"


def test_each_figure_leads_to_the_rows_it_counts_and_to_none_that_the_reader_may_not_see(
    browser: Browser, admin_browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    """Two incidents of the week of which one came back, one private, and a postmortem that was due."""
    set_clock(now + timedelta(days=1))
    public, earlier = make.incident("Again", declared_at=now), make.incident(declared_at=now - timedelta(days=61))
    hidden = make.incident("quokka", declared_at=now, is_private=True)
    make.recurrence(public, earlier, state=RecurrenceState.SAME, decided_at=now)
    make.postmortem(hidden, is_required=True, due_on=date(2026, 11, 23))
    week = "/reports/weekly/2026-W48"

    links = [str(link["href"]) for link in browser.get(week).select(".figure-number a")]
    told = {link.partition("figure=")[2]: browser.get(link).text for link in links}

    assert len(links) == len(set(links)) == 6
    assert "1 of 1" in told["recurrence"]
    assert "came back" in told["recurrence"]
    assert "quokka" not in "".join(told.values())
    everything = admin_browser.get(f"{week}/rows?figure=recurrence")
    assert "1 of 2" in everything.text
    assert "quokka" in everything.text
    assert browser.get(f"{week}/rows?figure=none").status == 404
