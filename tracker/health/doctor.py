"""The doctor: looks at one thing after the other, and says of each what is so and what to do."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from tracker import words
from tracker.config import Settings
from tracker.db import session
from tracker.freshness import is_old
from tracker.health import queries
from tracker.health.findings import Finding, ok, wrong
from tracker.health.jobs_seen import PATIENCE
from tracker.health.surroundings import (
    LOCAL_HOSTS,
    OTHERS_MAY_READ,
    administrator_finding,
    disk_finding,
    encryption_finding,
    free_space,
    outbox_finding,
    privacy_finding,
    sign_in_findings,
    webhook_finding,
)
from tracker.lookup import active_trackers
from tracker.migrating import is_current
from tracker.models import JobRun, Tracker
from tracker.wiring import Wiring

CLOCK_SLACK = timedelta(seconds=30)
BUILT_IN = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock that is right shows an earlier time than the one in which this program was written."""


def examine(settings: Settings, *, wiring: Wiring, now: datetime) -> Iterator[Finding]:
    """Look at everything. Without a usable database, the things that need none."""
    found = database_findings()
    yield from found
    yield queue_finding(wiring)
    yield from mail_findings(wiring)
    if all(finding.is_ok for finding in found):
        yield from job_findings(queries.job_runs(), wiring=wiring, now=now)
        yield from tracker_findings(active_trackers(), now=now)
        yield clock_finding(now, database_time=queries.database_time)
        yield administrator_finding(queries.count_administrators())
        yield webhook_finding(queries.count_failed_posts())
    yield from sign_in_findings(settings.oidc, wiring=wiring)
    yield address_finding(settings)
    yield encryption_finding(settings)
    yield outbox_finding(settings)
    yield secret_finding(settings)
    yield privacy_finding(settings)
    yield instance_finding(settings.instance_path)
    yield disk_finding(free_space(settings.instance_path), path=settings.instance_path)


def database_findings() -> list[Finding]:
    try:
        current = is_current()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return [wrong("database", f"It cannot be reached ({reason}). Check DATABASE_URL and that it runs.")]
    reached = ok("database", f"{session.get_bind().dialect.name} answers.")
    if current:
        return [reached, ok("migrations", "The tables are up to date.")]
    return [reached, wrong("migrations", "The tables are not up to date. Run `followthrough db upgrade`.")]


def queue_finding(wiring: Wiring) -> Finding:
    problem = wiring.queue.problem()
    if problem:
        return wrong("queue", f"It cannot be reached ({problem}). Work is late, not lost: check the database and disk.")
    return ok("queue", "It takes work.")


def mail_findings(wiring: Wiring) -> list[Finding]:
    problems = wiring.mail.check()
    return [wrong("mail", problem) for problem in problems] or [ok("mail", "It can be sent.")]


def job_findings(runs: dict[str, JobRun], *, wiring: Wiring, now: datetime) -> Iterator[Finding]:
    """Jobs as they were seen. How long the program is up is not known here: the other jobs tell that one is early."""
    somebody_works = any(run.succeeded_at and now - run.succeeded_at <= PATIENCE for run in runs.values())
    for job in wiring.queue.jobs:
        run = runs.get(job.name)
        if run is None and job.minutes > 1 and somebody_works:
            yield ok("jobs", f"{job.name} was not due yet: it runs every {job.minutes} minutes.")
        elif run is None or run.succeeded_at is None:
            yield wrong("jobs", f"{job.name} never ran to its end. Is `followthrough worker` (or `serve`) running?")
        elif now - run.succeeded_at > PATIENCE + timedelta(minutes=job.minutes):
            reason = f" It said: {run.last_error.splitlines()[0]}" if run.last_error else ""
            yield wrong(
                "jobs",
                f"{job.name} last ended well {words.relative(run.succeeded_at, now)}. Look at the worker.{reason}",
            )
        else:
            yield ok("jobs", f"{job.name} ended well {words.relative(run.succeeded_at, now)}.")


def tracker_findings(trackers: Sequence[Tracker], *, now: datetime) -> list[Finding]:
    """Whether each was read lately, and whether what is named of it was there when it was last asked."""
    lacking = queries.mapping_problems()
    return [
        *(tracker_finding(tracker, now=now) for tracker in trackers),
        *(
            wrong("tracker", f"{tracker.name}: {sentence} See Settings, Sync health.")
            for tracker in trackers
            for sentence in [*tracker.setup_problems.splitlines(), *lacking.get(tracker.id, [])]
        ),
    ]


def tracker_finding(tracker: Tracker, *, now: datetime) -> Finding:
    hint = f"Run `followthrough tracker check {tracker.slug}`."
    if tracker.read_at is None:
        return wrong("tracker", f"{tracker.name} was never read. {hint}")
    if is_old(tracker.read_at, now=now):
        return wrong("tracker", f"{tracker.name} was last read {words.relative(tracker.read_at, now)}. {hint}")
    return ok("tracker", f"{tracker.name} was read {words.relative(tracker.read_at, now)}.")


def clock_finding(now: datetime, *, database_time: Callable[[], datetime]) -> Finding:
    apart = abs(database_time() - now)
    if now < BUILT_IN:
        return wrong("clock", f"It shows {words.moment_text(now, UTC)}. Set this machine's clock, best with NTP.")
    if apart > CLOCK_SLACK:
        return wrong(
            "clock", f"This machine and the database are {words.duration(apart)} apart. Set both clocks, best with NTP."
        )
    return ok("clock", "It is right, and the database agrees.")


def address_finding(settings: Settings) -> Finding:
    is_local = (urlsplit(settings.base_url).hostname or "") in LOCAL_HOSTS
    if is_local and settings.mail_url.startswith("smtp"):
        return wrong("address", f"Mails go out with links to {settings.base_url}, which works only here. Set BASE_URL.")
    return ok("address", f"Links begin with {settings.base_url}.")


def secret_finding(settings: Settings) -> Finding:
    path = settings.instance_path / "secret_key"
    if not path.is_file():
        return ok("secret key", "It comes from SECRET_KEY.")
    if path.stat().st_mode & OTHERS_MAY_READ:
        return wrong("secret key", f"Others on this machine can read it. Run `chmod 600 {path}`.")
    return ok("secret key", "Only the program's user can read it.")


def instance_finding(path: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=path):
            return ok("instance", f"{path} can be written.")
    except OSError as error:
        return wrong("instance", f"{path} cannot be written ({error.strerror}). Give it to the program's user.")
