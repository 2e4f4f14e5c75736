"""What a mail run for 1,000 people takes: writing each their reminder, then delivering all, and how much memory.

    python -m bench.mailing [--save] [--people 1000]

Each size runs in a process of its own, on SQLite, into the outbox folder. Memory is flat when the run for all people
adds little more to the process than the run for a tenth of them. Exit status 1 when it does. `--save` writes RESULT.md.
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

from bench.pages.__main__ import machine
from bench.reports.__main__ import peak_megabytes
from tests.databases import make_template
from tests.make import SECRET
from tracker import create_app
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.mailing.jobs import deliver_due
from tracker.models import ActionItem, Person
from tracker.reminders.jobs import write_reminders

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
ITEMS_EACH = 5
GROWTH = 20
"""Megabytes that the whole run may add beyond what a tenth of it adds."""


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


def run(folder: Path, *, people: int) -> dict[str, float]:
    url = f"sqlite:///{folder / 'bench.db'}"
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


def in_a_process(people: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.mailing", "--run", folder, "--people", str(people)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        print(json.dumps(run(Path(chosen.run), people=chosen.people)))
        return 0
    found = {people: in_a_process(people) for people in (chosen.people // 10, chosen.people)}
    fewer, all_ = found.values()
    is_flat = added(all_) - added(fewer) <= GROWTH and all_["sent"] == chosen.people
    text = report(found, is_flat=is_flat)
    print(text)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(text, encoding="utf-8")
    return 0 if is_flat else 1


def added(cost: dict[str, float]) -> float:
    """Megabytes that the run itself added."""
    return cost["megabytes"] - cost["before"]


def report(found: dict[int, dict[str, float]], *, is_flat: bool) -> str:
    verdict = "It is met." if is_flat else "It is missed."
    lines = [
        "# What a mail run costs",
        "",
        f"`python -m bench.mailing --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        f"Each person has {ITEMS_EACH} overdue items and gets one reminder, on SQLite, into the outbox folder with a",
        "flush to disk for each mail. Seconds are of the processor; others used the machine meanwhile (load average",
        f"{os.getloadavg()[1]:.0f} on {os.cpu_count()} cores). Memory is the most that the process held.",
        f"The goal: memory stays flat, {GROWTH} MB more at most are added for ten times the people. {verdict}",
        "",
        "| people | mails sent | writing, s | sending, s | MB before | MB at most |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for people, cost in found.items():
        lines.append(
            f"| {people:,} | {cost['sent']:,.0f} | {cost['writing']:.1f} | {cost['sending']:.1f} "
            f"| {cost['before']:.0f} | {cost['megabytes']:.0f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
