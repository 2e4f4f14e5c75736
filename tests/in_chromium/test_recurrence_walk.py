"""An incident comes back, in a real browser: declare, card, suspicion, mail, decision, item reopened, family."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.chromium import open_page
from tests.recurrence.conftest import read_by_index
from tests.serving import served
from tracker.db import session
from tracker.models import (
    ActionItem,
    ActionState,
    Family,
    FamilyMember,
    Incident,
    Message,
    Person,
    Phase,
    RecurrenceState,
    Service,
)
from tracker.recurrence import jobs

pytestmark = pytest.mark.once
TITLE = "Checkout answers 503 while ledger migration holds locks"
SUMMARY = "The ledger migration enqueued table locks; pgbouncer ran dry and checkout answered 503."
OTHERS = ("Login page is slow", "Newsletter went out twice", "Search returns nothing", "Images do not load")


@pytest.fixture
def page(app: Flask, chromium: Chromium, responder: Person, set_clock: Callable[[datetime], None]) -> Iterator[Page]:
    set_clock(make.NOW)
    cookie = Browser(app, person=responder).cookie
    with served(app) as url, open_page(chromium, url, cookie=cookie, viewport={"width": 1280, "height": 900}) as page:
        yield page


@pytest.fixture
def checkout(app: Flask) -> Service:
    return make.service("Checkout")


@pytest.fixture
def twice(app: Flask, checkout: Service, responder: Person) -> list[Incident]:
    """It happened twice already, and of what was promised one is done and one overdue."""
    for number, title in enumerate(OTHERS):
        make.incident(title, declared_at=make.NOW - timedelta(days=20 + 30 * number), phase=Phase.CLOSED)
    found = [_time(days, services=[checkout]) for days in (140, 61)]
    make.answer(make.postmortem(found[1], lead_id=responder.id), "resolution", "Killed the migration.")
    done = {"state": ActionState.DONE, "done_at": make.NOW - timedelta(days=30)}
    make.action("Migrate in small batches", incidents=(found[1],), owner_id=responder.id, **done)
    late = (make.NOW - timedelta(days=33)).date()
    make.action("Alert on waiting locks", incidents=(found[1],), owner_id=responder.id, due_on=late)
    family = make.save(Family(name=TITLE, created_at=make.NOW))
    for one in found:
        make.save(FamilyMember(family_id=family.id, incident_id=one.id))
    make.recurrence(found[1], found[0], state=RecurrenceState.SAME, decided_at=make.NOW, alerted_state="told")
    read_by_index()
    return found


def _time(days: int, *, services: list[Service]) -> Incident:
    began = make.NOW - timedelta(days=days)
    moments: dict[str, Any] = {
        "declared_at": began,
        "started_at": began,
        "detected_at": began + timedelta(minutes=12),
        "stabilised_at": began + timedelta(minutes=30),
        "resolved_at": began + timedelta(minutes=47),
    }
    return make.incident(TITLE, summary=SUMMARY, services=services, phase=Phase.CLOSED, **moments)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_an_incident_comes_back_and_brings_its_unfinished_business(page: Page, twice: list[Incident]) -> None:
    declare_and_see_it_was_seen_before(page)
    the_worker_compares_and_writes_the_mail()
    decide_that_it_is_the_same(page)
    say_that_the_fix_failed(page)
    the_family_tells_all_three(page)


def declare_and_see_it_was_seen_before(page: Page) -> None:
    page.goto("/incidents/new")
    page.get_by_label("What is wrong?").press_sequentially("Checkout 503, ledger migration holds locks", delay=15)
    card = page.locator("#seen-before-card")
    expect(card).to_contain_text("happened 2 times")
    expect(card).to_contain_text("What fixed it: Killed the migration.")
    expect(card).to_contain_text("Alert on waiting locks")
    page.get_by_label("Checkout", exact=True).check()
    page.get_by_role("button", name="Declare incident").click()
    expect(heading(page)).to_contain_text("INC-7")


def the_worker_compares_and_writes_the_mail() -> None:
    jobs.compare_due(make.NOW)
    jobs.alert_due(make.NOW)
    session.rollback()
    mail = session.scalars(select(Message).where(Message.subject.contains("INC-7"))).one()
    assert "looks like INC-6" in mail.subject
    assert "overdue by 33 days" in mail.text
    assert "the 3rd time, after INC-5" in mail.text


def decide_that_it_is_the_same(page: Page) -> None:
    page.goto("/recurrences")
    page.get_by_role("link", name="Decide: INC-7 and INC-6").click()
    expect(heading(page)).to_have_text("Is INC-7 the same as INC-6?")
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("button", name="Ask for AI-2 again").click()
    expect(page.get_by_text("INC-7 asks for AI-2 too")).to_be_visible()
    page.get_by_label("Why?").fill("The same migration, the same locks.")
    page.get_by_role("button", name="Same", exact=True).click()
    expect(page.get_by_text("decided: same")).to_be_visible()


def say_that_the_fix_failed(page: Page) -> None:
    page.get_by_role("button", name="AI-1: Should have prevented it, but failed").click()
    expect(page.get_by_text("AI-1 did not hold and is owed again.")).to_be_visible()
    session.rollback()
    states = session.scalars(select(ActionItem.state).order_by(ActionItem.number)).all()
    assert states == [ActionState.DID_NOT_HOLD, ActionState.OPEN]


def the_family_tells_all_three(page: Page) -> None:
    page.get_by_role("link", name="All occurrences of this family").click()
    expect(page.get_by_text("Happened 3 times")).to_be_visible()
    expect(page.get_by_role("region", name="Ledger of this family").locator("tbody tr")).to_have_count(3)
    page.get_by_text("Some are another failure").click()
    page.get_by_role("checkbox", name="INC-5").check()
    page.get_by_role("button", name="Take out of the family").click()
    expect(page.get_by_text("Happened 2 times")).to_be_visible()
    page.get_by_role("button", name="Undo what was split: INC-6 and INC-5").click()
    expect(page.get_by_text("Happened 3 times")).to_be_visible()
