"""Puts a backup back in the place of what is there: checked first, all of it or nothing."""

import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, inspect

from tracker import migrating
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.errors import FollowthroughError
from tracker.models import Base
from tracker.transfer import queries
from tracker.transfer.backing_up import copy_statement, raw_cursor
from tracker.transfer.backup_files import (
    CONFIG,
    DATABASE,
    OUTBOX,
    SECRET_KEY,
    TABLES,
    Manifest,
    mails_in,
    opened,
    read_manifest,
)
from tracker.transfer.private_files import private_file, private_folder
from tracker.transfer.settling import Settled, settle

LOCK_SECONDS = 30
"""How long a restore waits for those who are writing."""


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    remarks: tuple[str, ...]
    """What the administrator must still do or know, as sentences."""


def restore(path: Path, *, settings: Settings, may_replace: bool) -> Restored:
    """Put the backup in the place of the present database, while web and jobs run or not.

    Raises:
        FollowthroughError: it is no whole backup of this kind of database, or there is something here that
            nobody said may be replaced. Nothing was changed.
    """
    with opened(path) as archive:
        manifest = read_manifest(archive, path=path)
        _check(manifest, archive, settings=settings, path=path)
        if not may_replace and not _is_empty():
            raise FollowthroughError(
                "There are incidents or items here already. Back them up, then say --replace to put the backup in "
                "their place."
            )
        settled = (_restore_sqlite if settings.is_sqlite else _restore_postgresql)(archive, path=path)
        remarks = (*settled.remarks, *_restore_beside(archive, settings=settings))
    session.remove()
    migrating.upgrade()
    return Restored(manifest, remarks)


def _check(manifest: Manifest, archive: zipfile.ZipFile, *, settings: Settings, path: Path) -> None:
    here = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.database != here:
        raise FollowthroughError(
            f"{path} is a backup of {manifest.database}, and this is {here}. Use `followthrough export` there and "
            "`followthrough import` here."
        )
    if not migrating.knows(manifest.revision) or not manifest.revision:
        raise FollowthroughError(f"{path} was made by a newer Followthrough. Install that version, then restore.")
    if here == "postgresql" and manifest.revision != migrating.head():
        raise FollowthroughError(
            f"{path} was made by an older Followthrough. Install that version, restore, then upgrade."
        )
    names = set(archive.namelist())
    wanted = {DATABASE} if settings.is_sqlite else {f"{TABLES}{table.name}" for table in Base.metadata.sorted_tables}
    if not wanted <= names:
        raise FollowthroughError(f"{path} lacks {min(wanted - names)}. Nothing was changed.")


def _is_empty() -> bool:
    return not inspect(database.engine).has_table("incidents") or queries.is_empty()


def _restore_sqlite(archive: zipfile.ZipFile, *, path: Path) -> Settled:
    """SQLite's online backup, in the other direction: one transaction, and whoever reads sees all of it or nothing."""
    session.remove()
    with tempfile.TemporaryDirectory(prefix="followthrough-") as folder:
        copy = Path(folder) / DATABASE
        with archive.open(DATABASE) as packed, copy.open("wb") as file:
            shutil.copyfileobj(packed, file)
        with closing(sqlite3.connect(copy)) as source, closing(database.engine.raw_connection()) as target:
            _check_sqlite(source, path=path)
            settled = _settle_sqlite(copy)
            try:
                source.backup(target.driver_connection)  # type: ignore[arg-type]  # it is sqlite3's
            except sqlite3.Error as error:
                raise FollowthroughError(f"The database could not be replaced ({error}). Try again.") from error
    return settled


def _settle_sqlite(copy: Path) -> Settled:
    engine = create_engine(URL.create("sqlite", database=str(copy)))
    try:
        with engine.begin() as connection:
            return settle(connection)
    finally:
        engine.dispose()


def _check_sqlite(source: sqlite3.Connection, *, path: Path) -> None:
    try:
        answer = source.execute("PRAGMA integrity_check").fetchone()[0]
        revision = source.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise FollowthroughError(f"The database in {path} is damaged ({error}). Nothing was changed.") from error
    if answer != "ok" or not revision or not migrating.knows(revision[0]):
        raise FollowthroughError(f"The database in {path} is damaged. Nothing was changed.")


def _restore_postgresql(archive: zipfile.ZipFile, *, path: Path) -> Settled:
    """Every table emptied and filled in one transaction."""
    session.remove()
    migrating.upgrade()
    tables = Base.metadata.sorted_tables
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in tables)
    with transaction(), raw_cursor(session.connection()) as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        cursor.execute("SET LOCAL followthrough.is_restoring = 'yes'")  # the audit log is only added to otherwise
        try:
            cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
            for table in tables:
                statement = copy_statement(table, "FROM STDIN")
                with archive.open(f"{TABLES}{table.name}") as file, cursor.copy(statement) as rows:
                    shutil.copyfileobj(file, rows)
                if [column.name for column in table.primary_key.columns] == ["id"]:
                    cursor.execute(_next_id(table.name))
        except psycopg.Error as error:
            reason = str(error).partition("\n")[0]
            raise FollowthroughError(f"{path} could not be put back ({reason}). Nothing was changed.") from error
        return settle(session.connection())


def _next_id(table: str) -> sql.Composed:
    statement = "SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) FROM {}"
    return sql.SQL(statement).format(sql.Literal(table), sql.Identifier(table))


def _restore_beside(archive: zipfile.ZipFile, *, settings: Settings) -> Iterator[str]:
    names = set(archive.namelist())
    if SECRET_KEY not in names:
        yield "The secret key was not in the backup: set SECRET_KEY to the one of that time, or enter tokens again."
    elif archive.read(SECRET_KEY).decode("ascii", "replace").strip() != settings.secret_key:
        _put(settings.instance_path / SECRET_KEY, archive.read(SECRET_KEY))
        yield "The secret key was put back too. Restart the program so that it is used; unset SECRET_KEY if it is set."
    config = settings.instance_path / CONFIG
    if CONFIG in names and not (config.is_file() and config.read_bytes() == archive.read(CONFIG)):
        _put(settings.instance_path / f"{CONFIG}.restored", archive.read(CONFIG))
        yield f"The settings of that time are in {CONFIG}.restored; those of today were left as they are."
    private_folder(settings.outbox_path)
    for name in mails_in(archive):
        mail = settings.outbox_path / name.removeprefix(OUTBOX)
        if not mail.exists():
            _put(mail, archive.read(name))


def _put(path: Path, content: bytes) -> None:
    with private_file(path) as file:
        file.write(content)
