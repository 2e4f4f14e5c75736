"""What an item shows after each way in which a call for it can fail: the last column of docs/fault-matrix.md."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.clients.fault_table import Operation, Shown, cases, shown
from tests.sync.conftest import Worker
from tests.sync.hooks import deliver, github_issue, listening
from tracker import action_links, clock
from tracker.clients.failures import ClientError
from tracker.clients.memory import MemoryClient
from tracker.db import session, transaction
from tracker.models import ActionItem, Freshness, Incident, Person, PushState, Tracker, Trouble
from tracker.sync import jobs
from tracker.sync.telling.trouble_queries import troubles_of, unsaid_of
from tracker.sync.ticket_showing import tickets_of

pytestmark = pytest.mark.once
CALLS = {
    Operation.CREATE: "create",
    Operation.COMMENT: "comment",
    Operation.EDIT: "edit",
    Operation.LIST: "changes",
    Operation.WEBHOOK: "read_many",
}
"""Closing and reopening fail in the same place as editing."""
PUSHES = {
    PushState.UNKNOWN: Shown.UNKNOWN,
    PushState.PENDING: Shown.ON_ITS_WAY,
    PushState.FAILED: Shown.FAILED,
}
TROUBLES = {Trouble.UNKNOWN: Shown.PERHAPS_WRITTEN, Trouble.FAILED: Shown.NOT_WRITTEN}


class FailingClient(MemoryClient):
    """A tracker one of whose calls fails."""

    failing: tuple[str, ClientError] | None = None


def failing(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(call)
    def called(client: FailingClient, *given: Any, **named: Any) -> Any:
        if client.failing and client.failing[0] == name:
            raise client.failing[1]
        return call(client, *given, **named)

    return called


for name in CALLS.values():
    setattr(FailingClient, name, failing(getattr(MemoryClient, name), name))


@pytest.fixture
def tickets(tickets: MemoryClient) -> FailingClient:
    return FailingClient(now=lambda: clock.utcnow(), targets=("acme/shop",))  # noqa: PLW0108  the clock is set anew


@dataclass
class Trial:
    """One item whose call is going to fail, in a tracker of its own."""

    app: Flask
    worker: Worker
    tickets: FailingClient
    tracker: Tracker
    item: ActionItem

    def fail(self, operation: Operation, error: ClientError) -> None:
        if operation is not Operation.CREATE:
            self.worker.push()
            self._prepare(operation)
        self.tickets.failing = (CALLS[operation], error)
        work = {Operation.LIST: jobs.pull_due, Operation.WEBHOOK: jobs.look_due}.get(operation, jobs.push_due)
        work(self.worker.now)
        self.tickets.failing = None
        session.rollback()

    def _prepare(self, operation: Operation) -> None:
        self.worker.later(minutes=1)
        item = session.get_one(ActionItem, self.item.id)
        if operation is Operation.WEBHOOK:
            (ticket,) = tickets_of(item, now=self.worker.now).tickets
            deliver(self.app, github_issue(ticket.ticket.remote_id), to=f"/hooks/github/{self.tracker.slug}")
        elif operation is Operation.EDIT:
            with transaction():
                session.get_one(ActionItem, self.item.id).title += ", better"
        elif operation is Operation.COMMENT:
            incident, by = make.incident("It came again"), make.person(f"Ana {item.number}")
            with transaction():
                again, ana = session.get_one(Incident, incident.id), session.get_one(Person, by.id)
                asked = session.get_one(ActionItem, self.item.id)
                action_links.link_incident(asked, again, by=ana, now=self.worker.now)

    def shown(self) -> Shown:
        item = session.get_one(ActionItem, self.item.id, populate_existing=True)
        found = tickets_of(item, now=self.worker.now)
        if found.pushes:
            return PUSHES[found.pushes[0].push.state]
        if found.tickets[0].freshness is Freshness.NO_ACCESS:
            return Shown.NO_ACCESS
        troubles = [TROUBLES[link.trouble] for link in troubles_of(item).values() if link.trouble]
        assert found.tickets[0].freshness is Freshness.IN_STEP
        return Shown.NOT_TOLD if unsaid_of(item) else troubles[0] if troubles else Shown.NOTHING


def errors() -> Iterator[tuple[Operation, type[ClientError]]]:
    """Each kind of failure of each call, as the table has them."""
    yield from dict.fromkeys((one.operation, one.error) for one in cases() if one.error and one.operation in CALLS)


def test_every_failure_shows_on_the_item_what_the_table_says(
    app: Flask, worker: Worker, tickets: FailingClient
) -> None:
    said = {}
    for number, (operation, error) in enumerate(errors(), start=1):
        tracker = make.tracker(f"Tracker {number}", slug=f"t{number}", read_at=worker.now)
        listening(tracker)
        item = make.action(f"Item {number}")
        make.push(item, tracker, marker=f"{item.ref}:0123456789abcdef", run_after=worker.now)
        trial = Trial(app, worker, tickets, tracker, item)

        trial.fail(operation, error("It broke."))

        said[operation, error] = trial.shown()
        with transaction():
            session.get_one(Tracker, tracker.id).is_active = False
    assert said == {(operation, error): shown(operation, error) for operation, error in errors()}
    assert len(said) > 30
