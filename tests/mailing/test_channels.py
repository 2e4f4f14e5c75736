"""Chat channels: connected by administrators, told once, and of nothing private."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.mailing.conftest import Post, deliver
from tests.servers.chat import ChatServer, running_chat
from tracker.channels import channels_about
from tracker.clients.chat import AppriseClient
from tracker.db import session, transaction
from tracker.mailing.operations import LEASE
from tracker.messages import Writer
from tracker.models import AuditEntry, Channel, Incident, Message, MessageKind, MessageState, Team
from tracker.recurrence import jobs as recurrence_jobs
from tracker.reminders import jobs as reminder_jobs
from tracker.reports import jobs as report_jobs
from tracker.security import Vault
from tracker.wiring import Wiring, settings


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with running_chat() as server:
        yield server


@pytest.fixture
def wiring(wiring: Wiring, chat: ChatServer) -> Wiring:
    return replace(wiring, chat=AppriseClient(frozenset({chat.host})))


@pytest.fixture
def team(app: Flask) -> Team:
    return make.team("Payments")


@pytest.fixture
def channel(app: Flask, chat: ChatServer, team: Team, now: datetime) -> Channel:
    sealed = Vault(make.SECRET).seal(chat.address)
    return make.channel(sealed_address=sealed, team_id=team.id, created_at=now - timedelta(days=20))


def incident_of(team: Team, title: str, **columns: Any) -> Incident:
    service = make.service(make.unique("Checkout"), team_id=team.id)
    return make.incident(title, services=[service], **columns)


def posts() -> list[Message]:
    session.rollback()
    return list(session.scalars(select(Message).where(Message.channel_id.is_not(None)).order_by(Message.id)))


def test_an_administrator_connects_tries_and_removes_a_channel(
    admin_browser: Browser, chat: ChatServer, team: Team
) -> None:
    form = {"name": "#payments", "secret_address": chat.address, "team_id": str(team.id), "kinds": ["reminder"]}
    page = admin_browser.get("/settings/chat/new").submit("Connect", **form)
    assert "#payments is connected. Send it a test." in page.flashes

    page = page.submit("Send a test to #payments")

    assert "#payments took the test. Look whether it is there." in page.flashes
    assert "A test from Followthrough" in chat.texts[0]
    [row] = session.scalars(select(Channel)).all()
    assert (row.service, row.team_id, row.kinds) == ("Mattermost", team.id, ["reminder"])
    assert b"3ccdd" not in row.sealed_address
    assert "3ccdd" not in admin_browser.get(f"/settings/chat/{row.id}/edit").text
    page = admin_browser.get("/settings/chat").submit("Switch off #payments").submit("Remove #payments")
    assert "No channel is connected." in page.text
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["add_channel", "switch_off_channel", "remove_channel"]


def test_an_address_that_leads_inside_or_nowhere_is_not_kept(admin_browser: Browser, chat: ChatServer) -> None:
    for address, says in (("mmost://127.0.0.1:1/3ccdd1134747", "private network"), ("mailto://a@b.c", "no chat")):
        form = {"name": "#x", "secret_address": address, "team_id": "0", "kinds": ["reminder"]}

        page = admin_browser.get("/settings/chat/new").submit("Connect", **form)

        assert (page.status, says in page.text, "3ccdd" in page.text) == (422, True, False)


def test_an_edit_keeps_the_address_and_two_edits_do_not_overwrite_each_other(
    admin_browser: Browser, channel: Channel, chat: ChatServer
) -> None:
    first, second = (admin_browser.get(f"/settings/chat/{channel.id}/edit") for _ in range(2))
    first.submit("Save", name="#pay")

    page = second.submit("Save", name="#money")

    assert page.status == 409
    session.expire_all()
    row = session.get_one(Channel, channel.id)
    assert (row.name, Vault(make.SECRET).open(row.sealed_address)) == ("#pay", chat.address)


def test_each_kind_is_told_once_in_the_channel_of_its_team(
    app: Flask, channel: Channel, chat: ChatServer, team: Team, now: datetime
) -> None:
    other = make.channel("#other", team_id=make.team("Search").id, sealed_address=channel.sealed_address)
    later, earlier = incident_of(team, "Checkout @here is slow"), incident_of(team, "Checkout was slow")
    make.recurrence(later, earlier)
    make.action("Warm the cache", incidents=(earlier,), team_id=team.id, due_on=date(2026, 11, 23))
    make.action("Old news", team_id=team.id, due_on=date(2026, 10, 1), created_at=now - timedelta(days=90))

    for _ in range(2):
        recurrence_jobs.alert_due(now)
        report_jobs.send_reports(now)
        reminder_jobs.write_reminders(now)
    deliver(now)
    deliver(now + timedelta(minutes=1))

    kinds = [row.kind for row in posts() if row.channel_id == channel.id]
    assert kinds == [MessageKind.RECURRENCE_ALERT, MessageKind.WEEKLY_REPORT, MessageKind.REMINDER]
    assert len(chat.taken) == 3 + sum(row.channel_id == other.id for row in posts())
    alert, report, reminder = chat.texts[:3]
    assert "looks like" in alert
    assert "@here" not in alert
    assert "Follow-through 2026-W47" in report
    assert "- AI-1 Warm the cache: due today, nobody owns it yet" in reminder
    assert "Old news" not in reminder  # its last step is long over
    assert "1 item overdue in all" in reminder
    assert {row.state for row in posts()} == {MessageState.SENT}


def test_nothing_private_is_ever_told_in_a_channel(
    app: Flask, channel: Channel, chat: ChatServer, team: Team, now: datetime, post: Post
) -> None:
    hidden, public = incident_of(team, "quokka", is_private=True), incident_of(team, "Checkout was slow")
    make.recurrence(hidden, public)
    make.recurrence(incident_of(team, "Again"), hidden)
    make.action("quokka item", incidents=(hidden,), team_id=team.id, due_on=date(2026, 11, 23))

    recurrence_jobs.alert_due(now)
    report_jobs.send_reports(now)
    reminder_jobs.write_reminders(now)
    reminder_jobs.tell_of_late_updates(now + timedelta(hours=2))
    deliver(now + timedelta(hours=2))

    told = "".join(chat.texts)
    assert "Follow-through" in told
    assert "quokka" not in told
    assert hidden.ref not in told
    assert channels_about(MessageKind.REMINDER, incidents=(public, hidden)) == []


def test_what_becomes_private_before_it_leaves_is_not_told(
    app: Flask, channel: Channel, chat: ChatServer, team: Team, now: datetime
) -> None:
    incident = incident_of(team, "quokka")
    reminder_jobs.tell_of_late_updates(now + timedelta(hours=2))
    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    deliver(now + timedelta(hours=2))

    [row] = posts()
    assert (row.state, chat.taken) == (MessageState.SKIPPED, [])
    assert "private by now" in row.last_error


@pytest.mark.parametrize(("answers", "arrived"), [([0, 200], 2), ([429, 200], 1), ([404], 0)])
def test_a_message_that_fails_goes_the_way_of_mails(
    app: Flask, channel: Channel, chat: ChatServer, now: datetime, answers: list[int], arrived: int
) -> None:
    chat.answers = answers
    with transaction():
        Writer(settings()).post(
            "team_reminders",
            kind=MessageKind.REMINDER,
            to=channel,
            about="day",
            now=now,
            headline="1 item due today",
            rows=[],
            left_out=0,
            overdue=0,
            list_url="/",
        )

    for minutes in (0, 2, 4, 6):
        deliver(now + timedelta(minutes=minutes))

    [row] = posts()
    assert len(chat.taken) == arrived
    assert row.state is (MessageState.FAILED if arrived == 0 else MessageState.SENT)


def test_a_worker_that_died_while_it_wrote_is_followed_once(
    app: Flask, channel: Channel, chat: ChatServer, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    values = {"kind": MessageKind.REMINDER, "about": "day", "subject": "x", "text": "y", "html": "", "created_at": now}
    left = {"state": MessageState.SENDING, "attempts": 1, "lease_until": now, "run_after": now - LEASE}
    make.save(Message(**values, **left, channel_id=channel.id))

    deliver(now + LEASE)
    deliver(now + LEASE * 2)

    assert len(chat.taken) == 1
