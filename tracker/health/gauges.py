"""What the rows say of the work at one moment, as gauges for Prometheus: the same whichever process is asked."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from tracker.health.jobs_seen import JobSeen, JobState
from tracker.health.queries import Work
from tracker.models import JobRun, Tracker

Sample = tuple[tuple[str, ...], float]


class Gauges(Collector):
    """Gauges that were made already."""

    def __init__(self, gauges: Iterable[Metric]) -> None:
        self._gauges = list(gauges)

    def collect(self) -> Iterator[Metric]:
        yield from self._gauges


def database_gauge(*, is_up: bool) -> Metric:
    return _gauge("database_up", "1 when the database could be read for this answer.", [((), is_up)])


def job_gauges(jobs: Sequence[JobSeen]) -> Iterator[Metric]:
    yield _gauge(
        "job_last_success_timestamp_seconds",
        "When a background job last ended well, in any process.",
        [((job.name,), job.succeeded_at.timestamp()) for job in jobs if job.succeeded_at],
        labels=("job",),
    )
    yield _gauge(
        "job_late",
        "1 when a background job should have ended well by now and did not.",
        [((job.name,), job.state is JobState.LATE) for job in jobs],
        labels=("job",),
    )


def run_counters(runs: Iterable[JobRun]) -> Iterator[Metric]:
    ended = CounterMetricFamily("followthrough_job_runs", "Runs of a background job, in all processes.", labels=["job"])
    failed = CounterMetricFamily("followthrough_job_failures", "Those of them that went wrong.", labels=["job"])
    for run in runs:
        ended.add_metric([run.name], run.runs)
        failed.add_metric([run.name], run.failures)
    yield from (ended, failed)


def work_gauges(works: Sequence[Work], *, now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "work",
        "Messages, tickets and webhooks that are not through yet, by state.",
        [((work.name, state), count) for work in works for state, count in work.counts.items()],
        labels=("work", "state"),
    )
    yield _gauge(
        "work_oldest_due_seconds",
        "For how long the oldest of the work that is due has waited; 0 when none is due.",
        [((work.name,), work.overdue(now).total_seconds()) for work in works],
        labels=("work",),
    )


def tracker_gauges(trackers: Sequence[Tracker]) -> Iterator[Metric]:
    yield _gauge(
        "tracker_last_read_timestamp_seconds",
        "When a tracker that is switched on was last read to the end; 0 when never.",
        [((tracker.slug,), tracker.read_at.timestamp() if tracker.read_at else 0) for tracker in trackers],
        labels=("tracker",),
    )
    yield _gauge(
        "tracker_failures",
        "How many times in a row a tracker could not be read.",
        [((tracker.slug,), tracker.failures) for tracker in trackers],
        labels=("tracker",),
    )


def _gauge(name: str, meaning: str, samples: Iterable[Sample], *, labels: tuple[str, ...] = ()) -> Metric:
    gauge = GaugeMetricFamily(f"followthrough_{name}", meaning, labels=labels)
    for values, number in samples:
        gauge.add_metric(values, float(number))
    return gauge
