"""Reads of what the health pages judge."""

from datetime import UTC, datetime

from sqlalchemy import func, select

from tracker.db import session
from tracker.models import JobRun, Person, PostState, Role, Webhook, WebhookPost


def job_runs() -> dict[str, JobRun]:
    """The last run of each job, by name."""
    return {run.name: run for run in session.scalars(select(JobRun).order_by(JobRun.name))}


def database_time() -> datetime:
    """The database's own clock; SQLite has the one of this machine, in whole seconds and UTC."""
    moment: datetime | None = session.scalar(select(func.now()))
    if moment is None:
        raise RuntimeError("The database did not say what time it is.")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def count_administrators() -> int:
    """How many could sign in."""
    can = select(func.count()).select_from(Person).where(Person.role == Role.ADMIN, Person.is_active)
    return session.scalar(can) or 0


def count_failed_posts() -> int:
    """Of webhooks that are on: what could not be delivered and nobody has looked at."""
    failed = select(func.count()).select_from(WebhookPost).join(Webhook)
    return session.scalar(failed.where(Webhook.is_active, WebhookPost.state == PostState.FAILED)) or 0
