"""Whatever happens here, there and in between, in any order: one ticket, no lost change, both sides agree at last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, story
from tracker import action_life, clock
from tracker.clients.failures import Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import Gone, NewTicket, TicketEdit, TicketHandle, TicketSnapshot
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import ActionItem, ActionState, Freshness, Person, Push, RemoteAccount, Ticket, Tracker, TrackerKind
from tracker.sync import pull_operations
from tracker.wiring import Wiring


class MortalClient(MemoryClient):
    """A tracker at whose next write the worker dies, before or after it is done."""

    dies: str = ""

    def create(self, new: NewTicket) -> TicketSnapshot:
        if self.dies == "before":
            self._die()
        made = super().create(new)
        if self.dies:
            self._die()
        return made

    def edit(self, ticket: TicketHandle, *, changes: TicketEdit) -> TicketSnapshot:
        if self.dies == "before":
            self._die()
        edited = super().edit(ticket, changes=changes)
        if self.dies:
            self._die()
        return edited

    def _die(self) -> None:
        self.dies = ""
        raise SystemExit("The worker was ended.")


@dataclass
class Stage:
    """What all examples of one run share: the application's database, its clock, and the tracker of the moment."""

    worker: Worker
    ana: Person
    bo: Person
    tickets: MortalClient
    numbers: list[int] = field(default_factory=list)


@pytest.fixture
def tickets(set_clock: Callable[[datetime], None]) -> MortalClient:
    set_clock(make.NOW)
    return MortalClient(now=lambda: clock.utcnow(), targets=("SHOP", "WEB"))  # noqa: PLW0108  the clock is set anew


@pytest.fixture
def stage(app: Flask, worker: Worker, tickets: MortalClient, wiring: Wiring) -> Stage:
    return Stage(worker, make.person("Ana"), make.person("Bo"), tickets)


class AnyOrder(RuleBasedStateMachine):
    """One item and its ticket, and everybody who may touch them."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.worker, self.tickets = self.stage.worker, self.stage.tickets
        self.tickets.tickets.clear()
        number = len(self.stage.numbers) + 1
        self.stage.numbers.append(number)
        self.tracker = make.tracker(f"Jira {number}", slug=f"j{number}", kind=TrackerKind.JIRA, default_target="SHOP")
        self.item = make.action(f"Item {number}")
        make.push(
            self.item, self.tracker, target="SHOP", marker=f"AI-{number}:0123456789abcdef", run_after=clock.utcnow()
        )
        self.people = {f"{one.name.lower()}-{number}": one for one in (self.stage.ana, self.stage.bo)}
        for name, one in self.people.items():
            account = {"tracker_id": self.tracker.id, "person_id": one.id, "name": name, "shown": one.name}
            make.save(RemoteAccount(**account, confirmed_at=make.NOW))
        self.may_be_done = self.was_deleted = False
        self.last_here = self.last_there = ""
        self.answers: list[tuple[datetime, dict[str, TicketSnapshot | Gone]]] = []
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

    @precondition(lambda self: self.tickets.tickets)
    @rule()
    def move_there(self) -> None:
        target = "WEB" if self._there().target == "SHOP" else "SHOP"
        self.tickets.remote_move(self._there().remote_id, target=target)

    @precondition(lambda self: self.tickets.tickets and not self._is_unlinked())
    @rule()
    def delete_there(self) -> None:
        self.was_deleted = True
        self.tickets.remote_delete(self._there().remote_id)

    # ------------------------------------------------------------------ in between

    @rule(dies=st.sampled_from(["", "", "before", "after"]), breaks=st.sampled_from(["", "", "lost", "no answer"]))
    def push(self, dies: str, breaks: str) -> None:
        self.tickets.dies = dies
        self.tickets.lose_answer_after_commit = breaks == "lost"
        self.tickets.fail_with = Unavailable("502") if breaks == "no answer" else None
        try:
            self.worker.push()
        except SystemExit:
            session.rollback()
        self.tickets.dies, self.tickets.fail_with, self.tickets.lose_answer_after_commit = "", None, False

    @rule()
    def pull(self) -> None:
        self.worker.pull()

    @precondition(lambda self: self.tickets.tickets)
    @rule()
    def ask_slowly(self) -> None:
        """A worker asks, because a webhook came, and takes its time with the answer."""
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
    def nothing_is_done_that_nobody_did(self) -> None:
        state = self._item().state
        assert state is not ActionState.VERIFIED
        assert self.may_be_done or state is not ActionState.DONE

    def teardown(self) -> None:
        """The world goes quiet: everything that waits is done, and everything is read once by its identity."""
        for minutes in (6, 12, 40, 12):
            self.worker.later(minutes=minutes)
            self.worker.push()
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
        assert ticket is not None
        assert (ticket.key, ticket.state.value, ticket.title) == (there.key, there.state.value, there.title)
        assert (item.title, item.due_on) == (there.title, there.due_on)
        if there.assignee in self.people:
            assert item.owner_id == self.people[there.assignee].id
        else:
            assert there.assignee == "a stranger" or item.owner_id is None
        told = "\n".join(story(item))
        for words in (self.last_here, self.last_there):
            assert words == item.title or words in told
        if item.state.is_open != (there.state is RemoteState.OPEN):
            assert there.state is RemoteState.NOT_PLANNED or "Here it had become" in told

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
            max_examples=5,
            stateful_step_count=15,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
