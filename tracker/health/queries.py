"""Reads of what the health pages judge."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from tracker.db import session
from tracker.models import JobRun


def job_runs() -> dict[str, JobRun]:
    """The last run of each job, by name."""
    return {run.name: run for run in session.scalars(select(JobRun).order_by(JobRun.name))}


def database_time() -> datetime:
    """The database's own clock; SQLite has the one of this machine, in whole seconds and UTC."""
    moment: datetime | None = session.scalar(select(func.now()))
    if moment is None:
        raise RuntimeError("The database did not say what time it is.")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
