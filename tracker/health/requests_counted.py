"""The requests of this process, counted for Prometheus.

They are told by the name of their route, never by an address: no word of an incident gets in here.
"""

from time import perf_counter

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics

EXTENSION = "followthrough.requests_counted"
NO_ROUTE = "none"
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""The bounds that the seconds of an answer are sorted by."""


class RequestsCounted:
    """Each process has counters of its own, which begin anew with it."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._answers = Counter(
            "followthrough_requests",
            "Requests that this process answered, by the name of the route and the class of the status.",
            ("endpoint", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "followthrough_request_seconds",
            "Seconds until an answer of this process began, by the name of the route.",
            ("endpoint",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def begin(self) -> None:
        g.request_began = perf_counter()

    def end(self, response: Response) -> Response:
        endpoint = request.endpoint or NO_ROUTE
        self._answers.labels(endpoint, f"{response.status_code // 100}xx").inc()
        self._seconds.labels(endpoint).observe(perf_counter() - g.request_began)
        return response


def init_metrics(app: Flask) -> None:
    """Count requests. Called before anything else listens to them, so that the whole time is measured."""
    counted = RequestsCounted()
    app.extensions[EXTENSION] = counted
    app.before_request(counted.begin)
    app.after_request(counted.end)


def requests_counted() -> CollectorRegistry:
    """Those of the present application in this process, and what the process itself needs."""
    counted: RequestsCounted = current_app.extensions[EXTENSION]
    return counted.registry
