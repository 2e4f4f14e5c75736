"""The base of every table: naming of constraints, UTC times, enums by value."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BindParameter, DateTime, Dialect, Enum, MetaData, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; a naive value is refused, not guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored; give an aware datetime.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_by_value(kind: type[StrEnum], name: str) -> Enum:
    """A VARCHAR with a named CHECK that holds the enum's values, alike on both databases."""
    return Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        name=name,
        length=40,
    )


@compiles(BindParameter, "postgresql")
def _write_out_enums(parameter: Any, compiler: Any, **options: Any) -> str:
    """Put the values of enums into what is read: PostgreSQL keeps a plan only if it can tell from the statement alone
    how many rows are in a state, and few are in most of those that pages ask for."""
    is_changing = compiler.isinsert or compiler.isupdate or compiler.isdelete
    if isinstance(parameter.type, Enum) and not is_changing:
        options["literal_execute"] = True
    return str(compiler.visit_bindparam(parameter, **options))


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any] | type[TypeEngine[Any]]]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


Key = Annotated[int, mapped_column(primary_key=True)]
"""A surrogate primary key."""

Line = Annotated[str, mapped_column(String(300))]
"""One line of text."""

Prose = Annotated[str, mapped_column(Text)]
"""Text of any length, Markdown where a person writes it."""
