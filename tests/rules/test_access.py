"""Deny by default: every address, for nobody, a viewer, a responder and an administrator."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Blueprint, Flask
from werkzeug.routing import Rule

import tracker.features
from tests import make
from tests.browser import Browser
from tests.rules.walk import (
    READING,
    WRITING,
    World,
    browser_of,
    checks_itself,
    declared,
    make_link,
    make_world,
    rules,
    send,
    token_of,
)
from tracker import create_app
from tracker.config import Settings
from tracker.db import session
from tracker.models import Person, Role
from tracker.security import PUBLIC
from tracker.wiring import Wiring

pytestmark = pytest.mark.once


@pytest.fixture
def world(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    set_clock(now)
    found = make_world()
    make_link(found.person, now=now)
    return found


@pytest.fixture
def people(app: Flask) -> dict[Role, Person]:
    """One person a role, and a second administrator, so that no rule about the last one gets in the way."""
    make.person("Zoe", role=Role.ADMIN)
    return {role: make.person(f"Walker {role.value}", role=role) for role in Role}


def written(app: Flask) -> Iterator[tuple[str, Rule]]:
    for method in WRITING:
        for rule in rules(app, method=method):
            yield method, rule


def write(browser: Browser, method: str, path: str, *, token: str | None) -> int:
    """The status of a request that changes something and says nothing but, maybe, the token."""
    data = {"csrf_token": token} if token else {}
    return send(browser, method, path, data=data).status_code


def test_every_page_opens_for_its_role_and_better_and_for_nobody_below(
    app: Flask, world: World, people: dict[Role, Person]
) -> None:
    offenders = []
    for rule in rules(app, method=READING):
        if checks_itself(app, rule):
            continue
        needed = declared(app, rule)
        for role, person in people.items():
            is_open = needed == PUBLIC or role.covers(Role(needed))
            for path in world.paths(rule):
                status = send(browser_of(app, person), READING, path).status_code
                if (status in (401, 403)) is is_open or status >= 500:
                    offenders.append(f"GET {path} needs {needed}, and a {role.value} got {status}")

    assert not offenders, "\n".join(offenders)


def test_the_walk_reaches_something_behind_every_address(app: Flask, world: World, people: dict[Role, Person]) -> None:
    """A walk that only meets "nothing here" would prove nothing."""
    offenders = [
        path
        for rule in rules(app, method=READING)
        if not checks_itself(app, rule)
        for path in world.paths(rule)
        if send(browser_of(app, people[Role.ADMIN]), READING, path).status_code == 404
    ]

    assert not offenders, f"Teach tests/rules/walk.py what stands at {offenders}."


def test_nobody_gets_only_what_is_public(app: Flask, world: World) -> None:
    offenders = []
    for rule in rules(app, method=READING):
        if checks_itself(app, rule):
            continue
        for path in world.paths(rule):
            response = send(browser_of(app, None), READING, path)
            is_sent_to_sign_in = response.status_code == 303 and "/sign-in?next=" in response.headers["Location"]
            if is_sent_to_sign_in is (declared(app, rule) == PUBLIC):
                offenders.append(f"GET {path} is {declared(app, rule)}, and nobody got {response.status_code}")

    assert not offenders, "\n".join(offenders)


def test_every_change_is_open_to_its_role_and_better_and_to_nobody_below(
    app: Flask, world: World, people: dict[Role, Person]
) -> None:
    offenders = []
    for method, rule in written(app):
        if checks_itself(app, rule):
            continue
        needed = declared(app, rule)
        for role, person in people.items():
            is_open = needed == PUBLIC or role.covers(Role(needed))
            for path in world.paths(rule):
                browser = browser_of(app, person)
                status = write(browser, method, path, token=token_of(browser))
                if (status in (401, 403)) is is_open or status >= 500:
                    offenders.append(f"{method} {path} needs {needed}, and a {role.value} got {status}")

    assert not offenders, "\n".join(offenders)


def test_nobody_changes_anything_but_what_is_public(app: Flask, world: World) -> None:
    offenders = []
    for method, rule in written(app):
        if checks_itself(app, rule):
            continue
        for path in world.paths(rule):
            browser = browser_of(app, None)
            status = write(browser, method, path, token=token_of(browser))
            if (status == 401) is (declared(app, rule) == PUBLIC):
                offenders.append(f"{method} {path} is {declared(app, rule)}, and nobody got {status}")

    assert not offenders, "\n".join(offenders)


def test_every_change_without_the_token_of_a_form_is_refused(
    app: Flask, world: World, people: dict[Role, Person]
) -> None:
    offenders = []
    for method, rule in written(app):
        if checks_itself(app, rule):
            continue
        for path in world.paths(rule):
            for person in (people[Role.ADMIN], None):
                for token in (None, "made up"):
                    status = write(browser_of(app, person), method, path, token=token)
                    may_come_in = person is not None or declared(app, rule) == PUBLIC
                    if status != (400 if may_come_in else 401):
                        offenders.append(f"{method} {path} with the token {token!r} got {status}")

    assert not offenders, "\n".join(offenders)


def test_programs_with_a_credential_of_their_own_get_nothing_without_it(app: Flask, world: World) -> None:
    offenders = []
    for method in (READING, *WRITING):
        for rule in rules(app, method=method):
            if not checks_itself(app, rule):
                continue
            for path in world.paths(rule):
                status = write(browser_of(app, None), method, path, token=None)
                if status not in (400, 401, 403, 404):
                    offenders.append(f"{method} {path} got {status}")

    assert not offenders, "\n".join(offenders)


def test_a_route_that_does_not_say_who_may_use_it_stops_the_start(
    settings: Settings, wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/careless", "index", lambda: "secrets")
    monkeypatch.setattr(tracker.features, "BLUEPRINTS", (*tracker.features.BLUEPRINTS, careless))

    with pytest.raises(RuntimeError, match=r"careless\.index"):
        create_app(settings, wiring)


def test_a_route_that_slips_in_later_is_closed_to_everybody(app: Flask, admin: Person) -> None:
    app.add_url_rule("/careless", "careless", lambda: "secrets")

    assert browser_of(app, admin).get("/careless").status == 403
    assert browser_of(app, None).get("/careless").status == 403


def test_the_walk_changes_what_it_may(app: Flask, world: World, people: dict[Role, Person]) -> None:
    """The buttons are really pressed: the walk as an administrator switches a person off."""
    admin = browser_of(app, people[Role.ADMIN])
    write(admin, "POST", f"/settings/people/{world.person.id}/deactivate", token=token_of(admin))

    session.expire_all()
    assert not world.person.is_active
