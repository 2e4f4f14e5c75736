"""The room in a real browser: with the keyboard, while others write, and when a neighbour of the page is missing."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.chromium import open_page
from tracker.db import session
from tracker.models import ActionItem, Person, Phase

pytestmark = pytest.mark.once


@pytest.fixture
def page(chromium: Chromium, address: str, app: Flask, responder: Person) -> Iterator[Page]:
    """A page of Bob's, who is signed in."""
    with open_page(chromium, address, cookie=Browser(app, person=responder).cookie) as page:
        yield page


def test_a_person_alone_declares_and_notes_with_the_keyboard(page: Page) -> None:
    page.goto("/incidents")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Declare an incident")
    page.wait_for_load_state()

    page.keyboard.type("Checkout answers 503")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("INC-1 Checkout answers 503")
    page.wait_for_load_state()
    page.get_by_label("What happened?").focus()
    page.keyboard.type("-5m deploy finished")
    page.keyboard.press("Enter")
    expect(page.get_by_text("deploy finished", exact=True)).to_be_visible()
    page.keyboard.type("rollback started")
    page.keyboard.press("Enter")

    expect(page.get_by_text("rollback started", exact=True)).to_be_visible()
    expect(page.get_by_label("What happened?")).to_have_value("")


def test_what_is_being_typed_stays_when_others_write(page: Page) -> None:
    incident = make.incident()
    page.goto("/incidents/INC-1")
    page.get_by_label("What happened?").focus()
    page.keyboard.type("half a sent")

    make.entry(incident, "Cleo rolled back")
    page.evaluate("window.dispatchEvent(new Event('online'))")  # or five seconds later by itself
    expect(page.get_by_text("Cleo rolled back")).to_be_visible(timeout=20_000)
    page.keyboard.type("ence")

    expect(page.get_by_label("What happened?")).to_have_value("half a sentence")
    expect(page.get_by_label("What happened?")).to_be_focused()


def test_the_folded_list_says_how_many_others_noted(page: Page, app: Flask) -> None:
    make.incident(phase=Phase.TRIAGED)
    other = Browser(app, person=make.person("Cleo"))
    page.goto("/incidents/INC-1")
    expect(page.get_by_text("First ten minutes: 0 of 7 noted")).to_be_visible()

    other.post("/incidents/INC-1/checks", {"key": "users", "note": "300", "csrf_token": other.token()})
    page.evaluate("window.dispatchEvent(new Event('online'))")  # or five seconds later by itself

    expect(page.get_by_text("First ten minutes: 1 of 7 noted")).to_be_visible(timeout=20_000)


def test_a_missing_card_does_not_disturb_declaring(page: Page) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404, body="There is nothing here.")

    page.route("**/recurrences/seen-before**", refuse)
    page.goto("/incidents/new")
    page.keyboard.type("Checkout answers 503")
    page.wait_for_timeout(900)

    assert asked[-1].endswith("title=Checkout+answers+503") or "title=Checkout%20answers%20503" in asked[-1]
    expect(page.locator("#status-urgent")).to_be_empty()
    expect(page.get_by_label("What is wrong?")).to_have_value("Checkout answers 503")


def test_a_double_click_notes_once_and_nothing_turns_red(page: Page) -> None:
    make.incident()
    page.goto("/incidents/INC-1")
    page.get_by_label("What happened?").fill("rollback started")
    page.get_by_role("button", name="Note it").dblclick()

    expect(page.get_by_text("rollback started", exact=True)).to_have_count(1)
    expect(page.locator("#entry-form:not([aria-busy])")).to_be_visible()
    expect(page.locator(".field-error")).to_have_count(0)
    page.get_by_label("What happened?").fill("users are back")
    page.get_by_role("button", name="Note it").click()
    expect(page.get_by_text("users are back", exact=True)).to_be_visible()


def test_a_double_click_promises_one_item(page: Page) -> None:
    make.incident()
    page.goto("/actions/new?incident=INC-1")
    page.get_by_label("What will be done").fill("Warm the cache")
    page.get_by_role("button", name="Add the action item").dblclick()

    expect(page.get_by_role("heading", level=1)).to_contain_text("AI-1")
    session.rollback()
    assert session.scalars(select(ActionItem.title)).all() == ["Warm the cache"]
