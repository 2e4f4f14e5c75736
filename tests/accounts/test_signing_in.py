"""Coming in: with a password, with a link, and not at all."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from argon2 import Type
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tests.passwords import SHIPPED
from tests.rules.walk import send, token_of
from tracker.accounts import operations
from tracker.db import session, transaction
from tracker.models import Message, Person, SignInLink
from tracker.security import hash_password

PASSWORD = "four unrelated words here"


@pytest.fixture
def ana(app: Flask) -> Person:
    return make.person("Ana", password_hash=hash_password(PASSWORD))


def sign_in(browser: Browser, *, email: str = "ana@example.com", password: str = PASSWORD, to: str = "") -> Page:
    page = browser.get("/sign-in", query={"next": to} if to else None)
    return page.submit("Sign in", email=email, password=password)


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/profile").status == 200


def link_for(person: Person, *, now: datetime, life: timedelta = operations.LINK_LIFE) -> str:
    """The path of a fresh one-time link."""
    with transaction():
        _row, token = operations.make_link(person, life=life, now=now)
    return f"/sign-in/link/{token}"


def test_the_right_password_signs_in(anonymous: Browser, ana: Person) -> None:
    page = sign_in(anonymous)

    assert page.url == "/"
    assert is_signed_in(anonymous)


def test_the_address_may_be_typed_in_capitals_and_with_spaces(anonymous: Browser, ana: Person) -> None:
    sign_in(anonymous, email="  Ana@Example.COM ")

    assert is_signed_in(anonymous)


def test_signing_in_leads_to_the_page_that_was_asked_for(anonymous: Browser, ana: Person) -> None:
    asked = anonymous.get("/profile")
    form = anonymous.get(asked.response.headers["Location"])

    assert form.submit("Sign in", email="ana@example.com", password=PASSWORD).url == "/profile"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_never_leads_to_another_site(anonymous: Browser, ana: Person, elsewhere: str) -> None:
    typed = {"email": "ana@example.com", "password": PASSWORD, "next": elsewhere}

    answer = send(anonymous, "POST", "/sign-in", data=typed | {"csrf_token": token_of(anonymous)})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    shown = anonymous.get("/sign-in", query={"next": elsewhere})
    assert shown.response.headers["Location"] == "/"


def test_a_wrong_password_is_refused_and_the_address_is_kept(anonymous: Browser, ana: Person) -> None:
    page = sign_in(anonymous, password="something else entirely")

    assert page.status == 422
    assert "do not belong together" in page.errors[0]
    assert page.select("input[name=email]")[0]["value"] == "ana@example.com"
    assert page.select("input[name=password]")[0]["value"] == ""
    assert not is_signed_in(anonymous)


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(anonymous: Browser, ana: Person) -> None:
    wrong = sign_in(anonymous, password="something else entirely")
    unknown = sign_in(anonymous, email="nobody@example.com")

    assert (unknown.status, unknown.errors) == (wrong.status, wrong.errors)


def test_somebody_without_a_password_cannot_come_in_with_an_empty_one(anonymous: Browser, app: Flask) -> None:
    make.person("Bo")

    page = sign_in(anonymous, email="bo@example.com", password="")

    assert page.status == 422
    assert not is_signed_in(anonymous)


def test_somebody_who_is_switched_off_gets_the_same_answer_too(anonymous: Browser, app: Flask) -> None:
    make.person("Ana", password_hash=hash_password(PASSWORD), is_active=False)

    page = sign_in(anonymous)

    assert "do not belong together" in page.errors[0]
    assert not is_signed_in(anonymous)


def test_a_session_ends_when_its_person_is_switched_off(
    anonymous: Browser, ana: Person, admin_browser: Browser
) -> None:
    sign_in(anonymous)

    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch off")

    assert not is_signed_in(anonymous)


def test_a_session_does_not_come_back_when_its_person_is_switched_on_again(
    anonymous: Browser, ana: Person, admin_browser: Browser
) -> None:
    sign_in(anonymous)

    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch off")
    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch on again")

    assert not is_signed_in(anonymous)


def test_signing_in_keeps_nothing_of_the_session_before(anonymous: Browser, ana: Person) -> None:
    anonymous.get("/sign-in")
    with anonymous.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"

    sign_in(anonymous)

    with anonymous.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["_user_id"] == str(ana.id)


def test_a_sign_in_without_the_token_of_the_form_is_refused(anonymous: Browser, ana: Person) -> None:
    page = anonymous.post("/sign-in", {"email": "ana@example.com", "password": PASSWORD})

    assert page.status == 400
    assert not is_signed_in(anonymous)


def test_the_eleventh_wrong_try_in_a_minute_is_refused_even_with_the_right_password(
    anonymous: Browser, ana: Person
) -> None:
    answers = [sign_in(anonymous, password=f"wrong number {number}").status for number in range(10)]

    page = sign_in(anonymous)

    assert answers == [422] * 10
    assert page.status == 429
    assert "A little slower" in page.heading
    assert "Wait" in page.text
    assert int(page.response.headers["Retry-After"]) > 0


def test_signing_in_rightly_counts_against_no_limit(app: Flask, ana: Person) -> None:
    pages = [sign_in(Browser(app, person=None)) for _ in range(12)]

    assert {page.status for page in pages} == {200}


def test_tries_at_one_address_from_many_machines_are_limited(app: Flask, ana: Person) -> None:
    def attempt(machine: int) -> int:
        browser = Browser(app, person=None)
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{machine}"
        return sign_in(browser, password=f"wrong number {machine}").status

    assert [attempt(machine) for machine in range(11)] == [422] * 10 + [429]


def test_who_is_signed_in_already_is_sent_on(browser: Browser) -> None:
    page = browser.get("/sign-in", query={"next": "/profile"})

    assert page.response.headers["Location"] == "/profile"


def test_signing_out_ends_the_session(browser: Browser) -> None:
    page = browser.get("/profile").submit("Sign out")

    assert page.heading == "Sign in"
    assert "signed out" in page.flashes
    assert not is_signed_in(browser)


def test_a_link_comes_by_mail_and_signs_in(anonymous: Browser, ana: Person) -> None:
    sent = anonymous.get("/sign-in", query={"next": "/profile"}).submit(
        "Mail me a sign-in link", email="ana@example.com"
    )

    message = session.scalars(select(Message)).one()
    found = re.search(r"http://localhost(/sign-in/link/\S+)", message.text)
    assert sent.heading == "Look in your mail"
    assert message.person_id == ana.id
    assert found
    assert anonymous.get(found[1]).submit("Sign in").url == "/profile"
    assert is_signed_in(anonymous)


def test_asking_for_a_link_says_the_same_to_those_we_do_not_know(anonymous: Browser, ana: Person) -> None:
    known = anonymous.get("/sign-in").submit("Mail me a sign-in link", email="ana@example.com")
    unknown = anonymous.get("/sign-in").submit("Mail me a sign-in link", email="nobody@example.com")

    assert (unknown.status, unknown.text) == (known.status, known.text)
    assert session.scalars(select(Message.person_id)).all() == [ana.id]
    assert session.scalars(select(Person.email)).all() == ["ana@example.com"]


def test_nobody_who_is_switched_off_is_mailed_a_link(anonymous: Browser, app: Flask) -> None:
    make.person("Ana", is_active=False)

    anonymous.get("/sign-in").submit("Mail me a sign-in link", email="ana@example.com")

    assert session.scalars(select(SignInLink)).all() == []


def test_only_so_many_links_are_mailed_to_one_address_and_nobody_learns_it(anonymous: Browser, ana: Person) -> None:
    pages = [anonymous.get("/sign-in").submit("Mail me a sign-in link", email="ana@example.com") for _ in range(4)]

    assert {page.status for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    assert len(session.scalars(select(Message)).all()) == 3


def test_looking_at_a_link_does_not_use_it_up(
    anonymous: Browser, ana: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    path = link_for(ana, now=now)

    anonymous.get(path)
    anonymous.get(path).submit("Sign in")

    assert is_signed_in(anonymous)


def test_a_link_works_once(
    app: Flask, anonymous: Browser, ana: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    path = link_for(ana, now=now)
    page = anonymous.get(path)
    other = Browser(app, person=None)
    second = other.get(path)
    page.submit("Sign in")

    refused = second.submit("Sign in")

    assert refused.status == 410
    assert "used already" in refused.text
    assert "Go to sign in" in refused.text
    assert not is_signed_in(other)
    assert "used already" in other.get(path).text


def test_a_link_expires(anonymous: Browser, ana: Person, now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)
    path = link_for(ana, now=now)
    page = anonymous.get(path)
    set_clock(now + timedelta(minutes=30))

    refused = page.submit("Sign in")

    assert refused.status == 410
    assert "too old" in refused.text
    assert not is_signed_in(anonymous)


def test_a_link_of_somebody_who_was_switched_off_is_refused(
    anonymous: Browser, admin: Person, ana: Person, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    path = link_for(ana, now=now)
    with transaction():
        operations.deactivate(ana, by=admin, now=now)

    assert anonymous.get(path).status == 410


def test_a_link_that_was_cut_short_says_so(anonymous: Browser) -> None:
    page = anonymous.get("/sign-in/link/abc")

    assert page.status == 410
    assert "not complete" in page.text


def test_only_the_hash_of_a_link_is_kept(ana: Person, now: datetime) -> None:
    path = link_for(ana, now=now)

    stored = session.scalars(select(SignInLink)).one()

    assert stored.token_hash not in path
    assert len(stored.token_hash) == 64


def test_what_hashes_passwords_outside_tests_is_as_slow_as_it_should_be() -> None:
    """RFC 9106, section 4: the second recommended setting."""
    assert (SHIPPED.type, SHIPPED.memory_cost) == (Type.ID, 65_536)
    assert SHIPPED.time_cost >= 3
