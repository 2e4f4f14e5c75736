"""Finds the documents that an import was pointed at, and says of each other file why it was passed over."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from tracker.errors import RuleError
from tracker.transfer.backup_signs import IS_BACKUP, is_backup_file, shows_backup_folder
from tracker.transfer.containers import LARGEST
from tracker.transfer.picture_files import read_beside

TABLES = "tables"
"""The folder of an export with everything that is no document."""
MANIFEST = "followthrough.json"
"""The file by which an export's folder is known."""
SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd", ".txt", ".text"})
"""How the name of a document ends. Nothing else is ever read as one: a key, a program or a mail is none."""
NO_DOCUMENT = "is no Markdown or text file"
OTHER_FORMATS = frozenset({".html", ".htm", ".xhtml", ".mhtml", ".docx", ".doc", ".odt", ".rtf", ".pdf"})
"""How documents end that most editors and wikis can save as Markdown; read as text they would be full of marks."""
SAVE_AS_MARKDOWN = "save or export it as Markdown (or text) where it comes from"
_NO_POSTMORTEM = frozenset(
    {"license", "licence", "copying", "notice", "readme", "contributing", "code_of_conduct", "security", "changelog"}
    | {"authors", "codeowners", "maintainers", "index", "_index", "summary"}
    | {"requirements", "constraints", "robots", "humans", "cmakelists"}
)
_WITH_TEXT = frozenset({"index", "_index"})
"""Names that many site builders give to a page of text; they are read."""


@dataclass(frozen=True)
class Source:
    """One file to be read. `name` is its folder and file name: by it a second import knows it again."""

    path: Path
    name: str

    def read(self) -> bytes:
        """The content. Raises `OSError`; at most one byte more than can be imported is read."""
        with self.path.open("rb") as file:
            return file.read(LARGEST + 1)

    def read_sidecar(self) -> bytes | None:
        """The JSON that an export wrote beside it, if there is one. Raises `OSError`."""
        path = self.path.with_suffix(".json")
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(LARGEST + 1)

    def read_pictures(self) -> dict[str, bytes]:
        """The pictures that an export wrote with it, by their keys. Raises `OSError`."""
        return read_beside(self.path)


@dataclass(frozen=True)
class PassedOver:
    name: str
    why: str


def find_sources(paths: Iterable[Path]) -> Iterator[Source | PassedOver]:
    """What was named, folders with everything below them, each file once, in the order of their names.

    Raises:
        RuleError: a backup was named; nothing of what was named is read then.
    """
    named = list(paths)
    if any(_is_backup(path) for path in named):
        raise RuleError(IS_BACKUP)
    seen: set[tuple[int, int]] = set()
    for path in named:
        for found in _walk(path) if path.is_dir() else [_named(path)]:
            if isinstance(found, Source):
                identity = _identity(found.path)
                if identity is None or identity in seen:
                    continue
                seen.add(identity)
            yield found


def _is_backup(path: Path) -> bool:
    if not path.is_dir():
        return path.is_file() and is_backup_file(path)
    try:
        return shows_backup_folder(path, files=[one.name for one in path.iterdir()])
    except OSError:
        return False  # the walk says that it cannot be opened


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _walk(folder: Path) -> Iterator[Source | PassedOver]:
    """Links to folders are not followed, so a circle of them ends; folders that begin with a dot are left out."""
    refused: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if shows_backup_folder(Path(here), files=files):
            folders[:] = []
            yield PassedOver(
                source_name(Path(here)), "is a backup or an instance; use `followthrough restore` for a backup"
            )
            continue
        if MANIFEST in files:
            files.remove(MANIFEST)
            folders[:] = [name for name in folders if name != TABLES]
            yield PassedOver(f"{source_name(Path(here))}/{TABLES}", "holds the other tables of an export")
        for name in sorted(files):
            if not name.startswith(".") and not _is_sidecar(name, files=files):
                yield _below(Path(here) / name)
    for error in refused:
        yield PassedOver(str(error.filename), f"cannot be opened ({error.strerror})")


def _is_sidecar(name: str, *, files: list[str]) -> bool:
    stem, _, suffix = name.rpartition(".")
    return suffix == "json" and f"{stem}.md" in files


def _below(path: Path) -> Source | PassedOver:
    why = why_passed_over(path)
    if why:
        return PassedOver(source_name(path), why)
    if path.is_symlink():
        return PassedOver(source_name(path), "is a link to another place; name it yourself to import it")
    return _named(path)


def is_document_name(name: str) -> bool:
    """Whether a file of this name may be read as a document, wherever it comes from."""
    return PurePath(name.rsplit("/", 1)[-1]).suffix.lower() in SUFFIXES


def is_other_format(name: str) -> bool:
    """Whether a file is a document by its name, of a kind that is not read."""
    return PurePath(name).suffix.lower() in OTHER_FORMATS


def why_no_document(name: str) -> str:
    """Why a file that is no document by its name is not read, and what helps if something does."""
    return f"{NO_DOCUMENT}; {SAVE_AS_MARKDOWN}" if is_other_format(name) else NO_DOCUMENT


def why_passed_over(path: PurePath) -> str | None:
    """Why a file that nobody named is not read, by its name; ``None`` when it is."""
    stem = path.stem.lower()
    if not is_document_name(path.name):
        return why_no_document(path.name)
    if stem in _NO_POSTMORTEM - _WITH_TEXT or stem.startswith(("license-", "licence-", "notice-", "requirements-")):
        return "is about the collection, no postmortem"
    if "template" in stem or any("template" in part.lower() for part in path.parts[-2:-1]):
        return "is a template"
    return None


def _named(path: Path) -> Source | PassedOver:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return PassedOver(source_name(path), f"cannot be opened ({error.strerror})")
    if not stat.S_ISREG(mode):
        return PassedOver(source_name(path), "is no ordinary file")
    if not os.access(path, os.R_OK):
        return PassedOver(source_name(path), "cannot be opened (Permission denied)")
    return Source(path, source_name(path))


def source_name(path: Path) -> str:
    """Folder and file name, alike however the path was written."""
    return "/".join(Path(os.path.normpath(path.absolute())).parts[-2:])


def printable(name: str) -> str:
    """A file's name that no terminal takes for a command, and that can be written in any encoding."""
    clean = "".join(sign if sign.isprintable() else "\ufffd" for sign in name)
    return clean.encode("utf-8", "replace").decode("utf-8")
