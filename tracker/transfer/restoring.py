"""Puts a backup back in the place of what is there: checked first, all of it or nothing."""

import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, Table, create_engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from tracker import migrating
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.errors import FollowthroughError
from tracker.models import Base
from tracker.transfer import queries
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
from tracker.transfer.filling import Row, copy_statement, fill_tables, has_own_ids, next_id, raw_cursor
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
        settled = _restorer(manifest, settings=settings)(archive, path=path)
        remarks = (*settled.remarks, *_restore_beside(archive, settings=settings))
    session.remove()
    migrating.upgrade()
    return Restored(manifest, remarks)


def _check(manifest: Manifest, archive: zipfile.ZipFile, *, settings: Settings, path: Path) -> None:
    here = "sqlite" if settings.is_sqlite else "postgresql"
    if manifest.database != here and here == "sqlite":
        raise FollowthroughError(
            f"{path} is a backup of {manifest.database}, and this is {here}. Use `followthrough export` there and "
            "`followthrough import --everything` here."
        )
    if not migrating.knows(manifest.revision) or not manifest.revision:
        raise FollowthroughError(f"{path} was made by a newer Followthrough. Install that version, then restore.")
    if here == "postgresql" and manifest.revision != migrating.head():
        raise FollowthroughError(
            f"{path} was made by an older Followthrough. Install that version, restore, then upgrade."
        )
    names = set(archive.namelist())
    tables = {f"{TABLES}{table.name}" for table in Base.metadata.sorted_tables}
    wanted = {DATABASE} if manifest.database == "sqlite" else tables
    if not wanted <= names:
        raise FollowthroughError(f"{path} lacks {min(wanted - names)}. Nothing was changed.")


def _is_empty() -> bool:
    return not inspect(database.engine).has_table("incidents") or queries.is_empty()


def _restorer(manifest: Manifest, *, settings: Settings) -> Callable[..., Settled]:
    if settings.is_sqlite:
        return _restore_sqlite
    return _move_to_postgresql if manifest.database == "sqlite" else _restore_postgresql


@contextmanager
def _unpacked(archive: zipfile.ZipFile, *, path: Path) -> Iterator[Path]:
    """The SQLite database of a backup as a file, looked through."""
    with tempfile.TemporaryDirectory(prefix="followthrough-") as folder:
        copy = Path(folder) / DATABASE
        with archive.open(DATABASE) as packed, copy.open("wb") as file:
            shutil.copyfileobj(packed, file)
        with closing(sqlite3.connect(copy)) as source:
            _check_sqlite(source, path=path)
        yield copy


def _restore_sqlite(archive: zipfile.ZipFile, *, path: Path) -> Settled:
    """SQLite's online backup, in the other direction: one transaction, and whoever reads sees all of it or nothing."""
    session.remove()
    with _unpacked(archive, path=path) as copy:
        settled = _settle_sqlite(copy)
        with closing(sqlite3.connect(copy)) as source, closing(database.engine.raw_connection()) as target:
            try:
                source.backup(target.driver_connection)  # type: ignore[arg-type]  # it is sqlite3's
            except sqlite3.Error as error:
                raise FollowthroughError(f"The database could not be replaced ({error}). Try again.") from error
    return settled


def _settle_sqlite(copy: Path) -> Settled:
    with _engine_on(copy) as engine, engine.begin() as connection:
        return settle(connection)


@contextmanager
def _engine_on(copy: Path) -> Iterator[Engine]:
    engine = create_engine(URL.create("sqlite", database=str(copy)))
    try:
        yield engine
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
    with _emptied(path) as connection, raw_cursor(connection) as cursor:
        for table in Base.metadata.sorted_tables:
            with (
                archive.open(f"{TABLES}{table.name}") as file,
                cursor.copy(copy_statement(table, "FROM STDIN")) as rows,
            ):
                shutil.copyfileobj(file, rows)
            if has_own_ids(table):
                cursor.execute(next_id(table.name))
        return settle(connection)


def _move_to_postgresql(archive: zipfile.ZipFile, *, path: Path) -> Settled:
    """The same from a backup of SQLite: how an installation outgrows one machine."""
    with (
        _unpacked(archive, path=path) as copy,
        _engine_on(copy) as engine,
        engine.connect() as source,
        _emptied(path) as connection,
    ):
        fill_tables(connection, lambda table: _rows(source, table))
        return settle(connection)


def _rows(source: Connection, table: Table) -> Iterator[Row]:
    for row in source.execute(select(table).execution_options(yield_per=500)).mappings():
        yield dict(row)


@contextmanager
def _emptied(path: Path) -> Iterator[Connection]:
    """The transaction in which all rows are replaced, or none."""
    session.remove()
    migrating.upgrade()
    names = sql.SQL(", ").join(sql.Identifier(table.name) for table in Base.metadata.sorted_tables)
    try:
        with transaction():
            connection = session.connection()
            with raw_cursor(connection) as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                cursor.execute(
                    "SET LOCAL followthrough.is_restoring = 'yes'"
                )  # the audit log is only added to otherwise
                cursor.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
            yield connection
    except (psycopg.Error, SQLAlchemyError) as error:
        reason = str(error).partition("\n")[0]
        raise FollowthroughError(f"{path} could not be put back ({reason}). Nothing was changed.") from error


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
