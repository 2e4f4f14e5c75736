"""What is remembered is forgotten as soon as anybody commits anything."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests import make
from tests.core.test_transaction import in_another_thread
from tracker.db import session, transaction, written_past_sessions
from tracker.models import Person
from tracker.remembered import KEPT, remembered


@pytest.fixture
def ask(app: Flask) -> Callable[[], tuple[list[str], int]]:
    """Asks for everybody's name as one request does; the names, and how often they were read in all."""
    reads = 0

    def read() -> list[str]:
        nonlocal reads
        reads += 1
        return list(session.scalars(select(Person.name).order_by(Person.id)))

    def ask() -> tuple[list[str], int]:
        session.remove()
        return remembered("names", read), reads

    return ask


def test_it_is_worked_out_once_while_nothing_is_written(ask: Callable[[], tuple[list[str], int]]) -> None:
    make.person("Ana")

    assert [ask(), ask(), ask()] == [(["Ana"], 1)] * 3


def test_a_change_of_ones_own_is_seen_at_once(ask: Callable[[], tuple[list[str], int]]) -> None:
    ask()
    make.person("Ana")

    assert ask() == (["Ana"], 2)


def test_a_change_by_another_process_is_seen_at_once(app: Flask, ask: Callable[[], tuple[list[str], int]]) -> None:
    ask()
    in_another_thread(app, lambda: make.person("Bo"))

    assert ask() == (["Bo"], 2)


def test_a_change_past_the_session_is_seen_at_once(ask: Callable[[], tuple[list[str], int]]) -> None:
    make.person("Ana")
    ask()
    with written_past_sessions() as connection:
        connection.execute(text("UPDATE people SET name = 'Anna'"))

    assert ask() == (["Anna"], 2)


def test_what_was_read_before_a_change_is_not_taken_for_what_is_there_after_it(
    app: Flask, ask: Callable[[], tuple[list[str], int]]
) -> None:
    """A request that began before the change and works the value out after it leaves nothing old behind."""
    make.person("Ana")
    session.remove()
    session.scalars(select(Person.name)).all()  # from here on it may read what is there now

    in_another_thread(app, lambda: make.person("Bo"))
    remembered("names", lambda: list(session.scalars(select(Person.name).order_by(Person.id))))

    assert ask()[0] == ["Ana", "Bo"]


def test_what_is_not_committed_is_never_remembered(app: Flask, ask: Callable[[], tuple[list[str], int]]) -> None:
    ask()
    with pytest.raises(ZeroDivisionError), transaction():
        session.add(Person(name="Cem", email="cem@example.com", created_at=make.NOW))
        session.flush()
        assert remembered("names", lambda: list(session.scalars(select(Person.name)))) == ["Cem"]
        raise ZeroDivisionError

    assert ask()[0] == []


def test_only_the_last_used_values_are_kept(app: Flask) -> None:
    first = remembered(0, lambda: "first")
    for number in range(1, KEPT + 1):
        remembered(number, lambda: "other")
        remembered(0, lambda: "made anew")

    assert first == remembered(0, lambda: "made anew") == "first"
    assert remembered(1, lambda: "made anew") == "made anew"
