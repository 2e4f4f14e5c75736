"""Setting a webhook up, as an administrator does it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.sync.hooks import deliver, github_issue, listening, signature
from tracker.db import session
from tracker.models import AuditEntry, TrackerHook, TrackerKind
from tracker.security import Vault

pytestmark = pytest.mark.usefixtures("worker")


def secret_on(text: str) -> str:
    found = re.search(r"[\w-]{43}", text)
    assert found is not None, text
    return found[0]


def test_the_secret_is_shown_once_and_kept_sealed(app: Flask, admin_browser: Browser) -> None:
    tracker = make.tracker()
    address = f"/settings/trackers/{tracker.id}/webhook"

    page = admin_browser.get(address).submit("Make the secret")
    secret = secret_on(page.text)

    assert "http://localhost/hooks/github/github" in page.text
    hook = session.get_one(TrackerHook, tracker.id)
    assert secret.encode() not in hook.sealed_secret
    assert Vault(make.SECRET).open(hook.sealed_secret) == secret
    assert secret not in admin_browser.get(address).body
    assert session.scalars(select(AuditEntry.action)).all() == ["make_webhook"]
    body = github_issue("nobody-follows-it")
    assert deliver(app, body, signed=signature(body, secret=secret)).status_code == 202


def test_a_new_secret_ends_the_old_one(app: Flask, admin_browser: Browser) -> None:
    tracker = make.tracker()
    listening(tracker)

    admin_browser.get(f"/settings/trackers/{tracker.id}/webhook").submit("Make a new secret")

    assert deliver(app, b"{}").status_code == 403


def test_a_webhook_that_is_taken_away_listens_no_more(app: Flask, admin_browser: Browser) -> None:
    tracker = make.tracker()
    listening(tracker)

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/webhook").submit("Stop listening")

    assert "GitHub is not listened to any more." in page.flashes
    assert deliver(app, b"{}").status_code == 403


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({}, "Nothing heard yet"),
        ({"heard_at": make.NOW}, "It works"),
        ({"refused_at": make.NOW}, "put the secret there again, or make a new one here"),
        ({"heard_at": make.NOW, "refused_at": make.NOW + timedelta(minutes=1)}, "The last delivery was refused"),
    ],
)
def test_the_page_tells_whether_anything_was_heard(
    admin_browser: Browser, columns: dict[str, Any], sentence: str
) -> None:
    tracker = make.tracker()
    listening(tracker, **columns)

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/webhook")

    assert sentence in page.text


def test_jira_is_told_what_jira_needs(admin_browser: Browser) -> None:
    tracker = make.tracker("Jira", kind=TrackerKind.JIRA)

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/webhook")

    assert "http://localhost/hooks/jira/jira" in page.text
    assert "System, WebHooks, Create a WebHook" in page.text


def test_an_address_that_the_internet_cannot_reach_is_said(admin_browser: Browser) -> None:
    tracker = make.tracker()

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/webhook")

    assert "does not begin with https://" in page.text
