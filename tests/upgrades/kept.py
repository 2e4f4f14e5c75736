"""A row in every table as a version of the program wrote them, kept in a file and put back into tables of that version.

    python -m tests.upgrades.kept 1.0.0 --released

writes tests/upgrades/1.0.0.json from the tree as it is. From a release on its migrations may not change any more: the
file knows their digests. A version that is not out yet is made anew by the tests where its migrations were.
"""

import argparse
import base64
import hashlib
import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import JSON, Connection, MetaData, Table, select

from tests import make
from tests.databases import make_template
from tests.transfer.every_table import fill_every_table
from tracker import create_app, migrating, upgrading
from tracker.config import Settings
from tracker.db import database, session
from tracker.paths import MIGRATIONS

FOLDER = Path(__file__).parent


def keep(version: str, *, is_released: bool, where: Path = FOLDER) -> Path:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'kept.db'}"
        make_template(url, folder)
        settings = Settings(instance_path=folder, database_url=url, secret_key=make.SECRET)
        with create_app(settings).app_context():
            fill_every_table()
            with database.engine.connect() as connection:
                rows = {table.name: _plain_rows(connection, table) for table in tables_of(connection)}
            session.remove()
            database.engine.dispose()
    digests = {path.name: digest(path) for path in sorted((MIGRATIONS / "versions").glob("*.py"))}
    kept = {"version": version, "is_released": is_released, "revision": migrating.head(), "migrations": digests}
    path = where / f"{version}.json"
    path.write_text(json.dumps({**kept, "rows": rows}, indent=1, default=_as_text) + "\n", encoding="utf-8")
    return path


def read_kept(path: Path, *, fresh_in: Path) -> dict[str, Any]:
    """A kept version; one that is not out yet is made anew when its migrations were."""
    kept: dict[str, Any] = json.loads(path.read_text())
    if changed(kept) and not kept["is_released"]:
        return dict(json.loads(keep(kept["version"], is_released=False, where=fresh_in).read_text()))
    return kept


def changed(kept: dict[str, Any]) -> set[str]:
    """The migrations of a kept version that are not any more what they were."""
    now = {one.name: digest(one) for one in (MIGRATIONS / "versions").glob("*.py")}
    return {name for name, was in kept["migrations"].items() if now.get(name) != was}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tables_of(connection: Connection) -> list[Table]:
    """As they are in the database, whatever the models say; what others refer to comes first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _plain_rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table).order_by(*table.columns)).mappings()]


def _as_text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def put_back(connection: Connection, kept: dict[str, Any]) -> list[Table]:
    """Bring an empty database to the tables of that version, and its rows into them."""
    config = upgrading._config()
    config.attributes["connection"] = connection
    command.upgrade(config, kept["revision"])
    tables = tables_of(connection)
    for table in reversed(tables):
        connection.execute(table.delete())  # the migrations themselves wrote some
    for table in tables:
        if rows := list(_rows(table, kept["rows"][table.name])):
            connection.execute(table.insert(), rows)
    connection.commit()
    return tables


def _rows(table: Table, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {column.name: _value(column.type, row[column.name]) for column in table.columns}


def _value(kind: Any, value: Any) -> Any:
    if value is None or isinstance(kind, JSON):
        return value
    if kind.python_type is bytes:
        return base64.b64decode(value)
    return kind.python_type.fromisoformat(value) if kind.python_type in (date, datetime) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version")
    parser.add_argument("--released", action="store_true", help="from now on its migrations do not change")
    chosen = parser.parse_args()
    keep(chosen.version, is_released=chosen.released)


if __name__ == "__main__":
    main()
