"""From every version that was kept to this one: each row stays as it was, and all of them can be read."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, create_engine, select

from tests.databases import PostgresServer
from tests.upgrades.kept import FOLDER, changed, put_back, read_kept, tables_of
from tracker import create_app, migrating
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Base
from tracker.wiring import Wiring

KEPT = sorted(FOLDER.glob("*.json"))


@pytest.fixture
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.config.getoption("--database") == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        return server.create(f"old_{tmp_path.name.replace('-', '_')}".lower())
    return f"sqlite:///{tmp_path / 'old.db'}"


def rows_of(connection: Connection, tables: Sequence[Table], *, like: dict[str, list[str]]) -> dict[str, set[str]]:
    """Of some tables some columns, each row as one text."""
    found = {table.name: table for table in tables}
    return {
        name: {str(tuple(row)) for row in connection.execute(select(*(found[name].c[one] for one in columns)))}
        for name, columns in like.items()
    }


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_what_an_old_version_wrote_is_there_after_the_upgrade(
    path: Path, old_url: str, wiring: Wiring, tmp_path: Path
) -> None:
    kept = read_kept(path, fresh_in=tmp_path)
    engine = create_engine(old_url)
    with engine.connect() as connection:
        tables = put_back(connection, kept)
        shape = {table.name: [column.name for column in table.columns] for table in tables}
        before = rows_of(connection, tables, like=shape)
    app = create_app(Settings(instance_path=tmp_path, database_url=old_url, secret_key="x" * 32), wiring)

    with app.app_context():
        migrating.upgrade()
        read = {mapper.class_: session.scalars(select(mapper.class_)).all() for mapper in Base.registry.mappers}
        with database.engine.connect() as connection:
            after = rows_of(connection, tables_of(connection), like=shape)
        session.remove()
        database.engine.dispose()
    engine.dispose()

    assert sum(len(rows) for rows in before.values()) > len(shape)
    assert after == before
    assert all(read.values()) or KEPT[-1] != path


@pytest.mark.once
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_the_migrations_of_a_release_stay_as_they_were(path: Path) -> None:
    kept = json.loads(path.read_text())

    assert not (kept["is_released"] and changed(kept)), "Databases have these already: write a migration behind them."
