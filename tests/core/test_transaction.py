"""One way to write: together or not at all, on what is true now, and never past another writer."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests import make
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import ActionItem, Incident, IncidentAction, Person, TeamMember
from tracker.sync.operations import PushDraft, ask_for_ticket


def in_another_thread(app: Flask, work: Callable[[], object]) -> None:
    """What a second process does while the first one is at it."""

    def run() -> None:
        with app.app_context():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def names() -> list[str]:
    session.rollback()
    return list(session.scalars(select(Person.name).order_by(Person.id)))


def add(name: str) -> None:
    session.add(Person(name=name, email=f"{name.lower()}@example.com", created_at=make.NOW))


def test_what_fails_half_way_leaves_nothing(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        add("Ada")
        session.flush()
        1 / 0  # noqa: B018  the failure

    assert names() == []


def test_what_was_read_before_is_read_again(app: Flask, now: datetime) -> None:
    incident = make.incident("Old words", declared_at=now)
    in_another_thread(app, lambda: change_title(incident.id, "New words"))

    with transaction():
        row = session.get_one(Incident, incident.id)

        assert row.title == "New words"


def test_a_change_from_outside_is_refused_rather_than_lost(app: Flask) -> None:
    add("Ada")

    with pytest.raises(RuntimeError, match="move the change inside"), transaction():
        pass
    session.rollback()


def test_the_second_of_two_writers_of_one_row_is_told(app: Flask, now: datetime) -> None:
    incident = make.incident("Old words", declared_at=now)
    with transaction():
        row = session.get_one(Incident, incident.id)
        stale = row.version
    in_another_thread(app, lambda: change_title(incident.id, "Theirs"))

    with pytest.raises(RuleError, match="Somebody changed this at the same moment"), transaction():
        row = session.get_one(Incident, incident.id)
        session.connection().exec_driver_sql(f"UPDATE incidents SET version = {stale + 5} WHERE id = {incident.id}")
        row.title = "Mine"

    session.rollback()
    assert session.get_one(Incident, incident.id).title == "Theirs"


def test_writers_wait_for_each_other_and_none_is_lost(app: Flask) -> None:
    def add_one(number: int) -> None:
        with app.app_context(), transaction():
            session.scalars(select(Person)).all()
            add(f"Person{number}")

    threads = [threading.Thread(target=add_one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(names()) == sorted(f"Person{number}" for number in range(12))


def test_two_clicks_that_meet_write_once_and_the_second_is_told(app: Flask) -> None:
    with transaction():
        add("Ada")

    with pytest.raises(RuleError, match="Somebody did this at the same moment"), transaction():
        add("Ada")

    assert names() == ["Ada"]


def test_a_row_that_can_never_be_right_is_our_mistake_and_is_not_hidden(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction():
        session.add(Person(name=None, email="nobody@example.com", created_at=make.NOW))
    with pytest.raises(IntegrityError), transaction():
        session.add(TeamMember(team_id=404, person_id=404))

    assert names() == []


@pytest.mark.parametrize("what", ["a ticket", "an incident's item"])
def test_the_same_wish_twice_at_once_is_written_once(app: Flask, responder: Person, now: datetime, what: str) -> None:
    item, tracker = make.action(incidents=(make.incident(),)), make.tracker()
    other = make.incident("Checkout answers 503 again")

    def wish() -> None:
        by, action = session.get_one(Person, responder.id), session.get_one(ActionItem, item.id)
        if what == "a ticket":
            ask_for_ticket(action, PushDraft(tracker.id, "", is_confirmed=False), by=by, now=now)
        else:
            session.add(IncidentAction(incident_id=other.id, action_id=action.id, linked_at=now))
            session.flush()

    errors = both_at_once(app, wish)

    assert [type(error) for error in errors] == [RuleError], errors


def both_at_once(app: Flask, work: Callable[[], object]) -> list[Exception]:
    """The same work by two people, the second of whom begins before the first one's is written; what they were told."""
    done, errors = threading.Event(), list[Exception]()

    def run() -> None:
        with app.app_context():
            try:
                with transaction():
                    work()
                    done.set()
                    time.sleep(0.5)
            except (RuleError, IntegrityError) as error:
                errors.append(error)

    first, second = threading.Thread(target=run), threading.Thread(target=run)
    first.start()
    assert done.wait(10)
    second.start()
    first.join()
    second.join()
    return errors


def change_title(number: int, title: str) -> None:
    with transaction():
        session.get_one(Incident, number).title = title


def test_all_that_a_page_reads_is_of_one_moment(app: Flask) -> None:
    make.person("Ana")
    session.remove()
    before = list(session.scalars(select(Person.name)))

    in_another_thread(app, lambda: make.person("Bo"))

    assert list(session.scalars(select(Person.name))) == before == ["Ana"]
    assert names() == ["Ana", "Bo"]
