"""A form that came too late is kept: its words are shown, and sent again only by the person's own hand."""

import re
from typing import Any

import pytest
from wtforms import PasswordField

from tests import make
from tests.browser import Browser, Page, form_values
from tests.rules.walk import send
from tracker.db import session
from tracker.forms import Form
from tracker.models import Incident, Person
from tracker.posted import is_secret

HERE = {"Origin": "http://localhost", "Referer": "http://localhost/incidents/new"}
TYPED = {"title": "Checkout is down", "severity": "SEV2", "summary": "Since nine.\nPayments fail, all of them."}


def post(browser: Browser, path: str, data: dict[str, Any], **headers: str) -> Page:
    """Send a form as a page of ours does, unless the headers say otherwise; the answer is checked as any page."""
    browser.client.environ_base.update(
        {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    )
    try:
        return browser.post(path, data)
    finally:
        for name in headers:
            del browser.client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"]


def incidents() -> list[str]:
    session.rollback()
    return [incident.title for incident in session.query(Incident).order_by(Incident.id)]


def shown(page: Page) -> dict[str, str]:
    """What the page shows of what was sent."""
    controls = page.select("main [readonly]")
    return {str(tag["name"]): str(tag.get("value") or tag.get_text().removeprefix("\n")) for tag in controls}


def test_who_is_not_signed_in_any_more_finds_every_word_again(anonymous: Browser) -> None:
    page = post(anonymous, "/incidents/new", TYPED, **HERE)

    assert (page.status, page.heading) == (401, "Your session has ended")
    assert shown(page) == TYPED
    assert page.select("main a[href^='/sign-in']")[0]["href"] == "/sign-in?next=/incidents/new"
    assert incidents() == []


def test_what_was_kept_is_sent_after_signing_in_again(anonymous: Browser, responder: Person) -> None:
    kept = post(anonymous, "/incidents/new", TYPED, **HERE)
    anonymous.sign_in(responder)

    [form] = kept.select("main form")
    asked = post(anonymous, str(form["action"]), form_values(form) | {"csrf_token": "of the session before"}, **HERE)
    assert (asked.status, asked.heading) == (400, "Not sent yet")
    assert incidents() == []
    page = asked.submit("Send it again")

    assert page.status == 200
    assert incidents() == ["Checkout is down"]


def test_a_form_that_was_open_for_too_long_is_sent_again_with_one_click(browser: Browser) -> None:
    page = post(browser, "/incidents/new?from=mail", TYPED | {"csrf_token": "old", "started_at": ""}, **HERE)

    assert (page.status, page.heading) == (400, "Not sent yet")
    assert shown(page) == TYPED
    assert "It goes to /incidents/new?from=mail" in page.text
    assert incidents() == []
    assert page.submit("Send it again").heading.endswith("Checkout is down")
    assert incidents() == ["Checkout is down"]


def test_a_page_without_a_form_of_its_own_leads_back_to_where_the_button_was(browser: Browser) -> None:
    incident = make.incident()
    room = f"/incidents/{incident.ref}"

    page = post(
        browser,
        f"{room}/timeline/1/star",
        {"text": "x"},
        Origin="http://localhost",
        Referer=f"http://localhost{room}?a=1",
    )

    assert f"{room}?a=1" in page.links()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Referer": "http://[localhost/incidents/new"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost@evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Referer": "https://evil.example/http://localhost/"},
    ],
)
def test_what_another_site_sent_is_neither_shown_nor_offered(browser: Browser, headers: dict[str, str]) -> None:
    page = post(browser, "/incidents/new", TYPED, **headers)

    assert page.status == 400
    assert "Checkout is down" not in page.body
    assert not page.select("main form")
    assert page.links() == ["/incidents/new"]


def test_nothing_is_sent_by_itself(browser: Browser) -> None:
    page = post(browser, "/incidents/new", TYPED, **HERE)

    assert not page.select("main script, main [autofocus], main [hx-trigger], main meta")
    assert incidents() == []


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</textarea><script>x</script>",
        "{{ 7*7 }}",
        "a\x00b\x07",
    ],
)
def test_names_and_values_are_only_ever_text(browser: Browser, evil: str) -> None:
    page = post(browser, "/incidents/new", {evil: evil, "title": evil, "summary": f"{evil}\n\n{evil}"}, **HERE)

    assert page.status == 400
    assert not page.select("main script, main img")
    assert "49" not in page.text
    clean = re.sub(r"[\x00\x07]", "", evil)
    assert shown(page) == {clean: clean, "title": clean, "summary": f"{clean}\n\n{clean}"}


def test_an_address_that_a_browser_reads_as_another_site_is_no_target(browser: Browser) -> None:
    answer = send(browser, "POST", "//evil.example/incidents/new", data=TYPED, headers=HERE)

    assert b'action="//' not in answer.get_data()


def test_passwords_and_tokens_are_never_shown_again(admin_browser: Browser) -> None:
    secrets = {"present": "quokka one", "new": "quokka two", "csrf_token": "quokka three"}

    page = post(admin_browser, "/profile/password", secrets, Origin="http://localhost")

    assert "quokka" not in page.body
    assert "Send it again" not in page.text


def test_a_password_of_a_sign_in_that_came_too_late_is_gone(anonymous: Browser) -> None:
    page = post(anonymous, "/sign-in", {"email": "ana@example.com", "password": "quokka"}, Origin="http://localhost")

    assert page.status == 400
    assert "quokka" not in page.body
    assert "/sign-in" in page.links()


def test_every_password_field_of_ours_is_known_as_a_secret() -> None:
    names = {
        name
        for form in subclasses(Form)
        for name in dir(form)
        if getattr(getattr(form, name), "field_class", None) is PasswordField
    }

    assert {"password", "present", "new", "token"} <= names
    assert all(is_secret(name) for name in names)


def subclasses(kind: type) -> set[type]:
    below: list[type] = kind.__subclasses__()
    return {kind}.union(*(subclasses(one) for one in below))


def test_a_request_with_far_too_many_fields_is_not_repeated(anonymous: Browser) -> None:
    page = post(anonymous, "/incidents/new", {f"field{number}": "x" for number in range(201)}, **HERE)

    assert page.status == 413


def test_a_request_that_is_far_too_large_is_not_repeated(anonymous: Browser) -> None:
    page = post(anonymous, "/incidents/new", {"title": "x" * 3_000_000}, **HERE)

    assert page.status == 413


def test_a_part_of_a_page_is_told_in_a_sentence(anonymous: Browser) -> None:
    assert "Your session has ended" in anonymous.post("/incidents/new", TYPED, htmx=True).body


def test_what_is_saved_while_typing_is_told_in_one_line(browser: Browser) -> None:
    answer = send(browser, "POST", "/incidents/new", data=TYPED, headers={"X-Requested-With": "autosave"})

    assert answer.mimetype == "text/plain"
    assert "too long" in answer.get_data(as_text=True)
