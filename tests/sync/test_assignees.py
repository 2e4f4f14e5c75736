"""An item's owner and its ticket's assignee follow each other, between people whom somebody confirmed."""

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, story
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import RemotePerson, TicketEdit, TicketSnapshot
from tracker.db import session, transaction
from tracker.models import ActionItem, ActionTicket, Person, RemoteAccount, Tracker, TrackerKind, Trouble
from tracker.sync.following.directions import Directions
from tracker.sync.mappings import operations as mapping_operations


@pytest.fixture
def jira(worker: Worker) -> Tracker:
    return make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")


@pytest.fixture
def ana(jira: Tracker) -> Person:
    return known(make.person("Ana"), jira)


@pytest.fixture
def bo(jira: Tracker) -> Person:
    return known(make.person("Bo"), jira)


@pytest.fixture
def item(worker: Worker, tickets: MemoryClient, jira: Tracker, ana: Person) -> ActionItem:
    """An item of Ana's with a ticket that was made a minute ago."""
    return with_ticket(make.action(owner_id=ana.id), jira, worker=worker)


def known(person: Person, tracker: Tracker) -> Person:
    row = RemoteAccount(tracker_id=tracker.id, person_id=person.id, name=f"{person.name.lower()}-there")
    row.shown, row.confirmed_at = person.name, make.NOW
    make.save(row)
    return person


def with_ticket(action: ActionItem, tracker: Tracker, *, worker: Worker) -> ActionItem:
    make.push(action, tracker, target="SHOP", marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    return action


def there(tickets: MemoryClient) -> TicketSnapshot:
    (only,) = tickets.tickets.values()
    return only.snapshot


def assign_there(tickets: MemoryClient, name: str | None) -> None:
    tickets.edit(there(tickets).handle, changes=TicketEdit(assignee=name))


def give_to(action: ActionItem, person: Person | None) -> None:
    with transaction():
        session.get_one(ActionItem, action.id).owner_id = person.id if person else None


def owner_of(action: ActionItem) -> str:
    session.refresh(action)
    return action.owner.name if action.owner else "nobody"


def link() -> ActionTicket:
    return session.scalars(select(ActionTicket).execution_options(populate_existing=True)).one()


def test_a_new_owner_is_assigned_once(
    worker: Worker, tickets: MemoryClient, jira: Tracker, item: ActionItem, bo: Person
) -> None:
    made_for = there(tickets).assignee
    give_to(item, bo)

    worker.push()
    worker.later(minutes=5)
    worker.pull()

    assert (made_for, there(tickets).assignee) == ("ana-there", "bo-there")
    assert worker.push() is None, "nothing is left to write"
    give_to(item, None)
    worker.push()
    assert there(tickets).assignee is None


def test_who_is_assigned_there_owns_the_item(
    worker: Worker, tickets: MemoryClient, item: ActionItem, bo: Person
) -> None:
    assign_there(tickets, "bo-there")

    worker.pull()

    assert owner_of(item) == "Bo"
    assert story(item)[-1] == "The owner was changed in Jira (SHOP-1), from Ana to Bo."
    assert worker.push() is None, "the echo is no change"


def test_taking_everybody_off_there_leaves_the_owner_and_tells_it(
    worker: Worker, tickets: MemoryClient, item: ActionItem
) -> None:
    assign_there(tickets, None)

    worker.pull()

    assert owner_of(item) == "Ana"
    assert story(item)[-1] == "Nobody is assigned in Jira (SHOP-1) any more. Ana stays the owner here."
    assert worker.push() is None, "and nobody is assigned again against their will"


def test_of_two_changes_the_trackers_stands_and_both_are_told(
    worker: Worker, tickets: MemoryClient, jira: Tracker, item: ActionItem, bo: Person
) -> None:
    known(make.person("Cy"), jira)
    give_to(item, bo)
    assign_there(tickets, "cy-there")

    worker.push()

    assert (owner_of(item), there(tickets).assignee) == ("Cy", "cy-there")
    assert "here to Bo, in Jira (SHOP-1) to Cy. Jira’s stands" in story(item)[-1]


def test_nobody_is_guessed_and_an_account_is_taken_over_once_it_is_confirmed(
    worker: Worker, tickets: MemoryClient, jira: Tracker, item: ActionItem, bo: Person
) -> None:
    eve = make.person("Eve")
    assign_there(tickets, "eve-there")
    give_to(item, bo)
    worker.pull()
    worker.push()
    assert (owner_of(item), there(tickets).assignee) == ("Bo", "eve-there"), "both wait for a person"

    with transaction():
        found = RemotePerson(name="eve-there", shown="Eve")
        mapping_operations.confirm_account(
            session.merge(jira), session.merge(eve), found, by=session.merge(bo), now=worker.now
        )

    assert owner_of(item) == "Eve"


def test_an_owner_whom_nobody_knew_there_is_assigned_once_somebody_does(
    worker: Worker, tickets: MemoryClient, jira: Tracker
) -> None:
    eve = make.person("Eve")
    action = with_ticket(make.action(owner_id=eve.id), jira, worker=worker)
    assert (there(tickets).assignee, worker.push()) == (None, None)

    known(eve, jira)
    worker.push()

    assert there(tickets).assignee == "eve-there"
    assert owner_of(action) == "Eve"


@pytest.mark.parametrize("direction", ["assignee_in", "assignee_out"])
def test_each_direction_can_be_switched_off(
    worker: Worker, tickets: MemoryClient, jira: Tracker, item: ActionItem, bo: Person, direction: str
) -> None:
    kept = Directions(assignee_in=direction != "assignee_in", assignee_out=direction != "assignee_out")
    with transaction():
        session.get_one(Tracker, jira.id).directions = kept.as_row()
    assign_there(tickets, "bo-there")
    worker.pull()
    taken = owner_of(item)
    give_to(item, known(make.person("Cy"), jira))

    worker.push()

    expected = ("Ana", "cy-there") if direction == "assignee_in" else ("Bo", "bo-there")
    assert (taken, there(tickets).assignee) == expected


def test_an_assignee_who_is_left_out_is_told_and_keeps_nothing_else_waiting(
    worker: Worker, tickets: MemoryClient, item: ActionItem, bo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = tickets.edit
    monkeypatch.setattr(tickets, "edit", lambda handle, *, changes: edit(handle, changes=without_assignee(changes)))
    give_to(item, bo)
    worker.push()
    assert link().trouble is Trouble.NOT_ASSIGNED
    assert link().trouble_text == "bo-there was not assigned: they may not work on tickets there."
    assert worker.push() is None

    with transaction():
        session.get_one(ActionItem, item.id).title = "Warm every cache up"
    worker.push()

    assert there(tickets).title == "Warm every cache up"
    assert link().trouble is Trouble.NOT_ASSIGNED


def without_assignee(changes: TicketEdit) -> TicketEdit:
    return TicketEdit(title=changes.title, due_on=changes.due_on, labels=changes.labels)
