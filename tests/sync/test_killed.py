"""A worker is killed at every step of writing and reading: each item has one ticket, and both sides agree."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker
from tests.sync.dying import LastingTickets, Steps, fork, was_killed
from tracker import action_life, action_links
from tracker.clients.ticket_text import new_marker
from tracker.clients.tickets import NewTicket, TicketClient
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    CommentState,
    Incident,
    Person,
    Push,
    PushState,
    Ticket,
    TicketComment,
    Tracker,
)
from tracker.sync import jobs, operations
from tracker.wiring import Wiring

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="There is no kill -9.")
STEPS_AT_MOST = 60


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def lasting(tmp_path: Path, set_clock: Callable[[datetime], None], steps: Steps) -> LastingTickets:
    set_clock(make.NOW)
    return LastingTickets(tmp_path / "tickets", steps=steps)


@pytest.fixture
def wiring(wiring: Wiring, lasting: LastingTickets) -> Wiring:
    return replace(wiring, ticket_client=lambda _access: cast("TicketClient", lasting))


@dataclass
class Work:
    """What waits for a worker: a ticket to be made, one to be told three things, one that was closed there."""

    asked: int
    changed: int
    closed: int


@dataclass
class Scene:
    """Everything that one death needs, and the person who decides what no program can."""

    worker: Worker
    lasting: LastingTickets
    steps: Steps
    tracker_id: int
    ana: Person
    incident: Incident

    def prepare(self, turn: int) -> Work:
        now = self.worker.now
        with transaction():
            asked, changed, closed = (self._item(f"Item {turn} {word}") for word in ("asked", "changed", "closed"))
            tracker = session.get_one(Tracker, self.tracker_id)
            ana = session.get_one(Person, self.ana.id)
            operations.ask_for_ticket(
                asked, operations.PushDraft(tracker.id, "acme/shop", is_confirmed=False), by=ana, now=now
            )
            for item in (changed, closed):
                new = NewTicket(target="acme/shop", title=item.title, body="", marker=new_marker(item.ref))
                with self.lasting.world() as there:
                    made = there.create(new)
                operations.link_existing(item, made, tracker_id=tracker.id, by=ana, now=now)
            with self.lasting.world() as there:
                there.remote_close(made.remote_id)
            session.flush()
            self._change(changed, by=ana)
            return Work(asked.id, changed.id, closed.id)

    def _item(self, title: str) -> ActionItem:
        number = (session.scalar(select(ActionItem.number).order_by(ActionItem.number.desc()).limit(1)) or 0) + 1
        item = ActionItem(number=number, title=title, created_at=self.worker.now)
        session.add(item)
        session.flush()
        return item

    def _change(self, item: ActionItem, *, by: Person) -> None:
        later = self.worker.now + timedelta(seconds=1)
        item.title += ", better"
        action_links.link_incident(item, session.get_one(Incident, self.incident.id), by=by, now=later)
        action_life.finish(item, evidence="The drill.", by=by, now=later)

    def work(self) -> None:
        now = self.worker.now
        jobs.push_due(now)
        session.rollback()
        jobs.pull_due(now)

    def recover(self) -> None:
        """Another worker goes on until the leases ended and everything was looked for."""
        for minutes in (6, 6, 31):
            self.worker.later(minutes=minutes)
            if minutes < 31 or self._is_anything_unknown():
                self.work()
                session.rollback()

    def _is_anything_unknown(self) -> bool:
        comments = select(TicketComment.id).where(TicketComment.state == CommentState.UNKNOWN)
        return session.scalar(comments.limit(1)) is not None

    def decide(self) -> None:
        """What a person does about a ticket that was never found: ask for it again."""
        with transaction():
            unknown = select(Push).where(Push.state == PushState.UNKNOWN, Push.abandoned_at.is_(None))
            for push in session.scalars(unknown).all():
                by = session.get_one(Person, self.ana.id)
                operations.create_again(push, by=by, now=self.worker.now)
        jobs.push_due(self.worker.now)
        session.rollback()

    def assert_agrees(self, work: Work) -> None:
        session.expire_all()
        there = self.lasting.tickets()
        asked, changed, closed = (session.get_one(ActionItem, one) for one in (work.asked, work.changed, work.closed))
        of_asked = [one for one in there if one.snapshot.title == asked.title]
        of_changed = [one for one in there if one.snapshot.title == changed.title]
        assert len(of_asked) == 1
        assert [one.snapshot.state for one in of_changed] == [RemoteState.DONE]
        assert [text.split(".")[0] for text in of_changed[0].comments] == ["Another incident asks for this"]
        assert closed.state is ActionState.DONE
        keys = session.scalars(
            select(Ticket.key)
            .join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
            .where(ActionTicket.action_id == asked.id)
        ).all()
        assert keys == [of_asked[0].snapshot.key]

    def assert_nothing_is_left(self) -> None:
        live = select(Push.state).where(Push.abandoned_at.is_(None)).distinct()
        assert session.scalars(live).all() == [PushState.LINKED]
        assert session.scalars(select(TicketComment.state).distinct()).all() == [CommentState.MADE]
        leased = select(ActionTicket.action_id).where(ActionTicket.lease_until > self.worker.now)
        assert session.scalars(leased).all() == []


@pytest.fixture
def scene(worker: Worker, lasting: LastingTickets, steps: Steps) -> Scene:
    return Scene(worker, lasting, steps, make.tracker().id, make.person("Ana"), make.incident("It came again"))


def test_after_a_death_at_any_step_each_item_has_one_ticket(scene: Scene) -> None:
    for step in range(1, STEPS_AT_MOST):
        work = scene.prepare(step)
        killed = was_killed(fork(scene.work, steps=scene.steps, dies_at=step))
        scene.recover()
        scene.decide()
        scene.assert_agrees(work)
        if not killed:
            break

    assert 20 < step < STEPS_AT_MOST - 1, "every step was the last one once"
    scene.assert_nothing_is_left()


def test_two_workers_at_once_of_which_one_dies_make_one_ticket_for_each_item(scene: Scene) -> None:
    for step in (3, 6, 9, 12, 15):
        work = scene.prepare(step)
        dying = fork(scene.work, steps=scene.steps, dies_at=step)
        living = fork(scene.work, steps=scene.steps, dies_at=None)
        was_killed(dying)
        assert not was_killed(living)
        scene.recover()
        scene.decide()
        scene.assert_agrees(work)

    scene.assert_nothing_is_left()
