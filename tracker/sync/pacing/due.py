"""Which trackers have work: something to be written to them, or their turn to be read."""

from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.models import Push, Tracker
from tracker.sync.making.operations import is_due
from tracker.sync.pacing.breaking import may_be_written_to
from tracker.sync.telling.comment_operations import has_comments, has_reasons
from tracker.sync.telling.operations import has_writing


def trackers_to_push(*, now: datetime) -> list[tuple[int, str]]:
    """The trackers that something is to be written to, by id and name."""
    query = select(Tracker).where(may_be_written_to(now)).order_by(Tracker.id)
    return [(tracker.id, tracker.name) for tracker in session.scalars(query) if _has_work(tracker, now=now)]


def _has_work(tracker: Tracker, *, now: datetime) -> bool:
    waiting = select(Push.id).where(Push.tracker_id == tracker.id, is_due(now)).limit(1)
    if session.scalar(waiting) is not None or has_writing(tracker, now=now):
        return True
    return has_comments(tracker, now=now) or has_reasons(tracker)


def trackers_to_pull() -> list[tuple[int, str]]:
    query = select(Tracker.id, Tracker.name).where(Tracker.is_active).order_by(Tracker.id)
    return [(row.id, row.name) for row in session.execute(query)]
