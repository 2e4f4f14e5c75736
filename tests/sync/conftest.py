"""A tracker in memory that goes by the test's clock, and the two jobs as a worker would run them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tracker import clock
from tracker.clients.memory import MemoryClient
from tracker.config import Settings
from tracker.db import session
from tracker.models import ActionEvent, ActionItem, Push
from tracker.sync import jobs
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading.pulling import pull_from


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Hosts that need not be looked up."""
    return replace(settings, tracker_hosts=frozenset({"api.github.com", "jira.example.com"}))


@pytest.fixture
def tickets(set_clock: Callable[[datetime], None]) -> MemoryClient:
    set_clock(make.NOW)
    return MemoryClient(now=lambda: clock.utcnow(), targets=("acme/shop", "acme/web", "SHOP", "WEB"))  # noqa: PLW0108  the clock is set anew


@dataclass
class Worker:
    """The background worker, and a hand on the clock."""

    set_clock: Callable[[datetime], None]
    now: datetime = make.NOW

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.set_clock(self.now)

    def push(self) -> Round | None:
        session.rollback()
        rounds = jobs.push_due(self.now)
        session.rollback()
        return rounds[0] if rounds else None

    def pull(self) -> Round | None:
        session.rollback()
        rounds = jobs.pull_due(self.now)
        session.rollback()
        return rounds[0] if rounds else None

    def read_everything(self, tracker_id: int) -> Round:
        session.rollback()
        round_ = Round("GitHub")
        assert pull_from(tracker_id, round_, is_full=True)
        session.rollback()
        return round_


@pytest.fixture
def worker(app: Flask, set_clock: Callable[[datetime], None]) -> Worker:
    set_clock(make.NOW)
    return Worker(set_clock)


def only_push() -> Push:
    return session.scalars(select(Push).where(Push.abandoned_at.is_(None))).one()


def story(action: ActionItem) -> list[str]:
    """What happened to an item, oldest first."""
    query = select(ActionEvent.sentence).where(ActionEvent.action_id == action.id).order_by(ActionEvent.id)
    return list(session.scalars(query))
