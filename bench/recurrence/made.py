"""Incidents made for the bench: titles of one report with the description of another. The same for the same file."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select

from tracker.db import session, transaction
from tracker.models import Incident, IncidentService, Phase, Service, Severity

START = datetime(2019, 1, 1, 9, tzinfo=UTC)
APART = timedelta(minutes=36)
SERVICES = 60


def fill(path: Path, *, count: int) -> None:
    rows = incident_rows(path, count=count)
    with transaction():
        session.execute(insert(Service), [{"name": f"Service {n}", "slug": f"s{n}"} for n in range(1, SERVICES + 1)])
        while some := list(islice(rows, 2_000)):
            session.execute(insert(Incident), some)
        pairs = [{"incident_id": n, "service_id": 1 + n * 7 % SERVICES} for n in range(1, count + 1)]
        session.execute(insert(IncidentService), pairs)


def incident_rows(path: Path, *, count: int) -> Iterator[dict[str, Any]]:
    """Real words in real proportions."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        reports = [json.loads(line) for line in file]
    random = Random(1)
    for number in range(1, count + 1):
        title, described = random.choice(reports), random.choice(reports)
        yield {
            "number": number,
            "title": (title["title"] or "?")[:300],
            "summary": (described["description"] or "").replace("\0", ""),
            "severity": Severity.SEV3,
            "phase": Phase.CLOSED,
            "declared_at": START + APART * number,
        }


def texts(count: int) -> list[str]:
    """The first few titles, to write other incidents with."""
    return list(session.scalars(select(Incident.title).order_by(Incident.id).limit(count)))


def add(number: int, *, title: str, summary: str) -> None:
    session.add(
        Incident(
            number=number, title=title, summary=summary, severity=Severity.SEV3, declared_at=START + APART * number
        )
    )
