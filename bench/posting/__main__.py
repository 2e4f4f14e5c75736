"""A worker is killed (kill -9) at every step of writing and sending mail, alone and beside a second, on both databases.

    python -m bench.posting [--save]

A step is a commit, or the moment before a mail is handed to a real SMTP server, or the one between that server's 250
and our commit. After each death another worker goes on; then each reminder was written once, each step it tells of was
noted once, each mail arrived, and one of unknown outcome at most twice, under the same Message-ID. Exit status 1 when
it is not so. `--save` writes the table to RESULT.md beside this file.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from aiosmtpd.controller import Controller
from sqlalchemy import func, select, update

from bench.deaths import run
from bench.machine import machine
from bench.pages.server import free_port
from tests import make
from tests.clients.mail.servers import Keeping, stop_quietly
from tests.databases import make_template
from tests.sync.dying import Steps, fork, was_killed
from tracker import clock, create_app
from tracker.clients.mail import OutgoingMail
from tracker.clients.mail_url import mail_client
from tracker.clients.memory import MemoryClient
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.mailing.jobs import deliver_due
from tracker.mailing.operations import LEASE
from tracker.models import ActionEvent, ActionItem, ActionState, Message, MessageState, Reminder
from tracker.queue import immediate_queue
from tracker.reminders.jobs import write_reminders
from tracker.security import Vault
from tracker.wiring import Wiring

NAMES = ("Ana", "Bo", "Cleo")
"""Two who owe an item each, and who leads their team and hears of both."""
STEPS_TOLD = 4
AFTER = LEASE + timedelta(minutes=1)
"""When another worker takes up what a dead one left."""


@dataclass(frozen=True)
class Deaths:
    database: str
    workers: int
    turns: int
    killed: int
    mails: int
    twice: int
    """Mails that arrived a second time, which their Message-ID tells."""
    seconds: float
    wrong: tuple[str, ...]


class Stepping:
    """The client of the real server; handing a mail over is a step before, and one after the server took it."""

    def __init__(self, url: str, *, steps: Steps) -> None:
        self._client, self._steps = mail_client(url, outbox=Path()), steps

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:
        self._steps.take()
        self._client.send(mail, now=now)
        self._steps.take()

    def check(self) -> list[str]:
        return self._client.check()


@dataclass
class Scene:
    steps: Steps
    kept: Keeping
    now: datetime = make.NOW

    def prepare(self) -> None:
        """The next working day, on which two people owe one new item each since nine days, and nothing else."""
        self.now = datetime.combine(self.now.date() + timedelta(days=1), make.NOW.time(), UTC)
        while self.now.isoweekday() > 5:
            self.now += timedelta(days=1)
        self.set_clock()
        with transaction():
            session.execute(
                update(ActionItem).values(state=ActionState.VERIFIED, done_at=self.now, verified_at=self.now)
            )
        for owner_id in (1, 2):
            make.action(f"By {self.due_on}", owner_id=owner_id, team_id=1, due_on=self.due_on)

    @property
    def due_on(self) -> date:
        """Long enough ago for who leads the team to be told."""
        return self.now.date() - timedelta(days=9)

    def set_clock(self) -> None:
        moment = self.now
        clock.utcnow = lambda: moment

    def work(self) -> None:
        write_reminders(self.now)
        session.rollback()
        deliver_due(self.now)

    def dies(self, step: int, *, workers: int) -> bool:
        """Whether the first of the workers, who begin at once, was killed at that step; a second comes to its end."""
        first, *others = [fork(self.work, steps=self.steps, dies_at=None if n else step) for n in range(workers)]
        has_died = was_killed(first)
        assert not any(was_killed(other) for other in others)
        return has_died

    def recover(self) -> None:
        for _look in range(2):
            self.now += AFTER
            self.set_clock()
            self.work()
            session.rollback()

    def assert_all_arrived(self) -> None:
        session.rollback()
        of_today = Message.period == self.now.date().isoformat()
        rows = session.execute(select(Message.person_id, Message.state).where(of_today)).all()
        assert sorted(rows) == [(number + 1, MessageState.SENT) for number in range(len(NAMES))], rows
        told = select(func.count()).select_from(Reminder).where(Reminder.period.contains(self.due_on.isoformat()))
        assert session.scalar(told) == STEPS_TOLD, "Each step is noted once."
        events = select(func.count()).select_from(ActionEvent).join(ActionItem, ActionItem.id == ActionEvent.action_id)
        assert session.scalar(events.where(ActionItem.due_on == self.due_on)) == STEPS_TOLD, "In the history too."

    def arrived(self) -> Counter[str]:
        return Counter(str(mail["Message-ID"]) for mail in self.kept.messages)


def kill_at_every_step(database_name: str, url: str, *, workers: int, steps: int) -> Deaths:
    began, wrong, step, killed = time.perf_counter(), list[str](), 0, 0
    with scene_on(url) as scene:
        for step in range(1, steps + 1):
            scene.prepare()
            has_died = scene.dies(step, workers=workers)
            try:
                scene.recover()
                scene.assert_all_arrived()
            except AssertionError as error:
                wrong.append(f"{database_name}, {workers} at work, killed at step {step}: {error}")
            killed += has_died
            if not has_died and workers == 1:
                break
        arrived = scene.arrived()
    mails, most = step * len(NAMES), max(arrived.values())
    if len(arrived) != mails or most > 2:
        wrong.append(f"{database_name}, {workers} at work: {len(arrived)} of {mails} arrived, one {most} times")
    twice = sum(times > 1 for times in arrived.values())
    return Deaths(database_name, workers, step, killed, mails, twice, time.perf_counter() - began, tuple(wrong))


@contextmanager
def scene_on(url: str) -> Iterator[Scene]:
    kept, steps = Keeping(), Steps()
    server = Controller(kept, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        with tempfile.TemporaryDirectory() as name:
            make_template(url, Path(name))
            settings = Settings(
                instance_path=Path(name), database_url=url, secret_key=make.SECRET, timezone=ZoneInfo("UTC")
            )
            post = Stepping(f"smtp://127.0.0.1:{server.port}", steps=steps)
            wiring = Wiring(
                mail=post,
                queue=immediate_queue(),
                vault=Vault(make.SECRET),
                ticket_client=lambda _access: MemoryClient(now=clock.utcnow),
            )
            with create_app(settings, wiring).app_context():
                for one in NAMES:
                    make.person(one)
                make.team(lead_id=len(NAMES))
                yield Scene(steps, kept)
                session.remove()
                database.engine.dispose()
    finally:
        stop_quietly(server)


def report(found: Sequence[Deaths]) -> str:
    lines = [
        "# What a worker leaves behind that is killed while it writes and sends mail",
        "",
        f"`python -m bench.posting --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        "At each step (a commit, the moment before a mail goes to a real SMTP server, the one between its 250 and our",
        "commit) the worker is killed with -9, and another goes on. Then each of three people has one reminder of the",
        f"day, its mail arrived, and the {STEPS_TOLD} steps that they tell of are noted once. Only where the 250 was",
        "lost may a mail arrive twice, under the same Message-ID (docs/decisions/010).",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "Beside a second worker the first may come to its end before its step: the other did the work.",
        "",
        "| database | workers at once | steps | killed | mails | of them twice | wrong | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.database} | {one.workers} | {one.turns} | {one.killed} | {one.mails} | {one.twice} | {len(one.wrong)} "
        f"| {one.seconds:.0f} |"
        for one in found
    ]
    return "\n".join([*lines, *(f"\n{wrong}" for one in found for wrong in one.wrong)]) + "\n"


if __name__ == "__main__":
    sys.exit(run(kill_at_every_step, report=report, bench=Path(__file__).parent, about=__doc__))
