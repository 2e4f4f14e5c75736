"""Background jobs: the only import of Huey. Rows say what is due; a queued task only makes it quick."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from flask import Flask, current_app
from huey import Huey, MemoryHuey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy import or_, update
from sqlalchemy.engine import make_url

from tracker import clock
from tracker.config import Settings
from tracker.db import make_private_file, session, transaction
from tracker.errors import RuleError
from tracker.logs import begin_job
from tracker.models import JobRun

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Work that rows ask for. ``run`` does all that is due and may be repeated or run twice at once."""

    name: str
    run: Callable[[datetime], object]
    minutes: int = 1
    """How often the sweep runs that finds whatever a signal missed; 1 to 60."""


class Queue:
    """The jobs of one application and the Huey that wakes them."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self.jobs: list[Job] = []
        self._tasks: dict[str, Callable[[], Any]] = {}

    def register(self, app: Flask, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._register(app, job)

    def _register(self, app: Flask, job: Job) -> None:
        def run() -> None:
            with app.app_context():
                run_job(job)

        self.jobs.append(job)
        self._tasks[job.name] = self.huey.task(name=job.name)(run)

        def sweep() -> None:
            with app.app_context():
                if takes_period(job, now=clock.utcnow()):
                    run_job(job)

        every = crontab(minute=f"*/{job.minutes}") if job.minutes < 60 else crontab(minute="0")
        self.huey.periodic_task(every, name=f"sweep {job.name}")(sweep)

    def wake(self, name: str) -> None:
        """Ask for a job soon. A queue that cannot be reached costs time, never work: the sweep finds it."""
        if name not in self._tasks:
            log.error("There is no job named %s.", name)
            return
        try:
            self._tasks[name]()
        except (sqlite3.Error, psycopg.Error, OSError):
            log.warning("The queue did not take %s; the next sweep will.", name, exc_info=True)

    def problem(self) -> str | None:
        """Why the queue cannot be reached; ``None`` when it can."""
        try:
            self.huey.pending_count()
        except (sqlite3.Error, psycopg.Error, OSError) as error:
            return str(error) or type(error).__name__
        return None

    def consumer(self, *, workers: int, patience: float) -> Consumer:
        """What runs the jobs in ``workers`` threads; SIGTERM gives the jobs in hand ``patience`` seconds to end."""
        return self.huey.create_consumer(
            workers=workers,
            worker_type="thread",
            check_worker_health=True,
            max_delay=LISTENS_EVERY,
            graceful_signal="TERM",
            shutdown_timeout=patience,
        )


CLOCKS_DIFFER = timedelta(minutes=10)
"""A moment this much earlier than the period that was taken last is that of a clock that was put back."""
EARLY = timedelta(seconds=5)
"""How much sooner a sweep may begin than its minutes after the one before: threads are not always free at once."""
LISTENS_EVERY = 1.0
"""Seconds between two looks into a queue in a file; Huey's own 10 are how long a bell would go unheard at night."""


def takes_period(job: Job, *, now: datetime) -> bool:
    """Whether the sweep of this period is ours: every worker is asked for it, and the first one does it.

    A period begins when it is taken. Were it the minute on the clock, a sweep that began late in one would be
    left out of the next. Whoever takes it and dies leaves it to the next period, as a bell that nobody heard would be.
    """
    over = now - timedelta(minutes=job.minutes) + EARLY
    is_free = or_(JobRun.swept_for.is_(None), JobRun.swept_for <= over, JobRun.swept_for > now + CLOCKS_DIFFER)
    try:
        with transaction():
            taking = update(JobRun).where(JobRun.name == job.name, is_free).values(swept_for=now)
            if session.execute(taking.returning(JobRun.name)).first():
                return True
            if session.get(JobRun, job.name):
                return False
            session.add(JobRun(name=job.name, started_at=now, swept_for=now))
    except RuleError:  # another worker wrote the first row at the same moment
        return False
    return True


def run_job(job: Job) -> None:
    """Run one job and note when it began, when it last ended well and what went wrong."""
    begin_job(job.name)
    started = clock.utcnow()
    try:
        job.run(started)
    except Exception as error:  # whatever it was: noted for the health page, then raised again
        session.rollback()
        _note_run(job.name, started=started, error=str(error) or type(error).__name__)
        raise
    else:
        _note_run(job.name, started=started, error="")
    finally:
        session.remove()


def _note_run(name: str, *, started: datetime, error: str) -> None:
    with transaction():
        row = session.get(JobRun, name) or JobRun(name=name, started_at=started)
        row.started_at = started
        row.last_error = error[:2000]
        row.runs = JobRun.runs + 1 if row in session else 1  # another worker may count at the same moment
        if error:
            row.failures = JobRun.failures + 1 if row in session else 1
        else:
            row.succeeded_at = clock.utcnow()
        session.add(row)


def wake(name: str) -> None:
    """Ask for a job of the present application soon. Call it after the transaction."""
    queue: Queue = current_app.extensions["followthrough.queue"]
    queue.wake(name)


def make_queue(settings: Settings) -> Queue:
    """The queue follows the database: a file beside SQLite, tables in PostgreSQL."""
    if settings.is_sqlite:
        path = settings.instance_path / "queue.db"
        make_private_file(path)
        return Queue(SqliteHuey("followthrough", filename=str(path), results=False))
    url = make_url(settings.database_url).set(drivername="postgresql")
    return Queue(PostgresHuey("followthrough", dsn=url.render_as_string(hide_password=False), results=False))


def immediate_queue() -> Queue:
    """A queue for tests that keeps what it is asked in memory and runs nothing by itself."""
    return Queue(MemoryHuey("followthrough", immediate=False, results=False))
