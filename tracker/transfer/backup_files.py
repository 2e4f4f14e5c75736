"""The file of a backup: a zip archive with a manifest, the database, and what stands beside it in ``instance/``."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tracker.errors import FollowthroughError

FORMAT = 1
LARGEST_BESIDE = 64 * 1024 * 1024
"""Bytes of the manifest, the key, the settings or one mail. The database may be as large as it is."""
MANIFEST = "manifest.json"
DATABASE = "followthrough.db"
SECRET_KEY = "secret_key"  # noqa: S105  the name of the file that holds it
CONFIG = "config.toml"
OUTBOX = "outbox/"
TABLES = "tables/"
_MAIL = re.compile(r"outbox/[0-9A-Za-z-]{1,80}\.eml")


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `revision` is that of its tables, `database` sqlite or postgresql."""

    made_at: str
    database: str
    revision: str
    incidents: int
    format: int = FORMAT

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, every byte of it checked.

    Raises:
        FollowthroughError: it is no whole backup.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise FollowthroughError(f"{path} cannot be read ({error.strerror}).") from error
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
        raise FollowthroughError(f"{path} is no whole backup ({error}). Nothing was changed.") from error
    with archive:
        _refuse_bombs(archive, path=path)
        _check_every_byte(archive, path=path)
        yield archive


def _refuse_bombs(archive: zipfile.ZipFile, *, path: Path) -> None:
    """By what the archive says of itself; no more than that is ever unpacked."""
    for member in archive.infolist():
        is_beside = member.filename != DATABASE and not member.filename.startswith(TABLES)
        if is_beside and member.file_size > LARGEST_BESIDE:
            raise FollowthroughError(f"{member.filename} in {path} is too large to be ours. Nothing was changed.")
    if sum(member.file_size for member in archive.infolist()) > free_bytes():
        raise FollowthroughError(f"There is no room to unpack {path}. Make room, then restore. Nothing was changed.")


def free_bytes() -> int:
    """Where a restore unpacks."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def _check_every_byte(archive: zipfile.ZipFile, *, path: Path) -> None:
    try:
        damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
        raise FollowthroughError(f"{path} is damaged ({error}). Nothing was changed.") from error
    if damaged is not None:
        raise FollowthroughError(f"{path} is damaged at {damaged}. Nothing was changed.")


def read_manifest(archive: zipfile.ZipFile, *, path: Path) -> Manifest:
    """Raises `FollowthroughError` for what no backup command of ours wrote."""
    try:
        values = json.loads(archive.read(MANIFEST))
        found = Manifest(**values)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise FollowthroughError(f"{path} is no backup of Followthrough. Nothing was changed.") from error
    if found.format != FORMAT:
        raise FollowthroughError(f"{path} was made by a newer Followthrough. Install that version, then restore.")
    return found


def mails_in(archive: zipfile.ZipFile) -> list[str]:
    """The names of mails, and of nothing that would lie elsewhere."""
    return [name for name in archive.namelist() if _MAIL.fullmatch(name)]
