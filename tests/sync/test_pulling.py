"""The state of tickets comes back; what is not known never counts as done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, only_push, story
from tracker import action_life
from tracker.clients.failures import NoAccess, RateLimited, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.singly import Singly
from tracker.clients.tickets import Gone, TicketHandle, TicketSnapshot
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    Freshness,
    PushState,
    Ticket,
    TicketState,
    Tracker,
)
from tracker.sync.reading import operations as pull_operations
from tracker.sync.reading import pulling


@pytest.fixture
def action(worker: Worker, tickets: MemoryClient) -> ActionItem:
    """An item with a ticket that was made a minute ago."""
    item = make.action("Add a cache warm-up")
    make.push(item, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    return item


def ticket() -> Ticket:
    return session.scalars(select(Ticket).order_by(Ticket.id).limit(1)).one()


def tracker() -> Tracker:
    return session.scalars(select(Tracker)).one()


def remote_id() -> str:
    return ticket().remote_id


def test_a_ticket_closed_there_makes_the_item_done_but_never_verified(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    tickets.remote_close(remote_id())

    worker.pull()

    session.refresh(action)
    assert (action.state, action.done_evidence, action.verified_at) == (ActionState.DONE, "", None)
    assert story(action)[-1] == f"Closed in GitHub ({ticket().key})."


def test_an_unchanged_ticket_never_changes_the_item_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    tickets.remote_close(remote_id())
    worker.pull()
    with transaction():
        action_life.fail_to_hold(
            session.get_one(ActionItem, action.id), sentence="It came back.", by=None, now=worker.now
        )

    for _ in range(3):
        worker.later(minutes=5)
        worker.pull()
    worker.read_everything(tracker().id)

    session.refresh(action)
    assert action.state is ActionState.DID_NOT_HOLD
    assert sum(sentence.startswith("Closed") for sentence in story(action)) == 1


def test_not_planned_leaves_the_item_open_and_says_what_to_do(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    tickets.remote_close(remote_id(), state=RemoteState.NOT_PLANNED)

    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.OPEN
    assert story(action)[-1].startswith("Closed as not planned in GitHub")


def test_a_duplicate_asks_for_the_other_ticket(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    tickets.remote_close(remote_id(), state=RemoteState.DUPLICATE)

    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.OPEN
    assert "Link the ticket that stands for it now" in story(action)[-1]


def test_a_ticket_opened_again_opens_the_done_item(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    tickets.remote_close(remote_id())
    worker.pull()
    worker.later(minutes=5)
    tickets.remote_close(remote_id(), state=RemoteState.OPEN)

    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.OPEN
    assert story(action)[-1].startswith("Opened again in GitHub")


def test_a_verified_item_stays_verified_when_its_ticket_is_opened_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    ana = make.person()
    tickets.remote_close(remote_id())
    worker.pull()
    with transaction():
        item = session.get_one(ActionItem, action.id)
        action_life.verify(item, evidence="The drill of 1 December.", by=ana, now=worker.now)
    worker.later(minutes=5)
    tickets.remote_close(remote_id(), state=RemoteState.OPEN)

    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.VERIFIED
    assert story(action)[-1].endswith("It stays verified; look whether it still holds.")


def test_a_deleted_ticket_is_never_done(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    tickets.remote_delete(remote_id())

    worker.pull()
    worker.read_everything(tracker().id)

    session.refresh(action)
    assert (action.state, ticket().freshness) == (ActionState.OPEN, Freshness.DELETED)
    assert story(action)[-1].endswith("This does not count as done.")


def test_a_deleted_ticket_does_not_make_its_sibling_finish_the_item_by_itself(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    make.push(action, make.tracker("Jira"), target="SHOP", marker="AI-2:0123456789abcdef")
    worker.push()
    first, second = session.scalars(select(Ticket).order_by(Ticket.id)).all()
    worker.later(minutes=1)
    tickets.remote_close(first.remote_id)
    worker.pull()
    session.refresh(action)
    assert action.state is ActionState.OPEN, "the second one is open"

    tickets.remote_delete(second.remote_id)
    worker.read_everything(second.tracker_id)

    session.refresh(action)
    assert action.state is ActionState.OPEN


def test_an_item_with_two_tickets_is_done_with_the_second(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    make.push(action, make.tracker("Jira"), target="SHOP", marker="AI-2:0123456789abcdef")
    worker.push()
    first, second = session.scalars(select(Ticket.remote_id).order_by(Ticket.id)).all()
    worker.later(minutes=1)
    tickets.remote_close(first)
    worker.pull()
    session.refresh(action)
    after_the_first = action.state
    worker.later(minutes=5)
    tickets.remote_close(second)

    worker.pull()

    session.refresh(action)
    assert (after_the_first, action.state) == (ActionState.OPEN, ActionState.DONE)


def test_a_moved_ticket_is_followed_to_its_new_key(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    old_key = ticket().key
    new_key = tickets.remote_move(remote_id(), target="acme/web")

    worker.pull()
    assert ticket().key == old_key, "a list of the old place does not show it"
    worker.read_everything(tracker().id)

    assert (ticket().key, ticket().target, ticket().freshness) == (new_key, "acme/web", Freshness.TRANSFERRED)
    assert story(action)[-1] == f"Transferred in GitHub: {old_key} is now {new_key}."
    worker.later(minutes=5)
    tickets.remote_close(remote_id())
    worker.pull()
    session.refresh(action)
    assert action.state is ActionState.DONE


def test_a_hidden_repository_leaves_its_tickets_unknown_until_it_is_seen_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    worker.pull()
    tickets.hidden_targets.add("acme/shop")
    worker.later(minutes=5)

    worker.pull()

    session.refresh(action)
    assert (ticket().freshness, action.state) == (Freshness.NO_ACCESS, ActionState.OPEN)
    assert "acme/shop" in tracker().last_error
    tickets.hidden_targets.clear()
    worker.later(minutes=5)
    worker.pull()
    assert (ticket().freshness, tracker().last_error) == (Freshness.IN_STEP, "")


def test_a_tracker_that_shows_us_nothing_was_not_read(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    worker.pull()
    read_at = tracker().read_at
    tickets.hidden_targets.add("acme/shop")
    worker.later(minutes=5)
    worker.pull()
    assert (tracker().read_at, tracker().failures) == (read_at, 0)

    tickets.hidden_targets.clear()
    worker.later(minutes=5)
    worker.pull()

    assert tracker().read_at == worker.now, "it is asked again in the next round"


def test_a_tracker_whose_first_repository_cannot_be_seen_was_never_read(worker: Worker, tickets: MemoryClient) -> None:
    make.tracker()
    tickets.hidden_targets.add("acme/shop")

    worker.pull()

    assert (tracker().read_at, tracker().last_error) == (None, "We cannot see acme/shop.")


def test_one_hidden_repository_does_not_stop_the_others(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    other = make.action("Alert on cold caches")
    make.push(other, tracker(), target="acme/web", marker="AI-2:0123456789abcdef")
    worker.push()
    second = session.scalars(select(Ticket).where(Ticket.target == "acme/web")).one()
    worker.later(minutes=1)
    tickets.hidden_targets.add("acme/shop")
    tickets.remote_close(second.remote_id)

    worker.pull()

    session.refresh(other)
    assert other.state is ActionState.DONE


def test_a_cursor_moves_only_after_a_whole_walk(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.pull()
    before = dict(tracker().cursors)
    worker.later(minutes=5)
    tickets.remote_close(remote_id())
    walk = tickets.changed_since

    def broken(target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        yield from walk(target, since=since)
        raise Unavailable("The list broke off.")

    with monkeypatch.context() as failing:
        failing.setattr(tickets, "changed_since", broken)
        worker.pull()

    assert tracker().cursors == before
    assert (tracker().failures, tracker().last_error) == (1, "The list broke off.")
    read_at = tracker().read_at
    assert read_at is not None
    assert read_at < worker.now, "a failed round is no reading"
    worker.later(minutes=2)
    worker.pull()
    assert tracker().cursors["acme/shop"] > before["acme/shop"]
    assert (tracker().failures, tracker().last_error) == (0, "")


def test_an_older_answer_never_overwrites_a_newer_one(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    older = tickets.fetch(ticket().key)
    worker.later(minutes=5)
    tickets.remote_close(remote_id())
    worker.pull()

    with transaction():
        pull_operations.take_snapshots(tracker().id, [older], now=worker.now)
        pull_operations.take_readings(tracker().id, {older.remote_id: older}, now=worker.now)

    session.refresh(action)
    assert (ticket().state, action.state) == (TicketState.DONE, ActionState.DONE)


def test_the_echo_of_our_own_create_makes_no_second_link(worker: Worker, tickets: MemoryClient) -> None:
    make.push(make.action(), marker="AI-1:0123456789abcdef")
    tickets.lose_answer_after_commit = True
    worker.push()
    made = next(iter(tickets.tickets.values())).snapshot

    with transaction():
        pull_operations.take_snapshots(tracker().id, [made, made], now=worker.now)
    assert session.scalars(select(Ticket)).all() == []
    worker.later(minutes=1)
    worker.push()
    with transaction():
        pull_operations.take_snapshots(tracker().id, [made, made], now=worker.now)

    assert only_push().state is PushState.LINKED
    assert len(session.scalars(select(ActionTicket)).all()) == 1


def test_one_bad_ticket_fails_alone(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    other = make.action("Alert on cold caches")
    make.push(other, tracker(), marker="AI-2:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    for one in list(tickets.tickets):
        tickets.remote_close(one)
    rename(tickets, remote_id(), HALF_A_CHARACTER)

    round_ = worker.pull()

    session.refresh(action)
    session.refresh(other)
    assert (action.state, other.state) == (ActionState.OPEN, ActionState.DONE)
    assert round_ is not None
    assert "could not be taken over" in round_.problems[0]


def test_what_could_not_be_taken_over_is_asked_for_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    make.push(make.action("Alert on cold caches"), tracker(), marker="AI-2:0123456789abcdef")
    worker.push()
    worker.later(minutes=10)
    tickets.remote_close(remote_id())
    rename(tickets, remote_id(), HALF_A_CHARACTER)
    failed_at = worker.now
    worker.later(minutes=10)
    tickets.remote_close(next(one for one in tickets.tickets if one != remote_id()))
    worker.pull()
    assert tracker().cursors["acme/shop"] == failed_at.isoformat()

    rename(tickets, remote_id(), "Add a cache warm-up")
    worker.later(minutes=5)
    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.DONE
    assert tracker().last_error == ""


HALF_A_CHARACTER = "Cold \ud83d"
"""No database takes it. The real clients mend it; the one in memory says what it is told."""


def rename(tickets: MemoryClient, remote_id: str, title: str) -> None:
    """Without a trace in the time of its last change."""
    one = tickets.tickets[remote_id]
    one.snapshot = replace(one.snapshot, title=title)


def test_what_nobody_foresaw_in_one_tracker_stops_no_other_and_is_told(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tracker(), make.tracker("Jira", default_target="SHOP")
    walk = tickets.changed_since

    def strange(target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        if target == "acme/shop":
            raise KeyError("strange")
        return walk(target, since=since)

    monkeypatch.setattr(tickets, "changed_since", strange)

    with pytest.raises(ExceptionGroup, match="Not every tracker's round came to its end: GitHub"):
        worker.pull()

    session.rollback()
    session.refresh(first)
    session.refresh(second)
    assert (first.read_at, second.read_at) == (None, worker.now)
    assert first.last_error == "The round broke off: 'strange'. The program's log has the details."


def test_a_tracker_that_fails_is_asked_less_and_less_often(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    waits = []
    for _ in range(3):
        tickets.fail_with = Unavailable("down")
        worker.pull()
        waits.append((tracker().run_after or worker.now) - worker.now)
        worker.later(seconds=waits[-1].total_seconds())

    assert [wait // timedelta(minutes=1) for wait in waits] == [1, 2, 4]


def test_tickets_become_stale_when_their_tracker_stays_away(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    worker.pull()
    worker.later(hours=2)
    tickets.fail_with = Unavailable("down")
    worker.pull()
    assert ticket().freshness is Freshness.STALE

    worker.later(hours=1)
    worker.pull()

    assert ticket().freshness is Freshness.IN_STEP
    assert not [sentence for sentence in story(action) if "stale" in sentence]


def test_a_rate_limit_is_respected_and_counts_as_no_failure(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    tickets.fail_with = RateLimited("slow down", retry_after=timedelta(minutes=20))
    worker.pull()

    assert (tracker().failures, tracker().run_after) == (0, worker.now + timedelta(minutes=20))
    assert tracker().read_at is None


def test_two_workers_do_not_read_the_same_tracker(worker: Worker, action: ActionItem) -> None:
    def claim() -> object:
        with transaction():
            return pull_operations.claim_reading(tracker().id, is_full=False, now=worker.now, zone=make.NOW.tzinfo)  # type: ignore[arg-type]

    assert claim() is not None
    assert claim() is None
    worker.later(minutes=11)
    assert claim() is not None, "a dead worker's round is taken up"


def test_a_round_makes_list_calls_only_and_everything_is_read_once_a_night(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    read_many, changed_since = tickets.read_many, tickets.changed_since

    def read_each(handles: Sequence[TicketHandle], *, singly: Singly) -> Mapping[str, TicketSnapshot | Gone]:
        calls.append("each")
        return read_many(handles, singly=singly)

    def read_list(target: str, *, since: datetime | None) -> Iterator[TicketSnapshot]:
        calls.append("list")
        return changed_since(target, since=since)

    monkeypatch.setattr(tickets, "read_many", read_each)
    monkeypatch.setattr(tickets, "changed_since", read_list)

    for _ in range(3):
        worker.pull()
        worker.later(minutes=5)
    assert calls == ["list"] * 3
    worker.later(hours=24)
    worker.pull()
    worker.later(minutes=5)
    worker.pull()

    assert calls == ["list"] * 4 + ["each", "list"]


def test_a_night_with_many_single_calls_goes_on_in_the_next_round(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 3):
        make.push(make.action(f"Another {number}"), tracker(), marker=f"AI-{number}:0123456789abcdef")
    worker.push()
    asked: list[str] = []
    read_many = tickets.read_many

    def read_each(handles: Sequence[TicketHandle], *, singly: Singly) -> Mapping[str, TicketSnapshot | Gone]:
        there = [one for one in handles if singly.take()]
        asked.extend(one.key for one in there)
        return read_many(there, singly=singly)

    monkeypatch.setattr(tickets, "read_many", read_each)
    monkeypatch.setattr(pull_operations, "HANDLES_A_CALL", 1)
    monkeypatch.setattr(pulling, "Singly", lambda: Singly(left=2))
    worker.later(hours=24)

    for told in (pulling.LEFT_OFF, "", ""):
        worker.pull()
        worker.later(minutes=5)
        assert tracker().last_error == told

    assert asked == ["acme/shop#1", "acme/shop#2", "acme/shop#3"]


def test_a_tracker_without_tickets_is_at_least_asked_who_we_are(worker: Worker, tickets: MemoryClient) -> None:
    make.tracker()
    tickets.fail_with = NoAccess("no")
    worker.pull()
    assert tracker().read_at is None

    worker.later(minutes=5)
    worker.pull()

    assert tracker().read_at == worker.now
