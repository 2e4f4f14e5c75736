"""The whole installation travels, every table of it: in a backup from SQLite to PostgreSQL, in an export to either."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from tests import make
from tests.databases import make_template
from tests.transfer.conftest import Run
from tests.transfer.every_table import everything, fill_every_table
from tests.transfer.test_coming_back import picture_bytes
from tracker import create_app
from tracker.cli import main
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.models import Base, Incident, IndexMark, Person, Picture
from tracker.queue import immediate_queue
from tracker.transfer.exporting import SECRET_COLUMNS, SECRET_TABLES
from tracker.transfer.whole import MADE_ANEW
from tracker.wiring import Wiring

SETTLED = {"pushes": {"state", "lease_until", "last_error"}, "messages": {"state", "lease_until", "last_error"}}
"""What nobody knows any more after a move: it is asked about, not repeated."""
BY_COMMAND = ("make_backup", "restore_backup")


@contextmanager
def there(app: Flask) -> Iterator[Run]:
    """The command line of another installation."""
    with app.app_context():
        yield lambda *given: CliRunner().invoke(main, [str(one) for one in given], obj=lambda: app)
        session.remove()
        database.engine.dispose()


def compared(rows: dict[str, list[Any]], *, without: dict[str, set[str]]) -> dict[str, list[Any]]:
    """The rows without some of their columns."""
    found = {}
    for table in Base.metadata.sorted_tables:
        kept = [n for n, column in enumerate(table.columns) if column.name not in without.get(table.name, set())]
        found[table.name] = sorted((tuple(row[n] for n in kept) for row in rows[table.name]), key=str)
    return found


def test_every_row_of_every_table_moves_from_sqlite_to_postgresql(
    app: Flask, run: Run, settings: Settings, wiring: Wiring, tmp_path: Path
) -> None:
    if settings.is_sqlite:
        pytest.skip("It moves to PostgreSQL, so it runs in that round.")
    (tmp_path / "small").mkdir()
    url = f"sqlite:///{tmp_path}/small.db"
    make_template(url, tmp_path / "small")
    small = create_app(replace(settings, database_url=url), replace(wiring, queue=immediate_queue()))
    with there(small) as run_there:
        fill_every_table()
        saved = run_there("backup", tmp_path / "all.backup")
        before = everything()

    moved = run("restore", tmp_path / "all.backup")
    after = everything()
    declared = make.incident("Declared after the move")

    assert (saved.exit_code, moved.exit_code) == (0, 0), saved.output + moved.output
    assert [name for name, rows in before.items() if not rows] == []
    for rows in (before, after):
        rows["audit_entries"] = [
            row for row in rows["audit_entries"] if row[3] not in ("make_backup", "restore_backup")
        ]
    assert compared(after, without=SETTLED) == compared(before, without=SETTLED)
    assert declared.number == len(before["incidents"]) + 1


def test_an_export_is_taken_whole_where_nobody_was_yet(app: Flask, run: Run, elsewhere: Flask, tmp_path: Path) -> None:
    fill_every_table()
    with transaction():
        session.execute(update(Picture).values(content=picture_bytes()))
    run("export", "--out", tmp_path / "out")
    before = everything()

    with there(elsewhere) as run_there:
        taken = run_there("import", "--everything", tmp_path / "out")
        after = everything()
        marked = set(session.scalars(select(IndexMark.incident_id)))
        incidents = set(session.scalars(select(Incident.id)))
        again = run_there("import", "--everything", tmp_path / "out")

    assert taken.exit_code == 0, taken.output
    secret = {name: set(SECRET_COLUMNS) for name in before}
    pictures = {"pictures": {"content", "width", "height", "media_type"}}
    left_out = SECRET_TABLES | MADE_ANEW | {"audit_entries"}
    without = {name: secret[name] | SETTLED.get(name, set()) | pictures.get(name, set()) for name in secret}
    wanted, found = compared(before, without=without), compared(after, without=without)
    assert {name: rows for name, rows in found.items() if name not in left_out} == {
        name: rows for name, rows in wanted.items() if name not in left_out
    }
    assert [name for name in SECRET_TABLES if after[name]] == []
    assert marked == incidents
    assert (again.exit_code, "nobody has used yet" in again.stderr) == (1, True)


@pytest.mark.parametrize("missing", ["followthrough.json", "tables/teams.json"])
def test_half_an_export_changes_nothing(run: Run, elsewhere: Flask, tmp_path: Path, missing: str) -> None:
    make.person("Ana")
    run("export", "--out", tmp_path / "out")
    (tmp_path / "out" / missing).unlink()

    with there(elsewhere) as run_there:
        refused = run_there("import", "--everything", tmp_path / "out")
        people = list(session.scalars(select(Person.name)))

    assert refused.exit_code == 1
    assert "Nothing was changed." in refused.stderr
    assert people == []
