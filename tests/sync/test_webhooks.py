"""Webhooks: what is signed makes us look at a ticket again, and nothing else does anything."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.sync.conftest import Worker
from tests.sync.hooks import SECRET, deliver, github_issue, jira_issue, listening, signature
from tracker.clients.failures import NotReached
from tracker.clients.memory import MemoryClient
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import Gone, NewTicket, TicketHandle, TicketSnapshot
from tracker.db import session
from tracker.models import (
    ActionItem,
    ActionState,
    HookDelivery,
    HookRefusals,
    Ticket,
    Tracker,
    TrackerHook,
    TrackerKind,
)
from tracker.sync import jobs
from tracker.sync.hooks import routes as hook_routes
from tracker.sync.hooks.operations import KEPT, TOO_OLD
from tracker.sync.hooks.reading import LARGEST


@dataclass
class Followed:
    """An item whose ticket is in a tracker that may tell us of it."""

    tracker: Tracker
    action: ActionItem
    ticket: Ticket


@pytest.fixture
def followed(app: Flask, worker: Worker, tickets: MemoryClient) -> Followed:
    tracker = make.tracker(read_at=make.NOW)
    listening(tracker)
    return follow(tracker, tickets)


def follow(tracker: Tracker, tickets: MemoryClient) -> Followed:
    action = make.action()
    made = tickets.create(NewTicket(target="acme/shop", title="Warm the cache", body="Do.", marker=new_marker("AI-1")))
    row = make.ticket(tracker, action=action, remote_id=made.remote_id, key=made.key, seen_at=make.NOW)
    return Followed(tracker, action, row)


def waiting() -> int:
    query = select(func.count()).select_from(HookDelivery).where(HookDelivery.looked_at.is_(None))
    return session.scalar(query) or 0


def look(worker: Worker) -> None:
    session.rollback()
    jobs.look_due(worker.now)
    session.rollback()


def test_a_closed_ticket_is_looked_at_and_its_item_is_done(
    app: Flask, followed: Followed, worker: Worker, tickets: MemoryClient
) -> None:
    tickets.remote_close(followed.ticket.remote_id)

    answer = deliver(app, github_issue(followed.ticket.remote_id))
    look(worker)

    assert (answer.status_code, answer.text) == (202, "Noted.")
    assert session.get_one(ActionItem, followed.action.id).state is ActionState.DONE
    assert waiting() == 0


def test_what_a_delivery_says_is_not_believed(app: Flask, followed: Followed, worker: Worker) -> None:
    deliver(app, github_issue(followed.ticket.remote_id, action="closed"))
    look(worker)

    assert session.get_one(ActionItem, followed.action.id).state is ActionState.OPEN


def test_a_deleted_ticket_is_shown_as_deleted_and_never_as_done(
    app: Flask, followed: Followed, worker: Worker, tickets: MemoryClient
) -> None:
    tickets.remote_delete(followed.ticket.remote_id)

    deliver(app, github_issue(followed.ticket.remote_id, action="deleted", at=make.NOW - timedelta(days=400)))
    look(worker)

    assert session.get_one(Ticket, followed.ticket.id).freshness.value == "deleted"
    assert session.get_one(ActionItem, followed.action.id).state is ActionState.OPEN


def test_jira_tells_by_its_own_header(app: Flask, worker: Worker, tickets: MemoryClient) -> None:
    jira = make.tracker("Jira", kind=TrackerKind.JIRA)
    listening(jira)
    followed = follow(jira, tickets)
    tickets.remote_close(followed.ticket.remote_id)

    answer = deliver(app, jira_issue(followed.ticket.remote_id), to="/hooks/jira/jira")
    look(worker)

    assert answer.text == "Noted."
    assert session.get_one(ActionItem, followed.action.id).state is ActionState.DONE


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        signature(b"another body"),
        signature(github_issue("1000"), secret="another secret"),
        signature(github_issue("1000")).removeprefix("sha256="),
        "sha1=" + "0" * 40,
        "sha256=\u00e9" + "0" * 63,
    ],
)
def test_what_is_not_signed_with_the_secret_does_nothing(app: Flask, followed: Followed, signed: str) -> None:
    assert followed.ticket.remote_id == "1000"

    answer = deliver(app, github_issue("1000"), signed=signed)

    assert answer.status_code == 403
    assert waiting() == 0
    assert session.get_one(TrackerHook, followed.tracker.id).refused_at == make.NOW
    assert session.get_one(TrackerHook, followed.tracker.id).heard_at is None


@pytest.mark.parametrize("path", ["/hooks/github/nobody", "/hooks/jira/github", "/hooks/github/silent"])
def test_an_address_without_a_webhook_answers_like_a_wrong_signature(app: Flask, followed: Followed, path: str) -> None:
    make.tracker("Silent")
    wrong = deliver(app, github_issue("1000"), signed="sha256=0")
    body = github_issue("1000")

    answer = deliver(app, body, to=path, X_Hub_Signature_256=signature(body), X_Hub_Signature=signature(body))

    assert (answer.status_code, answer.text) == (wrong.status_code, wrong.text) == (403, hook_routes.UNKNOWN)
    assert waiting() == 0
    place = {"/hooks/github/nobody": "", "/hooks/jira/github": "github", "/hooks/github/silent": "silent"}[path]
    refused = {one.place: one.number for one in session.scalars(select(HookRefusals))}
    assert refused == {"github": 1} | {place: 1 + (place == "github")}


def test_the_secret_of_another_tracker_opens_nothing(app: Flask, followed: Followed) -> None:
    listening(make.tracker("Other"), secret="the other one's")
    body = github_issue(followed.ticket.remote_id)

    answer = deliver(app, body, signed=signature(body, secret="the other one's"))

    assert answer.status_code == 403


def test_the_same_delivery_counts_once_under_whatever_number(app: Flask, followed: Followed, worker: Worker) -> None:
    body = github_issue(followed.ticket.remote_id)

    first = deliver(app, body, X_GitHub_Delivery="1")
    look(worker)
    again = deliver(app, body, X_GitHub_Delivery="2")

    assert (first.text, again.text) == ("Noted.", "Nothing to do.")
    assert waiting() == 0


def test_what_is_long_over_is_no_news(app: Flask, followed: Followed) -> None:
    remote_id = followed.ticket.remote_id

    old = deliver(app, github_issue(remote_id, at=make.NOW - TOO_OLD - timedelta(seconds=1)))
    late = deliver(app, github_issue(remote_id, at=make.NOW - timedelta(minutes=30)))

    assert (old.text, late.text) == ("Nothing to do.", "Noted.")


def test_a_delivery_is_remembered_for_longer_than_it_could_be_news(
    app: Flask, followed: Followed, worker: Worker
) -> None:
    deliver(app, github_issue(followed.ticket.remote_id))
    look(worker)
    worker.later(seconds=KEPT.total_seconds() + 1)

    deliver(app, github_issue(followed.ticket.remote_id, at=worker.now))

    assert KEPT > TOO_OLD
    assert session.scalar(select(func.count()).select_from(HookDelivery)) == 1


def test_a_ticket_that_no_item_follows_leaves_no_trace(app: Flask, followed: Followed) -> None:
    answer = deliver(app, github_issue("somebody-elses"))

    assert answer.text == "Nothing to do."
    assert session.scalar(select(func.count()).select_from(HookDelivery)) == 0
    assert session.get_one(TrackerHook, followed.tracker.id).heard_at == make.NOW


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"issue": 7}',
        b'{"issue": {"node_id": 7, "updated_at": "2026-11-23T09:05:00Z"}}',
        b'{"issue": {"node_id": "a\\u0000b; --", "updated_at": "2026-11-23T09:05:00Z"}}',
        b'{"issue": {"node_id": "1000", "updated_at": "yesterday"}}',
        b'{"issue": {"node_id": "' + b"9" * 5000 + b'", "updated_at": "2026-11-23T09:05:00Z"}}',
    ],
)
def test_signed_nonsense_is_refused_and_harms_nothing(app: Flask, followed: Followed, body: bytes) -> None:
    answer = deliver(app, body)

    assert answer.status_code == 400
    assert waiting() == 0


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"issue": {}}', b'{"timestamp": -1, "issue": {"id": "1"}}', b'{"timestamp": 9e99, "issue": {"id": "1"}}'],
)
def test_jiras_nonsense_is_refused_too(app: Flask, worker: Worker, body: bytes) -> None:
    listening(make.tracker("Jira", kind=TrackerKind.JIRA))

    answer = deliver(app, body, to="/hooks/jira/jira")

    assert answer.status_code == (202 if body == b"{}" else 400)


def test_a_delivery_that_is_too_large_is_not_read(app: Flask, followed: Followed) -> None:
    answer = deliver(app, b" " * (LARGEST + 1))

    assert answer.status_code == 413


def test_a_delivery_as_a_form_is_told_what_to_change(app: Flask, followed: Followed) -> None:
    answer = deliver(app, b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")

    assert (answer.status_code, answer.text) == (415, "Set the webhook's content type to application/json.")


def test_whoever_guesses_is_slowed_down(app: Flask, followed: Followed) -> None:
    tries = [deliver(app, b"{}", signed="sha256=0").status_code for _ in range(31)]

    assert tries == [403] * 30 + [429]


def test_many_deliveries_of_one_ticket_are_one_look(
    app: Flask, followed: Followed, worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read_many = tickets.read_many

    def counted(handles: Sequence[TicketHandle]) -> Mapping[str, TicketSnapshot | Gone]:
        asked.append(len(handles))
        return read_many(handles)

    monkeypatch.setattr(tickets, "read_many", counted)
    for second in range(5):
        deliver(app, github_issue(followed.ticket.remote_id, at=make.NOW + timedelta(seconds=second)))

    look(worker)

    assert asked == [1]


def test_a_tracker_that_does_not_answer_is_asked_again_later(
    app: Flask, followed: Followed, worker: Worker, tickets: MemoryClient
) -> None:
    tickets.remote_close(followed.ticket.remote_id)
    tickets.fail_with = NotReached("GitHub could not be reached.")
    deliver(app, github_issue(followed.ticket.remote_id))

    look(worker)
    assert waiting() == 1
    look(worker)

    assert waiting() == 0
    assert session.get_one(ActionItem, followed.action.id).state is ActionState.DONE


def test_an_older_delivery_after_a_newer_one_changes_nothing_back(
    app: Flask, followed: Followed, worker: Worker, tickets: MemoryClient
) -> None:
    earlier = tickets.tickets[followed.ticket.remote_id].snapshot
    worker.later(minutes=1)
    tickets.remote_close(followed.ticket.remote_id)
    deliver(app, github_issue(followed.ticket.remote_id, at=worker.now))
    look(worker)
    remote = tickets.tickets[followed.ticket.remote_id]
    remote.snapshot = replace(earlier, title="As it was")

    deliver(app, github_issue(followed.ticket.remote_id, at=make.NOW))
    look(worker)

    assert session.get_one(ActionItem, followed.action.id).state is ActionState.DONE


def test_a_delivery_needs_no_session_and_gets_none(app: Flask, followed: Followed) -> None:
    answer = deliver(app, json.dumps({"zen": "Keep it logically awesome."}).encode())

    assert (answer.status_code, answer.text, answer.mimetype) == (202, "Nothing to do.", "text/plain")
    assert "Set-Cookie" not in answer.headers
    assert SECRET not in answer.text
