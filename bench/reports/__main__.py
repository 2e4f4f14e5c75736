"""How long a week's report and the trends take over 20,000 incidents and 100,000 items, and how much memory.

    python -m bench.reports [--save] [--incidents 20000]

On both databases, each is counted in a process of its own that has done nothing before, several times; what is
remembered between page views is not used. Exit status 1 when a goal is missed. `--save` writes the table to RESULT.md
beside this file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from bench.machine import machine
from bench.pages import seeded
from bench.pages.filled import filled, settings_for
from tests.browser import counted_queries
from tests.databases import PostgresServer
from tracker import clock, create_app
from tracker.db import database, session
from tracker.models import Person
from tracker.reports.months import twelve_months
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.trends import counted_now as trends_now
from tracker.reports.weekly import counted_now as week_now

ZONE = ZoneInfo("UTC")
ROUNDS = 7
SECONDS, MEGABYTES = 2.0, 200
"""The goals of the report; those of the trends page are in bench/pages."""
SUBJECTS = ("the report of last week", "the trends")


def fill(folder: Path, url: str, *, incidents: int, now: datetime) -> None:
    with filled(settings_for(folder, url), incidents=incidents, now=now).app_context():
        database.engine.dispose()


def count(folder: Path, url: str, subject: str, *, now: datetime) -> dict[str, float]:
    """What one process needs for it: the seconds of the first and the median time, statements, megabytes at most."""
    app = create_app(settings_for(folder, url))
    with app.app_context():
        scope = Scope(session.get_one(Person, seeded.READER))
        week = Week.of(now.date(), zone=ZONE).before
        asked: dict[str, Callable[[], object]] = {
            SUBJECTS[0]: lambda: week_now(week, scope=scope, now=now),
            SUBJECTS[1]: lambda: trends_now(twelve_months(now, zone=ZONE), scope=scope, now=now),
        }
        worked = time.process_time()
        with counted_queries(app) as statements:
            times = [seconds_of(asked[subject])]
        worked = time.process_time() - worked
        times += [seconds_of(asked[subject]) for _ in range(ROUNDS)]
    return {
        "first": times[0],
        "processor": worked,
        "median": median(times[1:]),
        "statements": len(statements),
        "megabytes": peak_megabytes(),
    }


def peak_megabytes() -> float:
    """The most this process held; what ``getrusage`` says would include the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def seconds_of(work: Callable[[], object]) -> float:
    session.rollback()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_a_process(folder: Path, url: str, subject: str, *, now: datetime) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.reports", "--count", str(folder), url, subject, now.isoformat()]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--incidents", type=int, default=20_000)
    parser.add_argument("--count", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        folder, url, subject, moment = chosen.count
        print(json.dumps(count(Path(folder), url, subject, now=datetime.fromisoformat(moment))))
        return 0
    now = clock.utcnow()
    found = on_both(incidents=chosen.incidents, now=now)
    missed = [name for name, costs in found.items() if not is_met(costs[SUBJECTS[0]])]
    text = report(found, incidents=chosen.incidents, now=now, missed=missed)
    print(text)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(text, encoding="utf-8")
    return 1 if missed else 0


def is_met(cost: dict[str, float]) -> bool:
    return cost["first"] <= SECONDS and cost["megabytes"] <= MEGABYTES


def on_both(*, incidents: int, now: datetime) -> dict[str, dict[str, dict[str, float]]]:
    found = {}
    with tempfile.TemporaryDirectory() as name, PostgresServer() as server:
        folder = Path(name)
        for kind, url in (("SQLite", f"sqlite:///{folder / 'bench.db'}"), ("PostgreSQL", server.create("reports"))):
            fill(folder, url, incidents=incidents, now=now)
            found[kind] = {subject: in_a_process(folder, url, subject, now=now) for subject in SUBJECTS}
    return found


def report(
    found: dict[str, dict[str, dict[str, float]]], *, incidents: int, now: datetime, missed: Sequence[str]
) -> str:
    items = incidents * seeded.ITEMS_EACH
    verdict = f"Missed on {' and '.join(missed)}." if missed else "Both are met."
    lines = [
        "# What the reports cost",
        "",
        f"`python -m bench.reports --save`, {now.date()}, {machine()}",
        "",
        f"{incidents:,} incidents and {items:,} action items over {seeded.SPAN.days} days, read by a",
        "responder, each in a process of its own. Memory is the most that process held, the application included.",
        f"The goals of the report: {SECONDS:.0f} s for the first time, {MEGABYTES} MB. {verdict}",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "",
        f"| database | | first time, s | of it our processor, s | median of {ROUNDS} more, s | statements | MB |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {kind} | {subject} | {cost['first']:.2f} | {cost['processor']:.2f} | {cost['median']:.2f} "
        f"| {cost['statements']:.0f} | {cost['megabytes']:.0f} |"
        for kind, costs in found.items()
        for subject, cost in costs.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
