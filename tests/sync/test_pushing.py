"""Tickets are made exactly once, or we say that we do not know."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from tests import make
from tests.sync.conftest import Worker, only_push, story
from tracker.clients.failures import BadCredentials, NotReached, RateLimited, Refused, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import NewTicket, TicketSnapshot
from tracker.db import session, transaction
from tracker.models import ActionTicket, Freshness, Push, PushState, Ticket, Tracker
from tracker.sync import operations, ticket_showing
from tracker.sync.making import operations as push_operations
from tracker.sync.making import pushing
from tracker.sync.operations import TrackerDraft
from tracker.sync.pacing.rounds import Round
from tracker.wiring import Wiring


def test_a_push_becomes_a_ticket_that_the_item_follows(worker: Worker, tickets: MemoryClient) -> None:
    action = make.action("Add a cache warm-up")
    make.push(action, marker="AI-1:0123456789abcdef")

    worker.push()

    ticket = session.scalars(select(Ticket)).one()
    assert (only_push().state, only_push().ticket_id) == (PushState.LINKED, ticket.id)
    assert (ticket.title, ticket.freshness) == ("Add a cache warm-up", Freshness.IN_STEP)
    assert session.get(ActionTicket, (action.id, ticket.id)) is not None
    assert story(action) == [f"Made in GitHub ({ticket.key})."]
    assert len(tickets.tickets) == 1


def test_the_intent_is_committed_before_the_call(
    app: Flask, worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    seen: list[tuple[PushState, bool]] = []
    create = tickets.create

    def look_while_creating(new: NewTicket) -> TicketSnapshot:
        is_in_transaction = session().in_transaction()
        with app.app_context():
            seen.append((only_push().state, is_in_transaction))
        return create(new)

    monkeypatch.setattr(tickets, "create", look_while_creating)
    worker.push()

    assert seen == [(PushState.SENT, False)]


def test_a_change_at_the_same_moment_is_no_failure_of_the_tracker(
    worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    with monkeypatch.context() as meeting:
        meeting.setattr(push_operations, "record_ticket", changed_at_the_same_moment)
        round_ = worker.push()

    assert round_ is not None
    assert round_.problems[0].startswith("Somebody changed this at the same moment.")
    tracker = session.scalars(select(Tracker)).one()
    assert (tracker.failures, tracker.last_error, tracker.run_after) == (0, "", None)
    worker.later(minutes=6)
    worker.push()
    assert (only_push().state, len(tickets.tickets)) == (PushState.LINKED, 1)


def changed_at_the_same_moment(*_args: object, **_asked: object) -> None:
    raise StaleDataError


def test_a_second_run_makes_no_second_ticket(worker: Worker, tickets: MemoryClient) -> None:
    make.push(marker="AI-1:0123456789abcdef")

    for _ in range(3):
        worker.push()
        worker.later(hours=1)

    assert len(tickets.tickets) == 1


def test_a_lost_answer_is_looked_for_and_the_ticket_adopted(worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    tickets.lose_answer_after_commit = True

    worker.push()
    assert only_push().state is PushState.UNKNOWN
    worker.push()
    assert only_push().state is PushState.UNKNOWN, "it is looked for after a while, not at once"
    worker.later(minutes=1)
    worker.push()

    assert only_push().state is PushState.LINKED
    assert len(tickets.tickets) == 1
    assert story(action)[-1].startswith("Found in GitHub")


def test_a_ticket_that_shows_late_is_found_at_a_later_look(
    worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    tickets.lose_answer_after_commit = True
    worker.push()
    with monkeypatch.context() as lagging:
        lagging.setattr(tickets, "find_by_marker", lambda *_args, **_asked: None)
        worker.later(minutes=1)
        worker.push()
        worker.later(minutes=4)
        worker.push()
        assert only_push().state is PushState.UNKNOWN

    worker.later(minutes=25)
    worker.push()

    assert only_push().state is PushState.LINKED
    assert len(tickets.tickets) == 1


def test_what_is_never_found_stays_unknown_and_is_never_made_again(
    worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    tickets.fail_with = Unavailable("half an answer")
    worker.push()
    looks: list[str] = []
    find = tickets.find_by_marker

    def look(target: str, *, marker: str, since: datetime) -> TicketSnapshot | None:
        looks.append(marker)
        return find(target, marker=marker, since=since)

    monkeypatch.setattr(tickets, "find_by_marker", look)

    for _ in range(200):
        worker.later(minutes=1)
        worker.push()

    assert (only_push().state, len(looks), tickets.tickets) == (PushState.UNKNOWN, 3, {})


@pytest.mark.parametrize("moment", ["before the call", "after the call"])
def test_a_worker_that_dies_leaves_its_push_to_be_looked_for(
    worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    make.push(marker="AI-1:0123456789abcdef")
    with monkeypatch.context() as dying:
        if moment == "before the call":
            dying.setattr(pushing, "write_ticket", die)
        else:
            dying.setattr(push_operations, "record_ticket", die)
        with pytest.raises(SystemExit):
            worker.push()
    made = len(tickets.tickets)

    worker.push()
    assert only_push().state is PushState.SENT, "the lease is still the dead worker's"
    worker.later(minutes=6)
    worker.push()

    assert len(tickets.tickets) == made
    assert only_push().state is (PushState.LINKED if made else PushState.UNKNOWN)


def die(*_args: object, **_asked: object) -> None:
    raise SystemExit("The worker was ended.")


def test_two_workers_at_once_make_one_ticket(
    app: Flask, worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 4):
        make.push(make.action(), session.scalar(select(Tracker)), marker=f"AI-{number}:0123456789abcdef")
    together = threading.Barrier(2)
    at_once: list[int] = []
    busy = threading.Semaphore(1)
    create = tickets.create

    def create_alone(new: NewTicket) -> TicketSnapshot:
        if not busy.acquire(blocking=False):
            at_once.append(1)
            return create(new)
        try:
            threading.Event().wait(0.05)
            return create(new)
        finally:
            busy.release()

    def work() -> None:
        with app.app_context():
            together.wait()
            for _ in range(3):
                pushing.push_to(1, Round("GitHub"))
            session.remove()

    monkeypatch.setattr(tickets, "create", create_alone)
    session.rollback()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.push()

    assert sorted(ticket.marker for ticket in tickets.tickets.values()) == [
        f"AI-{number}:0123456789abcdef" for number in range(1, 4)
    ]
    assert at_once == [], "writes go one at a time"
    assert set(session.scalars(select(Push.state))) == {PushState.LINKED}


def test_a_permanent_failure_is_not_tried_again(worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    tickets.fail_with = Refused("github.com refused. It says: title is missing.")

    worker.push()
    worker.later(days=2)
    worker.push()

    push = only_push()
    assert (push.state, push.attempts, tickets.tickets) == (PushState.FAILED, 1, {})
    assert push.last_error == "github.com refused. It says: title is missing."


def test_a_wrong_token_fails_one_push_and_spares_the_tracker_the_others(worker: Worker, tickets: MemoryClient) -> None:
    tracker = make.tracker()
    for number in (1, 2):
        make.push(make.action(), tracker, marker=f"AI-{number}:0123456789abcdef")
    tickets.fail_with = BadCredentials("The token is wrong.")

    worker.push()

    assert list(session.scalars(select(Push.state).order_by(Push.id))) == [PushState.FAILED, PushState.PENDING]


def test_what_a_wrong_token_refused_is_asked_for_again_once_the_tracker_is_saved(
    worker: Worker, tickets: MemoryClient, wiring: Wiring
) -> None:
    tracker = make.tracker()
    make.push(make.action(), tracker, marker="AI-1:0123456789abcdef")
    tickets.fail_with = BadCredentials("The token has expired.")
    worker.push()
    tickets.fail_with = None

    draft = TrackerDraft(
        name=tracker.name, kind=tracker.kind, flavour=None, url=tracker.url, email="", token="new", default_target=""
    )
    with transaction():
        operations.edit_tracker(
            session.get_one(Tracker, tracker.id), draft, vault=wiring.vault, by=None, now=worker.now
        )
    worker.push()

    assert only_push().state is PushState.LINKED
    assert len(tickets.tickets) == 1


def test_what_was_never_sent_is_tried_again_with_growing_pauses(worker: Worker, tickets: MemoryClient) -> None:
    make.push(marker="AI-1:0123456789abcdef")

    waits = []
    for _ in range(3):
        tickets.fail_with = NotReached("no such host")
        worker.push()
        waits.append(only_push().run_after - worker.now)
        worker.later(seconds=waits[-1].total_seconds())
    worker.later(minutes=1)
    worker.pull()  # the trial after three failures in a row
    worker.push()

    assert [wait // timedelta(minutes=1) for wait in waits] == [1, 2, 4]
    assert (only_push().state, only_push().last_error) == (PushState.LINKED, "")


def test_a_tracker_that_asks_us_to_wait_is_left_alone(worker: Worker, tickets: MemoryClient) -> None:
    tracker = make.tracker()
    for number in (1, 2):
        make.push(make.action(), tracker, marker=f"AI-{number}:0123456789abcdef")
    tickets.fail_with = RateLimited("slow down", retry_after=timedelta(minutes=42))

    worker.push()
    worker.later(minutes=41)
    assert worker.push() is None
    assert worker.pull() == Round("GitHub")
    assert tickets.tickets == {}

    worker.later(minutes=2)
    worker.push()

    assert len(tickets.tickets) == 2


def test_a_switched_off_tracker_gets_nothing(worker: Worker, tickets: MemoryClient) -> None:
    make.push(make.action(), make.tracker(is_active=False), marker="AI-1:0123456789abcdef")

    worker.push()

    assert (only_push().state, tickets.tickets) == (PushState.PENDING, {})


def test_a_ticket_that_appears_after_it_was_given_up_is_told_but_not_linked(
    worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, ana = make.action(), make.person()
    push = make.push(action, marker="AI-1:0123456789abcdef")
    create = tickets.create

    def slow_create(new: NewTicket) -> TicketSnapshot:
        with transaction():
            session.get_one(Push, push.id).abandoned_at = worker.now
        return create(new)

    monkeypatch.setattr(tickets, "create", slow_create)
    worker.push()

    assert ana.is_active
    assert session.scalars(select(ActionTicket)).all() == []
    assert story(action)[-1].endswith("Link it here, or close it there.")


def test_a_late_answer_of_a_slow_worker_makes_no_second_link(worker: Worker, tickets: MemoryClient) -> None:
    action = make.action()
    push = make.push(action, marker="AI-1:0123456789abcdef")
    with transaction():
        claim = push_operations.claim_push(push.tracker_id, now=worker.now)
    assert claim is not None
    made = tickets.create(NewTicket(target="acme/shop", title="Add a cache warm-up", body="B", marker=claim.marker))
    worker.later(minutes=6)
    worker.push()

    with transaction():
        push_operations.record_ticket(claim, made, now=worker.now)
        push_operations.record_unknown(claim, "too late", now=worker.now)

    assert only_push().state is PushState.LINKED
    assert len(session.scalars(select(ActionTicket)).all()) == 1
    assert len(story(action)) == 1


def test_only_a_person_asks_for_a_second_ticket_and_not_while_we_look(worker: Worker, tickets: MemoryClient) -> None:
    ana = make.person()
    make.push(marker="AI-1:0123456789abcdef")
    tickets.fail_with = Unavailable("half an answer")
    worker.push()

    with transaction():
        assert not operations.may_create_again(only_push()), "nobody looked yet"
    worker.later(minutes=1)
    tickets.fail_with = Unavailable("half an answer")
    worker.push()
    with transaction():
        assert not operations.may_create_again(only_push()), "a look that failed found nothing out"
    worker.later(minutes=4)
    worker.push()
    with transaction():
        operations.create_again(only_push(), by=ana, now=worker.now)
    worker.push()

    assert len(tickets.tickets) == 1
    assert len(session.scalars(select(Push)).all()) == 2
    assert only_push().state is PushState.LINKED


def test_what_could_not_be_looked_for_is_looked_for_as_soon_as_the_tracker_is_mended(
    worker: Worker, tickets: MemoryClient
) -> None:
    action = make.action()
    make.push(action, marker="AI-1:0123456789abcdef")
    tickets.lose_answer_after_commit = True
    worker.push()
    worker.later(minutes=1)
    tickets.fail_with = BadCredentials("The token has expired.")
    worker.push()
    worker.later(days=2)
    worker.push()

    (shown,) = ticket_showing.tickets_of(action, now=worker.now).pushes
    assert "we could not look for it" in shown.sentence
    assert shown.push.state is PushState.UNKNOWN
    with transaction():
        operations.switch_on(session.scalars(select(Tracker)).one(), by=None, now=worker.now)
    worker.push()

    assert only_push().state is PushState.LINKED
    assert len(tickets.tickets) == 1


def test_a_token_sealed_with_another_key_is_said_on_the_tracker(worker: Worker, tickets: MemoryClient) -> None:
    make.push(make.action(), make.tracker(sealed_token=b"not ours"), marker="AI-1:0123456789abcdef")

    worker.push()

    tracker = session.scalars(select(Tracker)).one()
    assert "sealed with another secret key" in tracker.last_error
    assert (only_push().state, tickets.tickets) == (PushState.PENDING, {})
