"""After a restore nothing is made or sent a second time by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.transfer.conftest import Run
from tracker.clients.memory import MemoryClient
from tracker.clients.outbox import Outbox
from tracker.db import session
from tracker.mailing.jobs import deliver_due
from tracker.models import ActionTicket, Message, MessageKind, MessageState, Push, PushState
from tracker.sync.jobs import push_due


@pytest.fixture
def clock_at(set_clock: Callable[[datetime], None], now: datetime) -> Callable[[timedelta], None]:
    set_clock(now)
    return lambda later: set_clock(now + later)


def push_row() -> Push:
    session.rollback()
    return session.scalars(select(Push).execution_options(populate_existing=True)).one()


def message_row() -> Message:
    session.rollback()
    return session.scalars(select(Message).execution_options(populate_existing=True)).one()


def test_a_ticket_made_after_the_backup_is_found_and_not_made_twice(
    app: Flask, run: Run, tmp_path: Path, tickets: MemoryClient, now: datetime, clock_at: Callable[[timedelta], None]
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    run("backup", tmp_path / "b.zip")
    push_due(now)
    session.rollback()

    restored = run("restore", tmp_path / "b.zip", "--replace")
    assert push_row().state is PushState.UNKNOWN
    clock_at(timedelta(hours=3))
    push_due(now)

    assert push_row().state is PushState.LINKED
    assert len(tickets.tickets) == len(session.scalars(select(ActionTicket)).all()) == 1
    assert "1 ticket on the way at that time" in restored.output


def test_a_ticket_that_is_not_there_after_a_restore_waits_for_a_person(
    app: Flask, run: Run, tmp_path: Path, tickets: MemoryClient, now: datetime, clock_at: Callable[[timedelta], None]
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    run("backup", tmp_path / "b.zip")
    run("restore", tmp_path / "b.zip", "--replace")

    for hours in (1, 2, 48):
        clock_at(timedelta(hours=hours))
        push_due(now)

    assert push_row().state is PushState.UNKNOWN
    assert tickets.tickets == {}


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.SENDING])
def test_a_mail_that_waited_in_the_backup_does_not_go_out_again(
    app: Flask,
    run: Run,
    tmp_path: Path,
    outbox: Outbox,
    now: datetime,
    clock_at: Callable[[timedelta], None],
    state: MessageState,
) -> None:
    waiting = {"kind": MessageKind.REMINDER, "about": "AI-1", "subject": "Due", "text": "Due.", "html": "<p>Due.</p>"}
    make.save(Message(**waiting, person_id=make.person().id, state=state, run_after=now, created_at=now))
    run("backup", tmp_path / "b.zip")
    run("restore", tmp_path / "b.zip", "--replace")

    clock_at(timedelta(hours=3))
    done = deliver_due(now)

    message = message_row()
    assert (done.sent, message.state) == (0, MessageState.SKIPPED)
    assert message.last_error.startswith("A backup was put back, and this mail may have gone out")
