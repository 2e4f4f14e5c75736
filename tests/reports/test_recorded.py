"""A week that is over says what it told when it ended, shows what was corrected since, and leaks nothing by it."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tracker import action_life
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    IncidentPerson,
    JobRun,
    Message,
    Person,
    RecurrenceState,
    ReportSubscription,
    WeekRecord,
)
from tracker.reports import jobs

REPORT = "/reports/weekly/2026-W47"
SUNDAY = datetime(2026, 11, 22, 20, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 0, 3, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)


def came_back(title: str, **columns: Any) -> Incident:
    """An incident of the week that is the same as an earlier one."""
    later = make.incident(title, declared_at=SUNDAY, **columns)
    earlier = make.incident("The first time", declared_at=SUNDAY - timedelta(days=61))
    make.recurrence(later, earlier, state=RecurrenceState.SAME, decided_at=SUNDAY)
    return later


def change(incident: Incident, **columns: Any) -> None:
    with transaction():
        row = session.get_one(Incident, incident.id)
        for name, value in columns.items():
            setattr(row, name, value)


def report_of(app: Flask, person: Person, week: str = REPORT) -> dict[str, Any]:
    session.expire_all()
    found: dict[str, Any] = json.loads(Browser(app, person=person).get(f"{week}.json").body)
    return found


def recurrence_share(report: dict[str, Any]) -> tuple[int, int]:
    figure = report["figures"]["recurrence"]
    return figure["part"], figure["whole"]


@pytest.fixture(autouse=True)
def _friday(set_clock: Callable[[datetime], None]) -> None:
    set_clock(FRIDAY)


def test_a_late_correction_is_shown_beside_what_was_told(browser: Browser, responder: Person) -> None:
    late = make.action(due_on=SUNDAY.date() - timedelta(days=2), created_at=SUNDAY - timedelta(days=9))
    jobs.record_week(MONDAY)
    with transaction():
        row = session.get_one(ActionItem, late.id)
        row.state, row.done_at = ActionState.DONE, SUNDAY - timedelta(days=3)

    page = browser.get(REPORT)

    assert "as they were told when the week ended" in page.text
    assert "1 action item is overdue, none of them for long." in page.text
    assert "Completion on time 0 of 1 1 of 1" in page.text
    assert "Overdue 1 item 0 items" in page.text
    for written in (".md", ".csv"):
        assert "Completion on time" in browser.get(REPORT + written).body
        assert "told 0 of 1, now 1 of 1" in browser.get(REPORT + written).body


def test_what_happens_after_the_week_is_no_correction(browser: Browser, responder: Person) -> None:
    late = make.action(due_on=SUNDAY.date() - timedelta(days=2), created_at=SUNDAY - timedelta(days=9))
    jobs.record_week(MONDAY)
    with transaction():
        person = session.get_one(Person, responder.id)
        action_life.finish(session.get_one(ActionItem, late.id), evidence="A test", by=person, now=FRIDAY)

    assert "Corrected since" not in browser.get(REPORT).text


def test_each_kind_of_reader_is_told_what_that_kind_was_told(app: Flask, admin: Person, responder: Person) -> None:
    nora = make.person("Nora")
    came_back("Seen by all")
    came_back("Zanzibar", is_private=True, named=(nora,))

    jobs.record_week(MONDAY)

    everybody, named, administrator = (report_of(app, person) for person in (responder, nora, admin))
    assert [recurrence_share(one) for one in (everybody, named, administrator)] == [(1, 1), (2, 2), (2, 2)]
    assert [one["corrections"] for one in (everybody, named, administrator)] == [[], [], []]
    assert all(one["recorded_at"] == "2026-11-23T00:03:00Z" for one in (everybody, named, administrator))


def test_a_record_holds_no_word_of_any_incident_or_item(app: Flask, admin: Person) -> None:
    secret = came_back("Zanzibar", is_private=True)
    make.action("Zanzibar item", incidents=(secret,), due_on=SUNDAY.date(), owner_text="Zanzibar owner")

    jobs.record_week(MONDAY)

    session.rollback()
    records = session.scalars(select(WeekRecord)).all()
    assert {record.key for record in records} == {"2026-W47/all/everybody", "2026-W47/all/administrators"}
    assert "zanzibar" not in json.dumps([record.figures for record in records]).lower()
    assert "INC-" not in json.dumps([record.figures for record in records])


def test_an_incident_that_is_made_private_later_leaves_the_old_report(app: Flask, responder: Person) -> None:
    later = came_back("Zanzibar")
    jobs.record_week(MONDAY)

    change(later, is_private=True)

    for written in ("", ".md", ".json", ".csv"):
        assert "Zanzibar" not in Browser(app, person=responder).get(REPORT + written).body, written
    assert recurrence_share(report_of(app, responder)) == (1, 1)
    assert {"name": "Recurrence rate", "then": "1 of 1", "now": "none"} in report_of(app, responder)["corrections"]


def test_who_is_named_after_the_week_is_compared_with_nobody_elses_record(app: Flask) -> None:
    nora = make.person("Nora")
    secret = came_back("Zanzibar", is_private=True)
    jobs.record_week(MONDAY)
    make.save(IncidentPerson(incident_id=secret.id, person_id=nora.id))

    report = report_of(app, nora)

    assert (recurrence_share(report), report["recorded_at"], report["corrections"]) == ((1, 1), None, [])
    assert "nothing was written down for you" in Browser(app, person=nora).get(REPORT).text


def test_who_is_taken_off_is_told_what_everybody_was_told(app: Flask) -> None:
    nora = make.person("Nora")
    secret = came_back("Zanzibar", is_private=True, named=(nora,))
    jobs.record_week(MONDAY)
    with transaction():
        session.delete(session.get_one(IncidentPerson, (secret.id, nora.id)))

    report = report_of(app, nora)

    assert (recurrence_share(report), report["corrections"]) == ((0, 0), [])


def test_a_week_is_recorded_once_for_each_team_too(app: Flask) -> None:
    make.team("Payments")
    came_back("Before")

    first, again = jobs.record_week(MONDAY), jobs.record_week(FRIDAY)

    session.rollback()
    assert (first, again) == (2, 0)
    assert session.scalar(select(func.max(WeekRecord.recorded_at))) == MONDAY


def test_a_team_takes_its_records_with_it(app: Flask) -> None:
    team = make.team("Payments")
    jobs.record_week(MONDAY)

    with transaction():
        session.delete(session.merge(team))

    assert [one.key for one in session.scalars(select(WeekRecord))] == ["2026-W47/all/everybody"]


def test_a_mail_says_what_the_record_says(app: Flask, responder: Person) -> None:
    make.save(ReportSubscription(person_id=responder.id, weekday=0, hour=8))
    late = came_back("Down again")
    jobs.record_week(MONDAY)
    change(late, is_drill=True)

    jobs.send_reports(FRIDAY)

    session.rollback()
    mail = session.scalars(select(Message)).one()
    assert "1 incident came back this week" in mail.subject
    assert "Recurrence rate: told 1 of 1, now none" in mail.text
    assert "Corrected since the week ended" in mail.html


def test_a_week_of_which_nothing_was_written_down_says_so(browser: Browser) -> None:
    assert "nothing was written down for you when the week ended" in browser.get(REPORT).text


def test_a_record_that_came_late_says_when_it_was_made(browser: Browser) -> None:
    jobs.record_week(FRIDAY)

    assert "when they were first written down" in browser.get(REPORT).text


def test_a_job_that_stopped_is_seen_on_the_next_view(browser: Browser) -> None:
    make.save(JobRun(name="reports.send", started_at=FRIDAY, succeeded_at=FRIDAY - timedelta(minutes=59)))
    assert "has stopped" not in browser.get(REPORT).text

    with transaction():
        session.get_one(JobRun, "reports.send").succeeded_at = FRIDAY - timedelta(hours=26)

    assert "The report's job has stopped" in browser.get(REPORT).text
    assert "26 h ago" in browser.get(REPORT).text


def test_no_cell_of_the_csv_is_taken_for_a_formula(browser: Browser) -> None:
    make.action("=HYPERLINK(1)", due_on=SUNDAY.date() - timedelta(days=40), created_at=SUNDAY - timedelta(days=60))

    cells = [cell for line in csv.reader(io.StringIO(browser.get(REPORT + ".csv").body)) for cell in line]

    assert "'=HYPERLINK(1)" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
