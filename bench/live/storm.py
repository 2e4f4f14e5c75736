"""What 10,000 alerts at once do to the server, to the list of incidents and to the timelines."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from sqlalchemy import func, select

from bench.live.server import most_memory_mb, server
from tests import make
from tests.api.client import token
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Incident, TimelineEntry

ALERTS = 10_000
Body = list[dict[str, Any]]


@dataclass(frozen=True)
class Storm:
    name: str
    seconds: float
    slowest: float
    incidents: int
    entries: int
    before_mb: int
    after_mb: int

    @property
    def line(self) -> str:
        times = f"{self.seconds:.1f} | {self.slowest:.2f} s"
        return (
            f"| {self.name} | {times} | {self.incidents} | {self.entries} | {self.before_mb} MB | {self.after_mb} MB |"
        )


def storms() -> Iterator[tuple[str, Iterator[Body]]]:
    yield "one group, one notification", iter([[alert(pod, name="OutOfMemory") for pod in range(ALERTS)]])
    yield "the same alert, 50 notifications", chunks(200, lambda pod: alert(pod, name="OutOfMemory"))
    waiting = "1,000 rules, 1,000 notifications (made to wait for the limit of 600 a minute)"
    yield waiting, chunks(10, lambda pod: alert(pod, name=f"Rule{pod // 10}"))
    yield "one alert, 5,000 times on and off", turns()


def alert(pod: int, *, name: str, minute: int = 0, status: str = "firing") -> dict[str, Any]:
    started = f"2026-11-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"
    return {
        "status": status,
        "fingerprint": f"{pod:016x}",
        "labels": {"alertname": name, "severity": "critical", "pod": f"checkout-{pod}", "namespace": "shop"},
        "annotations": {"summary": f"{name} in checkout-{pod}", "description": "It needs more than it may have. " * 5},
        "startsAt": started,
        "endsAt": started if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
    }


def chunks(size: int, make_one: Callable[[int], dict[str, Any]]) -> Iterator[Body]:
    for first in range(0, ALERTS, size):
        yield [make_one(pod) for pod in range(first, first + size)]


def turns() -> Iterator[Body]:
    """On and off again, told 40 turns at a time so that no limit of requests a minute is met."""
    for first in range(0, ALERTS // 2, 40):
        minutes = range(first, first + 40)
        yield [alert(1, name="Flapping", minute=one, status=said) for one in minutes for said in ("firing", "resolved")]


def measure_storms(settings_of: Callable[[str, str], Settings]) -> list[Storm]:
    return [measure(name, bodies, settings_of) for name, bodies in storms()]


def measure(name: str, bodies: Iterator[Body], settings_of: Callable[[str, str], Settings]) -> Storm:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(f"sqlite:///{folder}/storm.db", folder)
        with create_app(settings).app_context():
            secret = token(make.person("Alertmanager"), expires_at=None)
            session.remove()
            database.engine.dispose()
        with server(settings) as (port, pid):
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            before, slowest, begun = most_memory_mb(pid), 0.0, time.monotonic()
            for body in bodies:
                slowest = max(slowest, notify(connection, body, secret))
            seconds, after = time.monotonic() - begun, most_memory_mb(pid)
        with create_app(settings).app_context():
            counted = select(func.count()).group_by(TimelineEntry.incident_id).select_from(TimelineEntry)
            incidents = session.scalar(select(func.count()).select_from(Incident)) or 0
            longest = max(session.scalars(counted))
            session.remove()
            database.engine.dispose()
    return Storm(name, seconds, slowest, incidents, longest, before, after)


def notify(connection: HTTPConnection, alerts: Body, secret: str) -> float:
    """Send it as Alertmanager does, again after a while when that is asked; how long the answer took."""
    body = json.dumps({"version": "4", "groupKey": "{}", "status": "firing", "receiver": "f", "alerts": alerts})
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    while True:
        begun = time.monotonic()
        connection.request("POST", "/api/v1/alerts/alertmanager", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 200:
            return time.monotonic() - begun
        assert answer.status == 429, text
        time.sleep(int(answer.headers["Retry-After"]))
