"""Any bytes at any route: a sentence, never a fault of ours, and never a word of them in the SQL.

This is the narrow walk, for every run of the tests. The wide one, with every field of every form, is `bench/attacks`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests import make
from tests.browser import Browser
from tests.rules.walk import READING, World, browser_of, checks_itself, rules, send, token_of
from tracker.actions.forms import ActionForm
from tracker.db import database
from tracker.models import Person

MARK = "zq9mark"
TEXTS = (
    "action,back,below,beside,cause,change,cursor,done_when,factor,figure,incident,kind,month,next,overdue,phase,practice,"
    "priority,q,seen,service,severity,since,sort,state,step,summary,team,text,title,to,trouble,until,use,view,week,words"
)
NUMBERS = "done,item,limit,opened,owner,page,part,person,version,year"
"""What pages ask an address for; the wide walk finds the names by itself, and tries each with everything."""
TEXT = f"{MARK}'\"\\%_)--;\x00é"
NUMBER = "9" * 30
ASKED = dict.fromkeys(TEXTS.split(","), TEXT) | dict.fromkeys(NUMBERS.split(","), NUMBER)
BYTES = ("\xff\xfe", "q=\xe9&page=\xff", "\x00", "q=%ff%00&&&==", "%" * 50)
"""What stands in an address as it comes over the wire."""
STRANGE_HEADERS: tuple[dict[str, str], ...] = (
    {"Host": "[::"},
    {"Host": "a b"},
    {"Cookie": "followthrough=\xff\x00; x"},
    {"Referer": "http://[", "Origin": "http://["},
    {"HX-Request": "true", "HX-Current-URL": "http://["},
    {"Accept-Encoding": "gzip;q=\xff", "If-None-Match": '\xff"', "If-Modified-Since": "Mon, 99 Foo"},
    {"Range": "bytes=9999999999999999999999-"},
    {"Authorization": "Basic \xff", "User-Agent": "\xff" * 200},
    {"Content-Length": "-5"},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "application/json; charset=foo"},
)


@contextmanager
def sql_with_the_mark() -> Iterator[list[str]]:
    """The statements in whose text a value stands: a value belongs beside it, as a parameter."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if MARK in statement:
            found.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def tells_of_us(answer: TestResponse) -> bool:
    return b"Traceback" in answer.get_data() or answer.status_code >= 500


def test_no_value_of_an_address_breaks_a_page_or_becomes_sql(
    app: Flask, world: World, admin: Person, unlimited: None
) -> None:
    browser, offenders = browser_of(app, admin), []
    with sql_with_the_mark() as injected:
        for path in [world.paths(rule)[0] for rule in rules(app, method=READING) if not checks_itself(app, rule)]:
            answer = send(browser, READING, path, query_string=ASKED)
            if tells_of_us(answer):
                offenders.append(f"{path}: {answer.status_code}")

    assert (offenders, injected) == ([], [])


def test_the_rule_sees_a_value_in_the_text_of_a_statement(app: Flask) -> None:
    with sql_with_the_mark() as injected, database.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT '{MARK}'")

    assert len(injected) == 1


def test_an_address_that_is_no_text_gets_a_sentence(app: Flask, browser: Browser, anonymous: Browser) -> None:
    service = make.service("Checkout")
    for who in (browser, anonymous):
        for path in ("/sign-in", "/incidents", "/nowhere", "/api/v1/incidents", "/static/css/app.css", "/healthz"):
            for sent in BYTES:
                answer = send(who, READING, path, environ_overrides={"QUERY_STRING": sent})
                assert not tells_of_us(answer), (path, sent)
        assert send(who, READING, "/sign-in", environ_overrides={"QUERY_STRING": "\xff"}).status_code == 400
        for path in (f"/services/{service.slug}%00", "/incidents/INC-1/pictures/%00", "/hooks/github/%00"):
            assert send(who, "POST" if "hooks" in path else READING, path).status_code == 400
    page = browser.get("/incidents/%00")
    assert "We could not read what was sent." in page.text


def test_no_header_or_body_breaks_a_page(app: Flask, browser: Browser, anonymous: Browser) -> None:
    for path in ("/", "/sign-in", "/incidents/new", "/api/v1/incidents", "/hooks/jira/x", "/static/css/app.css"):
        for headers in STRANGE_HEADERS:
            for body in (b"", b"a=1&csrf_token=\xff\x00"):
                answer = send(anonymous, "POST" if body else READING, path, headers=headers, data=body)
                assert not tells_of_us(answer), (path, headers)
    for method in ("TRACE", "CONNECT", "PROPFIND", "FOO"):
        assert send(browser, method, "/incidents/new").status_code == 405


def test_what_no_database_stores_is_left_out_of_every_form(app: Flask, admin: Person) -> None:
    browser = browser_of(app, admin)

    for path in ("/settings/audit.csv", "/settings/people/new", "/reports/mail"):
        fields = dict.fromkeys(ASKED, f"\x00{MARK}") | {"csrf_token": token_of(browser)}
        assert not tells_of_us(send(browser, "POST", path, data=fields)), path


@pytest.mark.once
@pytest.mark.parametrize("blank", [" ", "\x0b", "\u2003"])
def test_a_space_is_none_of_the_choices(app: Flask, blank: str) -> None:
    with app.test_request_context("/", method="POST", data={"title": "Warm the cache", "lever": blank, "kind": blank}):
        form = ActionForm(meta={"csrf": False})
        form.owner_id.choices = form.team_id.choices = []
        form.validate()

    assert {"lever", "kind"} <= set(form.errors)
