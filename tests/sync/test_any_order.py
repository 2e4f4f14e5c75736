"""Whatever happens here, there and in between, in any order: one ticket, no lost change, both sides agree at last.

In GitHub and in Jira, with webhooks that come late, twice or never, and workers that die at any call. To try more than
a few orders, and others each time: `ORDERS=500 python -m pytest tests/sync/test_any_order.py`.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, story
from tests.sync.hooks import deliver, github_issue, jira_issue, listening
from tracker import action_life, action_links, clock
from tracker.clients.failures import Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import Gone, TicketEdit, TicketSnapshot
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    Freshness,
    HookDelivery,
    Incident,
    Person,
    Push,
    PushState,
    RemoteAccount,
    Ticket,
    Tracker,
    TrackerKind,
)
from tracker.sync import jobs
from tracker.sync.reading import operations as pull_operations
from tracker.sync.wording import has_looked
from tracker.wiring import Wiring

ORDERS = int(os.environ.get("ORDERS", "0"))
PLACES = {TrackerKind.JIRA: ("SHOP", "WEB"), TrackerKind.GITHUB: ("acme/shop", "acme/web")}


class MortalClient(MemoryClient):
    """A tracker in the middle of whose calls the worker dies: at which one from now, before or after it is done."""

    dies_at, dies_before = 0, False

    def revive(self) -> None:
        self.dies_at, self.fail_with, self.lose_answer_after_commit = 0, None, False


def mortal(call: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(call)
    def called(client: MortalClient, *given: Any, **named: Any) -> Any:
        client.dies_at -= 1
        dies = client.dies_at == 0
        if dies and client.dies_before:
            raise SystemExit("The worker was ended.")
        answer = call(client, *given, **named)
        if dies:
            raise SystemExit("The worker was ended.")
        return answer

    return called


for name in ("create", "edit", "close", "reopen", "comment", "changes", "read_many", "find_by_marker", "has_comment"):
    setattr(MortalClient, name, mortal(getattr(MemoryClient, name)))


@dataclass
class Stage:
    """What all examples of one run share: the application's database, its clock, and the tracker of the moment."""

    worker: Worker
    ana: Person
    bo: Person
    tickets: MortalClient
    app: Flask
    numbers: list[int] = field(default_factory=list)


@pytest.fixture
def tickets(set_clock: Callable[[datetime], None]) -> MortalClient:
    set_clock(make.NOW)
    return MortalClient(now=lambda: clock.utcnow(), targets=(*PLACES[TrackerKind.JIRA], *PLACES[TrackerKind.GITHUB]))  # noqa: PLW0108  the clock is set anew


@pytest.fixture
def stage(app: Flask, worker: Worker, tickets: MortalClient, wiring: Wiring) -> Stage:
    return Stage(worker, make.person("Ana"), make.person("Bo"), tickets, app)


class AnyOrder(RuleBasedStateMachine):
    """One item and its ticket, and everybody who may touch them."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.worker, self.tickets = self.stage.worker, self.stage.tickets
        self.tickets.tickets.clear()
        self.tickets.revive()
        number = len(self.stage.numbers) + 1
        self.stage.numbers.append(number)
        self.kind = TrackerKind.JIRA if number % 2 else TrackerKind.GITHUB
        self.place, self.other_place = PLACES[self.kind]
        self.tracker = make.tracker(
            f"Tracker {number}", slug=f"t{number}", kind=self.kind, default_target=self.place, read_at=clock.utcnow()
        )
        listening(self.tracker)
        self.item = make.action(f"Item {number}")
        self.incident = make.incident(f"It came again {number}")
        marker = f"AI-{number}:0123456789abcdef"
        make.push(self.item, self.tracker, target=self.place, marker=marker, run_after=clock.utcnow())
        self.people = {f"{one.name.lower()}-{number}": one for one in (self.stage.ana, self.stage.bo)}
        for name, one in self.people.items():
            account = {"tracker_id": self.tracker.id, "person_id": one.id, "name": name, "shown": one.name}
            make.save(RemoteAccount(**account, confirmed_at=make.NOW))
        self.may_be_done = self.was_elsewhere = self.has_asked_again = False
        self.last_here = self.last_there = ""
        self.answers: list[tuple[datetime, dict[str, TicketSnapshot | Gone]]] = []
        self.deliveries: list[bytes] = []
        self.words = 0

    # ------------------------------------------------------------------ here

    @rule()
    def rename_here(self) -> None:
        self.last_here = self._word("Here")
        with transaction():
            self._item().title = self.last_here

    @rule(days=st.integers(min_value=1, max_value=60))
    def promise_here(self, days: int) -> None:
        with transaction():
            self._item().due_on = make.NOW.date() + timedelta(days=days)

    @rule(is_ana=st.booleans())
    def give_here(self, is_ana: bool) -> None:
        with transaction():
            self._item().owner_id = (self.stage.ana if is_ana else self.stage.bo).id

    @rule()
    def finish_or_fail_here(self) -> None:
        with transaction():
            item = self._item()
            if item.state.is_open:
                self.may_be_done = True
                action_life.finish(item, evidence="Shown.", by=self.stage.ana, now=clock.utcnow())
            elif item.state is ActionState.DONE:
                action_life.fail_to_hold(item, sentence="It came back.", by=self.stage.ana, now=clock.utcnow())

    @precondition(lambda self: not self.has_asked_again)
    @rule()
    def another_incident_asks(self) -> None:
        self.has_asked_again = True
        with transaction():
            incident, ana = session.get_one(Incident, self.incident.id), session.get_one(Person, self.stage.ana.id)
            action_links.link_incident(self._item(), incident, by=ana, now=clock.utcnow())

    # ------------------------------------------------------------------ there

    @precondition(lambda self: self.tickets.tickets)
    @rule()
    def rename_there(self) -> None:
        self.last_there = self._word("There")
        MemoryClient.edit(self.tickets, self._there().handle, changes=TicketEdit(title=self.last_there))

    @precondition(lambda self: self.tickets.tickets)
    @rule(which=st.sampled_from([0, 1, 2]))
    def assign_there(self, which: int) -> None:
        """The last one is nobody whom we know."""
        assignee = [*self.people, "a stranger"][which]
        MemoryClient.edit(self.tickets, self._there().handle, changes=TicketEdit(assignee=assignee))

    @precondition(lambda self: self.tickets.tickets)
    @rule(state=st.sampled_from([RemoteState.OPEN, RemoteState.DONE, RemoteState.NOT_PLANNED]))
    def move_state_there(self, state: RemoteState) -> None:
        self.may_be_done |= state is RemoteState.DONE
        self.tickets.remote_close(self._there().remote_id, state=state)
        self._tell("reopened" if state is RemoteState.OPEN else "closed")

    @precondition(lambda self: self.tickets.tickets)
    @rule()
    def move_there(self) -> None:
        target = self.other_place if self._there().target == self.place else self.place
        self.was_elsewhere = True
        self._tell("transferred")
        self.tickets.remote_move(self._there().remote_id, target=target)

    @precondition(lambda self: self.tickets.tickets and not self._is_unlinked())
    @rule()
    def delete_there(self) -> None:
        self._tell("deleted")
        self.tickets.remote_delete(self._there().remote_id)

    # ------------------------------------------------------------------ in between

    @rule(
        work=st.sampled_from(["push", "push", "pull", "look"]),
        dies_at=st.sampled_from([0, 0, 1, 2, 3]),
        dies_before=st.booleans(),
        breaks=st.sampled_from(["", "", "lost", "no answer"]),
    )
    def work(self, work: str, dies_at: int, dies_before: bool, breaks: str) -> None:
        self.tickets.dies_at, self.tickets.dies_before = dies_at, dies_before
        self.tickets.lose_answer_after_commit = breaks == "lost" and work == "push"
        self.tickets.fail_with = Unavailable("502") if breaks == "no answer" else None
        try:
            {"push": self.worker.push, "pull": self.worker.pull, "look": self._look}[work]()
        except SystemExit:
            session.rollback()
        self.tickets.revive()

    @precondition(lambda self: self.deliveries)
    @rule(which=st.integers(min_value=0, max_value=9))
    def a_webhook_comes(self, which: int) -> None:
        """Late, twice, out of order, or never."""
        slug = f"t{self.stage.numbers[-1]}"
        body = self.deliveries[which % len(self.deliveries)]
        assert deliver(self.stage.app, body, to=f"/hooks/{self.kind.value}/{slug}").status_code == 202

    @precondition(lambda self: self.tickets.tickets)
    @rule()
    def ask_slowly(self) -> None:
        """A worker asks and takes its time with the answer."""
        handle = self._there().handle
        self.answers.append((clock.utcnow(), dict(self.tickets.read_many([handle]))))

    @precondition(lambda self: self.answers)
    @rule(which=st.integers(min_value=0, max_value=9))
    def take_over_late(self, which: int) -> None:
        """Late, doubled and in any order."""
        asked_at, found = self.answers[which % len(self.answers)]
        with transaction():
            pull_operations.take_readings(self.tracker.id, found, now=clock.utcnow(), asked_at=asked_at)

    @rule(minutes=st.sampled_from([1, 6, 40]))
    def time_passes(self, minutes: int) -> None:
        self.worker.later(minutes=minutes)

    # ------------------------------------------------------------------ always

    @invariant()
    def there_is_one_ticket_at_most(self) -> None:
        assert len(self.tickets.tickets) <= 1

    @invariant()
    def a_ticket_is_told_once(self) -> None:
        for there in self.tickets.tickets.values():
            assert sum("Another incident asks" in comment for comment in there.comments) <= 1

    @invariant()
    def nothing_is_done_that_nobody_did(self) -> None:
        state = self._item().state
        assert state is not ActionState.VERIFIED
        assert self.may_be_done or state is not ActionState.DONE

    def teardown(self) -> None:
        """The world goes quiet: everything that waits is done, and everything is read once by its identity."""
        for minutes in (6, 12, 40, 12):
            self.worker.later(minutes=minutes)
            self.worker.push()
            self._look()
            self.worker.pull()
        self.worker.later(minutes=12)
        self.worker.read_everything(self.tracker.id)
        self.worker.later(minutes=1)
        self.worker.push()
        try:
            self._assert_agreed()
        finally:
            with transaction():
                session.get_one(Tracker, self.tracker.id).is_active = False

    def _assert_agreed(self) -> None:
        item, ticket = self._item(), self._ticket()
        if not self.tickets.tickets:
            assert ticket is None or ticket.freshness is Freshness.DELETED
            return
        there = self._there()
        if ticket is None:
            self._assert_a_person_is_asked()
            return
        assert (ticket.key, ticket.state.value, ticket.title) == (there.key, there.state.value, there.title)
        assert item.title == there.title
        assert item.due_on == there.due_on
        if there.assignee in self.people:
            assert item.owner_id == self.people[there.assignee].id
        else:
            assert there.assignee == "a stranger" or item.owner_id is None
        told = "\n".join(story(item))
        for words in (self.last_here, self.last_there):
            assert words == item.title or words in told
        if item.state.is_open != (there.state is RemoteState.OPEN):
            assert there.state is RemoteState.NOT_PLANNED or "Here it had become" in told

        waiting = select(HookDelivery.id).where(
            HookDelivery.tracker_id == self.tracker.id, HookDelivery.looked_at.is_(None)
        )
        assert session.scalar(waiting) is None

    def _assert_a_person_is_asked(self) -> None:
        """The answer was lost, and the ticket was elsewhere whenever we looked. It may have come back since."""
        push = session.scalar(select(Push).where(Push.action_id == self.item.id))
        assert push is not None
        assert self.was_elsewhere
        assert push.state is PushState.UNKNOWN
        assert has_looked(push.last_error)

    def _tell(self, event: str) -> None:
        """What the tracker says of its ticket just now; whether and when it comes is another question."""
        remote_id, now = self._there().remote_id, clock.utcnow()
        is_github = self.kind is TrackerKind.GITHUB
        body = github_issue(remote_id, action=event, at=now) if is_github else jira_issue(remote_id, at=now)
        self.deliveries.append(body)

    def _look(self) -> None:
        session.rollback()
        jobs.look_due(self.worker.now)
        session.rollback()

    def _word(self, side: str) -> str:
        self.words += 1
        return f"{side} {self.words}"

    def _item(self) -> ActionItem:
        return session.get_one(ActionItem, self.item.id, populate_existing=True)

    def _ticket(self) -> Ticket | None:
        return session.scalar(
            select(Ticket).where(Ticket.tracker_id == self.tracker.id).execution_options(populate_existing=True)
        )

    def _is_unlinked(self) -> bool:
        """Before the item follows it, a ticket that is deleted cannot be told from one that was never made."""
        return session.scalar(select(Push.ticket_id).where(Push.action_id == self.item.id)) is None

    def _there(self) -> TicketSnapshot:
        (only,) = self.tickets.tickets.values()
        return only.snapshot


def test_whatever_happens_in_any_order_both_sides_agree_at_last(stage: Stage) -> None:
    AnyOrder.stage = stage
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=ORDERS or 6,
            stateful_step_count=40 if ORDERS else 15,
            deadline=None,
            database=None,
            derandomize=not ORDERS,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
