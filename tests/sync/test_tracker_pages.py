"""Trackers and sync health, as an administrator sees them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tests.sync.conftest import Worker
from tracker.clients.failures import BadCredentials
from tracker.clients.memory import MemoryClient
from tracker.db import session
from tracker.models import AuditEntry, Freshness, JiraFlavour, PushState, Service, Ticket, Tracker, TrackerKind
from tracker.security import Vault
from tracker.sync import checking

TOKEN = "ghp_a-token-that-nobody-may-read"


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(make.NOW)


def connect(browser: Browser, **typed: str) -> Page:
    values = {"site": "github", "name": "GitHub", "token": TOKEN, "default_target": "acme/shop"} | typed
    return browser.get("/settings/trackers/new").submit("Connect", **values)


def only_tracker() -> Tracker:
    return session.scalars(select(Tracker)).one()


def test_connecting_github_seals_the_token_and_says_who_we_are(admin_browser: Browser) -> None:
    page = connect(admin_browser)

    tracker = only_tracker()
    assert (tracker.kind, tracker.url, tracker.default_target) == (
        TrackerKind.GITHUB,
        "https://api.github.com",
        "acme/shop",
    )
    assert TOKEN.encode() not in tracker.sealed_token
    assert Vault(make.SECRET).open(tracker.sealed_token) == TOKEN
    assert "GitHub answers: we are memory there, and nothing is missing." in page.flashes
    assert page.heading == "Trackers"
    assert session.scalars(select(AuditEntry.action)).all() == ["add_tracker"]


def test_connecting_jira_cloud_needs_an_account(admin_browser: Browser) -> None:
    typed = {"site": "jira-cloud", "name": "Jira", "url": "https://jira.example.com/", "default_target": "SHOP"}

    page = connect(admin_browser, **typed)
    assert page.status == 422
    assert page.errors == ["Enter the e-mail address of the Jira Cloud account."]

    page.submit("Connect", email="ana@example.com", token=TOKEN)
    tracker = only_tracker()
    assert (tracker.flavour, tracker.email, tracker.url) == (
        JiraFlavour.CLOUD,
        "ana@example.com",
        "https://jira.example.com",
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"url": "http://127.0.0.1:8080"},
            "127.0.0.1 leads into this machine or a private network, where we do not go.",
        ),
        ({"url": "http://169.254.169.254/"}, "169.254.169.254 leads into this machine or a private network"),
        ({"url": "ftp://example.com"}, "A tracker's address starts with https:// (or http://) and names a host."),
        ({"url": "https://ana:secret@api.github.com"}, "Leave name and password out of the address"),
        ({"site": "jira-server", "default_target": "SHOP"}, "Enter the address of your Jira."),
        ({"default_target": "shop"}, '"shop" is not a repository. Write it as owner/name.'),
        ({"token": ""}, "Enter a token."),
        ({"name": ""}, "Enter a name."),
    ],
)
def test_what_cannot_be_right_is_said_beside_the_field(
    admin_browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    page = connect(admin_browser, **typed)

    assert page.status == 422
    assert any(error.startswith(sentence) for error in page.errors), page.errors
    assert page.select(".field-error")
    assert session.scalars(select(Tracker)).all() == []


def test_check_now_names_a_target_that_cannot_be_seen(admin_browser: Browser, tickets: MemoryClient) -> None:
    make.tracker()
    tickets.hidden_targets.add("acme/shop")

    page = admin_browser.get("/settings/trackers").submit("Check GitHub now")

    assert "GitHub: We cannot see acme/shop." in page.flashes


def test_a_tracker_that_never_answers_is_not_waited_for(
    admin_browser: Browser, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    make.tracker()
    over = threading.Event()
    monkeypatch.setattr(checking, "PATIENCE", 0.05)
    monkeypatch.setattr(tickets, "check", lambda **_asked: over.wait(10))

    page = admin_browser.get("/settings/trackers").submit("Check GitHub now")
    over.set()

    assert "did not answer within" in page.flashes


def test_the_list_tells_of_a_tracker_that_cannot_be_read(admin_browser: Browser) -> None:
    make.tracker("GitHub", failures=2, last_error="GitHub does not accept our credentials.")
    make.tracker("Jira", read_at=make.NOW, last_error="SHOP: The tracker does not know SHOP.")

    page = admin_browser.get("/settings/trackers")

    assert "The last try failed" in page.text
    assert "GitHub does not accept our credentials." in page.text
    assert "Needs a look" in page.text


def test_a_tracker_that_was_never_used_can_be_removed(admin_browser: Browser) -> None:
    service = make.service(tracker_id=make.tracker("Garbage").id)

    page = admin_browser.get("/settings/trackers").submit("Remove Garbage")

    assert "Garbage is removed. It had no tickets of ours." in page.flashes
    session.rollback()
    assert session.scalars(select(Tracker)).all() == []
    assert session.get_one(Service, service.id, populate_existing=True).tracker_id is None


@pytest.mark.parametrize("use", [make.push, make.ticket])
def test_a_tracker_that_has_a_history_stays(admin_browser: Browser, use: Callable[..., object]) -> None:
    tracker = make.tracker()
    use(tracker=tracker)

    page = admin_browser.get("/settings/trackers")
    assert "Remove GitHub" not in page.text
    refused = admin_browser.post(f"/settings/trackers/{tracker.id}/remove", {"csrf_token": admin_browser.token()})

    assert refused.status == 422
    assert "Switch it off instead." in refused.text


def test_sync_now_finds_out_that_a_ticket_was_deleted(
    admin_browser: Browser, worker: Worker, tickets: MemoryClient
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=5)
    worker.pull()
    tickets.remote_delete(next(iter(tickets.tickets)))
    worker.later(minutes=5)

    admin_browser.get("/settings/sync").submit("Sync GitHub now")
    worker.pull()
    assert session.scalars(select(Ticket)).one().freshness is Freshness.DELETED

    worker.later(minutes=5)
    again = worker.pull()
    assert again is not None
    assert not again.is_full, "only the round that was asked for reads everything"


def test_an_empty_token_keeps_the_stored_one(admin_browser: Browser) -> None:
    connect(admin_browser)

    page = admin_browser.get("/settings/trackers").click("GitHub")
    page.submit("Save", name="GitHub of Acme")

    tracker = only_tracker()
    assert tracker.name == "GitHub of Acme"
    assert Vault(make.SECRET).open(tracker.sealed_token) == TOKEN


def test_a_stored_token_never_goes_to_another_address(admin_browser: Browser) -> None:
    connect(admin_browser)

    page = admin_browser.get("/settings/trackers").click("GitHub")
    page = page.submit("Save", url="https://jira.example.com")

    assert page.status == 422
    assert page.errors == [
        "The address changed. Enter the token again, so that the old one is not sent to a new place."
    ]
    assert only_tracker().url == "https://api.github.com"


def test_a_token_stands_on_no_page_and_in_no_log(
    admin_browser: Browser, worker: Worker, tickets: MemoryClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pages = [connect(admin_browser), connect(admin_browser)]  # the second one is refused: the name is taken
    assert pages[1].status == 422
    tracker = only_tracker()
    action = make.action()
    make.push(action, tracker, marker="AI-1:0123456789abcdef")
    tickets.fail_with = BadCredentials("They do not accept our credentials.")
    worker.push()
    tickets.fail_with = BadCredentials("They do not accept our credentials.")
    worker.pull()

    urls = ["/settings/trackers", f"/settings/trackers/{tracker.id}/edit", "/settings/sync", "/settings/audit"]
    pages += [admin_browser.get(url) for url in [*urls, f"/actions/{action.ref}/tickets"]]
    pages.append(admin_browser.get("/settings/trackers").submit("Check GitHub now"))

    assert not [page.url for page in pages if TOKEN in page.body]
    assert TOKEN not in caplog.text


def test_a_tracker_is_switched_off_and_on(admin_browser: Browser) -> None:
    make.tracker()

    page = admin_browser.get("/settings/trackers").submit("Switch off GitHub")
    assert not only_tracker().is_active
    page.submit("Switch on GitHub")

    assert only_tracker().is_active


def test_a_tracker_that_was_never_read_is_red(admin_browser: Browser) -> None:
    make.tracker()

    page = admin_browser.get("/settings/sync")

    assert "Never read" in page.text
    assert page.select(".badge.bad")


def test_health_shows_what_waits_and_what_needs_a_decision(admin_browser: Browser) -> None:
    tracker = make.tracker(read_at=make.NOW)
    failed = make.action("Add a cache warm-up")
    make.push(failed, tracker, state=PushState.FAILED, last_error="A required field is missing.")
    make.push(make.action(), tracker)
    make.ticket(tracker, action=make.action(), freshness=Freshness.DELETED)
    make.ticket(tracker, action=make.action(), assignee="a-stranger")

    page = admin_browser.get("/settings/sync")

    assert f"{failed.ref} Add a cache warm-up" in page.text
    assert "No ticket was made. Mend what is wrong, then try again. It said: A required field is missing." in page.text
    assert "On their way 1" in page.text
    assert "Deleted 1" in page.text
    assert "Assignee unmapped 1" in page.text


def test_sync_now_ends_our_own_pause_but_not_one_the_tracker_asked_for(admin_browser: Browser) -> None:
    soon = make.NOW + timedelta(minutes=30)
    make.tracker("GitHub", failures=3, run_after=soon, last_error="down")
    make.tracker("Jira", failures=0, run_after=soon, last_error="slow down")

    ours = admin_browser.get("/settings/sync").submit("Try GitHub now")
    theirs = admin_browser.get("/settings/sync").submit("Sync Jira now")

    assert "GitHub is being read." in ours.flashes
    assert theirs.status == 422
    assert "Jira asked us to wait until 09:35 UTC." in theirs.text
    waits = dict(session.execute(select(Tracker.name, Tracker.run_after)).all())
    assert waits == {"GitHub": None, "Jira": soon}


@pytest.mark.once
def test_health_takes_the_same_queries_however_much_there_is(admin_browser: Browser) -> None:
    tracker = make.tracker()
    make.push(make.action(), tracker, state=PushState.FAILED)
    few = len(admin_browser.get("/settings/sync").queries)
    for number in range(4):
        other = make.tracker(f"Jira {number}", slug=f"jira-{number}")
        for _ in range(4):
            make.push(make.action(), other, state=PushState.UNKNOWN)

    many = len(admin_browser.get("/settings/sync").queries)

    assert few == many <= 12


@pytest.mark.parametrize("url", ["/settings/trackers", "/settings/trackers/new", "/settings/sync"])
def test_trackers_are_for_administrators(browser: Browser, url: str) -> None:
    assert browser.get(url).status == 403


def test_a_worker_stands_behind_the_buttons(app: Flask) -> None:
    assert {"sync.push", "sync.pull"} <= {job.name for job in app.extensions["followthrough.queue"].jobs}
