"""The same rules for the API as for the pages: every address, with a token of every scope and role."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests import make
from tests.api.client import Caller, calls_as
from tests.rules.test_privacy import NUMBER, WORD, tells
from tests.rules.walk import READING, WRITING, World, checks_itself, make_world, rules
from tracker.db import session, transaction
from tracker.models import Person, Role, TokenScope
from tracker.sessions import limiter

pytestmark = pytest.mark.once

API = "/api/v1"
OPEN_TO = {"GET": TokenScope.READ, "POST": TokenScope.WRITE, "PATCH": TokenScope.WRITE}
SEARCHES = ("q=wombat", "text=wombat", f"incident=INC-{NUMBER}", "")


@pytest.fixture
def world(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    """One of everything about a private incident, with a number that stands out."""
    set_clock(now)
    found = make_world(WORD, is_private=True, named=(make.person("Nora"),))
    with transaction():
        session.merge(found.incident).number = NUMBER
        session.merge(found.action).number = NUMBER
    return found


@pytest.fixture(autouse=True)
def _as_fast_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


def addresses(app: Flask, world: World, *methods: str) -> Iterator[tuple[str, Rule, str]]:
    for method in methods:
        for rule in rules(app, method=method):
            if checks_itself(app, rule) and rule.rule.startswith(API):
                for path in world.paths(rule):
                    yield method, rule, path.removeprefix(API)


def test_every_address_takes_the_scope_it_says_from_who_may_have_it(app: Flask, world: World) -> None:
    offenders = []
    for role in Role:
        for scope in TokenScope:
            call = calls_as(app, make.person(f"W {role} {scope}", role=role), scope)
            for method, _rule, path in addresses(app, world, READING, *WRITING):
                needed = OPEN_TO[method]
                is_open = scope.covers(needed) and role.covers(needed.least_role)
                status = call(method, path, json={}, headers={"If-Match": "x"}).status_code
                if (status in (401, 403)) is is_open or status >= 500:
                    offenders.append(f"{method} {path}: a {role.value} with a token to {scope.value} got {status}")

    assert not offenders, "\n".join(offenders)


def test_nobody_gets_anything(app: Flask, world: World) -> None:
    call = Caller(app)

    assert {call(method, path).status_code for method, _rule, path in addresses(app, world, READING, *WRITING)} == {401}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESPONDER])
def test_no_answer_tells_an_outsider_anything(app: Flask, world: World, role: Role) -> None:
    call = calls_as(app, make.person("Otto", role=role))
    offenders = []
    for method, _rule, path in addresses(app, world, READING, *WRITING):
        for query in SEARCHES:
            answer = call(method, f"{path}?{query}", json={} if method != READING else None, headers={"If-Match": "*"})
            told = tells(answer.get_data(as_text=True) + str(answer.headers), f"{path}?{query}")
            if told or answer.status_code >= 500:
                offenders.append(f"{method} {path}?{query}: {answer.status_code}, told {told}")

    assert not offenders, "\n".join(offenders)


def test_what_is_private_answers_an_outsider_like_what_is_not_there(
    app: Flask, world: World, responder: Person
) -> None:
    call = calls_as(app, responder)
    offenders = []
    for method, rule, path in addresses(app, world, READING):
        if "ref" in rule.arguments:
            there, nowhere = call(method, path), call(method, path.replace(str(NUMBER), "777777"))
            if (there.status_code, nowhere.status_code) != (404, 404):
                offenders.append(f"{path}: {there.status_code}, {nowhere.status_code}")

    assert not offenders, "\n".join(offenders)


def test_administrators_are_told(app: Flask, world: World, admin: Person) -> None:
    """The walk would prove nothing if its words stood in no answer at all."""
    call = calls_as(app, admin, TokenScope.READ)

    told = "".join(call(READING, path).get_data(as_text=True) for _m, _rule, path in addresses(app, world, READING))

    assert {f"{WORD}{one}" for one in ("title", "summary", "entry")} <= set(tells(told, ""))
