"""Workers that write reminders and send mails are killed (kill -9) at every step, alone and beside a second one.

    python -m bench.telling [--save]

A step is a commit, or the moment before or after a mail is handed over. After each death another worker goes on. Then
each person has one reminder, each step of theirs is noted once, and each mail arrived: once, or once more when the
worker died between the handing over and its commit, which nobody can know (decision 010). On both databases. Exit
status 1 when it is not so. `--save` writes the table to RESULT.md beside this file.
"""

import fcntl
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bench.deaths import run
from bench.machine import machine
from tests import make
from tests.databases import make_template
from tests.sync.dying import Steps, fork, was_killed
from tracker import clock, create_app
from tracker.clients.mail import OutgoingMail
from tracker.clients.memory import MemoryClient
from tracker.config import Settings
from tracker.db import database, session
from tracker.mailing.jobs import deliver_due
from tracker.mailing.operations import LEASE
from tracker.models import ActionEvent, Message, MessageState, Reminder
from tracker.queue import immediate_queue
from tracker.reminders.jobs import write_reminders
from tracker.security import Vault
from tracker.wiring import Wiring

PEOPLE = 3
"""Two owners and who leads their team, who is told of both items."""
NOTED = 4


class Letterbox:
    """A mail server that outlives the workers: a line in a file for each mail, with a step before and after."""

    def __init__(self, path: Path, *, steps: Steps) -> None:
        self._path, self._steps = path, steps
        path.touch()

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:  # noqa: ARG002
        self._steps.take()
        with self._path.open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(f"{mail.message_id}\n")
        self._steps.take()

    def arrived(self) -> Counter[str]:
        return Counter(self._path.read_text().split())

    def repeated(self) -> int:
        return sum(times - 1 for times in self.arrived().values())

    def check(self) -> list[str]:
        return []


@dataclass(frozen=True)
class Deaths:
    database: str
    workers: int
    turns: int
    killed: int
    """Beside a second worker the first one may come to its end before its step: the other did the work."""
    mails: int
    repeated: int
    """Mails whose worker died after the handing over."""
    seconds: float
    wrong: tuple[str, ...]


def work() -> None:
    write_reminders(clock.utcnow())
    session.rollback()
    deliver_due(clock.utcnow())


def kill_at_every_step(database_name: str, url: str, *, workers: int, steps: int) -> Deaths:
    began, wrong, step, killed = time.perf_counter(), list[str](), 0, 0
    repeated = 0
    with letterbox_on(url) as (letterbox, taken):
        for step in range(1, steps + 1):
            _set_clock(make.NOW)
            promise(step)
            has_died = die(work, steps=taken, at=step, workers=workers)
            _set_clock(make.NOW + LEASE + timedelta(minutes=1))
            work()
            wrong += [
                f"{database_name}, {workers} at work, killed at step {step}: {one}" for one in wrongs(step, letterbox)
            ]
            killed += has_died
            if not has_died and workers == 1:
                break
        arrived = letterbox.arrived()
    repeated = sum(times > 1 for times in arrived.values())
    if repeated > killed:
        wrong.append(f"{repeated} mails were repeated after {killed} deaths")
    return Deaths(
        database_name, workers, step, killed, len(arrived), repeated, time.perf_counter() - began, tuple(wrong)
    )


def promise(turn: int) -> None:
    """Two people who owe something since nine days, and a third who leads their team."""
    lead = make.person(f"Lena {turn}")
    team = make.team(f"Team {turn}", lead_id=lead.id)
    for name in ("Ana", "Bo"):
        owner = make.person(f"{name} {turn}")
        make.action(owner_id=owner.id, team_id=team.id, due_on=date(2026, 11, 14))


def die(work: Callable[[], object], *, steps: Steps, at: int, workers: int) -> bool:
    dying = fork(work, steps=steps, dies_at=at)
    living = fork(work, steps=steps, dies_at=None) if workers > 1 else None
    has_died = was_killed(dying)
    if living is not None and was_killed(living):
        raise RuntimeError("The second worker was to live.")
    return has_died


def wrongs(turns: int, letterbox: Letterbox) -> Iterator[str]:
    """What is not as it should be after so many deaths."""
    session.rollback()
    states = Counter(session.scalars(select(Message.state)))
    if states != {MessageState.SENT: turns * PEOPLE}:
        yield f"{dict(states)} and not {turns * PEOPLE} mails that were sent"
    for kind in (Reminder, ActionEvent):
        count = session.scalar(select(func.count()).select_from(kind))
        if count != turns * NOTED:
            yield f"{count} rows in {kind.__tablename__} and not {turns * NOTED}"
    arrived = letterbox.arrived()
    if len(arrived) != turns * PEOPLE or max(arrived.values()) > 2:
        yield f"{len(arrived)} mails arrived, one of them {max(arrived.values(), default=0)} times"


@contextmanager
def letterbox_on(url: str) -> Iterator[tuple[Letterbox, Steps]]:
    with tempfile.TemporaryDirectory() as name:
        folder, steps = Path(name), Steps()
        make_template(url, folder)
        _set_clock(make.NOW)
        letterbox = Letterbox(folder / "letters", steps=steps)
        settings = Settings(instance_path=folder, database_url=url, secret_key=make.SECRET, timezone=ZoneInfo("UTC"))
        wiring = Wiring(
            mail=letterbox,
            queue=immediate_queue(),
            vault=Vault(make.SECRET),
            ticket_client=lambda _access: MemoryClient(now=clock.utcnow),
        )
        with create_app(settings, wiring).app_context():
            yield letterbox, steps
            session.remove()
            database.engine.dispose()


def _set_clock(moment: datetime) -> None:
    clock.utcnow = lambda: moment


def report(found: Sequence[Deaths]) -> str:
    lines = [
        "# What killed workers leave of reminders and mails",
        "",
        f"`python -m bench.telling --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "At each step (a commit, or the moment before or after a mail is handed over) the worker is killed with -9,",
        f"and another goes on when the lease is over. Each death has {PEOPLE} people with one reminder each, which",
        f"tell of {NOTED} steps in all.",
        "Wrong is what is missing, written twice, or arrived more than once without a death after the handing over.",
        "Repeated are the mails whose worker died just then, which are sent once more (docs/decisions/010).",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "Beside a second worker the first may come to its end before its step: the other did the work.",
        "",
        "| database | workers at once | steps | killed | mails | repeated | wrong | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.database} | {one.workers} | {one.turns} | {one.killed} | {one.mails} | {one.repeated} "
        f"| {len(one.wrong)} | {one.seconds:.0f} |"
        for one in found
    ]
    return "\n".join([*lines, *(f"\n{one}" for deaths in found for one in deaths.wrong)]) + "\n"


if __name__ == "__main__":
    sys.exit(run(kill_at_every_step, report=report, bench=Path(__file__).parent, about=__doc__))
