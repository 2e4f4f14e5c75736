"""How well repeats are found, on all labelled data at once, each figure with the interval it lies in.

    python -m bench.recurrence.quality FOLDER [--save]

FOLDER holds `recurrence/` (labelled reports) and `postmortems/` (documents, and pairs of them in `recurrences*.jsonl`).
Of titanium's reports that are no query every twelfth is asked for its alarm, and counts twelve times. `--save` writes
quality.md beside this file. Intervals are of 95 %: by drawing again for what is ranked, Wilson's for pairs.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import machine
from bench.recurrence.pairs import measure_pairs
from tracker import clock
from tracker.recurrence.evaluation import evaluate
from tracker.recurrence.labelled import read_rows
from tracker.recurrence.similarity import Basis

EVERY = 12
Row = tuple[str, str, str, str]
"""What is measured, the goal, what was reached, and its interval or how many there are."""
NOT_MEASURABLE: Row = (
    "cause among 3 suggestions",
    ".65",
    "not known",
    "no row has a cause category (DFDS's own say where: 22 of 37 Kubernetes); labels made by us would prove nothing",
)


@dataclass(frozen=True)
class Asked:
    """One labelled file, and what is asked of it."""

    name: str
    pattern: str
    basis: Basis
    test_from: float
    goals: dict[str, str]
    every: int = 1


FILES = (
    Asked("titanium, last 40 %", "titanium*", Basis.DECLARED, 0.6, {"1": ".46", "5": ".72", "10": ".80"}, EVERY),
    Asked("seamonkey, all (learned from)", "seamonkey*", Basis.DECLARED, 0.0, {"1": ".78", "10": ".97"}),
    Asked("GitHub, declared", "github*", Basis.DECLARED, 0.0, {"5": ".85"}),
    Asked("GitHub, with root cause", "github*", Basis.POSTMORTEM, 0.0, {"1": ".90", "5": ".98"}),
)


def rows_of(folder: Path, asked: Asked) -> Iterator[Row]:
    rows = read_rows(next(iter(sorted(folder.glob(asked.pattern)))))
    found = evaluate(rows, test_from=asked.test_from, basis=asked.basis, every=asked.every)
    intervals = found["intervals_95"]
    for cut in ("1", "5", "10"):
        goal = asked.goals.get(cut, "")
        yield f"{asked.name}: first {cut}", goal, shown(found["recall"][cut]), between(intervals[f"recall_{cut}"])
    if found["queries_over_180_days"]:
        goal = ".67" if "titanium" in asked.name else ""
        told = shown(found["recall_10_over_180_days"])
        yield f"{asked.name}: older than 180 days, first 10", goal, told, f"of {found['queries_over_180_days']}"
    yield from alarms_of(asked, found)


def alarms_of(asked: Asked, found: dict[str, Any]) -> Iterator[Row]:
    name, intervals = asked.name, found["intervals_95"]
    is_declared = asked.basis is Basis.DECLARED
    precise, many = (".70", "at most 6") if is_declared else (".75", "")
    told = f"{shown(found['precision'])} (recall {shown(found['alert_recall'])})"
    yield f"{name}: alarms that are right", precise, told, between(intervals.get("precision"))
    yield f"{name}: alarms per 100", many, f"{found['alerts_per_100']:.1f}", f"{found['alerts']} of {found['rows']:,}"
    least = "0.22" if is_declared else "0.7"
    best = found["best_precision_at_recall"][least]
    if best:
        level = f"{best['alerts_per_100']:.1f} per 100, level {best['level']:.2f}"
        yield f"{name}: best precision of any level with recall {least}", precise, shown(best["precision"]), level


def verdict(goal: str, reached: str) -> str:
    """Whether a goal is reached, by the figure alone: its interval may say more, or less."""
    if not goal:
        return ""
    if reached.startswith("not known"):
        return "not measurable"
    value = float(reached.split(maxsplit=1)[0])
    is_met = value <= float(goal.rsplit(maxsplit=1)[-1]) if goal.startswith("at most") else value >= float(goal)
    return "yes" if is_met else "no"


def lines_of(rows: Iterable[Row]) -> list[str]:
    return [f"| {' | '.join(row)} | {verdict(row[1], row[2])} |" for row in rows]


def lines_of_file(folder: Path, asked: Asked) -> list[str]:
    return lines_of(rows_of(folder, asked))


def lines_of_pairs(folder: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        return lines_of(measure_pairs(folder, Path(name)))


def shown(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def between(interval: list[float] | None) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else "too few"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    with ProcessPoolExecutor(len(FILES) + 1) as pool:
        jobs = [pool.submit(lines_of_file, given.folder / "recurrence", asked) for asked in FILES]
        jobs.append(pool.submit(lines_of_pairs, given.folder / "postmortems"))
        found = [line for job in jobs for line in job.result()]
    lines = [
        "# Recurrence: quality",
        "",
        f"`python -m bench.recurrence.quality FOLDER --save`, {clock.utcnow():%Y-%m-%d}, {machine()}.",
        "",
        "| | goal | reached | 95 % between, or of how many | goal met |",
        "|---|---:|---:|---:|---|",
        *found,
        *lines_of([NOT_MEASURABLE]),
    ]
    print("\n".join(lines))
    if given.save:
        Path(__file__).with_name("quality.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
