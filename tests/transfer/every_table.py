"""A row in every table: what the walk makes, and made-up rows where it makes none."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Enum, Table, TypeDecorator, func, insert, select

from tests import make
from tests.rules.walk import make_world
from tracker.db import session, transaction
from tracker.models import Base

MADE_UP: dict[type, Any] = {
    bool: True,
    int: 1,
    float: 1.5,
    str: "w",
    bytes: b"\x00\xff",
    datetime: make.NOW,
    date: make.NOW.date(),
}


def fill_every_table() -> None:
    make_world()
    make.service("Upstream")
    with transaction():
        for table in Base.metadata.sorted_tables:
            if not session.scalar(select(func.count()).select_from(table)):
                session.execute(insert(table), [{column.name: _made_up(column) for column in _given(table)}])


def _given(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if not column.nullable or column.foreign_keys]


def _made_up(column: Column[Any]) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        others = [one for one in column.table.columns if one.references(key.column)]
        return session.scalar(select((func.min if column is others[0] else func.max)(key.column)))
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    if isinstance(column.type, JSON):
        return [{"a": None}]
    kind = (column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type).python_type
    return next(made for one, made in MADE_UP.items() if issubclass(kind, one))


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, as the program reads them."""
    session.rollback()
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=str)
        for table in Base.metadata.sorted_tables
    }
