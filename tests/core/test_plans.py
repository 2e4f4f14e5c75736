"""PostgreSQL plans a statement once for many pages, and what only reads can change nothing."""

import pytest
from flask import Flask
from sqlalchemy import ClauseElement, insert, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

from tests import make
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import OPEN_STATES, ActionItem, ActionState, Person

PREPARED = text("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%action_items.state IN%'")
ROUNDS = 12
"""psycopg prepares what was asked five times, and PostgreSQL keeps a plan after five more."""


def written(statement: ClauseElement) -> str:
    """As PostgreSQL gets it."""
    postgres = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=postgres, compile_kwargs={"render_postcompile": True}))


def test_a_state_that_is_asked_for_stands_in_the_statement_and_one_that_is_written_does_not() -> None:
    asked = written(select(ActionItem.id).where(ActionItem.state.in_(OPEN_STATES), ActionItem.owner_id == 2))
    changed = written(update(ActionItem).where(ActionItem.id == 2).values(state=ActionState.DONE))
    made = written(insert(ActionItem).values(state=ActionState.OPEN))

    assert "state IN ('open', 'in progress', 'did not hold')" in asked
    assert "owner_id = %(owner_id_1)s" in asked
    assert "state=%(state)s" in changed
    assert "%(state)s" in made


@pytest.fixture
def on_postgresql(app: Flask, settings: Settings) -> Flask:
    if settings.is_sqlite:
        pytest.skip("SQLite plans each statement anew, in no time.")
    return app


def names() -> list[str]:
    found = list(session.scalars(select(Person.name)))
    session.rollback()
    return found


@pytest.mark.usefixtures("on_postgresql")
def test_what_many_pages_ask_is_planned_once() -> None:
    for _ in range(ROUNDS):
        session.scalars(select(ActionItem.id).where(ActionItem.state.in_(OPEN_STATES))).all()
        session.rollback()  # the end of a page

    assert (session.scalar(PREPARED) or 0) >= 1


@pytest.mark.usefixtures("on_postgresql")
def test_nothing_is_written_outside_a_transaction() -> None:
    make.person("Ana")

    with pytest.raises(InternalError, match="read-only transaction"):
        session.execute(update(Person).values(name="Anna"))
    session.rollback()

    assert names() == ["Ana"]


@pytest.mark.usefixtures("on_postgresql")
def test_reading_goes_on_after_a_mistake_and_after_a_lost_connection() -> None:
    make.person("Ana")
    with pytest.raises(DBAPIError, match="division by zero"):
        session.execute(text("SELECT 1 / 0"))
    session.rollback()
    assert names() == ["Ana"]

    lost = session.scalar(text("SELECT pg_backend_pid()"))
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost})
    with pytest.raises(OperationalError):
        session.scalar(text("SELECT 1"))
    session.rollback()

    assert names() == ["Ana"]
