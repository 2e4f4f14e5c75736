"""Numbers of other things behind an address that one may open: a part is only found below what it belongs to."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask

from tests import make
from tests.rules.walk import READING, WRITING, World, browser_of, make_postmortem, make_world, rules, send, token_of
from tracker.db import session, transaction
from tracker.models import Person

pytestmark = pytest.mark.once

WORD = "quokka"


@pytest.fixture
def private(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    """One of everything about an incident that the walker may not see."""
    set_clock(now)
    return make_world(WORD, is_private=True, named=(make.person("Nora"),))


def below_another(app: Flask, private: World) -> Iterator[tuple[str, str, str]]:
    """Every address of a part, below an incident and an item that are open: of a private part, and of none at all."""
    assert private.comment_id
    public = make.incident("Checkout is slow")
    make_postmortem(public, "")
    own = {"INC": public.ref, "AI": make.action("Warm the cache", incidents=(public,)).ref}
    for method in (READING, *WRITING):
        for rule in rules(app, method=method):
            if "ref" in rule.arguments and any(name.endswith("_id") or name == "key" for name in rule.arguments):
                for path in private.paths(rule):
                    there = re.sub(r"\b(INC|AI)-\d+", lambda match: own[match[1]], path)
                    yield method, there, re.sub(r"/(?:\d+|[0-9a-f]{32})(?=/|$)", "/777777", there)


def test_a_part_of_something_private_is_below_something_open_what_no_part_is(
    app: Flask, private: World, responder: Person
) -> None:
    browser, offenders, walked = browser_of(app, responder), [], 0
    fields = {"csrf_token": token_of(browser), "text": "x", "claim": "x", "version": "1", "position": "0"}
    for method, path, nowhere in list(below_another(app, private)):
        data = None if method == READING else fields
        there, missing = (send(browser, method, one, data=data) for one in (path, nowhere))
        walked += 1
        if there.status_code != missing.status_code or WORD.encode() in there.get_data():
            offenders.append(f"{method} {path}: {there.status_code}, {missing.status_code}")

    assert walked >= 25
    assert not offenders, "\n".join(offenders)


def test_the_same_parts_are_found_where_they_belong_by_who_may(app: Flask, private: World, admin: Person) -> None:
    """The walk above would prove nothing with numbers that stand for nothing."""
    browser = browser_of(app, admin)
    parts = [rule for rule in rules(app, method=READING) if "ref" in rule.arguments and len(rule.arguments) > 1]

    found = [send(browser, READING, path).status_code for rule in parts for path in private.paths(rule)]

    assert len(found) >= 4
    assert 404 not in found


def test_what_is_private_is_not_found_by_any_other_name(app: Flask, private: World, responder: Person) -> None:
    """In capitals, with a nought in front, as another kind of number, or as a part of the address of something else."""
    browser, ref = browser_of(app, responder), private.refs["incident"]
    number = ref.removeprefix("INC-")
    names = (
        ref.lower(),
        f"INC-0{number}",
        f"INC-%30{number}",
        f"{ref}%20",
        f"%49NC-{number}",
        f"INC-{number}/",
        f"./{ref}",
    )
    with transaction():
        session.merge(private.incident).title = f"{WORD} title"

    for name in names:
        for path in (f"/incidents/{name}", f"/incidents/{name}/postmortem.md", f"/incidents?q={name}"):
            assert WORD.encode() not in send(browser, READING, path).get_data(), path
