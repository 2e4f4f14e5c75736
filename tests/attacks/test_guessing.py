"""Guessing at passwords, links and tokens: it leads nowhere, and keeps nobody else out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.api.client import Caller, calls_as
from tests.browser import Browser
from tests.rules.walk import send, token_of
from tracker.accounts import operations
from tracker.db import session, transaction
from tracker.known_browsers import COOKIE
from tracker.models import Message, Person, Webhook
from tracker.security import hash_password
from tracker.sessions import limiter

PASSWORD = "four unrelated words here"
SetClock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _nobody_tried_yet() -> None:
    limiter.reset()


@pytest.fixture
def ana(app: Flask, now: datetime, set_clock: SetClock) -> Person:
    set_clock(now)
    return make.person("Ana", password_hash=hash_password(PASSWORD))


def machine(app: Flask, number: int) -> Browser:
    """A browser at another address of the internet."""
    browser = Browser(app, person=None)
    browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
    return browser


def tried(browser: Browser, *, password: str = PASSWORD, email: str = "ana@example.com") -> int:
    """What somebody gets for a password: 303 when they are in."""
    fields = {"email": email, "password": password, "csrf_token": token_of(browser)}
    return send(browser, "POST", "/sign-in", data=fields).status_code


def guess_from_everywhere(app: Flask) -> int:
    return [tried(machine(app, number), password=f"wrong number {number}") for number in range(1, 12)][-1]


def test_strangers_who_guess_keep_nobody_out_of_the_browser_they_use(app: Flask, ana: Person) -> None:
    own = machine(app, 99)
    first = tried(own)
    send(own, "POST", "/sign-out", data={"csrf_token": token_of(own)})

    stranger = guess_from_everywhere(app)

    assert (first, stranger) == (303, 429)
    assert tried(machine(app, 100)) == 429
    assert tried(own) == 303


def test_a_known_browser_has_no_more_guesses_than_any_other(app: Flask, ana: Person) -> None:
    own = machine(app, 99)
    tried(own)
    send(own, "POST", "/sign-out", data={"csrf_token": token_of(own)})

    assert [tried(own, password=f"wrong number {number}") for number in range(11)] == [422] * 10 + [429]


def test_a_known_browser_is_known_for_its_person_and_cannot_be_made_up(app: Flask, ana: Person) -> None:
    make.person("Bo", password_hash=hash_password(PASSWORD))
    stranger = machine(app, 99)
    assert tried(stranger, email="bo@example.com") == 303
    kept = stranger.client.get_cookie(COOKIE)
    send(stranger, "POST", "/sign-out", data={"csrf_token": token_of(stranger)})
    guess_from_everywhere(app)

    as_bo = tried(stranger)
    stranger.client.set_cookie(COOKIE, "W10.made-up")

    assert (as_bo, tried(stranger)) == (429, 429)
    assert kept is not None
    assert (kept.http_only, kept.same_site) == (True, "Lax")
    assert "ana" not in kept.value


def test_strangers_who_ask_for_links_leave_one_in_the_mailbox_that_works(
    app: Flask, ana: Person, now: datetime, set_clock: SetClock
) -> None:
    for minute in range(0, 60, 4):
        set_clock(now + timedelta(minutes=minute))
        stranger = machine(app, minute + 1)
        fields = {"email": "Ana@example.com", "csrf_token": token_of(stranger)}
        assert send(stranger, "POST", "/sign-in/link", data=fields).status_code == 303

    mailed = sorted(session.scalars(select(Message.created_at)))
    gaps = [later - earlier for earlier, later in pairwise(mailed)]
    assert len(mailed) <= 12
    assert max(gaps) < operations.LINK_LIFE / 2


def test_guesses_at_links_end_and_a_real_link_works_all_the_same(app: Flask, ana: Person, now: datetime) -> None:
    with transaction():
        _row, token = operations.make_link(ana, life=operations.LINK_LIFE, now=now)
    browser = Browser(app, person=None)

    def use(one: str) -> int:
        return send(browser, "POST", f"/sign-in/link/{one}", data={"csrf_token": token_of(browser)}).status_code

    guesses = [use(f"{token[:-1]}{number}x") for number in range(11)]

    assert guesses == [410] * 10 + [429]
    assert use(token) == 303


def test_a_token_is_no_better_for_being_nearly_right(app: Flask, ana: Person) -> None:
    secret = calls_as(app, ana).headers["Authorization"].removeprefix("Bearer ")

    nearly = (
        secret[:-1],
        secret + "x",
        secret.upper(),
        secret[:9],
        "",
        "ft_",
        secret.replace("ft_", "FT_"),
        "%",
        "_" * 46,
    )
    assert {Caller(app, one)("GET", "/incidents").status_code for one in nearly if one != secret} == {401}
    assert Caller(app, secret)("GET", "/incidents").status_code == 200


def test_two_clicks_make_one_webhook_and_one_token(admin_browser: Browser) -> None:
    for path, button, fields, shown in (
        ("/settings/webhooks", "Add webhook", {"name": "Chat", "url": "https://93.184.216.34/hook"}, "pre code"),
        ("/settings/tokens", "Make token", {"name": "Script"}, "pre code"),
    ):
        form = admin_browser.get(path)
        first, second = form.submit(button, **fields), form.submit(button, **fields)
        assert len(first.select(shown)) == len(second.select(shown)) + 1, path
        assert "If you did not see it" in second.flashes

    assert len(session.scalars(select(Webhook)).all()) == 1


def test_a_long_list_of_sessions_comes_in_parts(app: Flask, browser: Browser, responder: Person) -> None:
    for _ in range(51):
        Browser(app, person=responder)

    first, second = browser.get("/profile/sessions"), browser.get("/profile/sessions?page=2")

    assert [len(page.select("tbody tr")) for page in (first, second)] == [50, 2]
