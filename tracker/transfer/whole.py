"""Takes all tables of an export into an installation that nobody has used yet."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, TypeDecorator, delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from tracker.db import session, transaction
from tracker.errors import FollowthroughError, RuleError
from tracker.models import AuditEntry, Base, Incident, IndexMark, Person
from tracker.pictures import draw_anew, file_of
from tracker.transfer import queries
from tracker.transfer.exporting import FORMAT, PACKED_TABLES, SECRET_COLUMNS, SECRET_TABLES
from tracker.transfer.filling import Row, fill_tables
from tracker.transfer.settling import Settled, settle
from tracker.transfer.sources import MANIFEST, TABLES

MADE_ANEW = PACKED_TABLES | {"index_terms", "index_documents", "index_marks", "index_state"}
"""What the index of incidents makes from the others."""


def import_everything(folder: Path) -> Settled:
    """Fill the empty tables as they were exported, but for what no export has: passwords, tokens and secrets.

    Raises:
        FollowthroughError: it is no whole export, or somebody used this installation. Nothing was changed.
    """
    _check(folder)
    try:
        with transaction():
            if not _is_unused():
                raise RuleError(
                    "There are people, incidents or items here already. Take everything into an installation that "
                    "nobody has used yet, or leave out --everything to take the documents alone."
                )
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != AuditEntry.__tablename__:  # its entries are only added to
                    session.execute(delete(table))
            fill_tables(session.connection(), lambda table: _rows(table, folder=folder))
            session.execute(insert(IndexMark).from_select(["incident_id"], select(Incident.id).order_by(Incident.id)))
            return settle(session.connection())
    except (SQLAlchemyError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise FollowthroughError(f"{folder} is no whole export ({reason}). Nothing was changed.") from error


def _is_unused() -> bool:
    return queries.is_empty() and not any(
        session.scalar(select(func.count(model.id))) for model in (Person, AuditEntry)
    )


def _check(folder: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        version = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FollowthroughError(f"{folder} is no export of Followthrough. Nothing was changed.") from error
    if version != FORMAT:
        raise FollowthroughError(f"{folder} was made by another version of Followthrough. Import it with that one.")


def _rows(table: Table, *, folder: Path) -> Iterator[Row]:
    if table.name in SECRET_TABLES | MADE_ANEW:
        return
    refs = _refs(folder) if table.name == "pictures" else {}
    for found in json.loads((folder / TABLES / f"{table.name}.json").read_bytes()):
        row = {column.name: _value(column, found) for column in table.columns}
        yield {**row, **_picture(row, ref=refs[row["incident_id"]], folder=folder)} if refs else row


def _refs(folder: Path) -> dict[int, str]:
    incidents = json.loads((folder / TABLES / "incidents.json").read_bytes())
    return {one["id"]: f"INC-{int(one['number'])}" for one in incidents}


def _value(column: Column[Any], row: Row) -> Any:
    """The value as our columns take it; what no export has is empty."""
    kind = (column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type).python_type
    if column.name in SECRET_COLUMNS or kind is bytes:
        return None if column.nullable else b""
    value = row[column.name]
    if value is None or kind not in (date, datetime):
        return value
    return kind.fromisoformat(value)


def _picture(row: Row, *, ref: str, folder: Path) -> Row:
    """Drawn anew, as whatever else comes from a file."""
    if not str(row["key"]).isalnum():
        raise ValueError("a picture has a name that is none of ours")
    drawn = draw_anew((folder / file_of(row["key"], ref=ref, media_type=row["media_type"])).read_bytes())
    return {"content": drawn.content, "media_type": drawn.media_type, "width": drawn.width, "height": drawn.height}
