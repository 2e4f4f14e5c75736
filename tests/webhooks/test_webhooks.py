"""Webhooks of ours: what is told, to whom, signed how, tried how often, and what never leaves."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker import action_life
from tracker.clients.failures import AddressRefused
from tracker.clients.hook_post import post_hook
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.models import Incident, Phase, PostState, RecurrenceState, Severity, Webhook, WebhookPost
from tracker.webhooks import jobs
from tracker.webhooks.signing import signature


class Receiver:
    """A program that somebody runs: it keeps what it gets and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({name.lower(): text for name, text in self.headers.items()}, body))
                status = outer.answers.pop(0) if outer.answers else 200
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/hooks"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture(scope="module")
def running() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture
def receiver(running: Receiver) -> Receiver:
    running.got.clear()
    running.answers.clear()
    running.connections = 0
    return running


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    return replace(settings, tracker_hosts=frozenset({receiver.host}))


def add(browser: Browser, receiver: Receiver, *, events: tuple[str, ...] = ()) -> tuple[Page, str]:
    """The page that shows the new webhook, and its secret."""
    page = browser.get("/settings").click("Webhooks")
    shown = page.submit("Add webhook", name="Chat", url=receiver.url, events=list(events))
    return shown, shown.select("pre code")[0].get_text()


def posts() -> list[tuple[str, str]]:
    session.rollback()
    rows = session.scalars(select(WebhookPost).order_by(WebhookPost.id))
    return [(row.event.value, row.state.value) for row in rows]


def change(incident: Incident, **columns: Any) -> None:
    with transaction():
        row = session.merge(incident)
        for name, value in columns.items():
            setattr(row, name, value)


def test_the_whole_story_is_told_in_order_signed_and_once(
    admin_browser: Browser, receiver: Receiver, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    _page, secret = add(admin_browser, receiver)
    incident = make.incident("Checkout answers 503", severity=Severity.SEV1)
    change(incident, phase=Phase.TRIAGED)
    change(incident, title="Checkout answers 503 and 504")
    make.postmortem(incident)
    action, ana = make.action("Warm the cache", incidents=(incident,)), make.person("Ana")
    with transaction():
        action_life.start(session.merge(action), by=session.merge(ana), now=now)
    pair = make.recurrence(incident, make.incident("Checkout is down", declared_at=now - timedelta(days=61)))
    with transaction():
        row = session.merge(pair)
        row.state, row.decided_at = RecurrenceState.SAME, now

    jobs.deliver_due(now)
    jobs.deliver_due(now)

    assert [one["type"] for one in receiver.told] == [
        "incident.declared",
        "incident.phase_changed",
        "action_item.created",
        "action_item.state_changed",
        "incident.declared",
        "recurrence.found",
        "recurrence.decided",
    ]
    assert receiver.told[1] == {
        "type": "incident.phase_changed",
        "timestamp": now.isoformat(),
        "data": {
            "from": "declared",
            "to": "triaged",
            "incident": {
                "ref": incident.ref,
                "title": "Checkout answers 503 and 504",
                "severity": "SEV1",
                "phase": "triaged",
                "url": f"http://localhost/incidents/{incident.ref}",
            },
        },
    }
    headers, body = receiver.got[0]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert (
        headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    )
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 7


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(
        b'{"test": 2432232314}', secret=secret, number="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_nothing_private_no_drill_and_nothing_of_either_ever_leaves(
    admin_browser: Browser, receiver: Receiver, now: datetime
) -> None:
    add(admin_browser, receiver)
    private = make.incident("A quokka in the vault", is_private=True)
    drill = make.incident("A quokka drill", is_drill=True)
    later_private = make.incident("A quokka that is still public")
    make.postmortem(private)
    make.action("Quokka item", incidents=(private,))
    make.action("Quokka drill item", incidents=(drill,))
    make.recurrence(make.incident("Public"), private)
    shared = make.action("Shared item", incidents=(private, make.incident("Also public")))
    change(private, phase=Phase.TRIAGED)
    change(later_private, is_private=True)

    jobs.deliver_due(now)

    assert "uokka" not in json.dumps(receiver.told)
    assert [one["data"].get("incident", {}).get("title") for one in receiver.told if "incident" in one["data"]] == [
        "Public",
        "Also public",
    ]
    [item] = [one["data"]["action_item"] for one in receiver.told if "action_item" in one["data"]]
    assert (item["ref"], item["incidents"]) == (shared.ref, ["INC-5"])
    assert {state for _event, state in posts()} == {"sent", "skipped"}


def test_what_fails_is_tried_again_later_then_given_up_and_can_be_sent_again(
    admin_browser: Browser, receiver: Receiver, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    shown, _secret = add(admin_browser, receiver)
    receiver.answers += [500] * 9
    moment = now
    set_clock(moment)
    make.incident("Checkout answers 503")
    change(session.scalars(select(Incident)).one(), phase=Phase.DECLARED)
    with transaction():
        for post in session.scalars(select(WebhookPost)):
            post.run_after = moment
    for _ in range(30):
        set_clock(moment)
        jobs.deliver_due(moment)
        moment += timedelta(hours=6)

    page = admin_browser.get(shown.url or "/settings/webhooks/1")
    given_up = posts()
    page = admin_browser.get("/settings/webhooks").click("Chat")
    page.submit("Send again")
    jobs.deliver_due(moment)

    assert given_up == [("incident.declared", "failed")]
    assert "It answered with status 500." in page.text
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len(receiver.got) == 10
    assert posts() == [("incident.declared", "sent")]


def test_an_address_where_nothing_answers_is_waited_for_once_and_keeps_no_other_from_being_told(
    admin_browser: Browser, receiver: Receiver, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    add(admin_browser, receiver)
    add(admin_browser, receiver)
    with transaction():
        silent = session.scalars(select(Webhook).order_by(Webhook.id)).first()
        assert silent is not None
        silent.url = receiver.url.replace(":", "s:", 1)  # no TLS there: the connection breaks
    for number in range(3):
        make.incident(f"Checkout answers 50{number}")

    jobs.deliver_due(now)
    first, *others = session.scalars(select(WebhookPost).where(WebhookPost.state == PostState.PENDING))

    assert (len(receiver.got), receiver.connections) == (3, 3 + 1)
    assert [(one.attempts, one.run_after) for one in (first, *others)] == [(1, now + timedelta(minutes=1))] * 3
    assert {one.last_error for one in others} == {first.last_error} != {""}
    set_clock(now + timedelta(minutes=1))
    with transaction():
        session.get_one(Webhook, first.webhook_id).url = receiver.url
    jobs.deliver_due(now + timedelta(minutes=1))
    assert {state for _event, state in posts()} == {"sent"}
    assert len(receiver.got) == 6


def test_a_redirect_is_no_success_and_gone_switches_it_off(
    admin_browser: Browser, receiver: Receiver, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    add(admin_browser, receiver)
    receiver.answers += [307, 410]
    make.incident("Checkout answers 503")
    jobs.deliver_due(now)
    redirected = session.scalars(select(WebhookPost)).one().last_error
    set_clock(now + timedelta(minutes=1))

    jobs.deliver_due(now)
    make.incident("Nobody is told of this")

    assert "we do not follow" in redirected
    assert posts() == [("incident.declared", "failed")]
    assert "Off" in admin_browser.get("/settings/webhooks").text
    assert "Switched off a webhook" in admin_browser.get("/settings/audit").text


def test_only_what_was_chosen_is_told_and_a_test_always(
    admin_browser: Browser, receiver: Receiver, now: datetime
) -> None:
    shown, _secret = add(admin_browser, receiver, events=("incident.phase_changed",))
    change(make.incident("Checkout answers 503"), phase=Phase.TRIAGED)
    shown.submit("Send a test")

    jobs.deliver_due(now)

    assert [one["type"] for one in receiver.told] == ["incident.phase_changed", "test"]


def test_an_address_inside_is_refused_when_saved_and_when_sent(admin_browser: Browser) -> None:
    page = admin_browser.get("/settings/webhooks")

    answers = [
        page.submit("Add webhook", name="Chat", url=url).errors
        for url in (
            "http://169.254.169.254/latest",
            "http://localhost:6379/",
            "file:///etc/passwd",
            "https://u:p@e.com/",
        )
    ]

    assert all(answers)
    assert "Enter a web address" in answers[2][0]
    with pytest.raises(AddressRefused):
        post_hook("http://127.0.0.1:9/", body=b"", headers={}, allowed_hosts=frozenset())


def test_where_there_is_no_webhook_nothing_is_written_and_only_administrators_come_near(
    app: Flask, browser: Browser
) -> None:
    make.incident("Checkout answers 503")

    assert posts() == []
    assert browser.get("/settings/webhooks").status == 403


def test_a_secret_is_kept_sealed_and_can_be_renewed(admin_browser: Browser, receiver: Receiver, now: datetime) -> None:
    shown, first = add(admin_browser, receiver)
    renewed = admin_browser.get("/settings/webhooks").click("Chat").submit("Make a new secret")
    second = renewed.select("pre code")[0].get_text()
    renewed.submit("Send a test")

    jobs.deliver_due(now)

    headers, body = receiver.got[0]
    number, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
    assert first != second
    assert headers["webhook-signature"] == signature(body, secret=second, number=number, timestamp=timestamp)
    assert shown.status == 200
    assert first.encode() not in session.connection().exec_driver_sql("SELECT sealed_secret FROM webhooks").scalar_one()


def test_two_edits_at_once_do_not_overwrite_each_other(admin_browser: Browser, receiver: Receiver) -> None:
    add(admin_browser, receiver)
    mine = admin_browser.get("/settings/webhooks").click("Chat")
    mine.submit("Save", name="Deploy pipeline")

    clash = mine.submit("Save", name="Chat of the team")

    assert clash.status == 409
    assert "Name: Deploy pipeline" in clash.text
    assert clash.submit("Save").heading == "Chat of the team"
