"""A ticket is told once when another incident asks for its item, and when the item did not hold."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.sync.conftest import Worker
from tracker import action_life, action_links
from tracker.clients.failures import AnswerLost, Refused
from tracker.clients.memory import MemoryClient
from tracker.db import session, transaction
from tracker.models import ActionItem, CommentState, Incident, Person, TicketComment, Tracker
from tracker.sync.following.directions import Directions
from tracker.sync.telling import comment_operations


@pytest.fixture
def ana(worker: Worker) -> Person:
    return make.person("Ana")


@pytest.fixture
def action(worker: Worker, tickets: MemoryClient) -> ActionItem:
    """An item with a ticket that was made a minute ago."""
    item = make.action("Add a cache warm-up", incidents=(make.incident("Checkout answers 503"),))
    make.push(item, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    return item


def said(tickets: MemoryClient) -> list[str]:
    (only,) = tickets.tickets.values()
    return only.comments


def ask_again(action: ActionItem, incident: Incident, *, by: Person, worker: Worker) -> None:
    with transaction():
        item, asking = session.get_one(ActionItem, action.id), session.get_one(Incident, incident.id)
        action_links.link_incident(item, asking, by=by, now=worker.now)


def let_fail(action: ActionItem, *, by: Person, worker: Worker) -> None:
    with transaction():
        item = session.get_one(ActionItem, action.id)
        action_life.finish(item, evidence="The drill.", by=by, now=worker.now)
        action_life.fail_to_hold(item, sentence="It came back.", by=by, now=worker.now)


def states() -> list[CommentState]:
    query = select(TicketComment.state).order_by(TicketComment.id)
    return list(session.scalars(query))


def test_a_further_incident_is_told_once_by_its_reference(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    ask_again(action, make.incident("Checkout of <b>Acme</b> is down"), by=ana, worker=worker)

    for _ in range(3):
        worker.push()
        worker.later(minutes=5)

    assert len(said(tickets)) == 1
    assert said(tickets)[0].startswith("Another incident asks for this.\n\nINC-2: http://localhost/incidents/INC-2")
    assert "Acme" not in said(tickets)[0]


def test_an_item_that_did_not_hold_is_told_once(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    let_fail(action, by=ana, worker=worker)

    for _ in range(3):
        worker.push()
        worker.later(minutes=5)

    assert [text.split(":")[0] for text in said(tickets)] == ["This did not hold"]


def test_a_private_incident_and_a_drill_are_told_to_no_tracker(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    ask_again(action, make.incident("Key leaked", is_private=True, named=(ana,)), by=ana, worker=worker)
    ask_again(action, make.incident("Practice", is_drill=True), by=ana, worker=worker)

    worker.push()

    assert (said(tickets), states()) == ([], [])


def test_of_a_private_item_nothing_is_told(worker: Worker, tickets: MemoryClient, ana: Person) -> None:
    secret = make.action("Rotate the key", incidents=(make.incident("Key leaked", is_private=True),))
    make.push(secret, marker="AI-1:0123456789abcdef")
    worker.push()
    worker.later(minutes=1)
    let_fail(secret, by=ana, worker=worker)

    worker.push()

    assert said(tickets) == []


def test_a_tracker_that_wants_no_comments_gets_none_and_none_later_for_what_was_before(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    set_comments(Directions(comments_out=False))
    ask_again(action, make.incident("Again"), by=ana, worker=worker)
    worker.push()
    set_comments(Directions())

    worker.push()

    assert (said(tickets), states()) == ([], [CommentState.DROPPED])


def set_comments(directions: Directions) -> None:
    with transaction():
        session.scalars(select(Tracker)).one().directions = directions.as_row()


def test_a_lost_answer_is_looked_for_and_the_comment_not_repeated(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    ask_again(action, make.incident("Again"), by=ana, worker=worker)
    tickets.lose_answer_after_commit = True
    worker.push()
    assert states() == [CommentState.UNKNOWN]

    worker.later(minutes=1)
    worker.push()

    assert (len(said(tickets)), states()) == (1, [CommentState.MADE])


def test_what_is_not_there_after_half_an_hour_is_said_again(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    ask_again(action, make.incident("Again"), by=ana, worker=worker)
    tickets.fail_with = AnswerLost("lost before it arrived")
    worker.push()

    for _ in range(29):
        worker.later(minutes=1)
        worker.push()
    assert said(tickets) == []
    worker.later(minutes=1)
    worker.push()

    assert (len(said(tickets)), states()) == (1, [CommentState.MADE])


@pytest.mark.parametrize("is_written", [False, True])
def test_a_worker_that_died_while_commenting_is_followed_by_one_that_looks_first(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person, is_written: bool
) -> None:
    ask_again(action, make.incident("Again"), by=ana, worker=worker)
    with transaction():
        tracker = session.scalars(select(Tracker)).one()
        comment_operations.note_reasons(tracker, now=worker.now)
        claim = comment_operations.claim_comment(tracker.id, now=worker.now)
    assert claim is not None
    if is_written:
        tickets.comment(claim.handle, text="Another incident asks for this.", marker=claim.marker)

    for _ in range(9):
        worker.later(minutes=6)
        worker.push()

    assert (len(said(tickets)), states()) == (1, [CommentState.MADE])


def test_a_reason_that_is_gone_is_not_told(
    worker: Worker, tickets: MemoryClient, action: ActionItem, ana: Person
) -> None:
    again = make.incident("Again")
    ask_again(action, again, by=ana, worker=worker)
    tickets.fail_with = Refused("Locked.")
    worker.push()
    assert states() == [CommentState.FAILED]
    with transaction():
        item, asking = session.get_one(ActionItem, action.id), session.get_one(Incident, again.id)
        action_links.unlink_incident(item, asking, by=ana, now=worker.now)

    worker.later(seconds=timedelta(days=1).total_seconds())
    worker.push()

    assert (said(tickets), states()) == ([], [CommentState.DROPPED])
