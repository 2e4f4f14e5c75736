"""What the tables keep by themselves, whatever the code above them does."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError, StatementError

from tests import make
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import INCIDENTS, ActionState, Incident, PostmortemState, Push, next_number


def test_numbers_have_no_gaps_when_a_write_fails(app: Flask) -> None:
    first = make.incident()
    with pytest.raises(ZeroDivisionError), transaction():
        next_number(session(), INCIDENTS)
        raise ZeroDivisionError

    second = make.incident()

    assert (first.ref, second.ref) == ("INC-1", "INC-2")


def test_writers_at_the_same_time_get_different_numbers(app: Flask) -> None:
    numbers: list[int] = []

    def write() -> None:
        with app.app_context():
            for _ in range(5):
                with transaction():
                    number = next_number(session(), INCIDENTS)
                numbers.append(number)
            session.remove()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1, 21))


def test_times_come_back_as_utc(app: Flask) -> None:
    local = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    incident = make.incident(started_at=local)
    session.expire_all()

    assert incident.started_at == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert incident.started_at is not None
    assert incident.started_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        make.incident(started_at=datetime(2026, 3, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("state", "done_at"),
    [(ActionState.DECLINED, None), (ActionState.DONE, None), (ActionState.VERIFIED, make.NOW)],
)
def test_an_item_without_what_its_state_needs_is_refused(
    app: Flask, state: ActionState, done_at: datetime | None
) -> None:
    with pytest.raises(IntegrityError):
        make.action(state=state, done_at=done_at)


def test_a_skipped_postmortem_needs_a_reason(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        make.postmortem(state=PostmortemState.SKIPPED)


def test_an_item_has_one_live_push_a_tracker(app: Flask) -> None:
    action, tracker = make.action(), make.tracker()
    make.push(action, tracker)

    with pytest.raises(RuleError) as refused:
        make.push(action, tracker)

    assert isinstance(refused.value.__cause__, IntegrityError)


def test_an_abandoned_push_makes_room_for_another(app: Flask) -> None:
    action, tracker = make.action(), make.tracker()
    make.push(action, tracker, abandoned_at=make.NOW)

    second = make.push(action, tracker)

    assert session.get(Push, second.id) is not None


def test_two_people_who_change_one_row_do_not_overwrite_each_other(app: Flask) -> None:
    incident = make.incident()
    loaded, changed = threading.Event(), threading.Event()

    def change_in_between() -> None:
        loaded.wait(10)
        with app.app_context():
            with transaction():
                theirs = session.get_one(Incident, incident.id)
                theirs.title = "Theirs"
            session.remove()
        changed.set()

    other = threading.Thread(target=change_in_between)
    other.start()
    stale = session.get_one(Incident, incident.id)
    version = stale.version
    loaded.set()
    changed.wait(10)
    other.join()

    with pytest.raises(RuleError, match="same moment"), transaction():
        mine = session.get_one(Incident, incident.id)
        session.connection().exec_driver_sql(f"UPDATE incidents SET version = {version + 5} WHERE id = {incident.id}")
        mine.title = "Mine"
        session.flush()

    session.rollback()
    assert session.get_one(Incident, incident.id).title == "Theirs"
