"""Files given in a browser: unpacked within limits, and packed again to come back with the confirmation."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tracker.errors import RuleError
from tracker.transfer.backup_signs import refuse_backup
from tracker.transfer.picture_files import pictures_beside
from tracker.transfer.sources import MANIFEST, TABLES, PassedOver, is_other_format, printable, why_passed_over

MEGABYTE = 1024 * 1024
LARGEST_TOTAL = 24 * MEGABYTE
"""Bytes of all files together, unpacked."""
LARGEST_PACKED = 12 * MEGABYTE
"""Bytes that go to the browser with the preview and come back with the confirmation."""
MOST_FILES = 2_000
MOST_DOCUMENTS = 200
TOO_MUCH = (
    f"That is too much for the browser, which takes at most {MOST_DOCUMENTS} documents and "
    f"{LARGEST_TOTAL // MEGABYTE} MB at a time. Give fewer files, or run `followthrough import` on the server."
)


@dataclass(frozen=True)
class Upload:
    """A document that was given, and the JSON and the pictures beside it."""

    name: str
    content: bytes
    sidecar: bytes | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """By their keys."""


@dataclass(frozen=True)
class Given:
    documents: Sequence[Upload]
    passed: Sequence[PassedOver]


def unpack(files: Iterable[tuple[str, bytes]]) -> Given:
    """What was given, archives opened.

    Raises:
        RuleError: it is more than a browser's request can bear, or a backup, of which nothing is read.
    """
    found: dict[str, bytes] = {}
    passed: list[PassedOver] = []
    given = list(files)
    refuse_backup(name for name, _ in given)
    for name, content in given:
        is_archive = content[:4] == b"PK\x03\x04" and not is_other_format(name)  # some documents are archives inside
        archived = _archived(name, content) if is_archive else [(name, content)]
        for inner, part in archived:
            if isinstance(part, PassedOver):
                passed.append(part)
            else:
                found[printable(inner)] = part
    if sum(map(len, found.values())) > LARGEST_TOTAL:
        raise RuleError(TOO_MUCH)
    documents = list(_documents(found, passed=passed))
    if len(documents) > MOST_DOCUMENTS:
        raise RuleError(TOO_MUCH)
    return Given(documents, passed)


def _documents(found: dict[str, bytes], *, passed: list[PassedOver]) -> Iterator[Upload]:
    roots = {name.removesuffix(MANIFEST) for name in found if PurePosixPath(name).name == MANIFEST}
    for name, content in found.items():
        path = PurePosixPath(name)
        is_of_export = path.name == MANIFEST or any(name.startswith(f"{root}{TABLES}/") for root in roots)
        if is_of_export or (str(path.with_suffix(".md")) in found and path.suffix == ".json"):
            continue
        why = why_passed_over(path)
        if why:
            passed.append(PassedOver(name, why))
        else:
            sidecar = found.get(str(path.with_suffix(".json")))
            yield Upload(name, content, sidecar, pictures_beside(name, files=found))


def _archived(name: str, content: bytes) -> Iterator[tuple[str, bytes | PassedOver]]:
    """The files of an archive. Their names are only ever shown, no file is written under them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            refuse_backup(member.filename for member in members)
            if len(members) > MOST_FILES:
                raise RuleError(TOO_MUCH)
            rest = LARGEST_TOTAL
            for member in members:
                part = _member(archive, member, limit=rest)
                rest -= len(part) if isinstance(part, bytes) else 0
                yield member.filename, part
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        yield name, PassedOver(name, f"is a damaged archive ({error})")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, limit: int) -> bytes | PassedOver:
    """At most `limit` bytes are ever unpacked, whatever the archive says of itself."""
    try:
        with archive.open(member) as file:
            content = file.read(limit + 1)
    except (RuntimeError, NotImplementedError):
        return PassedOver(member.filename, "is locked with a password or packed in a way we do not know")
    if len(content) > limit:
        raise RuleError(TOO_MUCH)
    return content


def pack(documents: Sequence[Upload]) -> str:
    """The documents as text for a hidden field.

    Raises:
        RuleError: it is more than a browser's request can bear.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, document in enumerate(documents):
            archive.writestr(_named(number, document.name), document.content)
            if document.sidecar is not None:
                archive.writestr(_named(number, f"{document.name}{SIDECAR}"), document.sidecar)
            for key, picture in document.pictures.items():
                archive.writestr(_named(number, f"{document.name}{PICTURE}{key}"), picture)
    if target.tell() > LARGEST_PACKED:
        raise RuleError(TOO_MUCH)
    return base64.b64encode(target.getvalue()).decode("ascii")


SIDECAR = "\n.json"
"""Ends the name under which a document's JSON is packed; no name of a file that was read holds a line end."""
PICTURE = "\npicture:"
"""The same for a picture, and its key behind it."""


def _named(number: int, name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{number}/{name}")
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def unpack_again(text: str) -> list[Upload]:
    """The documents of a preview.

    Raises:
        RuleError: the field does not hold what the preview put there.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RuleError("The preview was cut off on its way. Give the files again.") from error
    found: dict[str, bytes] = {}
    for name, part in _archived("preview", content):
        if isinstance(part, PassedOver):
            raise RuleError("The preview was cut off on its way. Give the files again.")
        found[name] = part
    pictures: dict[str, dict[str, bytes]] = {}
    for name, part in found.items():
        document, is_picture, key = name.partition(PICTURE)
        if is_picture:
            pictures.setdefault(document, {})[key] = part
    return [
        Upload(name.partition("/")[2], part, found.get(f"{name}{SIDECAR}"), pictures.get(name, {}))
        for name, part in found.items()
        if not name.endswith(SIDECAR) and PICTURE not in name
    ][:MOST_DOCUMENTS]
