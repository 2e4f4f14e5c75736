"""What Prometheus is told, and who may read it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests import make
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.health.routes import UP_SINCE
from tracker.models import (
    HookEvent,
    JobRun,
    Message,
    MessageKind,
    MessageState,
    PostState,
    PushState,
    Webhook,
    WebhookPost,
)
from tracker.paths import PACKAGE
from tracker.queue import Job
from tracker.wiring import Wiring

DOCS = PACKAGE.parent / "docs"
TOKEN = "a-token-for-prometheus"


@pytest.fixture
def scraped(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> Flask:
    """An application that has been up for an hour and has a token for Prometheus."""
    set_clock(now)
    app.extensions[UP_SINCE] = now - timedelta(hours=1)
    app.extensions["followthrough.settings"] = replace(app.extensions["followthrough.settings"], metrics_token=TOKEN)
    return app


def scrape(app: Flask, credential: str = f"Bearer {TOKEN}") -> TestResponse:
    return app.test_client().get("/metrics", headers={"Authorization": credential} if credential else {})


def families(response: TestResponse) -> dict[str, Metric]:
    assert response.status_code == 200, response.text
    return {family.name: family for family in text_string_to_metric_families(response.text)}


def figures(app: Flask) -> dict[str, float]:
    """Each figure by its name and what stands in braces, without those of the requests."""
    lines = [line.rpartition(" ") for line in scrape(app).text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("followthrough_"): float(value) for name, _, value in lines}


def message(state: MessageState, *, run_after: datetime) -> None:
    person = make.person(make.unique("Ben"))
    make.save(
        Message(kind=MessageKind.RECURRENCE_ALERT, about=make.unique("a"), person_id=person.id, subject="Quokka",
            text="Quokka", html="Quokka", state=state, run_after=run_after, created_at=run_after,
        )
    )  # fmt: skip


def post(state: PostState, *, run_after: datetime, is_active: bool) -> None:
    hook = make.save(
        Webhook(name="Quokka", url="https://example.com", sealed_secret=b"", created_at=run_after, is_active=is_active)
    )
    make.save(
        WebhookPost(webhook_id=hook.id, event=HookEvent.TEST, row_id=1, at=run_after, state=state, run_after=run_after)
    )


def test_only_who_has_the_token_may_read_it(
    app: Flask, scraped: Flask, admin_browser: Browser, anonymous: Browser
) -> None:
    refused = [scrape(scraped, credential) for credential in ("", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "\xff")]

    assert [answer.status_code for answer in refused] == [401] * 5
    assert refused[0].headers["WWW-Authenticate"] == "Bearer"
    assert admin_browser.get("/metrics").status == 401
    assert scrape(scraped).status_code == 200


def test_without_a_token_in_the_settings_nobody_can_read_it(app: Flask) -> None:
    assert [scrape(app, credential).status_code for credential in ("", "Bearer ", "Bearer None")] == [404] * 3


def test_requests_are_counted_by_route_and_status(scraped: Flask, anonymous: Browser) -> None:
    anonymous.get("/healthz")
    anonymous.get("/healthz")
    anonymous.get("/incidents/INC-4711")
    anonymous.get("/no/such/page")

    seen = figures(scraped)

    assert seen['requests_total{endpoint="health.healthz",status="2xx"}'] == 2
    assert seen['requests_total{endpoint="incidents.show",status="3xx"}'] == 1
    assert seen['requests_total{endpoint="none",status="4xx"}'] == 1
    assert seen['request_seconds_count{endpoint="health.healthz"}'] == 2
    assert seen['request_seconds_bucket{endpoint="health.healthz",le="+Inf"}'] == 2
    assert seen["process_resident_memory_bytes"] > 1_000_000


def test_a_request_that_breaks_is_counted(scraped: Flask, anonymous: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> str:
        raise ValueError("The disk is full.")

    break_down.allowed = "public"  # type: ignore[attr-defined]
    monkeypatch.setitem(scraped.view_functions, "health.healthz", break_down)
    monkeypatch.setitem(scraped.config, "PROPAGATE_EXCEPTIONS", False)

    scraped.test_client().get("/healthz")

    assert figures(scraped)['requests_total{endpoint="health.healthz",status="5xx"}'] == 1


def test_the_state_of_the_work_is_read_from_the_rows(
    scraped: Flask, wiring: Wiring, now: datetime, anonymous: Browser
) -> None:
    wiring.queue.jobs[:] = [Job(name=name, run=lambda _now: None) for name in ("test.good", "test.late")]
    make.save(JobRun(name="test.good", started_at=now, succeeded_at=now - timedelta(minutes=2), runs=9, failures=2))
    message(MessageState.PENDING, run_after=now - timedelta(minutes=10))
    message(MessageState.PENDING, run_after=now - timedelta(minutes=20))
    message(MessageState.FAILED, run_after=now - timedelta(days=3))
    message(MessageState.SENT, run_after=now - timedelta(days=3))
    github = make.tracker("GitHub", read_at=now - timedelta(minutes=5), failures=2)
    old = make.tracker("Old", is_active=False)
    make.push(tracker=github, run_after=now + timedelta(minutes=5))
    make.push(tracker=github, state=PushState.UNKNOWN, run_after=now)
    make.push(tracker=github, state=PushState.FAILED, run_after=now, abandoned_at=now)
    make.push(tracker=old, run_after=now - timedelta(days=9))
    post(PostState.PENDING, run_after=now - timedelta(seconds=30), is_active=True)
    post(PostState.FAILED, run_after=now - timedelta(days=9), is_active=False)

    seen = figures(scraped)

    assert seen["database_up"] == 1
    assert seen['job_last_success_timestamp_seconds{job="test.good"}'] == (now - timedelta(minutes=2)).timestamp()
    assert (seen['job_runs_total{job="test.good"}'], seen['job_failures_total{job="test.good"}']) == (9, 2)
    assert (seen['job_late{job="test.good"}'], seen['job_late{job="test.late"}']) == (0, 1)
    assert {name: value for name, value in seen.items() if name.startswith("work{")} == {
        'work{state="waiting",work="message"}': 2,
        'work{state="sending",work="message"}': 0,
        'work{state="failed",work="message"}': 1,
        'work{state="waiting",work="ticket"}': 1,
        'work{state="sending",work="ticket"}': 0,
        'work{state="unknown",work="ticket"}': 1,
        'work{state="failed",work="ticket"}': 0,
        'work{state="waiting",work="webhook"}': 1,
        'work{state="sending",work="webhook"}': 0,
        'work{state="failed",work="webhook"}': 0,
    }
    assert seen['work_oldest_due_seconds{work="message"}'] == 20 * 60
    assert seen['work_oldest_due_seconds{work="ticket"}'] == 0
    assert seen['work_oldest_due_seconds{work="webhook"}'] == 30
    read = {name: value for name, value in seen.items() if name.startswith("tracker_last_read")}
    assert read == {'tracker_last_read_timestamp_seconds{tracker="github"}': (now - timedelta(minutes=5)).timestamp()}
    assert seen['tracker_failures{tracker="github"}'] == 2
    assert "uokka" not in scrape(scraped).text


def test_without_the_database_the_process_still_tells_what_it_knows(scraped: Flask) -> None:
    with transaction():
        session.execute(text("ALTER TABLE job_runs RENAME TO elsewhere"))
    try:
        seen = figures(scraped)
    finally:
        with transaction():
            session.execute(text("ALTER TABLE elsewhere RENAME TO job_runs"))

    assert seen["database_up"] == 0
    assert "process_resident_memory_bytes" in seen
    assert not [name for name in seen if name.startswith(("job_", "work", "tracker_"))]


def test_rules_and_dashboard_ask_for_figures_that_exist(scraped: Flask, now: datetime) -> None:
    make.tracker("GitHub", read_at=now)
    told = families(scrape(scraped))
    names = {sample.name for family in told.values() for sample in family.samples} | set(told)
    rules = (DOCS / "prometheus-alerts.yml").read_text()
    dashboard = (DOCS / "grafana-dashboard.json").read_text()
    documented = (DOCS / "operations.md").read_text()

    scrape(scraped)
    told_later = families(scrape(scraped))
    names |= {sample.name for family in told_later.values() for sample in family.samples}
    asked = set(re.findall(r"(?:followthrough|process)_[a-z_]+[a-z]", rules + dashboard))

    assert json.loads(dashboard)["panels"]
    assert asked - names == set()
    assert {name for name in told if name.startswith("followthrough")} - {
        found.removesuffix("_total") for found in re.findall(r"followthrough_[a-z_]+", documented)
    } == set()
