"""A database that is full or busy costs a sentence: nothing saved is lost, nothing typed either, and it passes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests import make
from tests.browser import Browser
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Incident

WORDS = "Nobody can pay. " * 4000
DECLARED = {"title": "Checkout is down", "severity": "SEV2", "summary": WORDS}


pytestmark = pytest.mark.once  # PostgreSQL is stopped and started again in bench/faults


@contextmanager
def every_connection(*, statement: str, after: str) -> Iterator[None]:
    """Meanwhile each connection that is used is set otherwise."""

    def set_otherwise(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(statement)

    session.remove()
    event.listen(database.engine, "checkout", set_otherwise)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", set_otherwise)
        session.remove()
        with database.engine.connect() as connection:
            connection.exec_driver_sql(after)


@contextmanager
def full_disk() -> Iterator[None]:
    """SQLite may not take one more page: it answers as on a full disk."""
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with every_connection(statement=f"PRAGMA max_page_count = {pages}", after="PRAGMA max_page_count = 1073741823"):
        yield


@contextmanager
def busy_database(settings: Settings) -> Iterator[None]:
    """Another program writes, and does not end while we wait."""
    with closing(sqlite3.connect(settings.database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with every_connection(statement="PRAGMA busy_timeout = 20", after="PRAGMA busy_timeout = 15000"):
            yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("kind", ["full", "busy"])
def test_what_was_sent_is_kept_and_goes_through_later(
    app: Flask, browser: Browser, settings: Settings, kind: str
) -> None:
    make.incident("Saved before")
    browser.client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"  # as browsers say by themselves
    page = browser.get("/incidents/new")
    with full_disk() if kind == "full" else busy_database(settings):
        refused = page.submit("Declare incident", **DECLARED)
        read = browser.get("/incidents/INC-1")

    again = refused.submit("Send it again")

    assert refused.status == 503
    assert ("The disk of the server is full" if kind == "full" else "The database is busy") in refused.text
    assert "Checkout is down" in refused.body
    assert refused.response.headers["Retry-After"] == "30"
    assert read.status == 200
    assert (again.status, "INC-2" in again.text) == (200, True)
    assert session.scalar(select(func.count(Incident.id))) == 2
