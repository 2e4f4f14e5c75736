"""A past incident with an answer, for drills that let it happen again."""

from datetime import timedelta
from typing import Any

from tests import make
from tests.make import NOW
from tracker.models import ContributingFactor, EntryKind, Incident, Phase, PostmortemState, Service, Severity

TIMELINE = (
    (-17, EntryKind.EVENT, "The certificate of the broker expires."),
    (0, EntryKind.DETECTION, "Heartbeats page: 41 % of stations are silent."),
    (8, EntryKind.ACTION, "Restarted one pod, which made it worse."),
    (14, EntryKind.EVENT, "The broker's log says: certificate expired."),
    (30, EntryKind.EVENT, "Support counts 40 calls in ten minutes."),
    (71, EntryKind.EVENT, "71 % of stations are back."),
)


def past_incident(service: Service, **columns: Any) -> Incident:
    """Certificates again: published, with what happened and why."""
    last_year = NOW - timedelta(days=300)
    moments = {"started_at": last_year, "detected_at": last_year, "declared_at": last_year}
    ended = {"stabilised_at": last_year + timedelta(minutes=70), "resolved_at": last_year + timedelta(minutes=90)}
    incident = make.incident(
        "Stations cannot connect: certificate of the broker has expired",
        **{"severity": Severity.SEV1, "phase": Phase.CLOSED, "services": [service], "alert_name": "StationsSilent"}
        | moments
        | ended
        | columns,
    )
    for minute, kind, text in TIMELINE:
        make.entry(incident, text, at=last_year + timedelta(minutes=minute), kind=kind)
    postmortem = make.postmortem(incident, state=PostmortemState.PUBLISHED, published_at=last_year)
    make.answer(postmortem, "root_causes", "The certificate of the broker was issued by hand and expired.")
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="The reminder lived in one calendar."))
    return incident
