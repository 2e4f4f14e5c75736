"""Every change of rights, trackers, decisions and exports is noted in the audit log: each button is really pressed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.api.client import calls_as
from tests.browser import Browser
from tests.rules.noted import ELSEWHERE, PAT_IN_THE_TRACKER, SCENES, Press
from tests.rules.walk import WRITING, browser_of, rules, send, token_of
from tracker.clients.memory import MemoryClient
from tracker.db import session
from tracker.models import AuditEntry, Person, TokenScope

pytestmark = pytest.mark.once


@pytest.fixture
def presses(
    app: Flask, admin: Person, tickets: MemoryClient, now: datetime, set_clock: Callable[[datetime], None]
) -> Iterator[Press]:
    """One after the other: what the next is about is made once the one before was pressed."""
    set_clock(now)
    tickets.people_there = [PAT_IN_THE_TRACKER]
    return (press for scene in SCENES for press in scene(admin))


def test_each_is_noted_with_who_did_it_and_all_else_says_where_it_is_kept(
    app: Flask, admin: Person, presses: Iterator[Press]
) -> None:
    browser, call = browser_of(app, admin), calls_as(app, admin, TokenScope.ADMIN)
    pressed, offenders = set(), []
    for press in presses:
        before = newest()
        status = press_it(press, browser=browser, call=call)
        pressed.add(endpoint_of(app, press))
        if noted(after=before) != [(press.noted, admin.id)]:
            offenders.append(f"{press.path}: {status}, and noted is {noted(after=before)}, not {press.noted}")

    assert not offenders, "\n".join(offenders)
    changing = {rule.endpoint for method in WRITING for rule in rules(app, method=method)}
    elsewhere = {endpoint for endpoints in ELSEWHERE.values() for endpoint in endpoints.split()}
    assert changing - pressed - elsewhere == set(), "Say in tests/rules/noted.py where these changes are kept."
    assert (elsewhere - changing, elsewhere & pressed) == (set(), set())


def press_it(press: Press, *, browser: Browser, call: Any) -> int:
    """The status of the answer."""
    if press.path.startswith("/api/"):
        answer = call(press.method, press.path.removeprefix("/api/v1"), json=press.fields, headers={"If-Match": "*"})
    else:
        answer = send(browser, press.method, press.path, data={**press.fields, "csrf_token": token_of(browser)})
    return int(answer.status_code)


def endpoint_of(app: Flask, press: Press) -> str:
    endpoint, _parts = app.url_map.bind("localhost").match(press.path, method=press.method)
    return str(endpoint)


def noted(*, after: int) -> list[tuple[str, int | None]]:
    """What was noted since, and by whom."""
    session.rollback()
    query = select(AuditEntry.action, AuditEntry.person_id).where(AuditEntry.id > after).order_by(AuditEntry.id)
    return [(action, by) for action, by in session.execute(query)]


def newest() -> int:
    session.rollback()
    return session.scalar(select(func.max(AuditEntry.id))) or 0
