"""Who gets in, with which token, and what is noted of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.client import Caller, calls_as, token
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.models import ApiToken, Incident, Person, Role, TokenScope
from tracker.sessions import limiter

DECLARED = {"title": "Slow", "severity": "SEV3"}


HEADERS = ["", "Bearer", "Bearer  ", "Basic ft_x", "Bearer ft_nobody", "Bearer \xff\xfe", "x" * 9000]


@pytest.mark.parametrize("header", HEADERS)
def test_nobody_gets_in_without_a_token_that_works(app: Flask, header: str) -> None:
    answer = Caller(app)("GET", "/incidents", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_ended_was_revoked_or_whose_person_left_opens_nothing(app: Flask, now: datetime) -> None:
    ended = calls_as(app, make.person("Ana"), expires_at=now - timedelta(days=400))
    revoked = calls_as(app, make.person("Ben"), revoked_at=now)
    left = calls_as(app, make.person("Cy", is_active=False))

    assert [one("GET", "/incidents").status_code for one in (ended, revoked, left)] == [401, 401, 401]


def test_a_session_of_a_browser_opens_nothing_here(browser: Browser) -> None:
    """A page of another site could send it along; a token only who has it."""
    assert browser.client.get("/api/v1/incidents").status_code == 401
    assert browser.client.post("/api/v1/incidents", json=DECLARED).status_code == 401


def test_a_token_to_read_changes_nothing(app: Flask, admin: Person) -> None:
    answer = calls_as(app, admin, TokenScope.READ)("POST", "/incidents", json=DECLARED)

    assert answer.status_code == 403
    assert "made to read" in answer.get_json()["detail"]
    assert session.scalars(select(Incident)).all() == []


def test_a_token_does_not_outlive_the_right_of_its_person(app: Flask, responder: Person) -> None:
    call = calls_as(app, responder)
    with transaction():
        session.merge(responder).role = Role.VIEWER

    assert call("POST", "/incidents", json=DECLARED).status_code == 403
    assert call("GET", "/incidents").status_code == 200


def test_when_a_token_was_last_used_is_noted_every_five_minutes(
    app: Flask, responder: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    call = calls_as(app, responder)
    noted = []
    for minutes in (0, 3, 6):
        set_clock(now + timedelta(minutes=minutes))
        call("GET", "/incidents")
        noted.append(session.scalars(select(ApiToken.last_used_at)).one())

    assert noted == [now, now, now + timedelta(minutes=6)]


def test_a_token_made_on_the_page_opens_the_api(app: Flask, browser: Browser) -> None:
    page = browser.get("/settings/tokens").submit("Make token", name="deploy", scope="write")
    secret = page.select("pre code")[0].get_text()

    assert Caller(app, secret)("POST", "/incidents", json=DECLARED).status_code == 201


def test_each_answer_tells_how_many_requests_are_left(call: Caller) -> None:
    first, second = call("GET", "/incidents"), call("GET", "/incidents")

    assert first.headers["RateLimit-Limit"] == "600"
    assert int(first.headers["RateLimit-Remaining"]) - int(second.headers["RateLimit-Remaining"]) == 1
    assert 0 < int(first.headers["RateLimit-Reset"]) <= 61


def test_whoever_guesses_tokens_is_slowed_down(app: Flask) -> None:
    limiter.reset()
    guess = [Caller(app, f"ft_{n}")("GET", "/incidents") for n in range(61)]

    assert {one.status_code for one in guess[:60]} == {401}
    assert guess[60].status_code == 429
    assert guess[60].mimetype == "application/problem+json"
    assert 0 < int(guess[60].headers["Retry-After"]) <= 61
    limiter.reset()


def test_the_secret_is_in_no_answer(app: Flask, responder: Person) -> None:
    secret = token(responder)

    for path in ("/incidents", "/nowhere"):
        assert secret not in Caller(app, secret)("GET", path).get_data(as_text=True)
