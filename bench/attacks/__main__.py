"""Any bytes at any route, the wide walk: every page, form and address. The API has a walk of its own, bench.schema.

    python -m bench.attacks [--save]

On SQLite and on PostgreSQL. Exit status 1 when anything was answered with a fault of ours, when a value stood in the
text of an SQL statement, or when somebody changed what they may not. `--save` writes RESULT.md beside this file. It
takes four minutes on two quiet cores.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from bench.attacks.walks import (
    Found,
    names_and_forms,
    walk_as_outsider,
    walk_forms,
    walk_names,
    walk_segments,
    watched,
)
from bench.machine import machine
from tests import make
from tests.databases import PostgresServer, make_template
from tests.rules.walk import World, browser_of, make_link, make_world
from tracker import clock, create_app
from tracker.clients.memory import MemoryClient
from tracker.clients.outbox import Outbox
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Person, Role
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.sessions import limiter
from tracker.wiring import Wiring


@dataclass(frozen=True)
class Walked:
    database: str
    what: str
    found: Found
    seconds: float
    forbids_writing: bool = False

    @property
    def wrong(self) -> list[str]:
        written = self.found.written if self.forbids_writing else []
        return [f"{self.database}, {self.what}: {one}" for one in (*self.found.faults, *self.found.injected, *written)]


@contextmanager
def application(url: str) -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_template(url, folder)
        clock.utcnow = lambda: make.NOW
        settings = Settings(instance_path=folder, database_url=url, secret_key=make.SECRET, timezone=ZoneInfo("UTC"))
        wiring = Wiring(
            mail=Outbox(folder / "outbox"),
            queue=immediate_queue(),
            vault=Vault(make.SECRET),
            ticket_client=lambda _access: MemoryClient(now=clock.utcnow, targets=("acme/shop", "SHOP")),
        )
        app = create_app(settings, wiring)
        with app.app_context():
            yield app
            session.remove()
            database.engine.dispose()


def walk_everything(name: str, url: str) -> Iterator[Walked]:
    with application(url) as app:
        limiter.enabled = False
        world = make_world()
        make_link(world.person, now=make.NOW)
        admin = make.person("Zoe", role=Role.ADMIN)
        yield from walk_pages(name, app, world, admin)


def walk_pages(name: str, app: Flask, world: World, admin: Person) -> Iterator[Walked]:
    names, forms = names_and_forms(app, world, admin)
    for who, outsider in (("nobody", None), ("a viewer", make.person("Vera", role=Role.VIEWER))):
        others = [form for form in forms if "/sign-" not in form.address]
        if outsider:
            _own, own_forms = names_and_forms(app, world, outsider)
            others = [form for form in others if form.address not in {one.address for one in own_forms}]
        began, found = time.perf_counter(), Found()
        walk_as_outsider(app, outsider, others, found)
        yield Walked(name, f"forms of others, sent by {who}", found, time.perf_counter() - began, forbids_writing=True)
    walks: dict[str, Any] = {
        "each name in each address": lambda found: walk_names(app, world, admin, names, found),
        "each part of each address": lambda found: walk_segments(app, world, browser_of(app, admin), found),
        "each field of each form": lambda found: walk_forms(app, admin, forms, found),
    }
    for what, walk in walks.items():
        began, found = time.perf_counter(), Found()
        with watched(found):
            walk(found)
        yield Walked(name, what, found, time.perf_counter() - began)


def report(walked: Sequence[Walked]) -> str:
    lines = [
        "# Any bytes at any route",
        "",
        f"`python -m bench.attacks --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "Faults: answers with a status of 500 and more, or a stack trace. In the SQL: statements in whose text a sent",
        "value stands. Written: statements that change a row, for somebody who may not (that a guess was made, or a",
        "session used, is noted and not counted). The API: [bench.schema](../schema/RESULT.md).",
        "",
        "| database | walk | requests | faults | in the SQL | written | seconds |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for one in walked:
        written = str(len(one.found.written)) if one.forbids_writing else ""
        lines.append(
            f"| {one.database} | {one.what} | {one.found.requests:,} | {len(one.found.faults)} | "
            f"{len(one.found.injected)} | {written} | {one.seconds:.0f} |"
        )
    return "\n".join([*lines, ""])


def run() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--save", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server, ProcessPoolExecutor(2) as processes:
        urls = {"sqlite": f"sqlite:///{folder}/attacked.db", "postgresql": server.create("attacked")}
        running = [processes.submit(walk_on, name, url) for name, url in urls.items()]
        walked = [one for process in running for one in process.result()]
    text = report(walked)
    wrong = [line for one in walked for line in one.wrong]
    print(text, *wrong, sep="\n")
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(text, encoding="utf-8")
    return 1 if wrong else 0


def walk_on(name: str, url: str) -> list[Walked]:
    """In a process of its own: each database has an application to itself."""
    logging.disable(logging.CRITICAL)  # each refusal of a database would be told, thousands of times
    walked = []
    for one in walk_everything(name, url):
        print(f"{name}, {one.what}: {one.found.requests} requests, {len(one.wrong)} wrong", flush=True)
        walked.append(one)
    return walked


if __name__ == "__main__":
    sys.exit(run())
