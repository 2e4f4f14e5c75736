"""A private incident, and everybody who is not named: no word of it, on no page, in no export."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests import make
from tests.browser import Browser
from tests.rules.walk import (
    READING,
    WRITING,
    World,
    browser_of,
    checks_itself,
    declared,
    make_world,
    rules,
    send,
    token_of,
)
from tracker.clients.memory import MemoryClient
from tracker.clients.ticket_text import new_marker
from tracker.db import session, transaction
from tracker.features import JOBS
from tracker.models import Message, MessageKind, Person, RecurrenceState, ReportSubscription, Role
from tracker.security import PUBLIC

WORD = "quokka"
"""Stands in every text about the private incident, and nowhere else."""
NUMBER = 4242
ONE_TIME = re.compile(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}|(?<=value=\")(?:[\w-]{32}|[\w-]{22})(?=\")")
"""Tokens of a page: signed ones, and keys of forms."""
SEARCHES = ({"q": "wombat"}, {"text": "wombat"}, {"title": "wombat"}, {"sort": "newest", "show": "all", "state": "all"})


@pytest.fixture
def named(app: Flask) -> Person:
    return make.person("Nora")


@pytest.fixture
def world(app: Flask, named: Person, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    """One of everything about a private incident, on which only Nora is named, with a number that stands out."""
    set_clock(now)
    found = make_world(WORD, is_private=True, named=(named,))
    with transaction():
        session.merge(found.incident).number = NUMBER
        session.merge(found.action).number = NUMBER
    return found


@pytest.fixture(params=[Role.VIEWER, Role.RESPONDER])
def outsider(request: pytest.FixtureRequest, app: Flask) -> Person:
    return make.person("Otto", role=request.param)


def pages_for(app: Flask, world: World, person: Person) -> Iterator[tuple[Rule, str]]:
    """Every address that this person may open by their role."""
    for rule in rules(app, method=READING):
        needed = declared(app, rule)
        if not checks_itself(app, rule) and (needed == PUBLIC or person.role.covers(Role(needed))):
            for path in world.paths(rule):
                yield rule, path


def tells(text: str, path: str) -> list[str]:
    """What of the private incident an answer gives away. A path that names it may repeat its name, not its words."""
    found = sorted(set(re.findall(rf"{WORD}\w*", text, re.IGNORECASE)))
    names = {f"{kind}-{NUMBER}" for kind in ("INC", "AI")}
    return found + sorted(name for name in names if name in text and str(NUMBER) not in path)


def test_no_page_fragment_or_export_tells_an_outsider_anything(app: Flask, world: World, outsider: Person) -> None:
    offenders = []
    for _rule, path in pages_for(app, world, outsider):
        for headers in ({}, {"HX-Request": "true"}):
            answer = send(browser_of(app, outsider), READING, path, headers=headers)
            told = tells(answer.get_data(as_text=True) + str(answer.headers), path)
            if told or answer.status_code >= 500:
                offenders.append(f"{path} (htmx: {bool(headers)}) answered {answer.status_code} and told {told}")

    assert not offenders, "\n".join(offenders)


@pytest.mark.once  # the words of a query, which are the same on both
def test_no_search_or_filter_finds_it_for_an_outsider(app: Flask, world: World, outsider: Person) -> None:
    offenders = []
    for rule, path in pages_for(app, world, outsider):
        if "ref" in rule.arguments:
            continue
        for query in SEARCHES:
            told = tells(
                send(browser_of(app, outsider), READING, path, query_string=query).get_data(as_text=True), path
            )
            if told:
                offenders.append(f"{path}?{query} told {told}")

    assert not offenders, "\n".join(offenders)


def test_a_private_incident_answers_an_outsider_like_one_that_does_not_exist(
    app: Flask, world: World, outsider: Person
) -> None:
    offenders = []
    for rule, path in pages_for(app, world, outsider):
        if "ref" not in rule.arguments:
            continue
        for headers in ({}, {"HX-Request": "true"}):
            there, nowhere = (
                send(browser_of(app, outsider), READING, one, headers=headers)
                for one in (path, path.replace(str(NUMBER), "777777"))
            )
            if (there.status_code, there.status_code) != (nowhere.status_code, 404):
                offenders.append(f"{path} answered {there.status_code}, one that is not there {nowhere.status_code}")

    assert not offenders, "\n".join(offenders)


@pytest.mark.once  # the words of a query, which are the same on both
def test_changing_a_private_incident_is_answered_like_changing_one_that_does_not_exist(
    app: Flask, world: World, outsider: Person
) -> None:
    offenders = []
    for method in WRITING:
        for rule in rules(app, method=method):
            if "ref" not in rule.arguments or checks_itself(app, rule):
                continue
            for path in world.paths(rule):
                browser = browser_of(app, outsider)
                data = {"csrf_token": token_of(browser)}
                there = send(browser, method, path, data=data)
                nowhere = send(browser, method, path.replace(str(NUMBER), "777777"), data=data)
                told = tells(there.get_data(as_text=True), path)
                if there.status_code != nowhere.status_code or there.status_code < 400 or told:
                    offenders.append(f"{method} {path}: {there.status_code}, {nowhere.status_code}, told {told}")

    assert not offenders, "\n".join(offenders)


@pytest.mark.once  # the words of a query, which are the same on both
def test_an_outsiders_pages_stay_the_same_to_the_letter_when_a_public_incident_turns_out_to_repeat_it(
    app: Flask, world: World, outsider: Person
) -> None:
    """No word of it is not enough: a count, a headline or an empty place would tell that it exists."""
    public = make.incident("Checkout is slow again")
    own = {"INC": public.ref, "AI": make.action("Warm the cache", incidents=(public,)).ref}
    browser = browser_of(app, outsider)  # one for all: each sign-in stands on a page
    before = pages_beside(app, world, browser, own=own, person=outsider)
    pair = {"reasons": [f"shares the rare word {WORD}reason"], "shared_terms": [[f"{WORD}term", 2]]}
    make.recurrence(public, world.incident, state=RecurrenceState.SAME, decided_at=make.NOW, **pair)

    after = pages_beside(app, world, browser, own=own, person=outsider)

    assert f"/incidents/{public.ref}/recurrences" in before
    assert differing(before, after) == []


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The pages that are not the same, each with the first line in which they differ."""
    lines = {path: zip(before[path].splitlines(), after[path].splitlines(), strict=False) for path in before}
    first = {
        path: next((f"{one} | {other}" for one, other in both if one != other), "") for path, both in lines.items()
    }
    return [f"{path}: {first[path]}" for path in before if before[path] != after[path]]


def pages_beside(app: Flask, world: World, browser: Browser, *, own: dict[str, str], person: Person) -> dict[str, str]:
    """Each page that a person reaches from an incident and an item they may see, without its one-time parts."""
    found = {}
    for _rule, path in pages_for(app, world, person):
        address = re.sub(rf"\b(INC|AI)-{NUMBER}\b", lambda match: own[match[1]], path)
        body = send(browser, READING, address).get_data().decode("utf-8", "replace")
        found[address] = ONE_TIME.sub("one-time", body)
    return found


def test_no_mail_to_an_outsider_and_no_ticket_of_a_public_item_tells_anything(
    app: Flask, world: World, responder: Person, tickets: MemoryClient
) -> None:
    public = make.incident("Checkout is slow again", declared_by_id=responder.id)
    make.recurrence(public, world.incident, reasons=[f"shares the rare word {WORD}reason"])
    make.recurrence(public, make.incident("Checkout is slow", declared_at=make.NOW - timedelta(days=61)))
    late = {"due_on": date(2026, 11, 2), "created_at": make.NOW - timedelta(days=60)}
    action = make.action("Warm the cache", incidents=(public, world.incident), owner_id=responder.id, **late)
    push = make.push(action, world.tracker, marker=new_marker(action.ref))
    make.save(ReportSubscription(person_id=responder.id, weekday=0, hour=1))

    for job in JOBS:
        job.run(make.NOW)

    session.rollback()
    mails = session.scalars(select(Message).where(Message.person_id == responder.id)).all()
    made = [one for one in tickets.tickets.values() if one.marker == push.marker]
    assert {one.kind for one in mails} >= {
        MessageKind.RECURRENCE_ALERT,
        MessageKind.WEEKLY_REPORT,
        MessageKind.REMINDER,
    }
    assert [one.snapshot.title for one in made] == ["Warm the cache"]
    written = [f"{one.subject} {one.text} {one.html}" for one in mails]
    written += [f"{one.snapshot.title} {one.body} {one.comments} {one.links}" for one in made]
    assert [text for text in written if tells(text, "")] == []


@pytest.mark.parametrize("who", ["named", "admin"])
def test_the_named_person_and_administrators_see_it(
    app: Flask, world: World, named: Person, admin: Person, who: str
) -> None:
    person = {"named": named, "admin": admin}[who]

    page = browser_of(app, person).get(f"/incidents/INC-{NUMBER}")

    assert page.status == 200
    assert f"{WORD}title wombat" in page.text


def test_every_text_of_the_walk_is_shown_somewhere_to_who_may_see_it(app: Flask, world: World, admin: Person) -> None:
    """The walk would prove nothing if its words stood on no page at all."""
    seen = set()
    for _rule, path in pages_for(app, world, admin):
        seen |= set(
            re.findall(
                rf"{WORD}(\w+)", send(browser_of(app, admin), READING, path).get_data().decode("utf-8", "replace")
            )
        )

    session.rollback()
    assert seen >= {
        "title",
        "summary",
        "entry",
        "answer",
        "why",
        "factor",
        "item",
        "detail",
        "claim",
        "disproof",
        "seen",
    }
