"""The guided form in a real browser: saved while typing, two people at once, the tree without a reload."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.chromium import open_page
from tests.postmortems.test_pictures import png
from tests.postmortems.written import begun, edit_url
from tracker.db import session
from tracker.models import Answer, Person, Why

pytestmark = pytest.mark.once
expect.set_options(timeout=20_000)
NewPage = Callable[[Person], Page]


@pytest.fixture
def page_of(chromium: Chromium, address: str, app: Flask) -> Iterator[NewPage]:
    """Opens a browser of its own for a person who is signed in."""
    with ExitStack() as pages:
        yield lambda person: pages.enter_context(
            open_page(chromium, address, cookie=Browser(app, person=person).cookie)
        )


def texts() -> dict[str, str]:
    session.rollback()
    session.expire_all()
    return {row.question: row.text for row in session.scalars(select(Answer))}


def test_words_are_saved_as_they_are_typed_on_a_phone_and_saving_the_step_is_no_clash(
    page_of: NewPage, responder: Person
) -> None:
    incident, _ = begun()
    page = page_of(responder)
    page.set_viewport_size({"width": 375, "height": 667})
    page.goto(edit_url(incident))

    page.get_by_label("What happened, in short").fill("The cache")
    expect(page.locator("#summary-saved")).to_contain_text("Saved")
    page.get_by_label("What happened, in short").fill("The cache was cold.")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("#status")).to_contain_text("Saved.")
    assert texts() == {"summary": "The cache was cold."}
    assert width_of(page) <= 375
    for elsewhere in (edit_url(incident, "why"), f"/incidents/{incident.ref}/postmortem"):
        page.goto(elsewhere)
        assert width_of(page) <= 375


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_words_typed_before_the_page_has_loaded_its_scripts_are_saved_too(page_of: NewPage, responder: Person) -> None:
    incident, _ = begun()
    page = page_of(responder)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/js/autosave.js*", hold)
    with page.expect_request("**/js/autosave.js*"):
        page.goto(edit_url(incident), wait_until="commit")

    page.get_by_label("What happened, in short").fill("The cache was cold.")
    held[0].continue_()

    expect(page.locator("#summary-saved")).to_contain_text("Saved")
    assert texts() == {"summary": "The cache was cold."}


def test_two_people_in_one_answer_see_each_other_and_both_texts_and_make_one(
    page_of: NewPage, responder: Person, admin: Person
) -> None:
    incident, _ = begun()
    his, hers = page_of(responder), page_of(admin)
    for page in (his, hers):
        page.goto(edit_url(incident), wait_until="networkidle")
    expect(hers.locator("#presence")).to_contain_text(f"{responder.name} is here")
    hers.get_by_label("What happened, in short").fill("Alice: cold cache.")
    expect(hers.locator("#summary-saved")).to_contain_text("Saved")

    his.get_by_label("What happened, in short").fill("Bob: slow database.")

    clash = his.locator(".clash")
    expect(clash).to_contain_text("Alice saved this while you were writing.")
    expect(clash).to_contain_text("Alice: cold cache.")
    expect(clash).to_contain_text("Bob: slow database.")
    clash.get_by_role("button", name="Save this text").click()
    expect(his.locator("#status")).to_contain_text("Saved.")
    assert texts() == {"summary": "Alice: cold cache.\nBob: slow database."}


def test_a_why_is_added_below_another_while_an_unsaved_answer_stays(page_of: NewPage, responder: Person) -> None:
    incident, postmortem = begun()
    make.save(Why(postmortem_id=postmortem.id, claim="The pool was empty."))
    page = page_of(responder)
    page.goto(edit_url(incident, "why"), wait_until="networkidle")
    page.get_by_label("Root causes").fill("Half a sentence")

    page.get_by_role("link", name="Ask why").click()
    page.get_by_label("Why was that so?").fill("Retries held it.")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/postmortem/whys", hold)
    with page.expect_request("**/postmortem/whys"):
        page.get_by_role("button", name="Add this why").click()
    page.get_by_label("Root causes").fill("Half a sentence, and")
    held[0].continue_()

    expect(page.locator(".tree ul > li")).to_contain_text("Retries held it.")
    page.keyboard.type(" d")  # an answer that comes late takes nobody out of the field they write in
    expect(page.get_by_label("Root causes")).to_have_value("Half a sentence, and d")


def test_a_tree_is_written_and_moved_with_the_keyboard_alone(page_of: NewPage, responder: Person) -> None:
    incident, postmortem = begun()
    make.save(Why(postmortem_id=postmortem.id, claim="Orders waited."))
    page = page_of(responder)
    page.goto(edit_url(incident, "why"), wait_until="networkidle")
    keys, claim = page.keyboard, page.locator("form[data-quick-why] textarea[name=claim]")

    def type_why(words: str, key: str) -> None:
        expect(claim).to_be_focused()
        keys.type(words)
        keys.press(key)
        expect(page.locator(".tree-node", has_text=words)).to_be_visible()

    page.locator(".tree-node[data-why]").focus()
    keys.press("Enter")
    type_why("The pool was empty.", "Tab")
    type_why("Retries held it.", "Enter")
    expect(claim).to_be_focused()
    keys.type("No alert rang.")
    keys.press("Enter")
    expect(page.locator(".tree-node", has_text="No alert rang.")).to_be_visible()
    expect(claim).to_be_focused()
    keys.press("Escape")
    node = page.locator(".tree-node[data-why]", has_text="No alert rang.")
    expect(node).to_be_focused()
    keys.press("Alt+ArrowLeft")
    expect(page.locator(".tree > li", has_text="No alert rang.")).to_be_visible()
    expect(page.locator(".tree > li > .tree-node", has_text="No alert rang.")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(page.locator(".tree > li").nth(1)).to_contain_text("No alert rang.")

    session.rollback()
    session.expire_all()
    shape = {row.claim: row for row in session.scalars(select(Why))}
    assert shape["Retries held it."].parent_id == shape["The pool was empty."].id
    assert [shape[words].position for words in ("Orders waited.", "No alert rang.", "The pool was empty.")] == [0, 1, 2]


def test_no_word_is_lost_when_the_network_dies_in_mid_sentence_or_the_session_ends(
    page_of: NewPage, responder: Person
) -> None:
    incident, _ = begun()
    page = page_of(responder)
    page.goto(edit_url(incident), wait_until="networkidle")
    text, state = page.get_by_label("What happened, in short"), page.locator("#summary-saved")

    page.context.set_offline(True)
    text.fill("The cache was")
    expect(state).to_contain_text("you are offline")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(state).to_contain_text("Saved")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    text.fill("The cache was cold.")
    expect(state).to_contain_text("your session has ended")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # what it gave
    page.goto(edit_url(incident), wait_until="networkidle")

    expect(page.locator(".message")).to_contain_text("They are back.")
    expect(page.get_by_label("What happened, in short")).to_have_value("The cache was cold.")
    expect(page.locator("#summary-saved")).to_contain_text("Saved")
    assert texts() == {"summary": "The cache was cold."}


GIVE = """(area, [way, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], way + ".png", { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  area.dispatchEvent(way === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: data })
    : new DragEvent("drop", { ...options, dataTransfer: data }));
}"""
"""What a browser does when a person pastes a picture, or lets go of one above the text."""


def test_a_picture_is_pasted_and_another_dropped_and_both_are_seen_on_the_page(
    page_of: NewPage, responder: Person
) -> None:
    incident, _ = begun()
    page = page_of(responder)
    page.goto(edit_url(incident), wait_until="networkidle")
    text = page.get_by_label("What happened, in short")

    for way in ("paste", "drop"):
        text.evaluate(GIVE, [way, list(png())])
        expect(text).to_have_value(re.compile(rf"!\[{way}\]\(/incidents/INC-\d+/pictures/[0-9a-f]{{32}}\)"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Saved.")
    page.goto(f"/incidents/{incident.ref}/postmortem", wait_until="networkidle")

    for way in ("paste", "drop"):
        shown = page.get_by_role("img", name=way, exact=True)
        expect(shown).to_be_visible()
        assert shown.evaluate("img => img.naturalWidth") == 3


def test_a_picture_is_chosen_and_shown_and_a_hasty_word_is_asked_about(page_of: NewPage, responder: Person) -> None:
    incident, _ = begun()
    page = page_of(responder)
    page.goto(edit_url(incident), wait_until="networkidle")
    text = page.get_by_label("What happened, in short")

    editor = page.locator("#q-summary [data-editor]")
    picture = {"name": "graph.png", "mimeType": "image/png", "buffer": png()}
    editor.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
    expect(text).to_have_value(re.compile(r"^!\[graph\]\(/incidents/INC-\d+/pictures/[0-9a-f]{32}\)$"))
    editor.get_by_role("button", name="Preview").click()
    expect(editor.locator(".editor-preview img")).to_be_visible()
    before = page.locator("#q-what_broke").bounding_box()
    text.press("End")
    text.press_sequentially(" We should have known.")
    expect(page.locator("#wording-summary")).to_contain_text("What did it look like at the time?")

    after = page.locator("#q-what_broke").bounding_box()
    assert before == after  # nothing moved when the question came
