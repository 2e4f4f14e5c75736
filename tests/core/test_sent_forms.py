"""A form that is sent twice does its work once, and the second answer is the first one's."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import ActionItem, Incident, Person, SentForm, Service, Team, Update

FORMS = [
    ("/incidents/new", "Declare incident", {"title": "Checkout answers 503"}, Incident),
    ("/actions/new?incident=INC-1", "Add the action item", {"title": "Warm the cache"}, ActionItem),
    ("/incidents/INC-1", "Note the update", {"text": "Still looking."}, Update),
    ("/services/new", "Add service", {"name": "Checkout"}, Service),
    ("/teams/new", "Add team", {"name": "Payments"}, Team),
    ("/settings/people/new", "Add person", {"name": "Cleo", "email": "cleo@example.com"}, Person),
]


@pytest.mark.parametrize(("path", "button", "typed", "kind"), FORMS)
def test_what_is_sent_twice_is_made_once_and_answered_alike(
    admin_browser: Browser, path: str, button: str, typed: dict[str, str], kind: type[Incident]
) -> None:
    make.incident()
    page, before = admin_browser.get(path), _count(kind)

    first, second = [page.submit(button, **typed) for _ in range(2)]

    assert _count(kind) == before + 1
    assert (first.status, second.status) == (200, 200)
    assert (first.url, first.flashes) == (second.url, second.flashes)


def test_the_same_page_with_other_words_makes_another_one(browser: Browser) -> None:
    make.incident()
    page = browser.get("/actions/new?incident=INC-1")

    for title in ("Warm the cache", "Alert on cold caches"):
        page.submit("Add the action item", title=title)

    assert _count(ActionItem) == 2


def test_what_was_refused_can_be_sent_again(browser: Browser, responder: Person) -> None:
    make.incident()
    page = browser.get("/actions/new?incident=INC-1")
    refused = page.submit("Add the action item", title="Warm the cache", due_on="2026-01-01")
    again = page.submit("Add the action item", title="Warm the cache", due_on="2026-01-01")

    assert (refused.status, again.status) == (422, 422)
    assert _count(SentForm) == 0


def test_clicks_that_meet_make_one_item(app: Flask, responder: Person) -> None:
    make.incident()
    browsers = [Browser(app, person=responder) for _ in range(3)]
    typed = {"incident": "INC-1", "title": "Warm the cache", "priority": "P2", "form_key": "the same key"}
    bodies = [typed | {"csrf_token": one.token("/incidents")} for one in browsers]

    def submit(number: int) -> str:
        client, body = browsers[number].client, bodies[number]
        return contextvars.Context().run(lambda: client.post("/actions/new", data=body).headers["Location"])

    with ThreadPoolExecutor(3) as threads:
        places = list(threads.map(submit, range(3)))

    session.rollback()
    assert places == ["/actions/AI-1"] * 3
    assert _count(ActionItem) == 1


def test_a_key_says_nothing_to_anybody_else(app: Flask, browser: Browser, admin_browser: Browser) -> None:
    make.incident()
    typed = {"incident": "INC-1", "title": "Warm the cache", "priority": "P2", "form_key": "the same key"}

    for one in (browser, admin_browser):
        one.post("/actions/new", typed | {"csrf_token": one.token()})

    assert _count(ActionItem) == 2


def test_old_keys_are_forgotten(browser: Browser, set_clock: Callable[..., None]) -> None:
    make.incident()
    browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Warm the cache")
    set_clock(make.NOW + timedelta(days=8))
    browser.get("/actions/new?incident=INC-1").submit("Add the action item", title="Alert on cold caches")

    assert _count(SentForm) == 1


def _count(kind: type) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0
