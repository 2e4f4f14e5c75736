"""An import whose day nobody knows is shown so, and is in no week of any figure."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.transfer.conftest import Run
from tests.transfer.test_importing import take, written
from tracker.catalog.queries import service_rows
from tracker.db import session, transaction
from tracker.models import Incident, Role
from tracker.recurrence.described import described_incidents
from tracker.reports.counting import count_week
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import weekly_report
from tracker.transfer.importing import Choices

TEXT = """# Checkout was down

## Timeline

- 10:00 Alert

## Action items

| Action | Due | Status |
|---|---|---|
| Add a limit | 2026-11-23 | done |
| Watch the limit | | open |
"""
WEEK = Week.parse("2026-W48", zone=make.NOW.tzinfo)  # type: ignore[arg-type]


def taken(text: str = TEXT, **choices: object) -> Incident:
    return written(take(text, choices=Choices(**choices))[0]).incident  # type: ignore[arg-type]


def figures(weeks_later: int = 0) -> list[tuple[int, int]]:
    now = make.NOW + timedelta(weeks=weeks_later, days=2)
    week = Week.of(now.date(), zone=make.NOW.tzinfo)  # type: ignore[arg-type]
    counts = count_week(week, scope=Scope(None), now=now)
    shares = (counts.recurrence, counts.completion, counts.follow_through, counts.verified)
    return [(share.part, share.whole) for share in shares]


def test_a_document_without_any_date_has_no_known_day(app: Flask) -> None:
    [outcome] = take(TEXT)
    document = written(outcome)

    assert document.incident.is_undated
    assert document.answers["notes"] == "_Day not known: the document states none. It was imported on 23 Nov 2026._"
    assert any("its day is not known" in warning for warning in outcome.warnings)


@pytest.mark.parametrize("line", ["Date: 2024-03-05", "Started: 2024-03-05 10:00 UTC"])
def test_a_document_with_a_day_has_one(app: Flask, line: str) -> None:
    assert not taken(f"{TEXT}\n\n## Facts\n\n{line}\n").is_undated


def test_it_is_in_no_week_of_any_figure(app: Flask) -> None:
    taken()

    assert figures() == [(0, 0)] * 4
    assert figures(weeks_later=6) == [(0, 0)] * 4


def test_what_has_a_day_still_counts(app: Flask) -> None:
    incident = make.incident(declared_at=make.NOW)
    undated = taken()
    make.action(incidents=(incident, undated), due_on=make.NOW.date(), created_at=make.NOW - timedelta(days=1))

    assert figures()[:2] == [(0, 1), (0, 1)]
    assert figures(weeks_later=6)[2] == (0, 1)


def test_its_open_items_are_still_owed(app: Flask) -> None:
    taken("# Down\n\n## Action items\n\n| Action | Due |\n|---|---|\n| Watch the limit | 2026-11-01 |\n")

    report = weekly_report(WEEK, scope=Scope(None), now=make.NOW + timedelta(hours=1))

    assert [line.title for line in report.overdue] == ["Watch the limit"]


def test_a_service_counts_only_incidents_of_a_known_day(app: Flask) -> None:
    service = make.service()
    taken(service=service)
    make.incident(services=[service])

    [row] = service_rows(viewer=make.person(role=Role.ADMIN), now=make.NOW + timedelta(days=1), number=1).rows

    assert row.incidents == 1


def test_pages_and_lists_say_that_the_day_is_not_known(admin_browser: Browser) -> None:
    service = make.service()
    incident = taken(service=service)

    pages = ["/incidents", f"/incidents/{incident.ref}", "/services/checkout", "/actions/AI-1"]

    for path in [*pages, f"/incidents/{incident.ref}/edit"]:
        assert "day" in admin_browser.get(path).text.lower()
    assert all("day not known" in admin_browser.get(path).text for path in pages)


def test_it_is_compared_as_what_was_there_before_all_others(app: Flask) -> None:
    undated, dated = taken(), make.incident(declared_at=make.NOW - timedelta(days=900))

    moments = {one.id: one.moment for one in described_incidents([undated.id, dated.id])}

    assert moments[undated.id] < moments[dated.id]


def test_entering_a_time_gives_it_a_day(admin_browser: Browser) -> None:
    incident = taken()
    page = admin_browser.get(f"/incidents/{incident.ref}/edit")
    page.submit("Save", started_at="2024-03-05T10:00")

    session.expire_all()
    found = session.scalars(select(Incident)).one()
    assert not found.is_undated
    assert found.declared_at == found.started_at


def test_an_export_read_back_keeps_that_the_day_is_not_known(run: Run, tmp_path: Path) -> None:
    taken()
    folder = tmp_path / "export"
    assert run("export", "--out", folder).exit_code == 0
    with transaction():
        for incident in session.scalars(select(Incident)):
            incident.imported_name = incident.imported_text = None
            incident.title = "Another"

    again = run("import", folder)

    assert "1 incident taken" in again.output
    assert json.loads((folder / "incidents/INC-1.json").read_text())["incident"]["is_undated"] is True
    assert all(session.scalars(select(Incident.is_undated)))


def test_an_export_given_back_is_known(run: Run, tmp_path: Path) -> None:
    taken()
    run("export", "--out", tmp_path / "export")

    assert "It is here already as INC-1" in run("import", tmp_path / "export").output
