"""Addresses as weapons: of us with a false name, of others through us, and of ours that lead away."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.attacks.test_any_bytes import TEXTS
from tests.browser import Browser
from tests.rules.walk import READING, World, browser_of, checks_itself, rules, send, token_of
from tracker import create_app
from tracker.clients.addresses import check_address
from tracker.clients.failures import AddressRefused, ClientError
from tracker.config import Settings
from tracker.db import session
from tracker.models import Channel, Message, Person, Tracker, Webhook
from tracker.security import hash_password, is_local_path
from tracker.wiring import Wiring

pytestmark = pytest.mark.once

ELSEWHERE = (
    "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/%09/evil.example",
    "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "///evil.example",
    "data:text/html,x", " //evil.example", "http://localhost@evil.example",
    "http:///evil.example", "/..//evil.example", "",
)  # fmt: skip
INSIDE = (
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://0/",
    "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:ffff:7f00:1]/", "http://[64:ff9b::127.0.0.1]/",
    "http://localhost/", "http://localhost./", "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/",
    "http://10.0.0.1:6379/", "http://0.0.0.0/", "http://[::]/", "http://[fe80::1]/", "http://127.0.0.1.nip.invalid/",
    "gopher://127.0.0.1/", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "http://①②⑦.⓪.⓪.①/",
)  # fmt: skip
"""This machine and its networks, written in all the ways that a resolver understands."""


PASSWORD = "four unrelated words here"
FALSE_HOST = "false.invalid"
LEADS_AWAY = re.compile(r"""(?:href|src|action|hx-get|hx-post)=["'](?:https?:)?//evil""")


def reached_as(host: str, browser: Browser) -> Browser:
    """The same session under another name of the machine."""
    cookie = browser.client.get_cookie("followthrough")
    assert cookie is not None
    browser.client.set_cookie("followthrough", cookie.value, domain=host)
    return browser


def test_no_page_leads_where_the_host_header_or_the_address_says(app: Flask, world: World, admin: Person) -> None:
    browser, offenders = reached_as(FALSE_HOST, browser_of(app, admin)), []
    headers = {"Host": FALSE_HOST, "X-Forwarded-Host": FALSE_HOST, "X-Forwarded-Proto": "gopher"}
    asked = dict.fromkeys(TEXTS.split(","), "//evil.example/x")
    statuses = []
    for rule in rules(app, method=READING):
        if not checks_itself(app, rule) and rule.endpoint != "static":
            path = world.paths(rule)[0]
            answer = send(browser, READING, path, headers=headers, query_string=asked)
            statuses.append(answer.status_code)
            body = answer.get_data().decode(errors="replace")
            if FALSE_HOST in body + str(answer.headers) or LEADS_AWAY.search(body):
                offenders.append(path)

    assert statuses.count(200) > 60
    assert not offenders, "\n".join(offenders)


def test_no_mail_leads_where_the_host_header_says(app: Flask, anonymous: Browser) -> None:
    make.person("Ana")
    fields = {"email": "ana@example.com", "csrf_token": token_of(anonymous)}

    send(reached_as(FALSE_HOST, anonymous), "POST", "/sign-in/link", data=fields, headers={"Host": FALSE_HOST})

    message = session.scalars(select(Message)).one()
    assert "http://localhost/sign-in/link/" in message.text
    assert FALSE_HOST not in message.text + message.html


@pytest.mark.parametrize("name", ["next", "back"])
def test_no_redirect_leads_to_another_site(app: Flask, responder: Person, name: str) -> None:
    incident, browser = make.incident(), browser_of(app, responder)
    token = token_of(browser)
    for address in ELSEWHERE:
        for path, fields in (
            (
                "/actions/new",
                {"title": "Warm the cache", "done_when": "It is warm", "priority": "P2", "incident": incident.ref},
            ),
            ("/sign-in", {}),
        ):
            answers = [
                send(browser, "POST", path, data={**fields, name: address, "csrf_token": token}),
                send(browser, READING, path, query_string={name: address}),
            ]
            for answer in answers:
                target = answer.headers.get("Location", "/")
                assert is_local_path(target), (path, address, target)


def test_what_a_browser_takes_for_another_site_is_no_path_of_ours() -> None:
    assert [address for address in ELSEWHERE if is_local_path(address)] == ["/%09/evil.example", "/..//evil.example"]


def test_no_address_that_an_administrator_enters_leads_inside(app: Flask, admin: Person) -> None:
    browser = browser_of(app, admin)
    token = token_of(browser)
    tracker = {"kind": "github", "site": "github", "name": "T", "token": "t", "default_target": "acme/shop"}
    for address in INSIDE:
        host = address.partition("://")[2]
        for path, fields in (
            ("/settings/webhooks", {"name": "W", "url": address}),
            ("/settings/trackers/new", tracker | {"url": address}),
            ("/settings/chat/new", {"name": "#c", "address": f"json://{host}", "kinds": "reminder"}),
            ("/settings/chat/new", {"name": "#c", "address": address, "kinds": "reminder"}),
        ):
            answer = send(browser, "POST", path, data={**fields, "csrf_token": token})
            assert answer.status_code in (400, 422), (path, address, answer.status_code)

    session.rollback()
    assert [session.scalars(select(table)).all() for table in (Webhook, Tracker, Channel)] == [[], [], []]


@pytest.mark.parametrize("address", INSIDE)
def test_loopback_and_private_networks_are_refused_however_written(address: str) -> None:
    with pytest.raises((AddressRefused, ClientError)):
        check_address(address, allowed_hosts=frozenset())


def test_over_https_no_neighbour_of_ours_plants_a_cookie(settings: Settings, wiring: Wiring) -> None:
    """Browsers take a name that begins so from this very host alone (RFC 6265bis, 4.1.3.2)."""
    app = create_app(replace(settings, base_url="https://incidents.example.com"), wiring)

    answer = app.test_client().get("/sign-in", base_url="https://incidents.example.com")

    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if "followthrough=" in one]
    assert cookie.startswith("__Host-followthrough=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_session_that_somebody_planted_is_nobodys(
    app: Flask, anonymous: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    """Fixation: whoever knew the cookie before, a stranger's or an old one of theirs, gains nothing by the sign-in."""
    set_clock(now)
    make.person("Ana", password_hash=hash_password(PASSWORD))
    strange = planted(anonymous)
    come_in(anonymous)
    old = planted(anonymous)
    send(anonymous, "POST", "/sign-out", data={"csrf_token": token_of(anonymous)})
    anonymous.client.set_cookie("followthrough", old)
    come_in(anonymous)

    assert anonymous.get("/profile").status == 200
    for known in (strange, old):
        attacker = Browser(app, person=None)
        attacker.client.set_cookie("followthrough", known)
        assert attacker.get("/profile").status == 303


def come_in(browser: Browser) -> None:
    fields = {"email": "ana@example.com", "password": PASSWORD, "csrf_token": token_of(browser)}
    assert send(browser, "POST", "/sign-in", data=fields).status_code == 303


def planted(browser: Browser) -> str:
    """The cookie as it is now, which somebody else knows."""
    browser.get("/sign-in")
    cookie = browser.client.get_cookie("followthrough")
    assert cookie is not None
    return cookie.value
