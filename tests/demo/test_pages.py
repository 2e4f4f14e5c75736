"""What a visitor sees of the sample data: every page answers, the report is full, drills and privacy are respected."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tests.browser import Browser
from tracker.db import session
from tracker.demo.cast import Cast
from tracker.models import ActionItem, Comparison, Incident, IncidentAction, Recurrence, RecurrenceState
from tracker.reports.figures import LONG_OVERDUE
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import WeeklyReport, weekly_report

pytestmark = pytest.mark.once

PAGES = (
    "/", "/incidents", "/incidents/new", "/actions", "/recurrences", "/services", "/teams", "/profile",
    "/reports/weekly/2026-W48", "/reports/weekly/2026-W47", "/reports/definitions",
)  # fmt: skip


@pytest.fixture
def last_week(company: Cast, now: datetime) -> WeeklyReport:
    week = Week.of(now.date() - timedelta(days=7), zone=ZoneInfo("UTC"))
    return weekly_report(week, scope=Scope(None), now=now)


def test_every_main_page_answers(marta: Browser, helena: Browser) -> None:
    for path in PAGES:
        may_declare = path != "/incidents/new"
        assert marta.get(path).status == 200, path
        assert helena.get(path).status == (200 if may_declare else 403), path


def test_every_incident_and_postmortem_answers(marta: Browser, company: Cast) -> None:
    for incident in company.incidents.values():
        assert marta.get(f"/incidents/{incident.ref}").status == 200
        assert marta.get(f"/incidents/{incident.ref}/postmortem").status == 200


def test_every_item_service_and_team_answers(marta: Browser, company: Cast) -> None:
    many = session.scalar(select(func.count()).select_from(ActionItem)) or 0
    items = [f"/actions/AI-{number}" for number in range(1, many + 1)]
    services = [f"/services/{slug}" for slug in company.services]
    teams = [f"/teams/{slug}" for slug in company.teams]

    for path in (*items, *services, *teams):
        assert marta.get(path).status == 200, path
    assert many > 70


def test_every_figure_of_the_weekly_report_counts_something(last_week: WeeklyReport) -> None:
    empty = [figure.definition.name for figure in last_week.figures if not figure.this.whole or not figure.before.whole]

    assert empty == []


def test_every_list_of_the_weekly_report_has_lines(last_week: WeeklyReport) -> None:
    lists = {
        name: getattr(last_week, name)
        for name in (
            "recurrences", "overdue", "overdue_owners", "due_next", "lapsing", "verified", "did_not_hold",
            "postmortems",
        )
    }  # fmt: skip

    assert [name for name, lines in lists.items() if not lines] == []
    assert any(line.days_overdue >= LONG_OVERDUE for line in last_week.overdue)
    assert "came back" in last_week.headline


def test_on_a_monday_morning_only_the_figures_of_days_that_are_over_are_empty(company: Cast, now: datetime) -> None:
    report = weekly_report(Week.of(now.date(), zone=ZoneInfo("UTC")), scope=Scope(None), now=now)

    empty = [figure.definition.name for figure in report.figures if not figure.this.whole]
    assert empty == ["Completion on time", "Postmortem coverage"]
    assert report.verified
    assert report.recurrences


def test_drills_are_in_no_figure(company: Cast, now: datetime) -> None:
    drills = [incident for incident in company.incidents.values() if incident.is_drill]
    items = session.scalars(
        select(ActionItem)
        .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
        .where(IncidentAction.incident_id.in_([drill.id for drill in drills]))
    ).all()
    scope = Scope(None)

    assert len(drills) == 2
    assert items
    counted = set(session.scalars(select(Incident.id).where(scope.incidents())))
    assert counted.isdisjoint(drill.id for drill in drills)
    assert set(session.scalars(select(ActionItem.id).where(scope.actions()))).isdisjoint(item.id for item in items)


def test_the_private_incident_is_not_there_for_somebody_who_is_not_named(
    marta: Browser, helena: Browser, company: Cast
) -> None:
    private = company.incidents["support-token"]
    listed = re.compile(rf"\b{private.ref}\b")

    assert marta.get(f"/incidents/{private.ref}").status == 200
    assert helena.get(f"/incidents/{private.ref}").status == 404
    assert not [path for path in PAGES if listed.search(helena.get(path).text)]


def test_the_administrator_finds_work_waiting(marta: Browser, company: Cast) -> None:
    page = marta.get("/")

    assert company.incidents["scan-events-live"].title in page.text
    assert "Nothing waits for you" not in page.text


def test_the_pairs_tell_of_every_kind_of_decision(company: Cast) -> None:
    states = session.scalars(select(Recurrence.state)).all()

    assert set(states) == set(RecurrenceState)
    assert states.count(RecurrenceState.SUSPECTED) == 1


def test_every_real_incident_was_compared_and_no_job_does_it_again(company: Cast) -> None:
    done = session.execute(select(Comparison.incident_id, Comparison.done_at)).all()

    assert {row.incident_id for row in done} == {one.id for one in company.incidents.values() if not one.is_drill}
    assert all(row.done_at is not None for row in done)
