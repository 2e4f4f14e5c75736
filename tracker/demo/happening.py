"""An incident as it happened: moments, roles, timeline, updates, ticks, written as the incident's room writes them."""

from datetime import datetime, timedelta

from tracker.db import session
from tracker.deadlines import UPDATE_CADENCE
from tracker.demo.cast import Cast
from tracker.demo.dates import offset
from tracker.demo.investigating import write_investigation
from tracker.demo.lines import EntryLine, read_timeline, unwrapped
from tracker.demo.texts import MOMENTS, IncidentText
from tracker.models import (
    INCIDENTS,
    EntryKind,
    Incident,
    IncidentRole,
    Person,
    Phase,
    RoleAssignment,
    Severity,
    Tick,
    TimelineEntry,
    Update,
    next_number,
)

RESOLVED_MEANS = (
    "the immediate problem is fixed",
    "users can work normally",
    "metrics are back to baseline",
    "no further intervention is needed",
)
AUDIENCE_WORDS = {"team": "the team", "stakeholders": "stakeholders", "users": "users"}
PHASE_WORDS = (
    ("triaged", "The impact is assessed.", EntryKind.EVENT),
    ("stabilised", "Stabilised: users are safe.", EntryKind.ACTION),
    ("resolved", "Resolved.", EntryKind.EVENT),
)
QUIET = timedelta(hours=26)
"""How long it stayed quiet before it counted as verified."""
ROLES = {
    "commander": IncidentRole.COMMANDER,
    "technical_lead": IncidentRole.TECHNICAL_LEAD,
    "communications": IncidentRole.COMMUNICATIONS_LEAD,
    "scribe": IncidentRole.SCRIBE,
}


def declared_at(text: IncidentText, *, cast: Cast) -> datetime:
    return cast.calendar.moment(text.when) + offset(text.declared)


def write_incident(text: IncidentText, *, cast: Cast) -> Incident:
    zero = cast.calendar.moment(text.when)
    moments = {name: zero + offset(at) for name in MOMENTS if (at := getattr(text, name))}
    by = cast.people[text.declared_by]
    incident = Incident(
        number=next_number(session(), INCIDENTS),
        title=text.title,
        summary=unwrapped(text.summary),
        severity=Severity(text.severity),
        alert_name=text.alert,
        is_drill=text.is_drill,
        is_private=bool(text.named),
        declared_by_id=by.id,
        **{f"{name}_at": at for name, at in moments.items()},
    )
    incident.services = [cast.services[slug] for slug in text.services]
    incident.named_people = [cast.people[key] for key in text.named]
    _stay_quiet(incident, now=cast.calendar.now)
    session.add(incident)
    session.flush()
    cast.incidents[text.key] = incident
    _write_roles(incident, text.roles, cast=cast)
    _write_timeline(incident, text, zero=zero, by=by, cast=cast)
    write_investigation(incident, text, zero=zero, cast=cast)
    _note_privacy(incident, cast=cast, by=by)
    return incident


def _stay_quiet(incident: Incident, *, now: datetime) -> None:
    """Verified a day after it was resolved, if that day has passed; the phase is the last one that was reached."""
    if incident.resolved_at is not None and incident.resolved_at + QUIET < now:
        incident.verified_at = incident.resolved_at + QUIET
    reached = [phase for phase in Phase if getattr(incident, f"{phase.value}_at") is not None]
    incident.phase = reached[-1]


def _write_roles(incident: Incident, roles: dict[str, str], *, cast: Cast) -> None:
    for place, (role, key) in enumerate(roles.items()):
        since = incident.declared_at + timedelta(minutes=3 * place)
        session.add(
            RoleAssignment(incident_id=incident.id, role=ROLES[role], person_id=cast.people[key].id, since=since)
        )


def _write_timeline(incident: Incident, text: IncidentText, *, zero: datetime, by: Person, cast: Cast) -> None:
    word = "Drill declared" if text.is_drill else "Incident declared"
    _write_entry(incident, f"{word}: {text.title} ({text.severity})", at=incident.declared_at, by=by)
    for line in read_timeline(text.timeline):
        _write_line(incident, line, at=zero + line.at, cast=cast)
    commander = cast.people[text.roles.get("commander", text.declared_by)]
    for name, sentence, kind in PHASE_WORDS:
        at = getattr(incident, f"{name}_at")
        if at is not None:
            _write_entry(incident, sentence, at=at, by=commander, kind=kind)
    if incident.verified_at is not None:
        _write_entry(incident, "Verified: it stayed quiet.", at=incident.verified_at, by=commander)
    if incident.resolved_at is not None:
        _tick_all(incident, at=incident.resolved_at, by=commander)


def _write_line(incident: Incident, line: EntryLine, *, at: datetime, cast: Cast) -> None:
    if at > cast.calendar.now:
        raise ValueError(f"{incident.title}: {line.text!r} is told before it happened.")
    author, words = cast.people[line.author], line.text
    if line.audience is not None:
        cadence = UPDATE_CADENCE.get(incident.severity)
        session.add(
            Update(
                incident_id=incident.id,
                audience=line.audience,
                text=line.text,
                author_id=author.id,
                sent_at=at,
                next_due_at=at + cadence if cadence else None,
            )
        )
        words = f"Update to {AUDIENCE_WORDS[line.audience.value]}: {line.text}"
    entry = _write_entry(incident, words, at=at, by=author, kind=line.kind)
    entry.is_starred = line.is_starred
    entry.is_automatic = line.audience is not None


def _write_entry(
    incident: Incident, words: str, *, at: datetime, by: Person, kind: EntryKind = EntryKind.EVENT
) -> TimelineEntry:
    written = {"incident_id": incident.id, "at": at, "kind": kind, "text": words, "author_id": by.id}
    entry = TimelineEntry(created_at=at, is_automatic=True, **written)
    session.add(entry)
    return entry


def _tick_all(incident: Incident, *, at: datetime, by: Person) -> None:
    for sentence in RESOLVED_MEANS:
        session.add(Tick(incident_id=incident.id, item=f"resolved: {sentence}", ticked_by_id=by.id, ticked_at=at))


def _note_privacy(incident: Incident, *, cast: Cast, by: Person) -> None:
    if incident.is_private:
        named = sorted(person.id for person in incident.named_people)
        cast.note("change_privacy", incident.ref, by=by, at=incident.declared_at, is_private=True, named=named)
