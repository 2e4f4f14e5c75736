"""Many companies from one: every row again under other numbers, written by the database itself.

Foreign keys are not asked meanwhile, which would take longer than all else; each row's neighbours are copied with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Engine, Integer, Table, func, literal_column, select, text

from tracker.models import Base

ALONE = {"counters", "sessions", "trackers"}
"""Tables of which there is one for all companies."""
ALONE_TEXTS = {"people.email", "teams.slug", "services.slug", "tickets.remote_id", "pushes.marker"}
"""Words that may stand once."""
NUMBERS = {"incidents.number", "action_items.number"}

Shifts = Mapping[str, int]
"""How far the numbers of a column of one company lie from those of the next, by ``table.column``."""


def shifts_of(engine: Engine) -> Shifts:
    """Asked while there is one company."""
    found: dict[str, int] = {}
    with engine.connect() as connection:
        for table in tables(connection):
            for column in table.columns:
                if column.name == "id" or str(column) in NUMBERS:
                    found[str(column)] = connection.scalar(select(func.max(column))) or 0
    return found


def tables(connection: Connection) -> Iterator[Table]:
    for table in Base.metadata.sorted_tables:
        if table.name not in ALONE and connection.scalar(select(literal_column("1")).select_from(table).limit(1)):
            yield table


def multiply(engine: Engine, *, first: int, last: int, shifts: Shifts) -> None:
    """Write the companies ``first`` to ``last``; the one that all are made from is number 0."""
    with engine.connect() as connection:
        found = list(tables(connection))
        connection.rollback()
        with unwatched(connection):
            for table in found:
                connection.execute(text(copying(table, shifts)), {"first": first, "last": last})
                connection.commit()


def copying(table: Table, shifts: Shifts) -> str:
    shifted = {column.name: by for column in table.columns if (by := shift(column, shifts))}
    anchor = "id" if "id" in shifted else next(iter(shifted))
    values = ", ".join(value(column, shifted) for column in table.columns)
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    return f"""
        INSERT INTO "{table.name}" ({names})
        WITH RECURSIVE company(n) AS (
            SELECT CAST(:first AS INTEGER) UNION ALL SELECT n + 1 FROM company WHERE n < :last
        )
        SELECT {values} FROM company CROSS JOIN "{table.name}" AS one WHERE one."{anchor}" <= {shifted[anchor]}
        """  # noqa: S608  the names are those of our tables


def shift(column: Column[object], shifts: Shifts) -> int | None:
    if not isinstance(column.type, Integer):
        return None
    for key in column.foreign_keys:
        return shifts.get(str(key.column))
    return shifts.get(str(column))


def value(column: Column[object], shifted: Mapping[str, int]) -> str:
    plain = f'one."{column.name}"'
    if column.name in shifted:
        return f"{plain} + company.n * {shifted[column.name]}"
    return f"{plain} || '-' || company.n" if str(column) in ALONE_TEXTS else plain


@contextmanager
def unwatched(connection: Connection) -> Iterator[None]:
    """Without foreign keys, and without waiting for the disk."""
    if connection.dialect.name == "sqlite":
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        yield
        return
    connection.exec_driver_sql("SET session_replication_role = replica")
    connection.commit()
    yield
    connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    connection.commit()
