"""Whether files are those of a backup or of a running instance, told by their names: such are never documents."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tracker.errors import RuleError
from tracker.transfer.backup_files import DATABASE, MANIFEST, SECRET_KEY, TABLES

IS_BACKUP = "This is a backup; use `followthrough restore`."
_OWN = frozenset({DATABASE, SECRET_KEY})


def refuse_backup(names: Iterable[str]) -> None:
    """Raises `RuleError` when any of the files, which lie in one folder or archive, is a backup's or an instance's."""
    if shows_backup(names):
        raise RuleError(IS_BACKUP)


def shows_backup(names: Iterable[str]) -> bool:
    """A key or a database of ours anywhere; or the manifest and the tables that a backup of PostgreSQL consists of."""
    paths = {PurePosixPath(name.replace("\\", "/")) for name in names}
    return any(
        path.name in _OWN or (path.name == MANIFEST and path.parent / TABLES / "incidents" in paths) for path in paths
    )


def shows_backup_folder(folder: Path, *, files: Iterable[str]) -> bool:
    """As `shows_backup`, for the files that lie directly in a folder."""
    return shows_backup(files) or ((folder / MANIFEST).is_file() and (folder / TABLES / "incidents").is_file())


def is_backup_file(path: Path) -> bool:
    """Whether a file that somebody named is a backup, or a part of one that holds everything."""
    if shows_backup([path.name]):
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return shows_backup(archive.namelist())
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, ValueError):
        return False  # no archive, or none that opens: whatever reads it next says what is wrong
