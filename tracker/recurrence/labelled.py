"""A labelled file of reports, read line by line; what is wrong with it is told with its line."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from tracker.errors import FollowthroughError
from tracker.recurrence.prepared import Described, Prepared, prepare


@dataclass(frozen=True)
class Labelled:
    """One row of the file."""

    where: str
    """The file and the line it stands in."""
    name: str
    prepared: Prepared
    group: str
    is_query: bool


def read_rows(path: Path) -> list[Labelled]:
    """The rows in their order of time.

    Raises:
        FollowthroughError: the file is not such a file; the sentence names the line and what is wrong.
    """
    rows = [_labelled(where, text) for where, text in _lines(path)]
    if not rows:
        raise FollowthroughError(f"{path.name}: there is not one row in it.")
    for one, other in pairwise(rows):
        if other.prepared.moment < one.prepared.moment:
            raise FollowthroughError(
                f"{other.where}: {other.name} is earlier than the row above. Sort the rows by created_at."
            )
    first: dict[str, Labelled] = {}
    for row in rows:
        if first.setdefault(row.name, row) is not row:
            raise FollowthroughError(f"{row.where}: {row.name} is the id of another row too ({first[row.name].where}).")
    return rows


def not_to_be_found(rows: list[Labelled]) -> list[Labelled]:
    """The queries of whose group no row is earlier: a part was cut off, or a group is misspelt."""
    groups: set[str] = set()
    found = []
    for row in rows:
        if row.is_query and row.group not in groups:
            found.append(row)
        groups.add(row.group)
    return found


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8-sig") as file:
            for number, text in enumerate(file, start=1):
                if text.strip():
                    yield f"{path.name}, line {number}", text
    except UnicodeDecodeError as error:
        raise FollowthroughError(f"{path.name}, after line {number}: this is not UTF-8 text.") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise FollowthroughError(f"{path.name}, after line {number}: this is not whole gzip ({error}).") from error
    except OSError as error:
        raise FollowthroughError(f"{path.name} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def _labelled(where: str, text: str) -> Labelled:
    row = _parsed(where, text)
    name, created = _needed(where, row, "id"), _needed(where, row, "created_at")
    try:
        moment = datetime.fromisoformat(created)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise FollowthroughError(
            f"{where}: created_at is {created!r}, not a time like 2026-11-23T09:05:00Z."
        ) from error
    services = [row.get("service"), *_texts(where, row, "component")]
    described = Described(
        id=0,
        moment=moment,
        title=_text(where, row, "title"),
        summary=_text(where, row, "description"),
        services=frozenset(str(service) for service in services if service),
        alert=_text(where, row, "alert"),
        cause_category=_text(where, row, "cause_category"),
        root_cause=_text(where, row, "root_cause"),
    )
    duplicate_of = _text(where, row, "duplicate_of")
    group = _text(where, row, "group")
    if duplicate_of and not group:
        raise FollowthroughError(f"{where}: {name} has duplicate_of but no group, so nothing can be right for it.")
    return Labelled(where, name, prepare(described), group, bool(duplicate_of))


def _parsed(where: str, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: a number too long to be one, too
        raise FollowthroughError(f"{where}: this is not JSON ({error}).") from error
    if not isinstance(row, dict):
        raise FollowthroughError(f"{where}: a row is an object in braces, and this is {type(row).__name__}.")
    return row


def _needed(where: str, row: dict[str, Any], key: str) -> str:
    value = _text(where, row, key)
    if not value:
        raise FollowthroughError(f"{where}: {key} is missing.")
    return value


def _text(where: str, row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, (str, int)):
        raise FollowthroughError(f"{where}: {key} is to be text, and this is {type(value).__name__}.")
    return str(value)


def _texts(where: str, row: dict[str, Any], key: str) -> list[str]:
    value = row.get(key) or []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise FollowthroughError(f"{where}: {key} is to be a list, and this is {type(value).__name__}.")
    return [str(one) for one in value]
