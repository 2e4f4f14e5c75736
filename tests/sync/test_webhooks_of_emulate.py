"""A closed issue, told by a GitHub that signs what it sends, over a real connection."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.servers import GithubServer, github_server
from tests.serving import served
from tests.sync.conftest import Worker
from tests.sync.hooks import SECRET, listening
from tracker.clients.factory import ticket_client_factory
from tracker.config import Settings
from tracker.db import session
from tracker.models import ActionItem, ActionState, HookDelivery
from tracker.security import Vault
from tracker.sync import jobs
from tracker.wiring import Wiring

pytestmark = pytest.mark.once
OURS = "octocat/told"
"""Only who owns a repository may set up its webhooks."""


@pytest.fixture(scope="module")
def github() -> Iterator[GithubServer]:
    with github_server() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, github: GithubServer) -> Settings:
    return replace(settings, tracker_hosts=frozenset({github.host}))


@pytest.fixture
def wiring(wiring: Wiring, settings: Settings) -> Wiring:
    return replace(wiring, ticket_client=ticket_client_factory(settings.tracker_hosts, seconds_between_writes=0))


@pytest.mark.parametrize("secret", [SECRET, "not the one that was agreed on"])
def test_github_tells_of_a_closed_issue(app: Flask, github: GithubServer, worker: Worker, secret: str) -> None:
    worker.set_clock(datetime.now(UTC))
    sealed = Vault(make.SECRET).seal(github.token)
    tracker = make.tracker(url=github.base_url, sealed_token=sealed, default_target=OURS, read_at=make.NOW)
    listening(tracker)
    issue = github.add("Warm the cache", target=OURS)
    action = make.action()
    make.ticket(tracker, action=action, remote_id=issue["node_id"], key=f"{OURS}#{issue['number']}", target=OURS)

    with served(app) as url:
        tell(github, f"{url}/hooks/github/github", secret=secret)
        github.change(int(issue["number"]), target=OURS, state="closed", state_reason="completed")
        wait_for_deliveries(github)
    session.rollback()
    is_noted = bool(session.scalars(select(HookDelivery)).all())
    session.rollback()
    jobs.look_due(worker.now)
    session.rollback()

    assert is_noted is (secret == SECRET)
    state = session.get_one(ActionItem, action.id).state
    assert state is (ActionState.DONE if secret == SECRET else ActionState.OPEN)


def tell(github: GithubServer, url: str, *, secret: str) -> None:
    """Have the repository's events sent to one address only."""
    hooks = f"/repos/{OURS}/hooks"
    for hook in github.proxy.direct("GET", hooks):
        github.proxy.direct("PATCH", f"{hooks}/{hook['id']}", {"active": False})
    config = {"url": url, "content_type": "json", "secret": secret}
    github.proxy.direct("POST", hooks, {"config": config, "events": ["issues"], "active": True})


def wait_for_deliveries(github: GithubServer) -> None:
    """Until the last hook's delivery of the closed issue has come to an end."""
    hooks = f"/repos/{OURS}/hooks"
    last = max(int(hook["id"]) for hook in github.proxy.direct("GET", hooks))
    give_up_at = time.monotonic() + 10
    while not any(sent["action"] == "closed" for sent in github.proxy.direct("GET", f"{hooks}/{last}/deliveries")):
        assert time.monotonic() < give_up_at, "GitHub did not tell."
        time.sleep(0.02)
