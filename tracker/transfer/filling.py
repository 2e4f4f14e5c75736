"""Fills our tables with rows from elsewhere: every column as it was, whichever database they come from or go to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Table, insert

from tracker.models import Base

Row = Mapping[Any, Any]
BATCH = 500


def fill_tables(connection: Connection, rows_of: Callable[[Table], Iterable[Row]]) -> None:
    """Add rows to all tables, in the writing transaction of the caller; what refers to what is checked by its end."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    for table in Base.metadata.sorted_tables:
        if connection.dialect.name == "sqlite":
            _insert(connection, table, iter(rows_of(table)))
        else:
            _copy(connection, table, rows_of(table))


def _insert(connection: Connection, table: Table, rows: Iterator[Row]) -> None:
    while batch := [dict(row) for row in islice(rows, BATCH)]:
        connection.execute(insert(table), batch)


def _copy(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """In one statement, so that rows may refer to later ones of their table."""
    processors = {column.name: _processor(column.type, connection) for column in table.columns}
    with raw_cursor(connection) as cursor:
        with cursor.copy(copy_statement(table, "FROM STDIN")) as copy:
            for row in rows:
                copy.write_row([process(row[name]) for name, process in processors.items()])
        if has_own_ids(table):
            cursor.execute(next_id(table.name))


def _processor(kind: Any, connection: Connection) -> Callable[[Any], Any]:
    """How SQLAlchemy hands a value of a column to the driver."""
    found: Callable[[Any], Any] | None = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return found or (lambda value: value)


def has_own_ids(table: Table) -> bool:
    """Whether the database numbers its rows."""
    return [column.name for column in table.primary_key.columns] == ["id"]


def next_id(table: str) -> sql.Composed:
    """Go on numbering behind the last row."""
    statement = "SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) FROM {}"
    return sql.SQL(statement).format(sql.Literal(table), sql.Identifier(table))


def raw_cursor(connection: Connection) -> psycopg.Cursor[Any]:
    """A cursor of psycopg's own on a connection of ours: COPY is beyond SQLAlchemy."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"{type(driver).__name__} is no connection to PostgreSQL.")
    return driver.cursor()


def copy_statement(table: Table, direction: str) -> sql.Composed:
    """COPY of one table, its columns named in the order of our tables."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table.name), columns, sql.SQL(direction))
