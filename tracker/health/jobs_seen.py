"""Whether the background jobs run: judged by when each last ended well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.models import JobRun
from tracker.queue import Job

PATIENCE = timedelta(minutes=15)
"""How long a job may fail or not be seen before somebody should look."""


class JobState(StrEnum):
    RUNNING = "running"
    LATE = "late"
    NOT_SEEN_YET = "not seen yet"
    """It has not run, and the program has not been up for long enough to worry."""


@dataclass(frozen=True)
class JobSeen:
    name: str
    state: JobState
    succeeded_at: datetime | None


def look_at(jobs: Sequence[Job], *, runs: Mapping[str, JobRun], up_since: datetime, now: datetime) -> list[JobSeen]:
    """The state of each job, in the order of their names."""
    return [
        _look(job, runs.get(job.name), up_since=up_since, now=now) for job in sorted(jobs, key=lambda job: job.name)
    ]


def _look(job: Job, run: JobRun | None, *, up_since: datetime, now: datetime) -> JobSeen:
    patience = PATIENCE + timedelta(minutes=job.minutes if job.minutes > 1 else 0)
    succeeded_at = run.succeeded_at if run else None
    if succeeded_at is not None and now - succeeded_at <= patience:
        state = JobState.RUNNING
    elif now - up_since <= patience:
        state = JobState.NOT_SEEN_YET
    else:
        state = JobState.LATE
    return JobSeen(job.name, state, succeeded_at)
