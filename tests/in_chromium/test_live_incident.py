"""Three people in one room go through a real outage, minute by minute; one of them loses the network; one person alone.

The outage is DFDS's PM2021-005, "All services returning 503 in Kubernetes" (github.com/dfds/postmortems, MIT licence).
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.chromium import open_page
from tracker.db import session
from tracker.models import CauseCategory, Incident, Person, Phase, Postmortem, Update

pytestmark = pytest.mark.once
TITLE = "All services returning 503 in Kubernetes"
ROOM = "/incidents/INC-1"
TOLD = (
    "VPC CNI replaced by the pipeline",
    "Issue detected as a result of alerts",
    "Investigation into issue commenced",
    "Issue reported by customer",
    "Fix committed to revert infrastructure-modules reference",
    "Pipeline re-triggered due to AWS API timeout",
    "Target groups reattached to the ALB by the pipeline",
)
"""Every line of the timeline of DFDS's postmortem PM2021-005."""
MOST_KEYS = 60


def opened(page: Page, url: str = ROOM) -> Page:
    page.goto(url)
    page.wait_for_load_state()
    return page


def note(page: Page, *lines: str) -> None:
    """Typed as it happens, each with its time in front."""
    for line in lines:
        page.get_by_label("What happened?").fill(line)
        page.keyboard.press("Enter")
        expect(story(page, line.split(" ", 1)[1])).to_be_visible()


def story(page: Page, text: str) -> Locator:
    return page.locator("#timeline-part").get_by_text(text)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).first.click()
    page.wait_for_load_state()


def test_three_people_end_an_outage_and_its_postmortem_is_half_written(
    chromium: Chromium, app: Flask, address: str, set_clock: Callable[[datetime], None]
) -> None:
    at: Callable[[int], None] = lambda minute: set_clock(datetime(2021, 6, 22, 8, minute, tzinfo=UTC))  # noqa: E731
    make.service("Kubernetes")
    people = [make.person(name) for name in ("Rasmus", "Paula", "Willy")]
    with ExitStack() as stack:
        lead, engineer, scribe = (
            stack.enter_context(open_page(chromium, address, cookie=Browser(app, person=one).cookie)) for one in people
        )
        at(29)
        opened(lead, "/incidents/new").get_by_label("What is wrong?").fill(TITLE)
        lead.get_by_label("SEV1").check()
        lead.get_by_label("Kubernetes").check()
        press(lead, "Declare incident")
        press(opened(engineer), "I take it: technical lead")
        press(opened(scribe), "I take it: scribe")
        at(30)
        note(scribe, "08:21 VPC CNI replaced by the pipeline", "08:29 Issue detected as a result of alerts")
        note(scribe, "08:30 Investigation into issue commenced")
        press(lead, "Mark as told")
        at(32)
        expect(lead.locator("#phase-part")).to_contain_text("Scribe: Willy")

        lead.get_by_label("Which features?").fill("All of")
        engineer.get_by_label("How many users are affected?").fill("Everybody")
        engineer.keyboard.press("Enter")
        expect(lead.locator("#row-users")).to_contain_text("Everybody Paula")
        expect(lead.get_by_label("Which features?")).to_have_value("All of")
        lead.get_by_label("Which features?").clear()

        engineer.context.set_offline(True)
        engineer.get_by_label("What happened?").fill("Fix committed to revert infrastructure-modules reference")
        engineer.keyboard.press("Enter")
        expect(engineer.locator("#waiting-lines")).to_contain_text("Fix committed to revert")
        whose = engineer.locator("html").get_attribute("data-person")
        assert whose is not None
        assert f"followthrough.lines:{whose}:{ROOM}" in engineer.evaluate("Object.keys(localStorage)")
        engineer.get_by_label("What happened?").fill("08:34 Merged")
        engineer.get_by_role("button", name="Impact is assessed").click()
        expect(engineer.locator("#status-urgent")).to_contain_text("No connection: nothing was sent.")
        note(scribe, "08:32 Issue reported by customer")
        expect(engineer.locator("#connection")).to_contain_text("No connection since")
        engineer.context.set_offline(False)
        expect(story(engineer, "Issue reported by customer")).to_be_visible()
        expect(story(engineer, "Fix committed to revert")).to_have_count(1)
        expect(engineer.locator("#connection")).to_be_empty()
        expect(engineer.locator("#waiting-lines")).to_have_count(0)
        expect(engineer.get_by_label("What happened?")).to_have_value("08:34 Merged")

        at(38)
        note(scribe, "08:38 Pipeline re-triggered due to AWS API timeout")
        opened(engineer, f"{ROOM}/investigation").get_by_label("Configuration change: what did you find?").fill("CNI")
        press(engineer, "It may be: Configuration change")
        press(opened(lead), "Impact is assessed")
        expect(scribe.get_by_label("What made users safe?")).to_be_visible()
        lead.get_by_role("link", name="users", exact=True).click()
        lead.wait_for_load_state()
        press(lead, "Send the update")
        at(46)
        lead.get_by_label("What made users safe?").fill("Target groups reattached to the ALB by the pipeline")
        press(lead, "Users are safe")
        engineer.get_by_text("Confirm it or rule it out").click()
        engineer.get_by_label("How do you know?").fill("The old module brought the targets back.")
        press(engineer, "Confirm it")
        for box in lead.get_by_role("group", name="Resolved means").get_by_role("checkbox").all():
            box.check()
        press(lead, "Resolved")
        expect(lead.locator("#status")).to_contain_text("The postmortem is open")

        opened(lead, f"{ROOM}/postmortem/edit/why")
        expect(lead.locator("main")).to_contain_text("Confirmed while it went on: configuration change.")
        opened(lead, f"{ROOM}/postmortem/edit/response")
        expect(lead.locator("main")).to_contain_text("Paula technical lead")
        opened(lead, f"{ROOM}/postmortem/edit/what-happened?timeline=open")
        for row in TOLD:
            expect(lead.locator("main")).to_contain_text(row)
    session.rollback()
    postmortem = session.scalars(select(Postmortem)).one()
    assert (postmortem.lead_id, postmortem.is_required) == (people[0].id, True)
    assert postmortem.cause_category is CauseCategory.CONFIGURATION_CHANGE


def test_one_person_alone_needs_few_keys(chromium: Chromium, app: Flask, address: str, responder: Person) -> None:
    """Declare, stabilise, tell users, resolve: without a mouse, and without a key for the words."""
    pressed: list[str] = []
    with open_page(chromium, address, cookie=Browser(app, person=responder).cookie) as page:

        def keys(*names: str) -> None:
            for name in names:
                pressed.extend(name.split("+"))
                page.keyboard.press(name)

        opened(page, "/incidents")
        keys("d")
        expect(page.get_by_label("What is wrong?")).to_be_focused()
        page.wait_for_load_state()
        page.keyboard.type("Checkout answers 503")
        keys("Enter")
        expect(page.locator("h1")).to_contain_text("INC-1")
        page.wait_for_load_state()
        keys("s")
        page.keyboard.type("Rolled back to 4.1")
        keys("Enter")
        expect(page.locator("#phase-part .current")).to_contain_text("Stabilised")
        page.wait_for_load_state()
        keys("u")
        expect(page.locator("h1")).to_have_text("Tell users")
        page.wait_for_load_state()
        keys("Control+Enter")
        expect(page.locator("#updates-part")).to_contain_text("Last to users")
        page.wait_for_load_state()
        keys("r", "Space", "Tab", "Space", "Tab", "Space", "Tab", "Space", "Enter")
        expect(page.locator("#status")).to_contain_text("INC-1 is resolved.")
    session.rollback()
    assert session.scalars(select(Incident.phase)).all() == [Phase.RESOLVED]
    assert len(session.scalars(select(Update)).all()) == 1
    assert len(pressed) < MOST_KEYS, pressed
