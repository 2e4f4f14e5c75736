"""An application over a database that was filled to measure with."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import Engine, create_engine, text

from bench.pages import rows
from tests.databases import PostgresServer, make_template
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, written_past_sessions
from tracker.models import Base
from tracker.transfer.filling import has_own_ids, next_id, raw_cursor


def settings_for(folder: Path, url: str) -> Settings:
    return Settings(instance_path=folder, database_url=url, secret_key=token_urlsafe(), timezone=ZoneInfo("UTC"))


def filled(settings: Settings, *, incidents: int, now: datetime) -> Flask:
    """Make the tables and fill them. Work with the application inside a context of its own."""
    make_template(settings.database_url, settings.instance_path)
    app = create_app(settings)
    with app.app_context():
        rows.fill(incidents=incidents, now=now)
        if not settings.is_sqlite:
            go_on_numbering()
            look_through(database.engine)
    return app


def go_on_numbering() -> None:
    """Behind the rows that brought their numbers along, or the first writes of each table would be refused."""
    with written_past_sessions() as connection, raw_cursor(connection) as cursor:
        for table in Base.metadata.sorted_tables:
            if has_own_ids(table):
                cursor.execute(next_id(table.name))


def look_through(engine: Engine) -> None:
    """What PostgreSQL does by itself within minutes after so many rows were written."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def databases(kind: str) -> Iterator[Callable[[str], str]]:
    """Makes empty databases by name; their addresses for SQLAlchemy."""
    if kind == "postgresql":
        with PostgresServer() as postgres:
            yield postgres.create
        return
    with tempfile.TemporaryDirectory() as folder:
        yield lambda name: f"sqlite:///{Path(folder) / name}.db"


@contextmanager
def somebody_else(url: str) -> Iterator[Callable[[], None]]:
    """Changes something of an item, which is what figures count. SQLite writes nothing when a row stays as it is."""
    engine, changed = create_engine(url), text("UPDATE action_items SET detail = :text WHERE id = 1")

    def change() -> None:
        with engine.begin() as connection:
            connection.execute(changed, {"text": token_urlsafe()})

    yield change
    engine.dispose()
