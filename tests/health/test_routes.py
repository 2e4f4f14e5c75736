"""What load balancers and monitoring are told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests import make
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.health.routes import UP_SINCE
from tracker.models import JobRun
from tracker.queue import Job
from tracker.wiring import Wiring


@pytest.fixture
def one_job(app: Flask, wiring: Wiring, now: datetime, set_clock: Callable[[datetime], None]) -> str:
    """An application that has been up for an hour and knows one job, which should run every minute."""
    set_clock(now)
    app.extensions[UP_SINCE] = now - timedelta(hours=1)
    wiring.queue.jobs[:] = [Job(name="test.sweep", run=lambda _now: None)]
    return "test.sweep"


def ran(name: str, *, succeeded_at: datetime | None, error: str = "") -> JobRun:
    return make.save(JobRun(name=name, started_at=make.NOW, succeeded_at=succeeded_at, last_error=error))


def test_healthz_says_ok_to_everybody(anonymous: Browser) -> None:
    page = anonymous.get("/healthz")

    assert (page.status, page.body, page.response.mimetype) == (200, "ok", "text/plain")
    assert page.queries == []


def test_an_installation_whose_jobs_run_is_ready(anonymous: Browser, one_job: str, now: datetime) -> None:
    ran(one_job, succeeded_at=now - timedelta(minutes=14))
    make.push(run_after=now - timedelta(minutes=7))

    page = anonymous.get("/readyz")

    assert page.status == 200
    assert page.response.json == {
        "ready": True,
        "database": "up to date",
        "jobs": [{"name": "test.sweep", "state": "running", "succeeded_at": "2026-11-23T08:51:00+00:00"}],
        "work": [
            {"name": "message", "oldest_due_seconds": 0},
            {"name": "ticket", "oldest_due_seconds": 420},
            {"name": "webhook", "oldest_due_seconds": 0},
        ],
    }


def test_a_job_that_has_not_succeeded_for_over_fifteen_minutes_is_late(
    anonymous: Browser, one_job: str, now: datetime
) -> None:
    ran(one_job, succeeded_at=now - timedelta(minutes=16))

    page = anonymous.get("/readyz")

    assert page.status == 503
    assert page.response.json is not None
    assert page.response.json["jobs"][0]["state"] == "late"


def test_a_job_that_never_ran_is_late_once_the_program_is_up_for_long(anonymous: Browser, one_job: str) -> None:
    assert anonymous.get("/readyz").status == 503


def test_a_program_that_has_just_started_is_ready(app: Flask, anonymous: Browser, one_job: str, now: datetime) -> None:
    app.extensions[UP_SINCE] = now - timedelta(minutes=5)

    page = anonymous.get("/readyz")

    assert page.status == 200
    assert page.response.json is not None
    assert page.response.json["jobs"][0]["state"] == "not seen yet"


def test_a_job_that_runs_once_an_hour_is_given_its_hour(
    anonymous: Browser, wiring: Wiring, one_job: str, now: datetime
) -> None:
    wiring.queue.jobs[:] = [Job(name=one_job, run=lambda _now: None, minutes=60)]
    ran(one_job, succeeded_at=now - timedelta(minutes=50))

    assert anonymous.get("/readyz").status == 200


def test_what_went_wrong_in_a_job_is_told_to_nobody_outside(anonymous: Browser, one_job: str) -> None:
    ran(one_job, succeeded_at=None, error="INC-7 Payroll leaked")

    assert "Payroll" not in anonymous.get("/readyz").body


def test_a_database_that_is_not_up_to_date_is_not_ready(anonymous: Browser, one_job: str, now: datetime) -> None:
    ran(one_job, succeeded_at=now)
    with transaction():
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    page = anonymous.get("/readyz")

    assert page.status == 503
    assert page.response.json == {"ready": False, "database": "not up to date", "jobs": [], "work": []}


def test_work_that_stands_still_is_seen_by_an_administrator_on_the_next_page_and_by_everybody_on_my_work(
    admin_browser: Browser, browser: Browser, one_job: str, now: datetime
) -> None:
    ran(one_job, succeeded_at=now - timedelta(minutes=14))
    calm = admin_browser.get("/incidents")
    with transaction():
        session.get_one(JobRun, one_job).succeeded_at = now - timedelta(hours=3)

    late = admin_browser.get("/incidents")

    assert "stands still" not in calm.body
    assert "test.sweep last ended well" in late.body
    assert len(late.queries) == len(calm.queries)
    assert "stands still" not in browser.get("/incidents").body
    assert "It last ended well 3 h ago" in browser.get("/").text
    assert "Please tell an administrator." in browser.get("/").text
    assert admin_browser.get("/").body.count("stands still") == 1


def test_what_runs_goes_on_while_the_database_is_already_that_of_the_next_version(
    browser: Browser, one_job: str, now: datetime
) -> None:
    ran(one_job, succeeded_at=now)
    with transaction():
        session.execute(text("ALTER TABLE incidents ADD COLUMN mood VARCHAR(20) DEFAULT 'calm' NOT NULL"))
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    incident = make.incident("Declared by the version before")

    ready = browser.get("/readyz")

    assert (ready.status, "newer than this program" in ready.body) == (200, True)
    assert browser.get(f"/incidents/{incident.ref}").status == 200
