"""The background jobs of this feature."""

from datetime import datetime

from tracker import clock
from tracker.db import session
from tracker.queue import Job
from tracker.sync import queries
from tracker.sync.pulling import pull_from
from tracker.sync.pushing import push_to
from tracker.sync.rounds import Round


def push_due(_now: datetime) -> list[Round]:
    """Make the tickets that are asked for. The clock is read again for each, as one call may take a minute."""
    rounds = []
    for tracker_id, name in queries.trackers_to_push(now=clock.utcnow()):
        session.rollback()
        rounds.append(Round(name))
        push_to(tracker_id, rounds[-1])
    return rounds


def pull_due(_now: datetime) -> list[Round]:
    """Read every tracker whose turn it is."""
    rounds = []
    for tracker_id, name in queries.trackers_to_pull():
        session.rollback()
        rounds.append(Round(name))
        pull_from(tracker_id, rounds[-1])
    return rounds


JOBS: tuple[Job, ...] = (
    Job("sync.push", push_due, minutes=1),
    Job("sync.pull", pull_due, minutes=5),
)
