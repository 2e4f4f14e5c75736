"""The database: one session a request or job, one ``transaction()``, and the only commit."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.config import Settings
from tracker.errors import RuleError
from tracker.models import Base, mark_for_index, settle_counting, write_webhook_posts

database = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
log = logging.getLogger(__name__)
session: scoped_session[Session] = database.session  # type: ignore[assignment]
event.listen(session, "after_flush", settle_counting)
event.listen(session, "after_flush", mark_for_index)
event.listen(session, "after_flush", lambda changed, _context: write_webhook_posts(changed, now=clock.utcnow()))

BUSY_SECONDS = 15
"""How long a SQLite writer waits for the one before it."""
CACHE_KIB = 16 * 1024
"""What each connection to SQLite may keep of the database in memory; its own 2 MiB are read through by one list."""

SHORT_STATEMENTS = "-c jit=off -c max_parallel_workers_per_gather=0"
"""What PostgreSQL is told: to compile a page's statements, or to start workers for them, takes longer than they do."""


def init_database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings)
    database.init_app(app)
    with app.app_context():
        (prepare_sqlite if settings.is_sqlite else keep_plans)(database.engine)


def _engine_options(settings: Settings) -> dict[str, Any]:
    """What people wrote stays out of errors, and so out of the log (``hide_parameters``)."""
    if settings.is_sqlite:
        return {"connect_args": {"timeout": BUSY_SECONDS}, "hide_parameters": True}
    # A page asks several questions, and all answers must be of one moment; a writer must see what others just wrote.
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {"options": SHORT_STATEMENTS},
        "isolation_level": "REPEATABLE READ",
        "execution_options": {"postgresql_readonly": True},
    }


def prepare_sqlite(engine: Engine) -> None:
    """Make SQLite keep its promises: durable writes, foreign keys, and writers that queue instead of failing.

    A transaction that will write says so from its first statement (``BEGIN IMMEDIATE``): one that began by
    reading could not be upgraded once another writer came in between.
    """

    @event.listens_for(engine, "do_connect")
    def keep_private(*_connection: object) -> None:
        make_private_file(Path(engine.url.database or ""))

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size=-{CACHE_KIB}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def make_private_file(path: Path) -> None:
    """An empty file that nobody else on this machine can read, unless there is one: SQLite would let everybody.

    The write-ahead log gets the rights of its database. A folder that is missing is told by SQLite itself.
    """
    with suppress(FileExistsError, FileNotFoundError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def keep_plans(engine: Engine) -> None:
    """Let PostgreSQL plan a statement once for many pages: to plan it often takes longer than to run it.

    psycopg forgets what it prepared with every ROLLBACK, and a page ends with one. A transaction that may only read
    (``postgresql_readonly``, which PostgreSQL itself keeps) ends as well with COMMIT.
    """

    @event.listens_for(engine, "rollback")
    def end_reading(connection: Connection) -> None:
        if connection.invalidated:
            return
        driver: Any = connection.connection.dbapi_connection
        if driver.read_only and driver.info.transaction_status.name == "INTRANS":
            with suppress(engine.dialect.loaded_dbapi.OperationalError):  # the ROLLBACK that follows says it again
                driver.commit()


@contextmanager
def written_past_sessions() -> Iterator[Connection]:
    """A connection for what changes tables or all of their rows, committed at the end."""
    with database.engine.connect().execution_options(postgresql_readonly=False) as connection:
        yield connection
        connection.commit()


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything inside is written together or not at all. The only place that commits.

    Whatever was read before is read again, so that rules are checked against what is true now.

    Raises:
        RuleError: another writer changed the same row in between, or wrote the one that there may be only one of.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("Something was changed outside transaction(): move the change inside.")
    session.rollback()
    session.expire_all()
    session.connection(execution_options=_writing())
    try:
        yield session()
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise RuleError(
            "Somebody changed this at the same moment. Look at it again, then repeat your change."
        ) from error
    except IntegrityError as error:
        session.rollback()
        if not is_written_twice(error):
            raise
        rule, *_row = str(error.orig).splitlines()  # PostgreSQL goes on with what people wrote
        log.warning("Somebody else wrote the same row first: %s", rule)
        raise RuleError("Somebody did this at the same moment. Look at what is there now, then go on.") from error
    except BaseException:
        session.rollback()
        raise


def _writing() -> dict[str, Any]:
    if database.engine.dialect.name == "sqlite":
        return {"writing": True}
    return {"writing": True, "isolation_level": "READ COMMITTED", "postgresql_readonly": False}


def is_writing() -> bool:
    """Whether what this session reads may be its own and not yet committed."""
    return session().in_transaction() and bool(session.connection().get_execution_options().get("writing", False))


UNIQUE_VIOLATION = "23505"
"""What SQL calls it (PostgreSQL, appendix A: error codes); SQLite says it in words."""


def is_written_twice(error: IntegrityError) -> bool:
    """Whether a row was refused because there may be one only: two clicks that met. The rest are our mistakes."""
    if getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
        return True
    return isinstance(error.orig, sqlite3.IntegrityError) and str(error.orig).startswith("UNIQUE constraint failed")
