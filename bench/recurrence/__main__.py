"""How fast the index is, how much memory a worker needs, and whether SQLite and PostgreSQL answer alike.

    python -m bench.recurrence FILE.jsonl.gz [--incidents 100000] [--questions 500] [--save]

FILE is a labelled file of reports, whose titles and descriptions are mixed to as many incidents as asked for. On each
database: everything is read from nothing, the questions are asked end to end, incidents are added, edited and deleted,
and the questions asked again; then the index is read anew and they are asked a third time. Exit status 1 when the two
databases differ in an id, the order or a score. `--save` writes the table to SPEED.md beside this file.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text

from tests.databases import PostgresServer, make_template
from tracker import clock, create_app
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.models import Incident, IncidentService, Phase, Service, Severity
from tracker.recurrence import index
from tracker.recurrence.described import described_incidents
from tracker.recurrence.jobs import read_what_is_marked
from tracker.recurrence.known import known_incidents
from tracker.recurrence.prepared import prepare

START = datetime(2019, 1, 1, 9, tzinfo=UTC)
SERVICES = 60
CHANGED = 100
"""Incidents that are added, edited and deleted, a hundred each."""

Answer = list[tuple[int, float, tuple[tuple[str, int], ...]]]


@dataclass
class Found:
    """What one database took, and what it answered."""

    rebuild: float = 0.0
    add: list[float] = field(default_factory=list)
    ask: list[float] = field(default_factory=list)
    memory: float = 0.0
    answers: list[list[Answer]] = field(default_factory=list)


def incident_rows(path: Path, count: int) -> Iterator[dict[str, Any]]:
    """Titles of one report with the description of another: real words in real proportions."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        reports = [json.loads(line) for line in file]
    random = Random(1)
    for number in range(1, count + 1):
        title, described = random.choice(reports), random.choice(reports)
        yield {
            "number": number,
            "title": (title["title"] or "?")[:300],
            "summary": (described["description"] or "").replace("\0", ""),
            "severity": Severity.SEV3,
            "phase": Phase.CLOSED,
            "declared_at": START + timedelta(minutes=36 * number),
        }


def fill(path: Path, count: int) -> None:
    rows = list(incident_rows(path, count))
    with transaction():
        session.execute(insert(Service), [{"name": f"Service {n}", "slug": f"s{n}"} for n in range(1, SERVICES + 1)])
        for start in range(0, count, 2_000):
            session.execute(insert(Incident), rows[start : start + 2_000])
        pairs = [{"incident_id": n, "service_id": 1 + n * 7 % SERVICES} for n in range(1, count + 1)]
        session.execute(insert(IncidentService), pairs)


def ask_all(ids: list[int], times: list[float] | None = None) -> list[Answer]:
    found = []
    for one in ids:
        session.rollback()
        begin = perf_counter()
        asking = prepare(next(iter(described_incidents([one]))))
        matches = known_incidents().match(asking, limit=10)
        if times is not None:
            times.append(perf_counter() - begin)
        found.append([(match.incident_id, match.score, match.shared_terms) for match in matches])
    return found


def change_some(count: int) -> list[float]:
    """Add, edit and delete incidents as people do, the index reading after each; how long each addition took."""
    times = []
    texts = list(session.scalars(select(Incident.title).order_by(Incident.id).limit(CHANGED * 3 + 1)))
    for number in range(1, CHANGED + 1):
        with transaction():
            session.add(
                Incident(
                    number=count + number,
                    title=f"Added: {texts[number]}",
                    summary=texts[number + CHANGED],
                    severity=Severity.SEV3,
                    declared_at=START + timedelta(minutes=36 * (count + number)),
                )
            )
        begin = perf_counter()
        read_what_is_marked(clock.utcnow())
        times.append(perf_counter() - begin)
        with transaction():
            session.get_one(Incident, number * 5).summary = texts[number + 2 * CHANGED]
            session.delete(session.get_one(Incident, number * 5 + 1))
    read_what_is_marked(clock.utcnow())
    return times


def measure(url: str, path: Path, *, count: int, questions: int) -> Found:
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(instance_path=Path(folder), database_url=url, secret_key="x" * 32, timezone=ZoneInfo("UTC"))
        make_template(url, Path(folder))
        with create_app(settings).app_context():
            fill(path, count)
            found.rebuild = rebuild()
            settle()
            ids = Random(2).sample(range(count // 2, count), questions)
            ids = [one for one in ids if one > CHANGED * 6]
            ask_all(ids[:5])
            before = resident()
            found.answers.append(ask_all(ids, found.ask))
            found.memory = resident() - before
            found.add = change_some(count)
            found.answers.append(ask_all(ids))
            rebuild()
            found.answers.append(ask_all(ids))
            session.remove()
            database.engine.dispose()
    return found


def rebuild() -> float:
    begin = perf_counter()
    with transaction():
        index.mark_all()
    read_what_is_marked(clock.utcnow())
    return perf_counter() - begin


def settle() -> None:
    """What a database does by itself within minutes: statistics, and which pages are visible to all."""
    session.rollback()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))


def resident() -> float:
    """The memory of this process in MB, at its highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    with PostgresServer() as postgres, tempfile.TemporaryDirectory() as folder:
        yield {"SQLite": f"sqlite:///{Path(folder) / 'speed.db'}", "PostgreSQL": postgres.create("speed")}


def table(results: dict[str, Found]) -> list[str]:
    lines = [
        "| | end to end p50 / p95 | one added | everything read anew | memory above the start |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in results.items():
        cuts = quantiles(found.ask, n=20)
        lines.append(
            f"| {name} | {1000 * cuts[9]:.0f} / {1000 * cuts[18]:.0f} ms | {1000 * sorted(found.add)[CHANGED // 2]:.0f}"
            f" ms (p50) | {found.rebuild:.0f} s | {found.memory:.0f} MB |"
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    with databases() as urls:
        results = {
            name: measure(url, given.path, count=given.incidents, questions=given.questions)
            for name, url in urls.items()
        }
    lines = table(results)
    alike = True
    names = ("after everything was read", "after adds, edits and deletes", "after everything was read anew")
    for name, one, other in zip(names, results["SQLite"].answers, results["PostgreSQL"].answers, strict=True):
        equal = sum(first == second for first, second in zip(one, other, strict=True))
        alike = alike and equal == len(one)
        lines.append(f"\nEqual ids, order, scores and counts {name}: {equal} of {len(one)}.")
    print("\n".join(lines))
    if given.save:
        command = f"python -m bench.recurrence {given.path.name} --incidents {given.incidents}"
        head = (
            f"# Recurrence: speed and sameness\n\n`{command}`, {clock.utcnow():%Y-%m-%d}, {os.cpu_count()} cores.\n\n"
        )
        Path(__file__).with_name("SPEED.md").write_text(head + "\n".join(lines) + "\n", "utf-8")
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
