"""The log: what a line tells, what none does, and the number by which people and lines are brought together."""

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import make
from tests.api.client import calls_as
from tests.browser import Browser
from tests.rules.walk import browser_of, send, token_of
from tracker.db import session, transaction
from tracker.logs import JsonLines, PlainLines, begin_job, start_log, without_rows
from tracker.models import Person, Role, TokenScope
from tracker.queue import Job, run_job
from tracker.security import hash_password

REFUSED = """psycopg.errors.CheckViolation: new row violates check constraint "ck_people"
DETAIL:  Failing row contains (7, Quokka,
a second line of Quokka).

The above exception was the direct cause of the following exception:
"""


class Lines:
    """What was logged, as the program at the other end reads it."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def last(self) -> dict[str, Any]:
        return self.read()[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Everything that our log and Flask's say, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("tracker")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield Lines(stream)
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application in which every look at a link and every incident breaks off."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("tracker.accounts.queries.find_link", None)
    monkeypatch.setattr("tracker.api.incident_routes.get_incident", None)
    return app


def test_a_request_is_a_line_with_route_status_time_and_the_persons_number(
    app: Flask, admin: Person, lines: Lines
) -> None:
    answer = browser_of(app, admin).client.get("/incidents?q=quokka", headers={"X-Request-ID": "edge-42.a_b"})

    line = lines.last()
    assert answer.headers["X-Request-ID"] == "edge-42.a_b" == line["request_id"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "incidents.index", 200)
    assert line["milliseconds"] >= 0
    assert line["person"] == admin.id
    assert admin.name not in lines.text
    assert "quokka" not in lines.text


def test_a_program_is_told_by_its_persons_number(app: Flask, admin: Person, lines: Lines) -> None:
    calls_as(app, admin, TokenScope.READ)("GET", "/incidents")

    assert lines.last()["person"] == admin.id


def test_every_decision_about_coming_in_is_a_line_without_a_name(app: Flask, lines: Lines) -> None:
    ana = make.person("Quokka", password_hash=hash_password("four unrelated words"))
    browser = Browser(app, person=None)
    for email, password in ((ana.email, "wrong words here"), ("x@y.example", "-"), (ana.email, "four unrelated words")):
        browser.get("/sign-in").submit("Sign in", email=email, password=password)
    send(browser, "POST", "/sign-in/link/quokkatoken", data={"csrf_token": token_of(browser)})
    browser.get("/sign-in/single/back?code=quokka&state=x")

    told = [(one["level"], one["by"], one["account"], one["outcome"]) for one in lines.read() if "event" in one]
    assert told == [
        ("WARNING", "password", ana.id, "refused"),
        ("WARNING", "password", None, "refused"),
        ("INFO", "password", ana.id, "let in"),
        ("WARNING", "link", None, "refused"),
        ("WARNING", "single sign-on", None, "refused"),
    ]
    assert "quokka" not in lines.text.lower()


def test_a_refused_access_is_a_line_with_who_what_and_the_status(app: Flask, lines: Lines) -> None:
    viewer = make.person("Vi", role=Role.VIEWER)
    browser_of(app, viewer).get("/settings/people")
    calls_as(app, viewer, TokenScope.READ)("POST", "/incidents", json={})

    told = [(one["route"], one["status"], one["person"]) for one in lines.read() if "event" not in one]
    assert told[-2:] == [("accounts.people", 403, viewer.id), ("api.declare_incident", 403, viewer.id)]


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "<b>", 'a"b', "é"])
def test_a_number_that_could_do_harm_is_not_taken_over(app: Flask, given: str) -> None:
    answers = [app.test_client().get("/healthz", headers={"X-Request-ID": given}) for _ in range(2)]

    numbers = {answer.headers["X-Request-ID"] for answer in answers}
    assert len(numbers) == 2
    assert all(len(number) == 16 for number in numbers)


def test_what_is_asked_all_day_is_a_line_only_when_it_fails(
    app: Flask, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.test_client().get("/healthz")
    app.test_client().get("/static/css/app.css").close()
    assert lines.text == ""

    monkeypatch.setattr("tracker.health.routes.is_current", lambda: False)
    app.test_client().get("/readyz")

    assert (lines.last()["route"], lines.last()["status"], lines.last()["level"]) == ("health.readyz", 503, "WARNING")


def test_a_broken_page_says_where_it_stands_in_the_log_and_the_log_has_no_token(broken: Flask, lines: Lines) -> None:
    answer = Browser(broken, person=None).client.get("/sign-in/link/quokkatoken")

    traceback, request = lines.read()
    assert answer.status_code == 500
    assert f"The log has what happened under {answer.headers['X-Request-ID']}." in answer.text
    assert traceback["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert "Traceback" in traceback["traceback"]
    assert traceback["message"] == "GET accounts.link broke off."
    assert "quokkatoken" not in lines.text


def test_fragments_and_programs_are_told_the_number_too(broken: Flask, admin: Person) -> None:
    fragment = browser_of(broken, admin).client.get("/sign-in/link/x", headers={"HX-Request": "true"})
    program = calls_as(broken, admin, TokenScope.READ)("GET", f"/incidents/{make.incident().ref}")
    missing = calls_as(broken, admin, TokenScope.READ)("GET", "/nowhere")

    assert f"under {fragment.headers['X-Request-ID']}." in fragment.text
    assert program.status_code == 500
    assert program.get_json()["request_id"] == program.headers["X-Request-ID"]
    assert "request_id" not in missing.get_json()


def test_what_a_job_logs_has_the_number_of_that_run(app: Flask, lines: Lines) -> None:
    def run(_now: datetime) -> None:
        logging.getLogger("tracker.sync").warning("Away.")

    for _ in range(2):
        run_job(Job(name="test.job", run=run))

    first, second = lines.read()
    assert (first["job"], second["job"]) == ("test.job", "test.job")
    assert first["job_id"] != second["job_id"]
    assert "request_id" not in first


def test_a_row_that_the_database_refuses_is_not_quoted(app: Flask, lines: Lines) -> None:
    log = logging.getLogger("tracker")
    refused = {"name": "Quokka"}

    try:
        with transaction():
            session.execute(text("INSERT INTO counters (name, last) VALUES (:name, NULL)"), refused)
    except IntegrityError:
        log.exception("It broke off.")

    assert "counters" in lines.text
    assert "Quokka" not in lines.text


def test_the_words_of_a_refused_row_are_cut_out_of_a_traceback() -> None:
    left = without_rows(REFUSED)

    assert "Quokka" not in left
    assert 'violates check constraint "ck_people"' in left
    assert "The above exception" in left


def test_a_plain_line_is_for_eyes() -> None:
    record = logging.LogRecord("tracker.sync", logging.WARNING, "", 1, "%s: away", ("AI-7",), None)

    begin_job("test.job")

    assert re.search(
        r"WARNING tracker\.sync: AI-7: away \[job=test\.job job_id=[0-9a-f]{16}\]$", PlainLines().format(record)
    )


@pytest.mark.parametrize(("form", "formatter"), [("plain", PlainLines), ("json", JsonLines)])
def test_the_setting_chooses_the_lines(
    form: str, formatter: type[logging.Formatter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    level = logging.getLogger().level

    start_log(form)
    logging.getLogger().setLevel(level)

    assert isinstance(logging.getLogger().handlers[0].formatter, formatter)
