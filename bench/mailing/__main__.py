"""What a mail run for 1,000 and 4,000 people takes: writing each their reminder, then delivering all, and the memory.

    python -m bench.mailing [--save]

Each size runs in a process of its own, on both databases, into the outbox folder. Memory is flat when a run for many
people adds little more to the process than the run for a hundred. Exit status 1 when it is not. `--save` writes the
table to RESULT.md beside this file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from bench.machine import machine
from bench.reports.__main__ import peak_megabytes
from tests.databases import PostgresServer, make_template
from tests.make import SECRET
from tracker import create_app
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.mailing.jobs import deliver_due
from tracker.models import ActionItem, Person
from tracker.reminders.jobs import write_reminders

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
ITEMS_EACH = 5
SIZES = (100, 1_000, 4_000)
GROWTH = 20
"""Megabytes that a run for many people may add beyond what the one for the fewest adds."""


def fill(*, people: int) -> None:
    made = {"created_at": NOW - timedelta(days=60), "role": "responder", "is_active": True}
    rows = [made | {"id": one, "email": f"p{one}@example.com", "name": f"Person {one}"} for one in range(1, people + 1)]
    items = [
        {
            "number": number + 1,
            "title": f"Warm cache {number}",
            "owner_id": number % people + 1,
            "due_on": date(2026, 11, 9),
        }
        | {"created_at": NOW - timedelta(days=60), "counts_for_all": True}
        for number in range(people * ITEMS_EACH)
    ]
    with transaction():
        session.execute(insert(Person), rows)
        session.execute(insert(ActionItem), items)


def run(folder: Path, url: str, *, people: int) -> dict[str, float]:
    settings = Settings(instance_path=folder, database_url=url, secret_key=SECRET, timezone=ZoneInfo("UTC"))
    make_template(url, folder)
    with create_app(settings).app_context():
        fill(people=people)
        before, began = peak_megabytes(), time.process_time()
        written = write_reminders(NOW)
        wrote, middle = time.process_time() - began, time.process_time()
        sent = deliver_due(NOW).sent
        return {
            "written": written,
            "sent": sent,
            "writing": wrote,
            "sending": time.process_time() - middle,
            "before": before,
            "megabytes": peak_megabytes(),
        }


def in_a_process(url: str, *, people: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.mailing", "--run", folder, url, str(people)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def on_both() -> dict[str, dict[int, dict[str, float]]]:
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        return {
            "SQLite": {size: in_a_process(f"sqlite:///{folder}/{size}.db", people=size) for size in SIZES},
            "PostgreSQL": {size: in_a_process(server.create(f"mailing_{size}"), people=size) for size in SIZES},
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        folder, url, people = chosen.run
        print(json.dumps(run(Path(folder), url, people=int(people))))
        return 0
    found = on_both()
    is_met = all(is_flat(costs) for costs in found.values())
    text = report(found, is_met=is_met)
    print(text)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(text, encoding="utf-8")
    return 0 if is_met else 1


def is_flat(costs: dict[int, dict[str, float]]) -> bool:
    fewest = added(costs[SIZES[0]])
    return all(added(cost) - fewest <= GROWTH and cost["sent"] == people for people, cost in costs.items())


def added(cost: dict[str, float]) -> float:
    """Megabytes that the run itself added."""
    return cost["megabytes"] - cost["before"]


def report(found: dict[str, dict[int, dict[str, float]]], *, is_met: bool) -> str:
    verdict = "It is met." if is_met else "It is missed."
    lines = [
        "# What a mail run costs",
        "",
        f"`python -m bench.mailing --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        f"Each person has {ITEMS_EACH} overdue items and gets one reminder, into the outbox folder with a flush to",
        "disk for each mail. Seconds are of our processor (PostgreSQL works in others); memory is the most that our",
        "process held.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        f"The goal: memory stays flat, {GROWTH} MB more at most are added than for {SIZES[0]} people. {verdict}",
        "",
        "| database | people | mails sent | writing, s | sending, s | MB before | MB at most | added |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {people:,} | {cost['sent']:,.0f} | {cost['writing']:.1f} | {cost['sending']:.1f} "
        f"| {cost['before']:.0f} | {cost['megabytes']:.0f} | {added(cost):.0f} |"
        for name, costs in found.items()
        for people, cost in costs.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
