"""Sessions are rows of the server: what ends there has ended for every copy of the cookie."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.db import session
from tracker.models import Guess, Person, PersonSession
from tracker.security import hash_password
from tracker.sessions import limiter

PASSWORD = "four unrelated words here"
SetClock = Callable[[datetime], None]


@pytest.fixture
def ana(app: Flask) -> Person:
    return make.person("Ana", password_hash=hash_password(PASSWORD))


@pytest.fixture
def at_nine(now: datetime, set_clock: SetClock) -> datetime:
    set_clock(now)
    return now


def sign_in(browser: Browser) -> Page:
    return browser.get("/sign-in").submit("Sign in", email="ana@example.com", password=PASSWORD)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/profile").status == 200


def copy_of(browser: Browser, app: Flask) -> Browser:
    """Another browser with the same cookie, as somebody has it who could read the disk or the wire."""
    stolen = browser.client.get_cookie("followthrough")
    assert stolen is not None
    thief = Browser(app, person=None)
    thief.client.set_cookie("followthrough", stolen.value)
    return thief


def rows() -> list[PersonSession]:
    session.rollback()
    return list(session.scalars(select(PersonSession).order_by(PersonSession.id)))


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, anonymous: Browser, ana: Person) -> None:
    sign_in(anonymous)
    thief = copy_of(anonymous, app)
    assert is_signed_in(thief)

    anonymous.get("/profile").submit("Sign out")

    assert not is_signed_in(thief)


def test_signing_out_leaves_the_other_sessions_of_the_person(app: Flask, anonymous: Browser, ana: Person) -> None:
    phone = Browser(app, person=None)
    sign_in(phone)
    sign_in(anonymous)

    anonymous.get("/profile").submit("Sign out")

    assert is_signed_in(phone)


def test_signing_out_everywhere_else_keeps_this_session_only(app: Flask, anonymous: Browser, ana: Person) -> None:
    phone = Browser(app, person=None)
    sign_in(phone)
    sign_in(anonymous)
    thief = copy_of(anonymous, app)

    anonymous.get("/profile").submit("Sign out everywhere else")

    assert is_signed_in(anonymous)
    assert not is_signed_in(phone)
    assert not is_signed_in(thief)


def test_signing_in_again_ends_the_session_before(app: Flask, anonymous: Browser, ana: Person) -> None:
    form = anonymous.get("/sign-in")
    sign_in(anonymous)
    thief = copy_of(anonymous, app)

    anonymous.post(
        "/sign-in",
        {"email": "ana@example.com", "password": PASSWORD, "csrf_token": anonymous.token("/profile")},
    )

    assert form.status == 200
    assert is_signed_in(anonymous)
    assert not is_signed_in(thief)


def test_a_cookie_names_its_person_and_nobody_else(anonymous: Browser, ana: Person, admin: Person) -> None:
    sign_in(anonymous)
    with anonymous.client.session_transaction() as cookie:
        cookie["_user_id"] = str(admin.id)

    assert not is_signed_in(anonymous)


@pytest.mark.parametrize("token", [None, "", "guessed", 7, ["a"]])
def test_a_cookie_without_the_token_of_a_session_is_nobodys(anonymous: Browser, ana: Person, token: object) -> None:
    sign_in(anonymous)
    with anonymous.client.session_transaction() as cookie:
        cookie["session"] = token

    assert not is_signed_in(anonymous)


def test_the_row_holds_no_more_than_a_hash_of_the_cookie(anonymous: Browser, ana: Person, at_nine: datetime) -> None:
    sign_in(anonymous)

    [row] = rows()
    with anonymous.client.session_transaction() as cookie:
        assert row.token_hash != cookie["session"]
    assert len(row.token_hash) == 64
    assert (row.person_id, row.created_at, row.last_seen_at, row.ended_at) == (ana.id, at_nine, at_nine, None)


def test_a_session_that_nobody_uses_for_two_weeks_ends(
    anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock
) -> None:
    sign_in(anonymous)

    set_clock(at_nine + timedelta(days=14))

    assert not is_signed_in(anonymous)


def test_a_session_in_use_goes_on(anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock) -> None:
    sign_in(anonymous)

    set_clock(at_nine + timedelta(days=13))
    assert is_signed_in(anonymous)
    set_clock(at_nine + timedelta(days=26))

    assert is_signed_in(anonymous)


def test_a_visit_is_noted_once_an_hour(anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock) -> None:
    sign_in(anonymous)

    set_clock(at_nine + timedelta(minutes=59))
    anonymous.get("/profile")
    [before] = rows()
    assert before.last_seen_at == at_nine
    set_clock(at_nine + timedelta(minutes=60))
    anonymous.get("/profile")

    [after] = rows()
    assert after.last_seen_at == at_nine + timedelta(minutes=60)


def test_who_is_signed_in_is_read_in_one_query(anonymous: Browser, ana: Person) -> None:
    sign_in(anonymous)

    page = anonymous.get("/profile")

    assert len([statement for statement in page.queries if "sessions" in statement or "FROM people" in statement]) == 1


def test_sessions_nobody_asks_for_any_more_are_dropped(
    app: Flask, anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock
) -> None:
    sign_in(anonymous)

    set_clock(at_nine + timedelta(days=91))
    sign_in(Browser(app, person=None))

    assert [row.created_at for row in rows()] == [at_nine + timedelta(days=91)]


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile Safari/604.1"


def test_a_session_in_daily_use_ends_after_thirty_days(
    anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock
) -> None:
    sign_in(anonymous)

    for days in (10, 20, 29):
        set_clock(at_nine + timedelta(days=days))
        assert is_signed_in(anonymous)
    set_clock(at_nine + timedelta(days=30))

    assert not is_signed_in(anonymous)


def test_a_person_sees_where_they_are_signed_in_and_ends_one(app: Flask, anonymous: Browser, ana: Person) -> None:
    phone = Browser(app, person=None)
    phone.client.environ_base["HTTP_USER_AGENT"] = IPHONE
    anonymous.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(phone)
    sign_in(anonymous)
    somebody_else = Browser(app, person=make.person("Bo"))

    page = anonymous.get("/profile").click("Where you are signed in")
    stranger = somebody_else.post(
        f"/profile/sessions/{rows()[0].id}/end", {"csrf_token": somebody_else.token("/profile")}
    )
    was_left = is_signed_in(phone)
    page.submit("End the session in Safari on iPhone")

    assert [row.get_text(" ", strip=True).split("password")[0] for row in page.select("tbody tr")] == [
        "Firefox on Linux This one ",
        "Safari on iPhone ",
    ]
    assert (stranger.status, was_left) == (404, True)
    assert not is_signed_in(phone)
    assert is_signed_in(anonymous)


def test_an_administrator_sees_and_ends_the_sessions_of_a_person(
    admin_browser: Browser, anonymous: Browser, ana: Person
) -> None:
    anonymous.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(anonymous)

    page = admin_browser.get(f"/settings/people/{ana.id}").click("Where they are signed in")
    after = page.submit("Sign out everywhere")

    assert "Firefox on Linux" in page.text
    assert "is not signed in anywhere" in after.text
    assert not is_signed_in(anonymous)
    assert "Signed out everywhere" in admin_browser.get("/settings/audit").text


def test_wrong_tries_are_counted_in_rows_that_every_process_sees_and_hold_no_address(
    app: Flask, anonymous: Browser, ana: Person, at_nine: datetime, set_clock: SetClock
) -> None:
    for number in range(10):
        anonymous.get("/sign-in").submit("Sign in", email="ana@example.com", password=f"wrong number {number}")
    limiter.reset()

    refused = sign_in(Browser(app, person=None))
    kept = [row.counted_as for row in session.scalars(select(Guess))]
    set_clock(at_nine + timedelta(minutes=15))
    later = sign_in(anonymous)

    assert (refused.status, later.status) == (429, 200)
    assert refused.response.headers["Retry-After"] == "900"
    assert len(kept) == 20
    assert not any("example" in one for one in kept)
