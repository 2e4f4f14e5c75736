"""Each night: whether stored mappings still fill all that trackers require, and named states are still there."""

from datetime import datetime

from sqlalchemy import select

from tracker import clock
from tracker.clients.failures import ClientError
from tracker.clients.tickets import TicketClient
from tracker.db import session, transaction
from tracker.models import FieldMapping, Tracker, TrackerKind
from tracker.sync.access import client_for_round
from tracker.sync.mappings import operations as mapping_operations
from tracker.sync.mappings.repository_checks import check_repositories
from tracker.sync.mappings.state_checks import check_setup, trackers_to_ask
from tracker.sync.pacing.breaker import BreakerState
from tracker.sync.pacing.breaking import breaker_of
from tracker.sync.pacing.pauses import full_reading_is_due
from tracker.sync.pacing.rounds import Round
from tracker.sync.reading.operations import is_resting
from tracker.wiring import settings


def trackers_to_check(*, now: datetime) -> list[tuple[int, str]]:
    """The trackers whose settings, or a mapping of theirs, were not checked since last night, by id and name."""
    query = (
        select(Tracker.id, Tracker.name, FieldMapping.checked_at)
        .join(FieldMapping, FieldMapping.tracker_id == Tracker.id)
        .where(Tracker.is_active)
        .order_by(Tracker.id)
    )
    zone = settings().timezone
    rows = session.execute(query)
    due = {row.id: row.name for row in rows if full_reading_is_due(row.checked_at, now=now, zone=zone)}
    return list((due | dict(trackers_to_ask(now=now))).items())


def check_in(tracker_id: int, round_: Round) -> None:
    """Check every mapping of a tracker. One that cannot be checked this time keeps what was last known of it."""
    tracker, now = session.get_one(Tracker, tracker_id), clock.utcnow()
    if is_resting(tracker, now=now) or breaker_of(tracker, now=now) is not BreakerState.CLOSED:
        return
    is_github = tracker.kind is TrackerKind.GITHUB
    with client_for_round(tracker_id) as client:
        if is_github:
            check_repositories(session.get_one(Tracker, tracker_id), client=client, round_=round_)
            return
        check_setup(session.get_one(Tracker, tracker_id), client=client, round_=round_)
        _check_fields(tracker_id, client=client, round_=round_)


def _check_fields(tracker_id: int, *, client: TicketClient, round_: Round) -> None:
    query = select(FieldMapping.id, FieldMapping.target, FieldMapping.kind)
    rows = session.execute(query.where(FieldMapping.tracker_id == tracker_id).order_by(FieldMapping.id)).all()
    session.rollback()
    for row in rows:
        try:
            fields = client.fields(row.target, kind=row.kind)
        except ClientError as error:
            round_.problems.append(f"{row.target}: {error.message}")
            if error.permanent:
                _note(row.id, [error.message])
            continue
        with transaction():
            mapping = session.get_one(FieldMapping, row.id)
            mapping.problems = "\n".join(mapping_operations.problems_of(mapping, fields=fields))
            mapping.checked_at = clock.utcnow()


def _note(mapping_id: int, problems: list[str]) -> None:
    with transaction():
        mapping = session.get_one(FieldMapping, mapping_id)
        mapping.problems, mapping.checked_at = "\n".join(problems), clock.utcnow()
