"""Moments and days as whole seconds, so that both databases can tell how long something took."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class seconds(FunctionElement[int]):  # noqa: N801 - it reads as the function it is
    """Seconds of a moment since 1970; of a day, those of the UTC midnight with which its date begins."""

    inherit_cache = True
    type = BigInteger()


@compiles(seconds, "sqlite")
def _on_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    """By the number of the Julian day, which takes half as long as ``strftime``. SQLite knows it to the millisecond;
    half of one keeps a whole second from being a little less."""
    day = f"julianday({compiler.process(element.clauses, **options)})"
    return f"CAST(({day} - 2440587.5) * 86400.0 + 0.0005 AS INTEGER)"


@compiles(seconds, "postgresql")
def _on_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **options)})) AS BIGINT)"


def seconds_from(start: Any, end: Any) -> ColumnElement[int | None]:
    """How long it took from one moment to another; nothing when one is not known or they are reversed."""
    return case((end >= start, seconds(end) - seconds(start)))
