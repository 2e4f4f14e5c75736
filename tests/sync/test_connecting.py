"""Connecting a tracker that does not let us in: said where it is mended, before anything is kept."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.clients.failures import BadCredentials, ClientError, NoAccess, NotReached, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.db import session
from tracker.models import Tracker
from tracker.security import Vault


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(make.NOW)


def connect(browser: Browser, **typed: str) -> Page:
    values = {"site": "github", "name": "GitHub", "token": "ghp_token", "default_target": "acme/shop"} | typed
    return browser.get("/settings/trackers/new").submit("Connect", **values)


@pytest.mark.parametrize(
    ("failure", "field", "sentence"),
    [
        (BadCredentials("They do not accept our credentials."), "token", "They do not accept our credentials."),
        (NotReached("Nobody answers there."), "url", "Nobody answers there. Is this the address of your GitHub?"),
        (NoAccess("They do not know this place."), "url", "They do not know this place."),
    ],
)
def test_what_a_tracker_refuses_stands_beside_its_field_and_nothing_is_kept(
    admin_browser: Browser, tickets: MemoryClient, failure: ClientError, field: str, sentence: str
) -> None:
    tickets.fail_with = failure

    page = connect(admin_browser)

    assert page.status == 422
    assert sentence in page.select(f"#{field}-error")[0].get_text(" ", strip=True)
    assert session.scalars(select(Tracker)).all() == []


def test_a_tracker_that_fails_at_this_moment_is_kept(admin_browser: Browser, tickets: MemoryClient) -> None:
    tickets.fail_with = Unavailable("They failed with status 502.")

    page = connect(admin_browser)

    assert "GitHub is connected." in page.flashes
    assert session.scalars(select(Tracker)).one().is_active


def test_what_is_missing_is_said_where_it_is_mended(admin_browser: Browser, tickets: MemoryClient) -> None:
    tickets.hidden_targets.add("acme/shop")

    page = connect(admin_browser)

    assert page.heading == "Edit GitHub"
    assert "GitHub: We cannot see acme/shop." in page.flashes


def test_a_new_token_that_is_refused_leaves_the_old_one(admin_browser: Browser, tickets: MemoryClient) -> None:
    tracker = make.tracker()
    sealed = tracker.sealed_token
    tickets.fail_with = BadCredentials("They do not accept our credentials.")

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/edit").submit("Save", token="another")

    assert "They do not accept our credentials." in page.select("#token-error")[0].get_text()
    assert session.get_one(Tracker, tracker.id, populate_existing=True).sealed_token == sealed


def test_a_tracker_that_is_away_can_be_renamed_and_given_a_new_token(
    admin_browser: Browser, tickets: MemoryClient
) -> None:
    tracker = make.tracker(last_error="Nobody answers there.")
    tickets.fail_with = NotReached("Nobody answers there.")

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/edit")
    assert "What it said last" in page.text
    page.submit("Save", name="GitHub of Acme", token="another")

    saved = session.get_one(Tracker, tracker.id, populate_existing=True)
    assert (saved.name, Vault(make.SECRET).open(saved.sealed_token)) == ("GitHub of Acme", "another")


def test_what_was_typed_for_another_kind_of_site_says_nothing(admin_browser: Browser) -> None:
    connect(admin_browser, app_id="not a number", private_key="not a key")

    assert Vault(make.SECRET).open(session.scalars(select(Tracker)).one().sealed_token) == "ghp_token"
