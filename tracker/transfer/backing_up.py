"""Writes a backup of the whole instance, consistent while others write, readable by its owner alone."""

import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from alembic.migration import MigrationContext

from tracker.config import Settings
from tracker.db import database, session
from tracker.errors import FollowthroughError
from tracker.models import Base
from tracker.transfer import queries
from tracker.transfer.backup_files import CONFIG, DATABASE, MANIFEST, OUTBOX, SECRET_KEY, TABLES, Manifest
from tracker.transfer.filling import copy_statement, raw_cursor
from tracker.transfer.private_files import private_file


def back_up(path: Path, *, settings: Settings, now: datetime) -> Manifest:
    """Write everything to ``path``.

    Raises:
        FollowthroughError: the file cannot be written, or the database is damaged.
    """
    with private_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        manifest = _add_sqlite(archive, now=now) if settings.is_sqlite else _add_postgresql(archive, now=now)
        archive.writestr(MANIFEST, manifest.as_json())
        for name, beside in _beside(settings):
            archive.write(beside, name)
    return manifest


def keeps_its_key(settings: Settings) -> bool:
    """Whether the secret key lies in the instance's folder, and so in the backup."""
    path = settings.instance_path / SECRET_KEY
    return path.is_file() and path.read_text(encoding="ascii", errors="replace").strip() == settings.secret_key


def _beside(settings: Settings) -> Iterator[tuple[str, Path]]:
    if keeps_its_key(settings):
        yield SECRET_KEY, settings.instance_path / SECRET_KEY
    if (settings.instance_path / CONFIG).is_file():
        yield CONFIG, settings.instance_path / CONFIG
    if settings.outbox_path.is_dir():
        for mail in sorted(settings.outbox_path.glob("*.eml")):
            yield f"{OUTBOX}{mail.name}", mail


def _add_sqlite(archive: zipfile.ZipFile, *, now: datetime) -> Manifest:
    """A copy by SQLite's online backup: one moment of the database, however much is written meanwhile."""
    with tempfile.TemporaryDirectory(prefix="followthrough-") as folder:
        copy = Path(folder) / DATABASE
        with closing(database.engine.raw_connection()) as source, closing(sqlite3.connect(copy)) as target:
            source.driver_connection.backup(target)  # type: ignore[union-attr]  # it is sqlite3's
            target.execute("PRAGMA journal_mode=DELETE")
            if (answer := target.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
                raise FollowthroughError(f"The database is damaged ({answer}). No backup was written.")
            revision = target.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            count = target.execute("SELECT count(*) FROM incidents").fetchone()[0]
        archive.write(copy, DATABASE)
    return Manifest(made_at=now.isoformat(), database="sqlite", revision=revision, incidents=count)


def _add_postgresql(archive: zipfile.ZipFile, *, now: datetime) -> Manifest:
    """Every table as COPY writes it, all as of one moment."""
    queries.hold_still()
    connection = session.connection()
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    count = queries.count_incidents()
    with raw_cursor(connection) as cursor:
        for table in Base.metadata.sorted_tables:
            name, statement = f"{TABLES}{table.name}", copy_statement(table, "TO STDOUT")
            with archive.open(name, "w", force_zip64=True) as file, cursor.copy(statement) as rows:
                for part in rows:
                    file.write(part)
    session.rollback()
    return Manifest(made_at=now.isoformat(), database="postgresql", revision=revision, incidents=count)
