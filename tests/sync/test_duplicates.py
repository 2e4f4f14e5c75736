"""A ticket that repeats another, and lists that say that nothing changed."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker, story
from tracker.clients.failures import StrangeAnswer
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import Changes, NewTicket, TicketSnapshot
from tracker.clients.tickets import TicketState as RemoteState
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    CommentKind,
    CommentState,
    Push,
    Ticket,
    TicketComment,
    Tracker,
)
from tracker.sync.reading import operations as pull_operations
from tracker.sync.reading import ticket_rows


@pytest.fixture
def action(worker: Worker, tickets: MemoryClient) -> ActionItem:
    item = make.action("Add a cache warm-up")
    make.push(item, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    return item


def made_there(tickets: MemoryClient) -> TicketSnapshot:
    new = NewTicket(target="acme/shop", title="Warm the caches", body="", marker="AI-9:0123456789abcdef")
    return tickets.create(new)


def followed() -> list[str]:
    query = select(Ticket.key).join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
    return list(session.scalars(query))


def test_the_item_of_a_duplicate_follows_the_ticket_that_it_repeats(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    original = made_there(tickets)
    (duplicate,) = session.scalars(select(Ticket.remote_id))
    tickets.remote_close(duplicate, state=RemoteState.DUPLICATE, original=original.remote_id)

    worker.pull()
    assert followed() == [original.key]
    worker.later(minutes=5)
    tickets.remote_close(original.remote_id)
    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.DONE
    assert "acme/shop#1 is a duplicate in GitHub: followed on as acme/shop#2." in story(action)
    assert session.scalars(select(Push)).one().ticket_id == session.scalars(select(ActionTicket.ticket_id)).one()


def test_a_strange_answer_about_duplicates_does_not_fail_the_round(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    (duplicate,) = session.scalars(select(Ticket.remote_id))
    tickets.remote_close(duplicate, state=RemoteState.DUPLICATE, original=made_there(tickets).remote_id)
    monkeypatch.setattr(tickets, "originals_of", answer_strangely)

    worker.pull()

    tracker = session.scalars(select(Tracker).execution_options(populate_existing=True)).one()
    assert (tracker.failures, tracker.read_at) == (0, worker.now)
    assert tracker.last_error == "What acme/shop#1 and others repeat could not be asked for: That makes no sense."


def answer_strangely(_duplicates: object) -> dict[str, TicketSnapshot]:
    raise StrangeAnswer("That makes no sense.")


def test_a_duplicate_whose_original_is_told_later_is_followed_at_night(
    worker: Worker, tickets: MemoryClient, action: ActionItem
) -> None:
    (duplicate,) = session.scalars(select(Ticket.remote_id))
    tickets.remote_close(duplicate, state=RemoteState.DUPLICATE)
    worker.pull()
    assert followed() == ["acme/shop#1"]
    original = made_there(tickets)
    tickets.tickets[duplicate].original = original.remote_id

    worker.later(hours=24)
    worker.pull()

    assert followed() == [original.key]


def test_a_list_that_did_not_change_is_not_sent_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[bool] = []
    changes = tickets.changes

    def counted(target: str, *, since: datetime | None, mark: str = "") -> Changes:
        found = changes(target, since=since, mark=mark)
        answers.append(found.is_unchanged)
        return found

    monkeypatch.setattr(tickets, "changes", counted)
    for _ in range(3):
        worker.pull()
        worker.later(minutes=5)
    tickets.remote_close(next(iter(tickets.tickets)))

    worker.pull()

    session.refresh(action)
    assert answers == [False, True, True, False]
    assert action.state is ActionState.DONE


def test_a_list_of_which_something_could_not_be_taken_over_is_asked_for_whole(
    worker: Worker, tickets: MemoryClient, action: ActionItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.pull()
    worker.later(minutes=5)
    worker.pull()
    tickets.remote_close(next(iter(tickets.tickets)))
    with monkeypatch.context() as failing:
        failing.setattr(pull_operations, "take_over", refuse)
        worker.later(minutes=5)
        worker.pull()

    worker.later(minutes=5)
    worker.pull()

    session.refresh(action)
    assert action.state is ActionState.DONE


def refuse(*_args: object, **_asked: object) -> Iterator[None]:
    raise RuleError("Somebody changed it.")


def test_two_rows_of_one_ticket_are_merged_into_one(worker: Worker, tickets: MemoryClient, action: ActionItem) -> None:
    tracker = session.scalars(select(Tracker)).one()
    other = make.action("Alert on cold caches")
    elsewhere = made_there(tickets)
    make.ticket(tracker, action=other, remote_id=elsewhere.remote_id, key=elsewhere.key)
    first = session.scalars(select(Ticket).where(Ticket.key == "acme/shop#1")).one()
    said = {"kind": CommentKind.DID_NOT_HOLD, "cause": "x", "state": CommentState.MADE, "marker": "m"}
    times = {"run_after": worker.now, "created_at": worker.now}
    make.save(TicketComment(action_id=action.id, ticket_id=first.id, **said, **times))

    with transaction():
        ticket = session.get_one(Ticket, first.id)
        owner = session.get_one(Tracker, tracker.id)
        ticket_rows.take_over(ticket, elsewhere, tracker=owner, now=worker.now)

    assert session.scalars(select(Ticket.key)).all() == [elsewhere.key]
    assert sorted(session.scalars(select(ActionTicket.action_id))) == sorted([action.id, other.id])
    assert session.scalars(select(TicketComment.action_id)).all() == [action.id], "what was said is not said again"
    assert story(action)[-1].startswith("Transferred in GitHub: acme/shop#1 is now acme/shop#2")
