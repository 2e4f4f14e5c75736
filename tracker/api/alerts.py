"""Alerts of a monitoring system: the repeats of one belong to one incident, and its end closes nothing.

A storm of thousands fills neither the list of incidents nor a timeline (decision 025).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import selectinload

from tracker.api.alert_entries import tell_of_alerts
from tracker.db import session
from tracker.incidents.operations import DeclareDraft, declare_incident
from tracker.models import INCIDENTS, Alert, Counter, Incident, Person, Phase, Service, Severity

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
STORM = 10
"""So many live incidents of the last ten minutes make a storm: what fires then belongs to the newest of them."""
STORM_TIME = timedelta(minutes=10)
LIVE_ONES = 500
"""Live incidents, the newest, in which an alert may find its place."""


_LIVE_INCIDENTS = (
    select(Incident)
    .where(
        Incident.phase.in_(LIVE),
        Incident.is_private.is_(False),
        Incident.is_drill.is_(False),
        exists().where(Alert.incident_id == Incident.id),
    )
    .options(selectinload(Incident.services))
    .order_by(Incident.declared_at.desc(), Incident.id.desc())
    .limit(LIVE_ONES)
)
"""Those that alerts belong to and everybody sees; a drill takes no real alert."""


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
    belongs to a live incident: the one it was in before, else the one that was declared for an alert of its name.
    """
    session.execute(select(Counter.last).where(Counter.name == INCIDENTS).with_for_update())
    places = _Places.of(drafts, now=now)
    taken: list[Taken] = []
    happened: dict[int, list[AlertDraft]] = defaultdict(list)
    for draft in drafts:
        known = places.known.get((draft.fingerprint, draft.starts_at))
        if known is not None:
            if draft.ended_at is not None and known.ended_at is None:
                known.ended_at = draft.ended_at
                happened[known.incident_id].append(draft)
            taken.append(Taken(draft.fingerprint, session.get_one(Incident, known.incident_id), is_new=False))
        elif draft.ended_at is None:
            taken.append(_place(draft, places, by=by, now=now))
            happened[taken[-1].incident.id].append(draft)
    session.flush()
    for incident_id, of_incident in happened.items():
        tell_of_alerts(session.get_one(Incident, incident_id), of_incident, by=by, now=now)
    return taken


@dataclass
class _Places:
    """Where alerts may belong, read once for a whole notification."""

    known: dict[tuple[str, datetime], Alert]
    live: list[Incident]
    """Newest first."""
    last_of: dict[str, int]
    """The live incident that a fingerprint was in last."""
    is_storm: bool
    first: Incident | None = None
    """Where the first alert of this notification found its place; Alertmanager groups what belongs together."""

    def __post_init__(self) -> None:
        self.by_name: dict[str, list[Incident]] = defaultdict(list)
        for incident in self.live:
            self.by_name[incident.alert_name].append(incident)

    @classmethod
    def of(cls, drafts: Sequence[AlertDraft], *, now: datetime) -> "_Places":
        named = {one.fingerprint for one in drafts}
        # Oldest first, so that the newest counts.
        alerts = session.scalars(select(Alert).where(Alert.fingerprint.in_(named)).order_by(Alert.id)).all()
        held = select(Incident).where(Incident.id.in_({alert.incident_id for alert in alerts}))
        live_before = {incident.id for incident in session.scalars(held) if incident.phase.is_live}
        live = list(session.scalars(_LIVE_INCIDENTS))
        recent = [incident for incident in live if incident.declared_at > now - STORM_TIME]
        return cls(
            known={(alert.fingerprint, alert.starts_at): alert for alert in alerts},
            live=live,
            last_of={alert.fingerprint: alert.incident_id for alert in alerts if alert.incident_id in live_before},
            is_storm=len(recent) >= STORM,
        )

    def find(self, draft: AlertDraft) -> Incident | None:
        before = self.last_of.get(draft.fingerprint)
        if before is not None:
            return session.get_one(Incident, before)
        return self._alike(draft) or self.first or (self.live[0] if self.is_storm else None)

    def _alike(self, draft: AlertDraft) -> Incident | None:
        """The newest that was declared for an alert of this name, and for no other service."""
        for incident in self.by_name.get(draft.name, ()):
            if not incident.services or draft.service.lower() in {service.slug for service in incident.services}:
                return incident
        return None


def _place(draft: AlertDraft, places: _Places, *, by: Person, now: datetime) -> Taken:
    incident = places.find(draft)
    is_new = incident is None
    if incident is None:
        incident = declare_incident(_declared(draft, now=now), by=by, now=now)
    if not (incident.is_private or incident.is_drill):
        places.first = places.first or incident
    alert = Alert(fingerprint=draft.fingerprint, incident_id=incident.id, starts_at=draft.starts_at)
    session.add(alert)
    places.known[draft.fingerprint, draft.starts_at] = alert
    places.last_of[draft.fingerprint] = incident.id
    return Taken(draft.fingerprint, incident, is_new=is_new)


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
