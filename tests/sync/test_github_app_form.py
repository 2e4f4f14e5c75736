"""Connecting GitHub as a GitHub App."""

from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.clients.github_app import app_in
from tracker.db import session
from tracker.models import Tracker, TrackerKind
from tracker.security import Vault


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(make.NOW)


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def connect(browser: Browser, **typed: str) -> Page:
    values = {"site": "github-app", "name": "GitHub", "default_target": "acme/shop"} | typed
    return browser.get("/settings/trackers/new").submit("Connect", **values)


def test_an_app_is_sealed_whole(admin_browser: Browser, private_key: str) -> None:
    page = connect(admin_browser, app_id="12345", installation_id="678", private_key=private_key)

    tracker = session.scalars(select(Tracker)).one()
    app = app_in(Vault(make.SECRET).open(tracker.sealed_token))
    assert app is not None
    assert (tracker.kind, app.app_id, app.installation_id) == (TrackerKind.GITHUB, "12345", "678")
    assert app.private_key.strip() == private_key.strip()
    assert "GitHub is connected." in page.flashes
    assert "PRIVATE KEY" not in page.body


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, "private_key", "Enter the App's private key."),
        ({"app_id": "one", "installation_id": "678"}, "app_id", "The App ID is a number."),
        ({"app_id": "12345", "installation_id": ""}, "installation_id", "The installation ID is a number."),
        (
            {"app_id": "12345", "installation_id": "678", "private_key": "no key"},
            "private_key",
            "This is not a private",
        ),
        ({"site": "github"}, "token", "Enter a token."),
    ],
)
def test_what_is_wrong_with_an_app_stands_beside_its_field(
    admin_browser: Browser, private_key: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    key = {"private_key": private_key} if "app_id" in typed else {}

    page = connect(admin_browser, **key | typed)

    assert page.status == 422
    assert sentence in page.select(f"#{field}-error")[0].get_text(" ", strip=True)
    assert session.scalars(select(Tracker)).all() == []


def test_a_token_can_give_way_to_an_app(admin_browser: Browser, private_key: str) -> None:
    tracker = make.tracker()

    typed = {"app_id": "12345", "installation_id": "678", "private_key": private_key}
    admin_browser.get(f"/settings/trackers/{tracker.id}/edit").submit("Save", **typed)

    session.expire_all()
    assert app_in(Vault(make.SECRET).open(session.get_one(Tracker, tracker.id).sealed_token)) is not None
