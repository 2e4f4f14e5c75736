"""A worker is killed (kill -9) at every step of writing and reading, alone and beside a second one, on both databases.

    python -m bench.killing [--save]

A step is a commit, or the moment before or after a call to the tracker. After each death another worker goes on; then
there has to be one ticket for each item, its change and its comment once, and the local state as the tracker's.
Exit status 1 when it is not so. `--save` writes the table to RESULT.md beside this file.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from bench.deaths import run
from bench.machine import machine
from tests import make
from tests.databases import make_template
from tests.sync.conftest import Worker
from tests.sync.deaths import Scene
from tests.sync.dying import LastingTickets, Steps
from tracker import clock, create_app
from tracker.clients.outbox import Outbox
from tracker.clients.tickets import TicketClient
from tracker.config import Settings
from tracker.db import database, session
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.wiring import Wiring

ITEMS_A_DEATH = 3


@dataclass(frozen=True)
class Deaths:
    database: str
    workers: int
    turns: int
    killed: int
    """Beside a second worker the first one may come to its end before its step: the other did the work."""
    tickets: int
    seconds: float
    wrong: tuple[str, ...]


def kill_at_every_step(database_name: str, url: str, *, workers: int, steps: int) -> Deaths:
    began, wrong, step, killed = time.perf_counter(), list[str](), 0, 0
    with scene_on(url) as scene:
        for step in range(1, steps + 1):
            work = scene.prepare(step)
            has_died = (scene.dies_at if workers == 1 else scene.one_of_two_dies_at)(step)
            try:
                scene.recover()
                scene.assert_agrees(work)
            except AssertionError as error:
                wrong.append(f"{database_name}, {workers} at work, killed at step {step}: {error}")
            killed += has_died
            if not has_died and workers == 1:
                break
        scene.assert_nothing_is_left()
        tickets = len(scene.lasting.tickets())
    if tickets != step * ITEMS_A_DEATH:
        wrong.append(f"{database_name}, {workers} at work: {tickets} tickets for {step * ITEMS_A_DEATH} items")
    return Deaths(database_name, workers, step, killed, tickets, time.perf_counter() - began, tuple(wrong))


@contextmanager
def scene_on(url: str) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory() as name:
        folder, steps = Path(name), Steps()
        make_template(url, folder)
        _set_clock(make.NOW)
        lasting = LastingTickets(folder / "tickets", steps=steps)
        settings = Settings(instance_path=folder, database_url=url, secret_key=make.SECRET, timezone=ZoneInfo("UTC"))
        wiring = Wiring(
            mail=Outbox(folder / "outbox"),
            queue=immediate_queue(),
            vault=Vault(make.SECRET),
            ticket_client=lambda _access: cast("TicketClient", lasting),
        )
        with create_app(settings, wiring).app_context():
            ana, incident = make.person("Ana"), make.incident("It came again")
            yield Scene(Worker(_set_clock), lasting, steps, make.tracker().id, ana, incident)
            session.remove()
            database.engine.dispose()


def _set_clock(moment: datetime) -> None:
    clock.utcnow = lambda: moment


def report(found: Sequence[Deaths]) -> str:
    wrong = [one for deaths in found for one in deaths.wrong]
    lines = [
        "# What a killed worker leaves behind",
        "",
        f"`python -m bench.killing --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "At each step (a commit, or the moment before or after a call to the tracker) the worker is killed with -9, a",
        "person asks again for what was never found, and then each item has one ticket, its change and its comment are",
        "there once, and both sides say the same. Each death has three items: one whose ticket is to be made, one that",
        "changed here, one that was closed there.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "Beside a second worker the first may come to its end before its step: the other did the work.",
        "",
        "| database | workers at once | steps | killed | items | tickets | wrong | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        items = one.turns * ITEMS_A_DEATH
        lines.append(
            f"| {one.database} | {one.workers} | {one.turns} | {one.killed} | {items} | {one.tickets} "
            f"| {len(one.wrong)} | {one.seconds:.0f} |"
        )
    return "\n".join([*lines, *(f"\n{one}" for one in wrong)]) + "\n"


if __name__ == "__main__":
    sys.exit(run(kill_at_every_step, report=report, bench=Path(__file__).parent, about=__doc__))
