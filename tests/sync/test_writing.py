"""What changes here is written to the ticket, once, and never over what changed there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, story
from tracker import action_life
from tracker.clients.failures import NotReached, RateLimited, Refused, TransitionMissing
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import NewTicket, TicketEdit, TicketSnapshot
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    Person,
    Ticket,
    Tracker,
    TrackerKind,
    Trouble,
)
from tracker.sync import operations
from tracker.sync.following.directions import Directions, Reopened
from tracker.sync.reading.ticket_rows import keep_ticket, link_ticket
from tracker.sync.telling import operations as writing_operations


@pytest.fixture
def on_jira(worker: Worker) -> Tracker:
    return make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")


@pytest.fixture
def action(worker: Worker, tickets: MemoryClient, on_jira: Tracker) -> ActionItem:
    """An item with a ticket that was made a minute ago."""
    item = make.action("Add a cache warm-up")
    make.push(item, on_jira, target="SHOP", marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    return item


@pytest.fixture
def ana(worker: Worker) -> Person:
    return make.person("Ana")


def there(tickets: MemoryClient) -> TicketSnapshot:
    """The only ticket, as the tracker has it."""
    (only,) = tickets.tickets.values()
    return only.snapshot


def link() -> ActionTicket:
    return session.scalars(select(ActionTicket).execution_options(populate_existing=True)).one()


def change(action: ActionItem, **columns: object) -> None:
    with transaction():
        item = session.get_one(ActionItem, action.id)
        for name, value in columns.items():
            setattr(item, name, value)


def finish(action: ActionItem, *, by: Person, worker: Worker) -> None:
    with transaction():
        action_life.finish(session.get_one(ActionItem, action.id), evidence="The drill.", by=by, now=worker.now)


def decline(action: ActionItem, *, by: Person, worker: Worker) -> None:
    with transaction():
        item = session.get_one(ActionItem, action.id)
        later = worker.now.date() + timedelta(days=90)
        action_life.decline(item, reason="Too dear.", accepted_by=by, look_again_on=later, by=by, now=worker.now)


def set_directions(directions: Directions) -> None:
    with transaction():
        session.scalars(select(Tracker)).one().directions = directions.as_row()


def without(direction: str) -> Directions:
    kept: dict[str, Any] = {direction: False}
    return replace(Directions(), **kept)


def test_an_item_done_here_closes_its_ticket_once(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    finish(action, by=ana, worker=worker)

    worker.push()
    worker.later(minutes=5)
    worker.pull()
    again = worker.push()

    assert there(tickets).state is RemoteState.DONE
    assert story(action)[-2:] == ["Done.", "Closed in Jira by us (SHOP-1)."]
    assert again is None, "nothing is left to write"


def test_a_declined_item_closes_its_ticket_as_not_planned(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    decline(action, by=ana, worker=worker)

    worker.push()

    assert there(tickets).state is RemoteState.NOT_PLANNED
    session.refresh(action)
    assert action.state is ActionState.DECLINED


def test_an_item_that_did_not_hold_opens_its_ticket_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    finish(action, by=ana, worker=worker)
    worker.push()
    worker.later(minutes=1)
    with transaction():
        item = session.get_one(ActionItem, action.id)
        action_life.fail_to_hold(item, sentence="It came back.", by=ana, now=worker.now)

    worker.push()
    worker.later(minutes=5)
    worker.pull()

    session.refresh(action)
    assert (there(tickets).state, action.state) == (RemoteState.OPEN, ActionState.DID_NOT_HOLD)


def test_title_and_due_date_are_written_in_one_edit(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    change(action, title="Warm every cache up", due_on=date(2027, 1, 11))

    worker.push()

    assert (there(tickets).title, there(tickets).due_on) == ("Warm every cache up", date(2027, 1, 11))
    assert (link().title_here, link().due_there) == ("Warm every cache up", date(2027, 1, 11))


def test_title_and_due_date_come_back(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    changes = TicketEdit(title="Warm the caches", due_on=date(2027, 2, 1), labels=("cache",))
    tickets.edit(there(tickets).handle, changes=changes)

    worker.pull()
    again = worker.push()

    session.refresh(action)
    assert (action.title, action.due_on) == ("Warm the caches", date(2027, 2, 1))
    assert session.scalars(select(Ticket.labels)).one() == ["cache"]
    assert "from “Add a cache warm-up” to “Warm the caches”" in story(action)[-2]
    assert again is None


def test_a_field_of_each_side_is_merged(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    change(action, title="Warm every cache up")
    tickets.edit(there(tickets).handle, changes=TicketEdit(due_on=date(2027, 2, 1)))

    worker.push()

    session.refresh(action)
    assert (action.title, action.due_on) == ("Warm every cache up", date(2027, 2, 1))
    assert (there(tickets).title, there(tickets).due_on) == ("Warm every cache up", date(2027, 2, 1))


def test_the_same_field_changed_on_both_sides_is_a_conflict_that_keeps_both_in_words(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    change(action, title="Ours")
    tickets.edit(there(tickets).handle, changes=TicketEdit(title="Theirs"))

    worker.push()

    session.refresh(action)
    assert (action.title, there(tickets).title) == ("Theirs", "Theirs")
    assert "here to “Ours”, in Jira (SHOP-1) to “Theirs”. Jira’s stands" in story(action)[-1]


def test_the_tracker_wins_when_the_state_changed_on_both_sides(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    decline(action, by=ana, worker=worker)
    tickets.remote_close(there(tickets).remote_id, state=RemoteState.DONE)

    worker.push()

    assert there(tickets).state is RemoteState.DONE
    assert story(action)[-1] == "Closed in Jira (SHOP-1). Here it had become “declined”."
    worker.later(minutes=5)
    assert worker.push() is None


def test_where_a_due_date_is_a_line_of_our_text_other_tickets_are_left_alone(
    worker: Worker, tickets: MemoryClient
) -> None:
    on_github, made, linked = make.tracker("GitHub"), make.action("Made by us"), make.action("Linked by hand")
    make.push(made, on_github, target="acme/shop", marker="AI-1:0123456789abcdef")
    worker.push()
    by_hand = tickets.create(NewTicket(target="acme/shop", title="By hand", body="", marker="AI-9:0123456789abcdef"))
    with transaction():
        tracker, item = session.get_one(Tracker, on_github.id), session.get_one(ActionItem, linked.id)
        link_ticket(item, keep_ticket(tracker, by_hand, now=worker.now), tracker=tracker, now=worker.now)
    change(made, due_on=date(2027, 1, 11))
    change(linked, due_on=date(2027, 1, 11))

    worker.push()

    assert {one.snapshot.title: one.snapshot.due_on for one in tickets.tickets.values()} == {
        "Made by us": date(2027, 1, 11),
        "By hand": None,
    }
    assert worker.push() is None, "nothing waits for a place that is not there"


@pytest.mark.parametrize("field", ["title", "due", "state"])
def test_what_is_not_to_be_written_is_not_written(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person, field: str
) -> None:
    set_directions(without(f"{field}_out"))
    change(action, title="Ours", due_on=date(2027, 1, 11))
    finish(action, by=ana, worker=worker)

    worker.push()

    left = {"title": there(tickets).title == "Add a cache warm-up", "state": there(tickets).state is RemoteState.OPEN}
    left["due"] = there(tickets).due_on == date(2026, 12, 21)
    assert [name for name, is_left in left.items() if is_left] == [field]


@pytest.mark.parametrize("field", ["title", "due", "state"])
def test_what_is_not_to_be_taken_over_is_not(
    worker: Worker, tickets: MemoryClient, action: ActionItem, field: str
) -> None:
    set_directions(without(f"{field}_in"))
    tickets.edit(there(tickets).handle, changes=TicketEdit(title="Theirs", due_on=date(2027, 2, 1)))
    tickets.remote_close(there(tickets).remote_id)

    worker.pull()

    session.refresh(action)
    left = {"title": action.title == "Add a cache warm-up", "due": action.due_on == date(2026, 12, 21)}
    left["state"] = action.state is ActionState.OPEN
    assert [name for name, is_left in left.items() if is_left] == [field]
    assert worker.push() is None, "and nothing of it is written back"


def test_a_lost_answer_to_a_write_is_looked_at_before_it_is_repeated(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(action, by=ana, worker=worker)
    tickets.lose_answer_after_commit = True
    worker.push()
    assert (link().trouble, there(tickets).state) == (Trouble.UNKNOWN, RemoteState.DONE)
    monkeypatch.setattr(tickets, "close", _must_not_be_called)

    worker.later(minutes=2)
    worker.push()

    assert (link().trouble, link().trouble_text, link().lease_until) == (None, "", None)
    assert worker.push() is None


def _must_not_be_called(*_args: object, **_asked: object) -> None:
    raise AssertionError("It was closed already.")


def test_a_missing_transition_is_said_and_tried_the_next_day_or_when_asked(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(action, by=ana, worker=worker)
    refuse = raiser(TransitionMissing("SHOP-1 cannot be closed from “Blocked”. Possible: Unblock."))
    with monkeypatch.context() as stuck:
        stuck.setattr(tickets, "close", refuse)
        worker.push()
        worker.later(hours=2)
        assert worker.push() is None, "it would say the same"
    assert (link().trouble, link().trouble_text) == (
        Trouble.TRANSITION_MISSING,
        "SHOP-1 cannot be closed from “Blocked”. Possible: Unblock.",
    )

    with transaction():
        writing_operations.try_writing_now(session.get_one(ActionItem, action.id), link().ticket_id)
    worker.push()

    assert (link().trouble, there(tickets).state) == (None, RemoteState.DONE)


def raiser(error: Exception) -> Callable[..., None]:
    def fail(*_args: object, **_asked: object) -> None:
        raise error

    return fail


def test_a_trouble_ends_when_the_change_is_taken_back(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(action, title="Ours")
    monkeypatch.setattr(tickets, "edit", raiser(Refused("No.")))
    worker.push()
    assert link().trouble is Trouble.FAILED
    change(action, title="Add a cache warm-up")
    make.push(make.action(), session.scalar(select(Tracker)), target="SHOP", marker="AI-2:0123456789abcdef")

    worker.push()

    assert session.scalars(select(ActionTicket.trouble)).all() == [None, None]


def test_a_rate_limit_leaves_the_tracker_alone_and_loses_nothing(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(action, title="Ours")
    with monkeypatch.context() as limited:
        limited.setattr(tickets, "edit", raiser(RateLimited("slow down", retry_after=timedelta(minutes=20))))
        worker.push()
    worker.later(minutes=10)
    assert worker.push() is None

    worker.later(minutes=10)
    worker.push()

    assert there(tickets).title == "Ours"


def test_what_was_not_sent_is_sent_after_a_growing_pause(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    change(action, title="Ours")
    waits = []
    for _ in range(3):
        tickets.fail_with = NotReached("no such host")
        worker.push()
        waits.append((link().run_after or worker.now) - worker.now)
        worker.later(seconds=waits[-1].total_seconds())

    worker.later(minutes=1)
    worker.pull()  # the trial after three failures in a row
    worker.push()

    assert [wait // timedelta(minutes=1) for wait in waits] == [1, 2, 4]
    assert there(tickets).title == "Ours"


def test_a_worker_that_died_while_writing_is_followed_by_another(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    finish(action, by=ana, worker=worker)
    with transaction():
        assert writing_operations.claim_write(link().ticket.tracker_id, now=worker.now) is not None
    worker.push()
    assert there(tickets).state is RemoteState.OPEN, "the lease is still the dead worker's"

    worker.later(minutes=6)
    worker.push()

    assert there(tickets).state is RemoteState.DONE


def test_a_shared_ticket_is_closed_with_the_last_of_its_items_and_keeps_each_title(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    other = make.action("Alert on cold caches")
    with transaction():
        item = session.get_one(ActionItem, other.id)
        tracker_id = session.scalars(select(Tracker.id)).one()
        operations.link_existing(item, there(tickets), tracker_id=tracker_id, by=ana, now=worker.now)
    change(action, title="Ours")
    finish(action, by=ana, worker=worker)
    worker.push()
    assert (there(tickets).state, there(tickets).title) == (RemoteState.OPEN, "Add a cache warm-up")
    assert story(action)[-1] == "SHOP-1 stays open in Jira: another item shares it, and is still open."

    finish(other, by=ana, worker=worker)
    worker.push()

    session.refresh(other)
    assert (there(tickets).state, other.title) == (RemoteState.DONE, "Alert on cold caches")
    assert sum("Closed in Jira" in sentence for sentence in [*story(action), *story(other)]) == 1


def test_the_title_of_a_private_item_goes_nowhere(worker: Worker, tickets: MemoryClient, on_jira: Tracker) -> None:
    secret = make.action("Rotate the leaked key", incidents=(make.incident("Key leaked", is_private=True),))
    make.push(secret, on_jira, target="SHOP", marker="AI-1:0123456789abcdef")
    worker.push()
    change(secret, title="Rotate all leaked keys")

    worker.push()
    tickets.edit(there(tickets).handle, changes=TicketEdit(title="AI-1"))
    worker.later(minutes=5)
    worker.pull()

    session.refresh(secret)
    assert (there(tickets).title, secret.title) == ("AI-1", "Rotate all leaked keys")


def test_a_ticket_opened_again_may_ask_for_a_new_item(
    worker: Worker, tickets: MemoryClient, ana: Person, action: ActionItem
) -> None:
    set_directions(Directions(reopened=Reopened.NEW_ITEM))
    finish(action, by=ana, worker=worker)
    worker.push()
    worker.later(minutes=5)
    tickets.remote_close(there(tickets).remote_id, state=RemoteState.OPEN)

    worker.pull()
    worker.later(minutes=5)
    worker.pull()

    done, new = session.scalars(select(ActionItem).order_by(ActionItem.id).execution_options(populate_existing=True))
    assert (done.state, new.state, new.title) == (ActionState.DONE, ActionState.OPEN, done.title)
    assert story(new) == [f"Opened again in Jira (SHOP-1). Goes on with {done.ref}, which was done."]
    assert link().action_id == new.id
    assert worker.push() is None


def test_an_item_edited_while_its_ticket_is_being_made_is_written_after(
    worker: Worker, tickets: MemoryClient, on_jira: Tracker
) -> None:
    item = make.action("Add a cache warm-up")
    make.push(item, on_jira, target="SHOP", marker="AI-1:0123456789abcdef")
    tickets.lose_answer_after_commit = True
    worker.push()
    change(item, title="Warm every cache up")

    worker.later(minutes=1)
    worker.push()

    session.refresh(item)
    assert (there(tickets).title, item.title) == ("Warm every cache up", "Warm every cache up")


def test_an_answer_that_was_asked_for_earlier_never_overwrites_one_of_the_same_second(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    from tracker.sync.reading import operations as pull_operations

    older, asked_at = there(tickets), worker.now
    worker.later(seconds=1)
    closed = replace(older, state=RemoteState.DONE)
    tracker_id = session.scalars(select(Tracker.id)).one()
    with transaction():
        pull_operations.take_readings(tracker_id, {closed.remote_id: closed}, asked_at=worker.now, now=worker.now)

    with transaction():
        pull_operations.take_readings(tracker_id, {older.remote_id: older}, asked_at=asked_at, now=worker.now)

    session.refresh(action)
    assert action.state is ActionState.DONE
