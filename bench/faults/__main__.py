"""A PostgreSQL that goes away and a disk that fills, under a running web and worker: said in words, and it passes.

    python -m bench.faults [--save]

Nobody restarts anything of ours. Afterwards everything acknowledged is there once, and the worker has gone on. The disk
is a small tmpfs of its own, which only root may mount. Exit status 1 when it is not so; `--save` writes RESULT.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from bench.machine import machine
from bench.machines.callers import Answer, Caller
from bench.machines.halves import Half, Web, environment_of
from tests import make
from tests.api.client import token
from tests.databases import PostgresServer, make_template
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Role

PATIENCE = 120.0
LONG = "Nobody can pay. " * 6000


@dataclass
class Seen:
    """What was found in one fault."""

    fault: str
    said: str = ""
    acknowledged: list[str] = field(default_factory=list)
    web_back: float = 0.0
    worker_back: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


@dataclass
class Scene:
    caller: Caller
    engine: Engine
    seen: Seen

    def declare(self, summary: str = "") -> Answer:
        number = len(self.seen.acknowledged) + 1
        answer = self.caller._once(
            "POST",
            "/api/v1/incidents",
            content=b'{"title": "Fault %d", "severity": "SEV3", "summary": "%s"}' % (number, summary.encode()),
            headers={"Authorization": f"Bearer {self.caller.token}", "Content-Type": "application/json"},
        )
        if answer.status == 201:
            self.seen.acknowledged.append(answer.json["ref"])
        return answer

    def ask(self, path: str) -> Answer:
        return self.caller._once("GET", path, content=None, headers={"Authorization": f"Bearer {self.caller.token}"})

    def check_nothing_is_lost(self) -> None:
        with self.engine.connect() as connection:
            there = list(connection.scalars(text("SELECT 'INC-' || number FROM incidents ORDER BY number")))
        self.seen.expect(there == self.seen.acknowledged, f"Acknowledged {self.seen.acknowledged}, there {there}.")

    def last_run(self) -> str:
        with self.engine.connect() as connection:
            statement = "SELECT max(succeeded_at) FROM job_runs WHERE name = 'recurrence.compare'"
            return str(connection.scalar(text(statement)))


@contextmanager
def running(url: str, folder: Path, *, fault: str) -> Iterator[Scene]:
    make_template(url, folder)
    with create_app(Settings(instance_path=folder, database_url=url, secret_key=make.SECRET)).app_context():
        secret = token(make.person("Ana", role=Role.ADMIN))
        session.remove()
        database.engine.dispose()
    environment = environment_of(instance_path=str(folder), database_url=url, secret_key=make.SECRET)
    web, engine = Web(1, environment=environment, folder=folder), create_engine(url, pool_pre_ping=True)
    worker = Half("worker", "worker", environment=environment, folder=folder)
    try:
        web.wait()
        worker.wait()
        yield Scene(Caller([web.port], secret, "Ana"), engine, Seen(fault))
    finally:
        web.end()
        worker.end()
        engine.dispose()


def until(look: Callable[[], bool]) -> float:
    """Seconds until it is so."""
    began = time.monotonic()
    while not look():
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError(f"Not within {PATIENCE:.0f} s.")
        time.sleep(0.2)
    return time.monotonic() - began


def without_postgresql(folder: Path) -> Seen:
    with PostgresServer() as server, running(server.create("faults"), folder, fault="PostgreSQL stopped") as scene:
        seen = scene.seen
        scene.declare()
        until(lambda: scene.last_run() != "None")
        server._server.stop()
        answers = [scene.declare(), scene.ask("/api/v1/incidents"), scene.ask("/sign-in")]
        seen.said = answers[0].json.get("detail", "")
        seen.expect({one.status for one in answers} <= {503, 200}, f"Statuses {[one.status for one in answers]}.")
        seen.expect(answers[0].status == 503, f"A write while it was away: {answers[0].status}.")
        seen.expect(scene.ask("/healthz").status == 200, "/healthz is not 200.")
        seen.expect(scene.ask("/readyz").status == 503, "/readyz is not 503.")
        time.sleep(10)  # long enough for the worker to notice
        server._server.start()
        seen.web_back = until(lambda: scene.declare().status == 201)
        before = scene.last_run()
        scene.declare()
        seen.worker_back = until(lambda: scene.last_run() != before)
        scene.check_nothing_is_lost()
    return seen


def on_a_full_disk(folder: Path) -> Seen:
    subprocess.run(["/usr/bin/mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    try:
        with running(f"sqlite:///{folder}/followthrough.db", folder, fault="disk of SQLite full") as scene:
            seen, answer = scene.seen, scene.declare()
            while answer.status == 201 and len(seen.acknowledged) < 500:
                answer = scene.declare(LONG)
            seen.said = answer.json.get("detail", "")
            seen.expect(answer.status == 503, f"A write on the full disk: {answer.status}.")
            seen.expect(scene.ask("/api/v1/incidents").status == 200, "Reading does not go on.")
            seen.expect(scene.ask("/healthz").status == 200, "/healthz is not 200.")
            time.sleep(5)
            subprocess.run(["/usr/bin/mount", "-o", "remount,size=64m", str(folder)], check=True)
            seen.web_back = until(lambda: scene.declare().status == 201)
            before = scene.last_run()
            scene.declare()
            seen.worker_back = until(lambda: scene.last_run() != before)
            scene.check_nothing_is_lost()
            with scene.engine.connect() as connection:
                whole = connection.scalar(text("PRAGMA integrity_check"))
                seen.expect(whole == "ok", f"The file is damaged: {whole}")
    finally:
        subprocess.run(["/usr/bin/umount", str(folder)], check=True)
    return seen


def report(found: list[Seen]) -> str:
    lines = [
        "# What a fault of the database costs",
        "",
        f"`python -m bench.faults --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "One web and one worker process; nothing of ours is restarted.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "",
        "| fault | said to a program | acknowledged, all there once | web after, s | worker after, s | wrong |",
        "|---|---|---:|---:|---:|---:|",
        *(
            f"| {one.fault} | {one.said} | {len(one.acknowledged)} | {one.web_back:.1f} | {one.worker_back:.1f} "
            f"| {len(one.wrong)} |"
            for one in found
        ),
    ]
    return "\n".join([*lines, *(f"\n- {line}" for one in found for line in one.wrong)]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    chosen = parser.parse_args()
    found = []
    for fault in (without_postgresql, on_a_full_disk):
        with tempfile.TemporaryDirectory(prefix="followthrough-") as name:
            found.append(fault(Path(name)))
    told = report(found)
    print(told)
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(told, encoding="utf-8")
    return 1 if any(one.wrong for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
