"""Background jobs: a bell that may be missed, a note of each run, and a worker that ends its job before it ends."""

import contextlib
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

import tracker
from tests.processes import free_port, running, wait_for_page
from tracker.config import Settings
from tracker.db import session
from tracker.models import JobRun
from tracker.paths import CHECKOUT
from tracker.queue import Job, Queue, make_queue, run_job, takes_period, wake

PATIENCE = 30.0


def until(look: Callable[[], bool], *, what: str) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < give_up_at, f"Still not: {what}."
        time.sleep(0.05)


def runs() -> dict[str, JobRun]:
    session.rollback()
    return {row.name: row for row in session.scalars(select(JobRun))}


def test_a_run_is_noted(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)

    run_job(Job(name="test.good", run=lambda _now: None))

    assert (runs()["test.good"].succeeded_at, runs()["test.good"].last_error) == (now, "")


def test_a_failure_is_noted_and_raised(app: Flask) -> None:
    def fail(_now: datetime) -> None:
        raise ValueError("The disk is full.")

    with pytest.raises(ValueError, match="disk is full"):
        run_job(Job(name="test.bad", run=fail))

    assert (runs()["test.bad"].succeeded_at, runs()["test.bad"].last_error) == (None, "The disk is full.")
    assert (runs()["test.bad"].runs, runs()["test.bad"].failures) == (1, 1)


def test_runs_and_failures_are_counted(app: Flask) -> None:
    endings = iter([None, ValueError(), None])

    def run(_now: datetime) -> None:
        if error := next(endings):
            raise error

    for _ in range(3):
        with contextlib.suppress(ValueError):
            run_job(Job(name="test.mixed", run=run))

    assert (runs()["test.mixed"].runs, runs()["test.mixed"].failures) == (3, 1)


def test_a_period_is_swept_once_however_many_workers_are_asked(app: Flask, now: datetime) -> None:
    job = Job(name="test.swept", run=lambda _now: None, minutes=5)
    moments = [0, 4.9, 5, 3, 1500, 1440, 1440.5]
    """Minutes later: the same period, the next, a clock that is behind, one that jumps a day, and back an hour."""

    taken = [takes_period(job, now=now + timedelta(minutes=minutes)) for minutes in moments]

    assert taken == [True, False, True, False, True, True, False]


def test_no_sweep_is_left_out_because_the_one_before_it_began_late(app: Flask, now: datetime) -> None:
    job = Job(name="test.swept", run=lambda _now: None, minutes=1)
    seconds = [0, 59, 115, 180, 239]
    """Asked for a minute apart; a thread is free for each a little later. The third is in the minute of the second."""

    taken = [takes_period(job, now=now + timedelta(seconds=second)) for second in seconds]

    assert taken == [True, True, True, True, True]


def test_every_name_that_the_code_wakes_is_a_job(app: Flask) -> None:
    source = "\n".join(path.read_text() for path in Path(tracker.__file__).parent.rglob("*.py"))
    woken = {line.split('"')[1] for line in source.splitlines() if 'wake("' in line}
    queue: Queue = app.extensions["followthrough.queue"]

    assert len(woken) > 3
    assert woken <= {job.name for job in queue.jobs}


def test_a_queue_out_of_reach_costs_time_but_never_the_page(
    app: Flask, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app.extensions["followthrough.queue"] = queue = queue_in_a_lost_folder(settings, tmp_path)
    queue.register(app, [Job(name="test.job", run=lambda _now: None)])

    with caplog.at_level(logging.WARNING, logger="tracker.queue"):
        wake("test.job")

    assert "The queue did not take test.job; the next sweep will." in caplog.text
    assert "unable to open" in (queue.problem() or "")


def queue_in_a_lost_folder(settings: Settings, folder: Path) -> Queue:
    lost = folder / "lost"
    lost.mkdir()
    queue = make_queue(replace(settings, database_url="sqlite:///any.db", instance_path=lost))
    queue.huey.storage.close()
    shutil.rmtree(lost)
    return queue


SLOW_WORKER = """
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tracker import create_app
from tracker.queue import Job
from tracker.serving import run_worker

app = create_app()

def slow(now: datetime) -> None:
    Path("began").touch()
    time.sleep(2)
    Path("ended").touch()

queue = app.extensions["followthrough.queue"]
queue.register(app, [Job(name="test.slow", run=slow)])
with app.app_context():
    queue.wake("test.slow")
run_worker(app, workers=1)
"""


def environment(settings: Settings) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONWARNINGS": "error",
        "FOLLOWTHROUGH_INSTANCE_PATH": str(settings.instance_path),
        "FOLLOWTHROUGH_DATABASE_URL": settings.database_url,
    }


def test_a_worker_that_is_told_to_stop_ends_its_job_first(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with running([sys.executable, "-c", SLOW_WORKER], cwd=tmp_path, env=environment(settings)) as worker:
        until((tmp_path / "began").exists, what="the job begun")
        worker.terminate()
        status = worker.wait(timeout=PATIENCE)

    assert (tmp_path / "ended").exists()
    assert status == 0
    assert runs()["test.slow"].succeeded_at is not None


def test_a_killed_worker_is_started_again_and_ends_with_a_killed_server(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    port = free_port()
    serve = [sys.executable, "-m", "tracker", "serve", "--port", str(port)]
    with running(serve, cwd=tmp_path, env=environment(settings)) as server:
        wait_for_page(f"http://127.0.0.1:{port}/healthz", server)
        (first,) = children(server.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: children(server.pid) not in ([], [first]), what="a second worker")
        (second,) = children(server.pid)
        server.kill()
        until(lambda: not is_running(second), what="the second worker ended")


def children(number: int) -> list[int]:
    """Processes that ``number`` started and that have not ended, as Linux tells in /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended while we looked
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == number and state != "Z":
                found.append(int(stat.parent.name))
    return found


def is_running(number: int) -> bool:
    return Path(f"/proc/{number}").exists()
