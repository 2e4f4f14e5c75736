"""PostgreSQL databases that are empty again: making one for every test takes longer than most tests.

A test cannot tell a database that was emptied from a new one: its rows, sequences and tables are the template's. Where
that is not certain, because a test changed a table or somebody is still connected, the next test gets a new one.
"""

import itertools
import time
from typing import Any

import psycopg
from psycopg import sql

from tests.databases import PostgresServer

USES = 50
"""Tests until a database is made anew: deleted rows take room, since nothing vacuums."""
GRACE = 0.5
"""Seconds until a connection that was closed is gone for certain."""
CATALOGS = ("class", "attribute", "attrdef", "constraint", "index", "sequence", "trigger", "proc", "type", "depend")
SCHEMA = " UNION ALL ".join(f"SELECT count(*), max(xmin::text::bigint) FROM pg_{name}" for name in CATALOGS)
"""What changes with every change of a table: each row of a catalog carries the transaction that wrote it."""
SEQUENCES = "SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)
NUMBERS = itertools.count(1)
Row = tuple[Any, ...]


class EmptyDatabases:
    """One database after the other, each for as many tests as leave it as it was."""

    def __init__(self, server: PostgresServer, *, template: str) -> None:
        self._server = server
        self._template = template
        self._current: Emptied | None = None

    def take(self) -> str:
        """The address of a database without rows but those of the migrations."""
        if self._current is None:
            name = f"test_{next(NUMBERS)}"
            self._current = Emptied(name, self._server.create(name, template=self._template))
        return self._current.url

    def give_back(self) -> None:
        """The test has ended: empty its database for the next one, or drop it."""
        used, self._current = self._current, None
        assert used is not None
        if used.is_new_again():
            self._current = used
        else:
            self._drop(used)

    def close(self) -> None:
        """The tests have ended."""
        if self._current is not None:
            self._drop(self._current)

    def _drop(self, used: "Emptied") -> None:
        used.close()
        self._server.drop(used.name)


class Emptied:
    """A database that knows what it was like when it was new."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self.url = url
        self._uses = 0
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._tables = [row[0] for row in self._all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        self._schema = self._all(SCHEMA)
        self._sequences = self._all(SEQUENCES)
        self._rows = {table: self._all(f'SELECT * FROM "{table}"') for table in self._filled()}

    def is_new_again(self) -> bool:
        """Empty it; False when it cannot be known to be as it was."""
        self._uses += 1
        if self._uses == USES or self._is_in_use() or self._all(SCHEMA) != self._schema:
            return False
        with self._connection.transaction():
            self._connection.execute("SET LOCAL session_replication_role = replica")  # in any order of the tables
            for table in {*self._filled(), *self._rows}:
                self._restore(table)
        for sequence in set(self._all(SEQUENCES)) - set(self._sequences):
            self._all("SELECT setval(quote_ident(%s), %s, false)", *sequence[:2])
        return set(self._all(SEQUENCES)) == set(self._sequences)

    def close(self) -> None:
        self._connection.close()

    def _is_in_use(self) -> bool:
        until = time.monotonic() + GRACE
        while self._all(OTHERS) != [(0,)]:
            if time.monotonic() > until:
                return True
            time.sleep(0.002)
        return False

    def _filled(self) -> list[str]:
        """The tables that have rows."""
        question = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in self._tables
        )
        return [row[0] for row in self._all(question)]

    def _restore(self, table: str) -> None:
        self._connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        for row in self._rows.get(table, []):
            places = sql.SQL(", ").join(sql.Placeholder() * len(row))
            self._connection.execute(sql.SQL("INSERT INTO {} VALUES ({})").format(sql.Identifier(table), places), row)

    def _all(self, question: str, *values: Any) -> list[Row]:
        return self._connection.execute(question, values or None).fetchall()
