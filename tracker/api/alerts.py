"""Alerts of a monitoring system: the repeats of one belong to one incident, and its end closes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.incidents.operations import DeclareDraft, declare_incident
from tracker.incidents.timeline_operations import EntryDraft, add_entry
from tracker.models import INCIDENTS, Alert, Counter, EntryKind, Incident, Person, Phase, Service, Severity

LIVE = [phase for phase in Phase if phase.is_live]
SEVERITIES = {
    "critical": Severity.SEV1,
    "page": Severity.SEV1,
    "error": Severity.SEV2,
    "high": Severity.SEV2,
    "warning": Severity.SEV3,
    "info": Severity.SEV4,
}
"""What rules of Prometheus usually say in the label ``severity``; its own names count too."""


@dataclass(frozen=True)
class AlertDraft:
    """One alert as it was told."""

    fingerprint: str
    name: str
    summary: str
    severity: str
    service: str
    starts_at: datetime
    ended_at: datetime | None
    """``None``: it is firing."""


@dataclass(frozen=True)
class Taken:
    """What an alert came to."""

    fingerprint: str
    incident: Incident
    is_new: bool
    """Whether an incident was declared for it."""


def take_alerts(drafts: Sequence[AlertDraft], *, by: Person, now: datetime) -> list[Taken]:
    """Put each firing alert into an incident, and note which ones ended. One notification declares one at most.

    The same alert, as long as it lasts, stays with its incident, whatever became of that. One that starts anew
    belongs to the live incident it was in before; is that over, it is a new incident.
    """
    session.execute(select(Counter.last).where(Counter.name == INCIDENTS).with_for_update())
    taken: list[Taken] = []
    for draft in drafts:
        known = _find(draft)
        if draft.ended_at is not None:
            if known is not None:
                taken.append(_end(known, draft, by=by, now=now))
        elif known is not None:
            taken.append(Taken(draft.fingerprint, session.get_one(Incident, known.incident_id), is_new=False))
        else:
            taken.append(_place(draft, taken, by=by, now=now))
    return taken


def _find(draft: AlertDraft) -> Alert | None:
    return session.scalar(
        select(Alert).where(Alert.fingerprint == draft.fingerprint, Alert.starts_at == draft.starts_at)
    )


def _end(known: Alert, draft: AlertDraft, *, by: Person, now: datetime) -> Taken:
    incident = session.get_one(Incident, known.incident_id)
    if known.ended_at is None:
        known.ended_at = draft.ended_at
        text = f"The alert {draft.name} ended. That alone resolves nothing: look whether users can work."
        add_entry(incident, EntryDraft(text=text, kind=EntryKind.DETECTION), by=by, now=now)
    return Taken(draft.fingerprint, incident, is_new=False)


def _place(draft: AlertDraft, taken: Sequence[Taken], *, by: Person, now: datetime) -> Taken:
    incident = _live_incident_of(draft) or next((one.incident for one in taken if one.incident.phase.is_live), None)
    is_new = incident is None
    if incident is None:
        incident = declare_incident(_declared(draft, now=now), by=by, now=now)
    text = f"The alert {draft.name} fires: {draft.summary}" if draft.summary else f"The alert {draft.name} fires."
    add_entry(incident, EntryDraft(text=text, kind=EntryKind.DETECTION), by=by, now=now)
    session.add(Alert(fingerprint=draft.fingerprint, incident_id=incident.id, starts_at=draft.starts_at))
    session.flush()
    return Taken(draft.fingerprint, incident, is_new=is_new)


def _live_incident_of(draft: AlertDraft) -> Incident | None:
    return session.scalar(
        select(Incident)
        .join(Alert, Alert.incident_id == Incident.id)
        .where(Alert.fingerprint == draft.fingerprint, Incident.phase.in_(LIVE))
        .order_by(Alert.id.desc())
        .limit(1)
    )


def _declared(draft: AlertDraft, *, now: datetime) -> DeclareDraft:
    known = session.scalar(select(Service.slug).where(Service.slug == draft.service.lower()))
    severity = SEVERITIES.get(draft.severity.lower(), Severity.SEV3)
    if draft.severity.upper() in Severity.__members__:
        severity = Severity(draft.severity.upper())
    return DeclareDraft(
        title=draft.summary or draft.name,
        severity=severity,
        services=(known,) if known else (),
        alert_name=draft.name,
        started_at=min(draft.starts_at, now),
        detected_at=now,
    )
