"""Reads of what the health pages judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, func, select

from tracker.db import session
from tracker.models import (
    FieldMapping,
    JobRun,
    Message,
    MessageState,
    Person,
    PostState,
    Push,
    PushState,
    Role,
    Tracker,
    Webhook,
    WebhookPost,
)


@dataclass(frozen=True)
class Work:
    """What one kind of outside work still has to do, by state in the words of monitoring."""

    name: str
    counts: Mapping[str, int]
    due_since: datetime | None
    """When the first of what waits was due; later than now when none is due yet, ``None`` when nothing waits."""

    def overdue(self, now: datetime) -> timedelta:
        return max(now - self.due_since, timedelta()) if self.due_since else timedelta()


WAITING = "waiting"
MESSAGE_STATES = {
    MessageState.PENDING: WAITING,
    MessageState.SENDING: "sending",
    MessageState.FAILED: "failed",
}
PUSH_STATES = {
    PushState.PENDING: WAITING,
    PushState.SENT: "sending",
    PushState.UNKNOWN: "unknown",
    PushState.FAILED: "failed",
}
POST_STATES = {
    PostState.PENDING: WAITING,
    PostState.SENDING: "sending",
    PostState.FAILED: "failed",
}


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


def mapping_problems() -> dict[int, list[str]]:
    """What the mappings of each tracker lacked when they were last checked."""
    query = select(FieldMapping.tracker_id, FieldMapping.problems).where(FieldMapping.problems != "")
    found: dict[int, list[str]] = {}
    for row in session.execute(query.order_by(FieldMapping.id)):
        found.setdefault(row.tracker_id, []).extend(row.problems.splitlines())
    return found


def work_not_through() -> list[Work]:
    """Messages, tickets and webhooks: how many wait, are under way or failed. A statement each, along an index."""
    messages = select(Message.state, func.count(), func.min(Message.run_after)).where(Message.state.in_(MESSAGE_STATES))
    pushes = select(Push.state, func.count(), func.min(Push.run_after)).join(Tracker)
    posts = select(WebhookPost.state, func.count(), func.min(WebhookPost.run_after)).join(Webhook)
    return [
        _work("message", messages.group_by(Message.state), MESSAGE_STATES),
        _work(
            "ticket",
            pushes.where(Push.state.in_(PUSH_STATES), Push.abandoned_at.is_(None), Tracker.is_active).group_by(
                Push.state
            ),
            PUSH_STATES,
        ),
        _work(
            "webhook",
            posts.where(WebhookPost.state.in_(POST_STATES), Webhook.is_active).group_by(WebhookPost.state),
            POST_STATES,
        ),
    ]


def _work(name: str, query: Executable, states: Mapping[Any, str]) -> Work:
    counts = dict.fromkeys(states.values(), 0)
    due_since = None
    for state, count, first_due in session.execute(query):
        counts[states[state]] = count
        if states[state] == WAITING:
            due_since = first_due
    return Work(name, counts, due_since)
