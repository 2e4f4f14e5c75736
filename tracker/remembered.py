"""What was worked out from the database and stays right until anybody writes to it, which is asked before every use."""

import sqlite3
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, event, text

from tracker.db import database, is_writing, session

KEPT = 512
"""Values a process keeps, the last used ones."""
STATE = "followthrough.written_state"

Value = TypeVar("Value")


@dataclass
class Memory:
    """Values with the state of the database that they were worked out from."""

    values: OrderedDict[Hashable, tuple[object, Any]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable, *, state: object) -> tuple[Any] | None:
        with self.lock:
            found = self.values.get(key)
            if found is None or found[0] != state:
                return None
            self.values.move_to_end(key)
            return (found[1],)

    def keep(self, key: Hashable, value: Any, *, state: object) -> None:
        with self.lock:
            self.values[key] = (state, value)
            self.values.move_to_end(key)
            while len(self.values) > KEPT:
                self.values.popitem(last=False)


class Listener:
    """A connection to SQLite that never writes, and so hears of the commits of all others.

    ``PRAGMA data_version`` (sqlite.org/pragma.html) changes with every commit but those of its own connection.
    """

    def __init__(self, engine: Engine) -> None:
        self._path = str(engine.url.database)
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened = 0
        event.listen(engine, "begin", self.note_state, insert=True)
        event.listen(engine, "engine_disposed", lambda _engine: self.close())

    def note_state(self, connection: Connection) -> None:
        """Note the state just before BEGIN: a transaction reads what was there then, or newer, never older."""
        with self._lock:
            if self._connection is None:
                self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
                self._opened += 1
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            connection.info[STATE] = (self._opened, version)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def init_remembered(app: Flask) -> None:
    app.extensions["followthrough.remembered"] = Memory()
    with app.app_context():
        if database.engine.dialect.name == "sqlite":
            weakref.finalize(app, Listener(database.engine).close)


def remembered(key: Hashable, make: Callable[[], Value]) -> Value:
    """What ``make`` gives, or gave for this key if nobody has committed anything since.

    The value must hold no rows and is never to be changed. Inside a transaction that writes it is made anew.
    """
    if is_writing():
        return make()
    memory: Memory = current_app.extensions["followthrough.remembered"]
    state = _written_state()
    found = memory.find(key, state=state)
    if found is not None:
        value: Value = found[0]
        return value
    value = make()
    memory.keep(key, value, state=state)
    return value


def _written_state() -> object:
    """Something that is equal only while nothing is committed, from before what this session reads.

    PostgreSQL: the snapshot, which names the transactions that are over (manual, 9.28.10 Transaction ID and Snapshot
    Information). SQLite: see ``Listener``.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return connection.info[STATE]
    # Once a transaction, since all that it reads later is at least as new.
    reading = session().get_transaction()
    asked_in, state = session.info.get(STATE, (None, None))
    if asked_in is not reading:
        state = connection.scalar(text("SELECT pg_current_snapshot()::text"))
        session.info[STATE] = (reading, state)
    return state
