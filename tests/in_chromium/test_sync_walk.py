"""Ten tickets in a real browser: pushed, then closed, deleted and transferred over there, and followed here.

GitHub is played by emulate behind our proxy, the worker is its own process, and no function of ours is called.
"""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.in_chromium.installation import Installation, until
from tests.in_chromium.test_story import heading, sign_in
from tests.servers import GithubServer

pytestmark = pytest.mark.once
ITEMS = 10
CLOSED = 3


def test_ten_tickets_are_followed_whatever_happens_to_them(world: Installation, page: Page) -> None:
    sign_in(world, page)
    connect(world, page)
    promise_ten(page)
    make_tickets(page)
    until(lambda: len(world.github.issues()) == ITEMS, what="ten issues in GitHub")

    moved_to = change_there(world.github)
    read_again(page)

    until(lambda: "Deleted in the tracker" in tickets_of(page, "AI-4"), what="the deleted ticket")
    until(lambda: moved_to in tickets_of(page, "AI-5"), what="the transferred ticket")
    assert "Transferred to another repository. We followed it." in page.content()
    assert states(page) == ["done"] * CLOSED + ["open"] * (ITEMS - CLOSED)
    assert len(world.github.issues()) == ITEMS


def connect(world: Installation, page: Page) -> None:
    page.goto("/settings/trackers/new")
    page.get_by_label("GitHub", exact=True).check()
    page.get_by_label("Name").fill("GitHub")
    page.get_by_label("Address").fill(world.github.base_url)
    page.get_by_label("Token").fill(world.github.token)
    page.get_by_label("Default repository or project").fill(world.github.target)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("GitHub is connected.")).to_be_visible()


def declare_without_service(page: Page) -> None:
    page.goto("/incidents/new")
    page.get_by_label("What is wrong?").fill("Checkout answers 503")
    page.get_by_role("button", name="Declare incident").click()
    expect(heading(page)).to_have_text("INC-1 Checkout answers 503")


def promise_ten(page: Page) -> None:
    declare_without_service(page)
    for number in range(1, ITEMS + 1):
        promise_unseen(page, f"Promise number {number}")


def promise_unseen(page: Page, title: str) -> None:
    """The form sent by the same browser, without drawing its page."""
    form = page.request.get("/actions/new?incident=INC-1").text()
    hidden = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    typed = {"title": title, "kind": "prevent", "incident": "INC-1"}
    assert page.request.post("/actions/new", form=hidden | typed, headers={"Referer": page.url}).ok


def make_tickets(page: Page) -> None:
    """All ten at once, from the list."""
    page.goto("/actions?state=open")
    for box in page.get_by_role("checkbox", name="Choose AI-").all():
        box.check()
    page.get_by_role("button", name="Make tickets").click()
    page.get_by_label("Tracker").select_option(label="GitHub")
    page.get_by_role("button", name=f"Make {ITEMS} tickets").click()
    expect(page.get_by_text(f"{ITEMS} tickets are on their way.")).to_be_visible()


def change_there(github: GithubServer) -> str:
    """Three are closed, one is deleted, one is transferred; the new key of that one."""
    numbers = {str(issue["title"]): int(issue["number"]) for issue in github.issues()}
    for number in range(1, CLOSED + 1):
        github.change(numbers[f"Promise number {number}"], state="closed", state_reason="completed")
    github.delete(numbers[f"Promise number {CLOSED + 1}"])
    return github.transfer(numbers[f"Promise number {CLOSED + 2}"])


def read_again(page: Page) -> None:
    page.goto("/settings/sync")
    page.get_by_role("button", name="Sync GitHub now").click()
    expect(page.get_by_text("GitHub is being read.")).to_be_visible()


def tickets_of(page: Page, ref: str) -> str:
    page.goto(f"/actions/{ref}/tickets")
    return page.content()


def states(page: Page) -> list[str]:
    """The states of all items, in the order of their numbers."""
    lines = csv.DictReader(io.StringIO(page.request.get("/actions.csv?state=all").text()))
    found = {int(line["ref"].removeprefix("AI-")): line["state"] for line in lines}
    return [found[number] for number in sorted(found)]
