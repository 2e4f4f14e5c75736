"""Alertmanager's notifications."""

from typing import Any

import pytest
from sqlalchemy import select

from tests import make
from tests.api.client import Caller
from tracker.db import session, transaction
from tracker.models import Incident, Phase, Severity, TimelineEntry

STARTED = "2026-10-23T08:57:12.123Z"


def alert(fingerprint: str = "c1a2", *, status: str = "firing", **named: Any) -> dict[str, Any]:
    labels = {"alertname": "HighErrorRate", "severity": "critical", "service": "checkout"}
    found = {
        "status": status,
        "fingerprint": fingerprint,
        "labels": labels,
        "annotations": {"summary": "Checkout answers 503"},
        "startsAt": STARTED,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
    }
    return found | named


def notify(call: Caller, *alerts: dict[str, Any]) -> list[dict[str, Any]]:
    body = {"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "f", "alerts": list(alerts)}
    answer = call("POST", "/alerts/alertmanager", json=body)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.get_json()["alerts"]
    return found


def close() -> None:
    with transaction():
        for one in session.scalars(select(Incident)):
            one.phase = Phase.CLOSED


def test_an_alert_declares_an_incident(call: Caller) -> None:
    make.service("Checkout")

    notify(call, alert())

    incident = session.scalars(select(Incident)).one()
    assert (incident.title, incident.severity, incident.alert_name) == (
        "Checkout answers 503",
        Severity.SEV1,
        "HighErrorRate",
    )
    assert [service.slug for service in incident.services] == ["checkout"]
    assert incident.started_at is not None
    assert incident.started_at.isoformat() == "2026-10-23T08:57:12.123000+00:00"


def test_repeats_of_an_alert_belong_to_one_incident_even_when_somebody_closed_it(call: Caller) -> None:
    (first,) = notify(call, alert())
    close()

    (again,) = notify(call, alert())

    assert (first["declared"], again["declared"]) == (True, False)
    assert first["incident"] == again["incident"]


def test_an_alert_that_starts_anew_joins_the_live_incident_and_is_a_new_one_when_that_is_over(call: Caller) -> None:
    (first,) = notify(call, alert())
    (second,) = notify(call, alert(startsAt="2026-10-23T10:00:00Z"))
    close()

    (third,) = notify(call, alert(startsAt="2026-10-24T10:00:00Z"))

    assert second["incident"] == first["incident"]
    assert third["declared"]


def test_one_notification_declares_one_incident(call: Caller) -> None:
    found = notify(call, alert("a1"), alert("b2"), alert("c3"))

    assert [one["declared"] for one in found] == [True, False, False]
    assert len({one["incident"] for one in found}) == 1


def test_the_end_of_an_alert_is_noted_once_and_closes_nothing(call: Caller) -> None:
    notify(call, alert())
    for _ in range(2):
        notify(call, alert(status="resolved", endsAt="2026-10-23T09:30:00Z"))

    assert session.scalars(select(Incident.phase)).all() == [Phase.DECLARED]
    texts = session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)).all()
    assert sum("ended" in text for text in texts) == 1


def test_the_end_of_an_alert_that_nobody_told_of_is_nothing(call: Caller) -> None:
    assert notify(call, alert(status="resolved")) == []
    assert session.scalars(select(Incident)).all() == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "3", "alerts": [alert()]},
        {"version": "4", "alerts": []},
        {"version": "4", "alerts": [alert(fingerprint="'; drop")]},
        {"version": "4", "alerts": [alert(startsAt="0001-01-01T00:00:00Z")]},
        {"version": "4", "alerts": [alert(labels={"alertname": {"x": 1}})]},
        {"version": "4", "alerts": [alert()] * 201},
    ],
)
def test_what_is_no_notification_is_refused(call: Caller, body: dict[str, Any]) -> None:
    assert call("POST", "/alerts/alertmanager", json=body).status_code == 422
    assert session.scalars(select(Incident)).all() == []
