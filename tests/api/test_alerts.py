"""Alertmanager's notifications."""

from typing import Any

import pytest
from sqlalchemy import select

from tests import make
from tests.api.client import Caller
from tracker.db import session, transaction
from tracker.incidents.timeline_operations import CorrectionDraft, correct_entry
from tracker.models import Incident, Person, Phase, Severity, TimelineEntry

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


def named(name: str) -> dict[str, Any]:
    return alert(name, labels={"alertname": name}, annotations={})


def detections() -> list[str]:
    return [text for text in session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)) if "alert" in text]


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


def test_a_storm_of_one_alert_is_one_incident_with_one_entry_that_counts(call: Caller) -> None:
    for number in range(3):
        notify(call, *(alert(f"pod-{number}-{pod}") for pod in range(50)))

    assert len(session.scalars(select(Incident)).all()) == 1
    assert detections() == ["Many alerts: 150 fire, 0 ended. The last ones: HighErrorRate (50)."]


def test_a_storm_of_different_alerts_declares_ten_incidents_and_the_rest_joins_the_newest(call: Caller) -> None:
    found = [notify(call, named(f"Alert{number}"))[0]["incident"] for number in range(13)]

    assert len(set(found)) == 10
    assert found[9:] == ["INC-10"] * 4


def test_an_alert_that_comes_and_goes_for_hours_fills_no_timeline(call: Caller) -> None:
    for minute in range(20):
        started = f"2026-10-23T10:{minute:02}:00Z"
        notify(call, alert(startsAt=started))
        notify(call, alert(startsAt=started, status="resolved", endsAt=started))

    told = detections()
    assert len(told) == 11
    assert told[-1] == "Many alerts: 0 fire, 20 ended. The last ones: HighErrorRate (1)."


def test_what_counts_is_left_alone_when_somebody_put_it_in_words_of_their_own(call: Caller, admin: Person) -> None:
    notify(call, *(alert(f"pod-{number}") for number in range(20)))
    with transaction():
        entry = session.scalars(select(TimelineEntry).where(TimelineEntry.text.startswith("Many"))).one()
        words = CorrectionDraft(text="Many alerts: of one rack", kind=entry.kind, at=entry.at, version=entry.version)
        correct_entry(entry, words, by=session.get_one(Person, admin.id), now=make.NOW)

    notify(call, *(alert(f"more-{number}") for number in range(20)))

    assert [text[:21] for text in detections()] == ["Many alerts: of one r", "Many alerts: 40 fire,"]


def test_no_alert_joins_a_private_incident_or_a_drill_for_its_name(call: Caller) -> None:
    notify(call, alert("a1"))
    with transaction():
        session.scalars(select(Incident)).one().is_private = True

    (_, beside) = notify(call, alert("a1", startsAt="2026-10-23T10:00:00Z"), named("Other"))
    (taken,) = notify(call, alert("b2"))

    assert (beside["declared"], beside["incident"]) == (True, "INC-2")
    assert (taken["declared"], taken["incident"]) == (True, "INC-3")


def test_a_group_of_thousands_is_taken_whole(call: Caller) -> None:
    """Alertmanager sends a group in one piece, however long, and what is refused it does not send again."""
    alerts = [alert(f"pod-{number}", annotations={"summary": "Out of memory " * 100}) for number in range(1600)]

    assert len(notify(call, *alerts)) == 1600


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": "3", "alerts": [alert()]},
        {"version": "4", "alerts": []},
        {"version": "4", "alerts": [alert(fingerprint="'; drop")]},
        {"version": "4", "alerts": [alert(startsAt="0001-01-01T00:00:00Z")]},
        {"version": "4", "alerts": [alert(labels={"alertname": {"x": 1}})]},
    ],
)
def test_what_is_no_notification_is_refused(call: Caller, body: dict[str, Any]) -> None:
    assert call("POST", "/alerts/alertmanager", json=body).status_code == 422
    assert session.scalars(select(Incident)).all() == []
