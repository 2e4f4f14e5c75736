"""Secrets that come by in a day: none stands in a log, also not when everything breaks."""

import logging

import pytest
from flask import Flask

from tests import make
from tests.api.client import Caller, calls_as
from tests.browser import Browser
from tests.rules.walk import browser_of, send, token_of
from tracker.accounts import operations
from tracker.db import transaction
from tracker.models import Person, TokenScope
from tracker.security import hash_password

pytestmark = pytest.mark.once

PASSWORD = "quokka four unrelated words"
WRONG = "quokka wrong password"
TRACKER_TOKEN = "ghp_quokka0123456789"
CHAT = "json://user:quokkapass@93.184.216.34/hook"


def a_day(app: Flask, person: Person, admin: Person) -> list[str]:
    """People and programs come and go, rightly and wrongly. Answers every secret that was seen."""
    with transaction():
        _row, link = operations.make_link(person, life=operations.LINK_LIFE, now=make.NOW)
    browser = Browser(app, person=None)
    for password in (WRONG, PASSWORD):
        fields = {"email": person.email, "password": password, "csrf_token": token_of(browser)}
        send(browser, "POST", "/sign-in", data=fields)
    session_cookie = browser.client.get_cookie("followthrough")
    send(Browser(app, person=None), "GET", f"/sign-in/link/{link}")
    caller = calls_as(app, person, TokenScope.WRITE)
    secret = caller.headers["Authorization"].removeprefix("Bearer ")
    caller("GET", "/incidents")
    caller("POST", "/incidents", data=b"{", headers={"Content-Type": "application/json"})
    Caller(app, f"{secret}x")("GET", "/incidents")
    boss = browser_of(app, admin)
    for path, fields in (
        ("/settings/trackers/new", {"name": "T", "site": "github", "token": TRACKER_TOKEN, "url": "http://127.0.0.1"}),
        ("/settings/chat/new", {"name": "#c", "address": CHAT, "kinds": "reminder"}),
        ("/profile/password", {"present": WRONG, "new": "quokka short"}),
    ):
        send(boss, "POST", path, data={**fields, "csrf_token": token_of(boss)})
    send(boss, "POST", "/hooks/github/x", data=b"{}", headers={"X-Hub-Signature-256": "sha256=quokkasignature"})
    send(boss, "GET", "/reports/trends")
    assert session_cookie is not None
    return [PASSWORD, WRONG, TRACKER_TOKEN, "quokka", link, secret, session_cookie.value, make.SECRET]


def test_no_secret_stands_in_a_log(
    app: Flask, admin: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make.person("Ana", password_hash=hash_password(PASSWORD))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    caplog.set_level(logging.DEBUG)

    secrets = a_day(app, person, admin)
    monkeypatch.setattr("tracker.accounts.queries.find_person_by_email", None)
    broken = Browser(app, person=None)
    fields = {"email": person.email, "password": PASSWORD, "csrf_token": token_of(broken)}
    answer = send(broken, "POST", "/sign-in", data=fields)

    assert answer.status_code == 500
    assert "Traceback" in caplog.text
    assert [one for one in secrets if one in caplog.text] == []
    assert [one for one in secrets if one in answer.get_data(as_text=True)] == []
