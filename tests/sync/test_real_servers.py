"""The same path over HTTP: GitHub as `emulate` plays it, Jira as `jira820` does."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.clients.descriptions import jira_description
from tests.servers import GithubServer, JiraServer, github_server, jira_server
from tests.servers.proxy import RESET_AFTER
from tests.sync.conftest import Worker, only_push, story
from tracker import action_life
from tracker.clients.factory import ticket_client_factory
from tracker.clients.ticket_text import new_marker
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    FieldMapping,
    Freshness,
    JiraFlavour,
    Push,
    PushState,
    Ticket,
    TicketState,
    Tracker,
    TrackerKind,
)
from tracker.security import Vault
from tracker.sync.access import client_of
from tracker.sync.mappings.field_values import as_stored, filled, missing
from tracker.wiring import Wiring

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def github() -> Iterator[GithubServer]:
    with github_server() as server:
        yield server


@pytest.fixture(scope="module")
def jira() -> Iterator[JiraServer]:
    with jira_server() as server:
        yield server


@pytest.fixture(scope="module")
def jira_cloud() -> Iterator[JiraServer]:
    with jira_server(is_cloud=True) as server:
        description = jira_description()
        server.proxy.judge = description.objections if description else None
        yield server


@pytest.fixture
def settings(settings: Settings, github: GithubServer, jira: JiraServer, jira_cloud: JiraServer) -> Settings:
    return replace(settings, tracker_hosts=frozenset({github.host, jira.host, jira_cloud.host}))


@pytest.fixture
def wiring(wiring: Wiring, settings: Settings) -> Wiring:
    """The clients of an installation, without the second between writes."""
    return replace(wiring, ticket_client=ticket_client_factory(settings.tracker_hosts, seconds_between_writes=0))


@pytest.fixture
def worker(worker: Worker) -> Worker:
    """The servers go by the real clock."""
    worker.now = datetime.now(UTC)
    worker.later()
    return worker


@pytest.fixture
def on_github(app: Flask, github: GithubServer) -> Tracker:
    sealed = Vault(make.SECRET).seal(github.token)
    return make.tracker("GitHub", url=github.base_url, sealed_token=sealed, default_target=github.target)


@pytest.fixture
def on_jira(app: Flask, jira: JiraServer) -> Tracker:
    return make.tracker(
        "Jira",
        kind=TrackerKind.JIRA,
        flavour=JiraFlavour.SERVER,
        url=jira.base_url,
        sealed_token=Vault(make.SECRET).seal(jira.token),
        default_target="OPS",
    )


def pushed(title: str, tracker: Tracker, *, worker: Worker) -> ActionItem:
    """An item whose ticket is asked for."""
    incident = make.incident("Checkout answers 503")
    action = make.action(title, done_when="Twenty cold starts in a row are fast.", incidents=(incident,))
    marker = new_marker(action.ref)
    make.push(action, tracker, target=tracker.default_target, marker=marker, run_after=worker.now)
    return action


def ticket() -> Ticket:
    return session.scalars(select(Ticket)).one()


def test_a_github_issue_is_made_closed_there_and_followed(
    worker: Worker, on_github: Tracker, github: GithubServer
) -> None:
    action = pushed("Warm the cache up", on_github, worker=worker)

    worker.push()
    issue = github.issues()[0]
    github.change(issue["number"], body=issue["body"].replace("Twenty", "Thirty"))
    with transaction():
        session.get_one(ActionItem, action.id).due_on = date(2027, 1, 4)
    worker.push()
    rewritten = github.issues()[0]["body"]
    github.change(issue["number"], state="closed", state_reason="completed")
    worker.later(minutes=5)
    worker.pull()

    session.refresh(action)
    assert issue["title"] == "Warm the cache up"
    assert "### Done when" in issue["body"]
    assert "Checkout answers 503" in issue["body"]
    assert "**Due:** 21 Dec 2026" in issue["body"]
    assert rewritten == issue["body"].replace("Twenty", "Thirty").replace("21 Dec 2026", "4 Jan 2027")
    assert (action.state, action.verified_at) == (ActionState.DONE, None)
    assert story(action)[-1] == f"Closed in GitHub (acme/shop#{issue['number']})."


def test_a_jira_issue_is_made_closed_there_and_followed(worker: Worker, on_jira: Tracker, jira: JiraServer) -> None:
    action = pushed("Warm the cache up in Jira", on_jira, worker=worker)

    worker.push()
    issue = next(one for one in jira.issues() if one["fields"]["summary"] == action.title)
    jira.close(issue["key"])
    worker.later(minutes=5)
    worker.pull()

    session.refresh(action)
    assert "h3. Done when" in issue["fields"]["description"]
    assert issue["fields"]["duedate"] == "2026-12-21"
    assert jira.links(issue["key"])[0]["object"]["url"] == f"http://localhost/actions/{action.ref}"
    assert (action.state, action.verified_at) == (ActionState.DONE, None)


@pytest.mark.parametrize("flavour", list(JiraFlavour))
def test_what_a_project_calls_its_states_and_fields_holds_in_a_whole_round(
    worker: Worker, request: pytest.FixtureRequest, flavour: JiraFlavour
) -> None:
    jira: JiraServer = request.getfixturevalue("jira" if flavour is JiraFlavour.SERVER else "jira_cloud")
    tracker, ana = tracker_in(jira, flavour), make.person("Ana")
    jira.dress.required = {"Story Points"}
    action = pushed("Ship it, which means done here", tracker, worker=worker)
    worker.push()
    refused = only_push().last_error
    make.save(FieldMapping(tracker_id=tracker.id, target="OPS", checked_at=worker.now, **mapped_with(tracker, "3")))
    try_again(worker)

    fields, key = issue_in(jira, action.title)["fields"], ticket().key
    jira.ship(key)
    worker.later(minutes=5)
    worker.pull()
    session.refresh(action)
    shipped = (ticket().state_text, action.state)
    with transaction():
        item = session.get_one(ActionItem, action.id)
        action_life.fail_to_hold(item, sentence="It came back.", by=ana, now=worker.now)
    worker.push()
    reopened = ticket().state_text
    worker.later(minutes=5)
    worker.pull()
    session.refresh(action)
    held = action.state
    with transaction():
        action_life.finish(session.get_one(ActionItem, action.id), evidence="Shown.", by=ana, now=worker.now)
    worker.push()
    jira.dress.required = set()

    assert "Story Points is required." in refused
    assert (fields["issuetype"]["name"], fields["priority"]["name"], "sre" in fields["labels"]) == ("Bug", "High", True)
    assert [name for name, value in fields.items() if name.startswith("customfield") and value == 3]
    assert shipped == ("Shipped", ActionState.DONE)
    assert (reopened, held) == ("Reopened", ActionState.DID_NOT_HOLD)
    assert (ticket().state_text, ticket().state) == ("Done: Done", TicketState.DONE)
    assert jira.proxy.objections == []


def issue_in(jira: JiraServer, title: str) -> dict[str, Any]:
    return next(one for one in jira.issues() if one["fields"]["summary"] == title)


def tracker_in(jira: JiraServer, flavour: JiraFlavour) -> Tracker:
    return make.tracker(
        "Jira",
        kind=TrackerKind.JIRA,
        flavour=flavour,
        url=jira.base_url,
        email=jira.user if flavour is JiraFlavour.CLOUD else "",
        sealed_token=Vault(make.SECRET).seal(jira.token),
        default_target="OPS",
        state_names={"OPS": {"shipped": "done"}},
    )


def mapped_with(tracker: Tracker, points: str) -> dict[str, Any]:
    """A mapping as its page keeps it, with what Jira says of the required field."""
    with client_of(session.get_one(Tracker, tracker.id)) as client:
        known = client.fields("OPS", kind="Bug")
    given = filled([("Story Points", points)], fields=known, tracker="Jira")
    assert "“Story Points” is required" in missing(known, given=[])[0]
    assert missing(known, given=[one.name for one in given]) == []
    return {"kind": "Bug", "labels": ["sre"], "priorities": {"P2": "High"}, "fields": as_stored(given)}


def try_again(worker: Worker) -> None:
    with transaction():
        push = session.scalars(select(Push)).one()
        push.state, push.run_after = PushState.PENDING, worker.now
    worker.push()


def test_a_connection_reset_after_the_commit_leaves_exactly_one_issue(
    worker: Worker, on_github: Tracker, on_jira: Tracker, github: GithubServer, jira: JiraServer
) -> None:
    first = pushed("Only once on GitHub", on_github, worker=worker)
    second = pushed("Only once in Jira", on_jira, worker=worker)
    github.proxy.break_next(RESET_AFTER, method="POST", path="/issues")
    jira.proxy.break_next(RESET_AFTER, method="POST", path="/rest/api/2/issue")

    for _ in range(4):
        worker.push()
        worker.later(minutes=6)

    assert [one["title"] for one in github.issues()].count(first.title) == 1
    assert [one["fields"]["summary"] for one in jira.issues()].count(second.title) == 1
    assert {ticket.title for ticket in session.scalars(select(Ticket))} == {first.title, second.title}


@pytest.mark.parametrize("reason", ["not_planned"])
def test_an_issue_closed_as_not_planned_is_not_done(
    worker: Worker, on_github: Tracker, github: GithubServer, reason: str
) -> None:
    action = pushed("Nobody wants this", on_github, worker=worker)
    worker.push()
    github.change(github.issues()[0]["number"], state="closed", state_reason=reason)
    worker.later(minutes=5)

    worker.pull()

    session.refresh(action)
    assert (ticket().state, action.state) == (TicketState.NOT_PLANNED, ActionState.OPEN)


def test_a_deleted_issue_is_found_out_and_never_done(worker: Worker, on_github: Tracker, github: GithubServer) -> None:
    action = pushed("Somebody deletes this", on_github, worker=worker)
    worker.push()
    github.delete(github.issues()[0]["number"])
    worker.later(minutes=5)

    worker.pull()
    worker.later(minutes=5)
    worker.read_everything(on_github.id)

    session.refresh(action)
    assert (ticket().freshness, action.state) == (Freshness.DELETED, ActionState.OPEN)


def test_a_transferred_issue_is_followed(worker: Worker, on_github: Tracker, github: GithubServer) -> None:
    pushed("This belongs elsewhere", on_github, worker=worker)
    worker.push()
    new_key = github.transfer(github.issues()[0]["number"])
    worker.later(minutes=5)

    worker.read_everything(on_github.id)

    assert (ticket().key, ticket().freshness) == (new_key, Freshness.TRANSFERRED)


def test_an_issue_transferred_under_a_new_id_to_a_key_that_is_linked_already_is_merged(
    worker: Worker, on_github: Tracker, github: GithubServer
) -> None:
    action = pushed("This belongs elsewhere too", on_github, worker=worker)
    worker.push()
    new_key = github.transfer(github.issues()[0]["number"])
    github.dress.node_ids.clear()  # as GitHub does: the issue that was transferred is a new one there
    other, there = make.action("The web team has it"), github.issues(target=github.other_target)[0]
    make.ticket(on_github, action=other, remote_id=there["node_id"], key=new_key)
    worker.later(minutes=5)

    for _round in range(2):
        worker.read_everything(on_github.id)

    assert (ticket().remote_id, ticket().key) == (there["node_id"], new_key)
    assert sorted(session.scalars(select(ActionTicket.action_id))) == sorted([action.id, other.id])
    assert session.scalars(select(Push)).one().ticket_id == ticket().id


def test_a_moved_jira_issue_is_followed(worker: Worker, on_jira: Tracker, jira: JiraServer) -> None:
    pushed("This belongs to the web team", on_jira, worker=worker)
    worker.push()
    new_key = jira.move(ticket().key)
    worker.later(minutes=5)

    worker.read_everything(on_jira.id)

    assert (ticket().key, ticket().freshness) == (new_key, Freshness.MOVED)


def test_a_wrong_token_is_said_where_it_can_be_mended(worker: Worker, on_github: Tracker) -> None:

    with transaction():
        session.get_one(Tracker, on_github.id).sealed_token = Vault(make.SECRET).seal("not the token")
    pushed("Nobody lets us in", on_github, worker=worker)

    worker.push()
    worker.later(seconds=timedelta(minutes=1).total_seconds())
    worker.pull()

    assert only_push().state is PushState.FAILED
    assert "does not accept our credentials. Enter a new token in the settings." in only_push().last_error
    session.refresh(on_github)
    assert (on_github.failures, on_github.read_at) == (2, None), "the writing and the reading"
