"""Retrieval quality on a labelled file: each report is compared with all earlier ones, as in production.

The protocol: a query is a row with ``duplicate_of``; relevant is any earlier row of its ``group``; members of a group
count as one in the ranking; statistics come from earlier rows only. Scored are the queries after a share of them.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tracker.errors import FollowthroughError
from tracker.recurrence.memory import Memory
from tracker.recurrence.similarity import Basis, Described, Library, Prepared, prepare

CUTS = (1, 5, 10, 20)
OLD = timedelta(days=180)


@dataclass(frozen=True)
class Labelled:
    """One row of the file."""

    name: str
    prepared: Prepared
    group: str
    is_query: bool


@dataclass(frozen=True)
class Asked:
    """What came of one report: the rank of its group, the age of the group's last report, and the alarm."""

    is_query: bool
    rank: int | None
    is_old: bool
    is_alarm: bool
    is_right: bool


def read_rows(path: Path) -> list[Labelled]:
    """The rows in their order of time.

    Raises:
        FollowthroughError: the file is not such a file; the sentence names the line and what is wrong.
    """
    rows = [_labelled(number, text) for number, text in _lines(path)]
    if not rows:
        raise FollowthroughError(f"{path.name}: there is not one row in it.")
    for number, (one, other) in enumerate(pairwise(rows), start=2):
        if other.prepared.moment < one.prepared.moment:
            raise FollowthroughError(
                f"{path.name}, row {number}: {other.name} is earlier than the row above. Sort the rows by created_at."
            )
    return rows


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
    except ValueError as error:
        raise FollowthroughError(
            f"{where}: created_at is {created!r}, not a time like 2026-11-23T09:05:00Z."
        ) from error
    services = [row.get("service"), *_texts(where, row, "component")]
    described = Described(
        id=0,
        moment=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
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
    return Labelled(name, prepare(described), group, bool(duplicate_of))


def _parsed(where: str, text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
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


def evaluate(
    rows: list[Labelled],
    *,
    test_from: float = 0.6,
    basis: Basis = Basis.DECLARED,
    progress: Callable[[Iterator[int], int], Iterator[int]] | None = None,
) -> dict[str, Any]:
    """Score the queries after the share ``test_from`` of them; alarms are counted over all rows from there on."""
    queries = [number for number, row in enumerate(rows) if row.is_query]
    scored = queries[int(len(queries) * test_from) :]
    first = (scored[0] if scored else len(rows)) if int(len(queries) * test_from) else 0
    memory = Memory()
    library = Library(memory)
    asked: list[Asked] = []
    groups: dict[int, str] = {}
    last: dict[str, datetime] = {}
    numbers = iter(range(len(rows)))
    for number in progress(numbers, len(rows)) if progress else numbers:
        row = _numbered(rows[number], number)
        if number >= first:
            asked.append(_ask(library, row, groups=groups, last=last, basis=basis))
        memory.append(row.prepared)
        groups[number] = row.group or row.name
        if row.group:
            last[row.group] = row.prepared.moment
    return _figures(asked)


def _numbered(row: Labelled, number: int) -> Labelled:
    """The row with its number as id, so that rows of the same moment keep the order of the file."""
    return replace(row, prepared=replace(row.prepared, id=number))


def _ask(library: Library, row: Labelled, *, groups: dict[int, str], last: dict[str, datetime], basis: Basis) -> Asked:
    best = library.match(row.prepared, basis=basis, limit=1, families=groups)
    is_alarm = bool(best) and best[0].band.is_alarm
    is_right = bool(best) and bool(row.group) and groups[best[0].incident_id] == row.group
    if not row.is_query:
        return Asked(False, None, is_old=False, is_alarm=is_alarm, is_right=is_right)
    ranking = dict.fromkeys(groups[found] for found in library.rank(row.prepared, basis=basis, families=groups))
    rank = next((place for place, group in enumerate(ranking, start=1) if group == row.group), None)
    before = last.get(row.group)
    is_old = before is not None and row.prepared.moment - before > OLD
    return Asked(True, rank, is_old=is_old, is_alarm=is_alarm, is_right=is_right)


def _figures(asked: list[Asked]) -> dict[str, Any]:
    queries = [one for one in asked if one.is_query]
    old = [one for one in queries if one.is_old]
    alarms = [one for one in asked if one.is_alarm]
    right = [one for one in alarms if one.is_right]
    return {
        "queries": len(queries),
        "rows": len(asked),
        "recall": {str(cut): _recall(queries, cut) for cut in CUTS},
        "mrr": _share(sum(1 / one.rank for one in queries if one.rank), len(queries)),
        "queries_over_180_days": len(old),
        "recall_10_over_180_days": _recall(old, 10),
        "alerts": len(alarms),
        "alerts_per_100": _share(100 * len(alarms), len(asked)),
        "precision": _share(len(right), len(alarms)),
        "alert_recall": _share(len([one for one in right if one.is_query]), len(queries)),
    }


def _recall(queries: list[Asked], cut: int) -> float | None:
    return _share(sum(one.rank is not None and one.rank <= cut for one in queries), len(queries))


def _share(part: float, whole: int) -> float | None:
    """A share, rounded; of nothing it is not known."""
    return round(part / whole, 4) if whole else None
