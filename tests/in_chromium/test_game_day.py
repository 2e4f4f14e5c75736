"""A game day: who leads it plans it from a past incident; three people take part, one on a phone, one cut off."""

from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests import make
from tests.browser import Browser
from tests.chromium import open_page
from tests.drills.past import past_incident
from tests.in_chromium.test_live_incident import opened, press
from tracker import clock

pytestmark = pytest.mark.once
ROOM = "/incidents/INC-2"


def planned(page: Page) -> None:
    """The past incident is chosen, looked at, and planned with Ana in command."""
    opened(page, "/drills")
    page.get_by_role("link", name="Plan a drill").first.click()
    page.get_by_label("Let it happen again").select_option("INC-1")
    press(page, "Propose a plan")
    expect(page.get_by_text("INC-1 happens again, without its answer")).to_be_visible()
    page.get_by_label("Incident commander").select_option(label="Ana")
    press(page, "Plan it")
    press(page, "Begin the drill")


def test_three_people_drill_what_one_of_them_planned(chromium: Chromium, app: Flask, address: str) -> None:
    past_incident(make.service("Locker control"), declared_at=clock.utcnow())
    cookies = [Browser(app, person=make.person(name)).cookie for name in ("Lea", "Ana", "Bo", "Cy")]
    with ExitStack() as stack:
        lea, ana, bo, cy = (stack.enter_context(open_page(chromium, address, cookie=one)) for one in cookies)
        cy.set_viewport_size({"width": 375, "height": 812})
        planned(lea)
        ana.clock.install()
        for page in (ana, cy):
            opened(page, ROOM)
            expect(page.locator("#drill").get_by_text("41 % of stations are silent")).to_be_visible()
            expect(page.get_by_text("certificate")).to_have_count(0)

        opened(bo, f"{ROOM}/drill")
        bo.get_by_label("what did you do?").fill("Opened the runbook.")
        bo.keyboard.press("Enter")
        expect(bo.get_by_text("Opened the runbook.").first).to_be_visible()
        opened(bo, ROOM)
        bo.context.set_offline(True)
        bo.get_by_label("What happened?").fill("Restarted the broker")
        bo.keyboard.press("Enter")
        expect(bo.locator("#waiting-lines")).to_contain_text("Restarted the broker")
        lea.get_by_role("button", name="Give it now: The broker's log says").click()
        lea.wait_for_load_state()
        ana.clock.run_for(11_000)

        expect(ana.locator("#drill").get_by_text("certificate expired")).to_be_visible()
        expect(ana.locator("#timeline-part").get_by_text("Opened the runbook.")).to_be_visible()
        expect(bo.locator("#connection")).to_contain_text("No connection since")
        bo.context.set_offline(False)
        expect(bo.locator("#timeline-part").get_by_text("Restarted the broker")).to_have_count(1)
        expect(bo.locator("#waiting-lines")).to_have_count(0)
        expect(bo.locator("#drill").get_by_text("certificate expired")).to_be_visible()
        assert cy.evaluate("document.documentElement.scrollWidth") <= 375
        press(lea, "End the drill")
        lea.get_by_label("What was missing?").fill("Nobody on call may renew it")
        press(lea, "Note it")
        press(lea, "Make it an action item: Nobody on call may renew it")
        expect(lea.locator("#gaps").get_by_role("link", name="AI-1")).to_be_visible()
        opened(cy, "/drills/1")
        expect(cy.get_by_text("It happened before")).to_be_visible()
