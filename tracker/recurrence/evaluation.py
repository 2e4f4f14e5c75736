"""Retrieval quality on a labelled file: each report is compared with all earlier ones, as in production.

The protocol: a query is a row with ``duplicate_of``; relevant is any earlier row of its ``group``; members of a group
count as one in the ranking; statistics come from earlier rows only. Scored are the queries after a share of them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tracker.recurrence.labelled import Labelled
from tracker.recurrence.memory import Memory
from tracker.recurrence.similarity import Band, Basis, Library

CUTS = (1, 5, 10, 20)
OLD = timedelta(days=180)
RESAMPLES, SEED = 1_000, 20261123
"""Of the bootstrap: the queries are drawn again so often, each time as many as there are."""
CALIBRATION_STEPS = 10

Rank = int | None


@dataclass(frozen=True)
class Asked:
    """What came of one report: the rank of its group, the age of the group's last report, and its best match."""

    is_query: bool
    rank: Rank
    is_old: bool
    likelihood: float
    band: Band
    is_right: bool
    stands_for: int = 1
    """How many reports this one counts as: others like it were not asked."""


def evaluate(
    rows: list[Labelled],
    *,
    test_from: float = 0.6,
    basis: Basis = Basis.DECLARED,
    every: int = 1,
    progress: Callable[[Iterator[int], int], Iterator[int]] | None = None,
) -> dict[str, Any]:
    """Score the queries after the share ``test_from`` of them; alarms are counted over all rows from there on.

    Of the rows that are no query only each ``every``-th is asked; it counts as so many.
    """
    queries = [number for number, row in enumerate(rows) if row.is_query]
    scored = queries[int(len(queries) * test_from) :]
    first = (scored[0] if scored else len(rows)) if int(len(queries) * test_from) else 0
    memory, asked = Memory(), list[Asked]()
    library, groups, last = Library(memory), dict[int, str](), dict[str, datetime]()
    numbers = iter(range(len(rows)))
    for number in progress(numbers, len(rows)) if progress else numbers:
        row = _numbered(rows[number], number)
        if number >= first and (row.is_query or number % every == 0):
            one = _ask(library, row, groups=groups, last=last, basis=basis)
            asked.append(one if row.is_query else replace(one, stands_for=every))
        memory.append(row.prepared)
        groups[number] = row.group or row.name
        if row.group:
            last[row.group] = row.prepared.moment
    return _figures(asked)


def _numbered(row: Labelled, number: int) -> Labelled:
    """The row with its number as id, so that rows of the same moment keep the order of the file."""
    return replace(row, prepared=replace(row.prepared, id=number))


def _ask(library: Library, row: Labelled, *, groups: dict[int, str], last: dict[str, datetime], basis: Basis) -> Asked:
    ids, best = library.measure(row.prepared, basis=basis, families=groups)
    likelihood, band = (best[0].score, best[0].band) if best else (0.0, Band.BELOW)
    is_right = bool(best) and bool(row.group) and groups[best[0].incident_id] == row.group
    rank = None
    if row.is_query:
        ranking = dict.fromkeys(groups[found] for found in ids)
        rank = next((place for place, group in enumerate(ranking, start=1) if group == row.group), None)
    before = last.get(row.group)
    is_old = row.is_query and before is not None and row.prepared.moment - before > OLD
    return Asked(row.is_query, rank, is_old, likelihood, band, is_right)


def _figures(asked: list[Asked]) -> dict[str, Any]:
    queries = [one for one in asked if one.is_query]
    old = [one.rank for one in queries if one.is_old]
    ranks = [one.rank for one in queries]
    alarms = [one for one in asked if one.band.is_alarm]
    whole = _counted(asked)
    return {
        "queries": len(queries),
        "rows": whole,
        "recall": {str(cut): _recall(ranks, cut) for cut in CUTS},
        "mrr": _mean_reciprocal(ranks),
        "intervals_95": _intervals(queries, alarms),
        "queries_over_180_days": len(old),
        "recall_10_over_180_days": _recall(old, 10),
        "recall_over_180_days": {str(cut): _recall(old, cut) for cut in CUTS},
        "alerts": _counted(alarms),
        "alerts_per_100": _share(100 * _counted(alarms), whole),
        "precision": _precision(alarms),
        "alert_recall": _alarmed(queries),
        "bands": {band.value: _band(asked, band, queries=len(queries)) for band in Band},
        "best_precision_at_recall": {str(least): _precision_at(asked, least) for least in (0.22, 0.5, 0.7)},
        "calibration": _calibration(asked),
        "mean_squared_error": _share(
            sum(one.stands_for * (one.likelihood - one.is_right) ** 2 for one in asked), whole
        ),
    }


def _counted(asked: Iterable[Asked]) -> int:
    return sum(one.stands_for for one in asked)


def _precision(alarms: Sequence[Asked]) -> float | None:
    return _share(_counted(one for one in alarms if one.is_right), _counted(alarms))


def _alarmed(queries: Sequence[Asked]) -> float | None:
    return _share(sum(one.is_right and one.band.is_alarm for one in queries), len(queries))


def _band(asked: Sequence[Asked], band: Band, *, queries: int) -> dict[str, Any]:
    """The best matches of one band alone."""
    found = [one for one in asked if one.band is band]
    right = _counted(one for one in found if one.is_right)
    return {"reports": _counted(found), "precision": _precision(found), "recall": _share(right, queries)}


def _precision_at(asked: Sequence[Asked], least: float) -> dict[str, Any] | None:
    """The best precision among all levels of alarm that find at least this share of the repeats."""
    queries = sum(one.is_query for one in asked)
    best: dict[str, Any] | None = None
    right = number = 0
    for one in sorted(asked, key=lambda one: (-one.likelihood, one.is_right)):
        number += one.stands_for
        right += one.is_right and one.is_query
        if queries and right >= least * queries and (best is None or right / number > best["precision"]):
            best = {
                "precision": round(right / number, 4),
                "level": one.likelihood,
                "alerts_per_100": round(100 * number / _counted(asked), 2),
            }
    return best


def _calibration(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """For each step of likelihood: how many best matches have it, what was promised and what was labelled the same."""
    found = []
    by_step = Counter(min(int(one.likelihood * CALIBRATION_STEPS), CALIBRATION_STEPS - 1) for one in asked)
    for step in sorted(by_step):
        low, high = step / CALIBRATION_STEPS, (step + 1) / CALIBRATION_STEPS
        inside = [one for one in asked if low <= one.likelihood < high or (high == 1 and one.likelihood == 1)]
        found.append(
            {
                "from": low,
                "reports": _counted(inside),
                "promised": _share(sum(one.stands_for * one.likelihood for one in inside), _counted(inside)),
                "labelled": _precision(inside),
            }
        )
    return found


def _intervals(queries: Sequence[Asked], alarms: Sequence[Asked]) -> dict[str, list[float]]:
    """Between which values 95 % of the resampled figures lie; the same for the same reports."""
    random = Random(SEED)  # noqa: S311 (a bootstrap, no secret)
    found: dict[str, list[float]] = {}
    if queries:
        drawn = [random.choices(queries, k=len(queries)) for _ in range(RESAMPLES)]
        samples = [[one.rank for one in sample] for sample in drawn]
        found = {f"recall_{cut}": _middle([_recall(sample, cut) or 0.0 for sample in samples]) for cut in CUTS}
        found["mrr"] = _middle([_mean_reciprocal(sample) or 0.0 for sample in samples])
        found["alert_recall"] = _middle([_alarmed(sample) or 0.0 for sample in drawn])
    if alarms:
        drawn = [random.choices(alarms, k=len(alarms)) for _ in range(RESAMPLES)]
        found["precision"] = _middle([_precision(sample) or 0.0 for sample in drawn])
    return found


def _middle(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered)) - 1]]


def _recall(ranks: Sequence[Rank], cut: int) -> float | None:
    return _share(sum(rank is not None and rank <= cut for rank in ranks), len(ranks))


def _mean_reciprocal(ranks: Sequence[Rank]) -> float | None:
    return _share(sum(1 / rank for rank in ranks if rank), len(ranks))


def _share(part: float, whole: int) -> float | None:
    """A share, rounded; of nothing it is not known."""
    return round(part / whole, 4) if whole else None
