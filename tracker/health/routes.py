"""Whether everything runs: for load balancers and monitoring, without a word that is not public."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.health import queries
from tracker.health.jobs_seen import JobSeen, JobState, look_at
from tracker.health.metrics import metrics_answer, refusal
from tracker.migrating import is_current, is_newer
from tracker.security import own_check, public
from tracker.wiring import settings, wiring

blueprint = Blueprint("health", __name__)
UP_SINCE = "followthrough.up_since"


@blueprint.record_once
def note_start(state: BlueprintSetupState) -> None:
    state.app.extensions[UP_SINCE] = clock.utcnow()


@blueprint.app_context_processor
def tell_pages() -> dict[str, Callable[[], list[JobSeen]]]:
    """What every page of an administrator asks: one statement, so that work which stands still is seen at once."""
    return {"stopped_jobs": stopped_jobs}


def stopped_jobs() -> list[JobSeen]:
    """The jobs that should have ended well by now and did not, those of the longest standstill first."""
    late = [job for job in jobs_seen(now=clock.utcnow()) if job.state is JobState.LATE]
    return sorted(late, key=lambda job: (job.succeeded_at is not None, job.succeeded_at, job.name))


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The web process answers; nothing else is asked."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """503 when the database is away or not up to date, or when a job is late.

    A newer database is no reason to close: so it is while one process after the other is replaced.
    How long work has waited is told and judged by nobody here: a tracker that is away must not close the pages.
    """
    now = clock.utcnow()
    try:
        is_ahead = not is_current()
        if is_ahead and not is_newer():
            return jsonify(ready=False, database="not up to date", jobs=[], work=[]), 503
        seen = jobs_seen(now=now)
        works = queries.work_not_through()
    except SQLAlchemyError:
        current_app.logger.exception("The database cannot be reached.")
        return jsonify(ready=False, database="not reached", jobs=[], work=[]), 503
    is_ready = all(job.state is not JobState.LATE for job in seen)
    shown = [{"name": job.name, "state": job.state, "succeeded_at": _text(job.succeeded_at)} for job in seen]
    waiting = [{"name": work.name, "oldest_due_seconds": round(work.overdue(now).total_seconds())} for work in works]
    database = "newer than this program" if is_ahead else "up to date"
    return jsonify(ready=is_ready, database=database, jobs=shown, work=waiting), 200 if is_ready else 503


@blueprint.get("/metrics")
@own_check
def metrics() -> ResponseReturnValue:
    """For Prometheus, with the token of the settings."""
    now = clock.utcnow()
    return refusal(settings().metrics_token) or metrics_answer(jobs=lambda: jobs_seen(now=now), now=now)


def jobs_seen(*, now: datetime) -> list[JobSeen]:
    up_since: datetime = current_app.extensions[UP_SINCE]
    return look_at(wiring().queue.jobs, runs=queries.job_runs(), up_since=up_since, now=now)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
