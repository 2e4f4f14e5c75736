"""Two workers write to one tracker: a pause lies between their writes, whoever sends them."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker
from tracker import action_life
from tracker.clients.memory import MemoryClient
from tracker.db import session, transaction
from tracker.models import ActionItem, Tracker
from tracker.sync.pacing import turns
from tracker.wiring import Wiring


@pytest.fixture
def wiring(wiring: Wiring) -> Wiring:
    return replace(wiring, seconds_between_writes=1.0)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the worker slept each time; the clock of a test stands still meanwhile."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def written_by_another(worker: Worker, *, ago: timedelta) -> None:
    with transaction():
        turns.note_write(session.scalars(select(Tracker.id)).one(), now=worker.now - ago)


def test_a_new_ticket_waits_for_what_another_process_wrote(
    worker: Worker, tickets: MemoryClient, waits: list[float]
) -> None:
    make.push(make.action(), marker="AI-1:0123456789abcdef")
    written_by_another(worker, ago=timedelta(milliseconds=400))

    worker.push()

    assert waits == [0.6]
    assert len(tickets.tickets) == 1
    assert session.scalars(select(Tracker.written_at)).one() == worker.now


def test_a_change_waits_too_and_a_quiet_tracker_keeps_nobody_waiting(
    worker: Worker, tickets: MemoryClient, waits: list[float]
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=5)
    with transaction():
        item = session.get_one(ActionItem, action.id)
        action_life.finish(item, evidence="It runs.", by=None, now=worker.now)
    written_by_another(worker, ago=timedelta(0))

    worker.push()

    assert waits == [1.0]


def test_a_clock_that_was_put_back_holds_nobody_up(worker: Worker, tickets: MemoryClient, waits: list[float]) -> None:
    make.push(make.action(), marker="AI-1:0123456789abcdef")
    written_by_another(worker, ago=timedelta(days=-1))

    worker.push()

    assert waits == [1.0]
