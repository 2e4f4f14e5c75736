"""``/metrics``: who may read it, and its text."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from flask import Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from tracker.db import session
from tracker.health import queries
from tracker.health.gauges import Gauges, database_gauge, job_gauges, run_counters, tracker_gauges, work_gauges
from tracker.health.jobs_seen import JobSeen
from tracker.health.requests_counted import requests_counted
from tracker.lookup import active_trackers
from tracker.security import same


def refusal(token: str) -> Response | None:
    """What somebody gets who may not read it: without a token it is off, with one it needs the right one."""
    if not token:
        return Response("Set METRICS_TOKEN to switch this on.\n", 404, mimetype="text/plain")
    given = request.authorization
    if given is not None and given.type == "bearer" and same(given.token or "", token):
        return None
    return Response(
        "Send METRICS_TOKEN as a bearer token.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain"
    )


def metrics_answer(*, jobs: Callable[[], Sequence[JobSeen]], now: datetime) -> Response:
    """Everything at one moment; without the database, what this process knows by itself."""
    registry = CollectorRegistry()
    registry.register(Gauges([*requests_counted().collect(), *_read(jobs, now=now)]))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _read(jobs: Callable[[], Sequence[JobSeen]], *, now: datetime) -> list[Metric]:
    try:
        return [database_gauge(is_up=True), *_of_the_rows(jobs(), now=now)]
    except SQLAlchemyError:
        session.rollback()
        current_app.logger.exception("The database cannot be reached.")
        return [database_gauge(is_up=False)]


def _of_the_rows(jobs: Sequence[JobSeen], *, now: datetime) -> Iterator[Metric]:
    yield from job_gauges(jobs)
    yield from run_counters(queries.job_runs().values())
    yield from work_gauges(queries.work_not_through(), now=now)
    yield from tracker_gauges(active_trackers())
