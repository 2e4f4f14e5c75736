"""Declare an incident and correct what is known of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from tracker import audit
from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.errors import NotAllowedError, RuleError, StaleWriteError
from tracker.models import (
    INCIDENTS,
    Drill,
    EntryKind,
    Incident,
    IncidentRole,
    Person,
    RoleAssignment,
    Service,
    Severity,
    Stage,
    TimelineEntry,
    next_number,
)
from tracker.postmortem_dates import settle_due_date
from tracker.working_days import WorkCalendar

MOMENTS = ("started_at", "detected_at", "triaged_at", "stabilised_at", "resolved_at", "verified_at", "closed_at")
COMPARED = ("title", "summary", "alert_name", "is_drill")
"""What a comparison with earlier incidents reads: a change asks for a new one."""


@dataclass(frozen=True)
class DeclareDraft:
    title: str
    severity: Severity
    services: tuple[str, ...] = ()
    """Slugs."""
    summary: str = ""
    alert_name: str = ""
    started_at: datetime | None = None
    detected_at: datetime | None = None
    is_drill: bool = False
    is_private: bool = False


@dataclass(frozen=True)
class EditDraft:
    title: str
    severity: Severity
    services: tuple[str, ...]
    summary: str
    alert_name: str
    is_drill: bool
    is_private: bool
    named_people: tuple[int, ...]
    moments: dict[str, datetime | None]
    version: int


def declare_incident(draft: DeclareDraft, *, by: Person, now: datetime) -> Incident:
    """A new incident with its first timeline entry and its commander."""
    incident = Incident(
        number=next_number(session(), INCIDENTS),
        title=draft.title,
        summary=draft.summary,
        severity=draft.severity,
        alert_name=draft.alert_name,
        started_at=draft.started_at,
        detected_at=draft.detected_at,
        declared_at=now,
        declared_by_id=by.id,
        is_drill=draft.is_drill,
        is_private=draft.is_private,
    )
    incident.services = _services(draft.services)
    incident.named_people = [by] if draft.is_private else []
    session.add(incident)
    session.flush()
    session.add(RoleAssignment(incident_id=incident.id, role=IncidentRole.COMMANDER, person_id=by.id, since=now))
    what = "Drill declared" if draft.is_drill else "Incident declared"
    write_entry(incident, f"{what}: {draft.title} ({draft.severity.value})", by=by, now=now)
    ask_for_comparison(incident, stage=Stage.DECLARED, now=now)
    return incident


def _services(slugs: tuple[str, ...]) -> list[Service]:
    found = list(session.scalars(select(Service).where(Service.slug.in_(slugs)).order_by(Service.name)))
    missing = sorted(set(slugs) - {service.slug for service in found})
    if missing:
        raise RuleError(f"There is no service {', '.join(missing)}. Choose from the list.")
    return found


def write_entry(
    incident: Incident, text: str, *, by: Person, now: datetime, kind: EntryKind = EntryKind.EVENT
) -> TimelineEntry:
    """Note on the timeline what was just done here."""
    written = {"incident_id": incident.id, "at": now, "kind": kind, "text": text, "author_id": by.id}
    entry = TimelineEntry(created_at=now, is_automatic=True, **written)
    session.add(entry)
    return entry


def edit_incident(
    incident: Incident, draft: EditDraft, *, by: Person, now: datetime, calendar: WorkCalendar
) -> list[str]:
    """Correct what is known; what changed, in words, which also stands on the timeline.

    Raises:
        StaleWriteError: somebody saved in between, and the two texts differ.
        RuleError: what was planned as a drill cannot become real.
    """
    services = _services(draft.services)
    _refuse_stale(incident, draft, services)
    _refuse_counting_a_drill(incident, draft)
    before = _compared_words(incident)
    changes = _take_over(incident, draft, services)
    changes += _set_privacy(incident, draft, by=by, now=now)
    date_incident(incident)
    if not changes:
        return []
    flag_modified(incident, "title")  # services and names are rows of their own: count the version up for them too
    write_entry(incident, "Corrected: " + "; ".join(changes) + ".", by=by, now=now)
    if _compared_words(incident) != before:
        ask_for_comparison(incident, stage=Stage.DECLARED, now=now)
    settle_due_date(incident, calendar=calendar)
    return changes


def _refuse_counting_a_drill(incident: Incident, draft: EditDraft) -> None:
    if not incident.is_drill or draft.is_drill:
        return
    planned = session.scalar(select(Drill.title).where(Drill.incident_id == incident.id))
    if planned is not None:
        raise RuleError(f"This was planned as the drill “{planned}”. Declare what is real as an incident of its own.")


def date_incident(incident: Incident) -> None:
    """An import of no known day has one as soon as somebody enters a time."""
    known = [at for at in incident.moments.values() if at is not None]
    if incident.is_undated and known:
        incident.declared_at, incident.is_undated = min(known), False


def _compared_words(incident: Incident) -> tuple[object, ...]:
    return (*(getattr(incident, name) for name in COMPARED), [service.slug for service in incident.services])


def _take_over(incident: Incident, draft: EditDraft, services: list[Service]) -> list[str]:
    changes = []
    for name, word in (("title", "title"), ("summary", "summary"), ("alert_name", "alert")):
        if getattr(incident, name) != getattr(draft, name):
            setattr(incident, name, getattr(draft, name))
            changes.append(word)
    if incident.severity is not draft.severity:
        changes.append(f"severity from {incident.severity.value} to {draft.severity.value}")
        incident.severity = draft.severity
    if incident.is_drill != draft.is_drill:
        incident.is_drill = draft.is_drill
        changes.append("this is a drill" if draft.is_drill else "this is not a drill")
    if [service.id for service in incident.services] != [service.id for service in services]:
        incident.services = services
        changes.append("services")
    return changes + _take_over_moments(incident, draft)


def _take_over_moments(incident: Incident, draft: EditDraft) -> list[str]:
    changes = []
    for name in MOMENTS:
        if name in draft.moments and not same_second(getattr(incident, name), draft.moments[name]):
            setattr(incident, name, draft.moments[name])
            changes.append(f"the time it was {name.removesuffix('_at')}")
    return changes


def same_second(one: datetime | None, other: datetime | None) -> bool:
    """Forms show whole seconds: a moment that was only shown and sent back has not changed."""
    if one is None or other is None:
        return one is other
    return one.replace(microsecond=0) == other.replace(microsecond=0)


def may_change_privacy(incident: Incident, *, by: Person) -> bool:
    """Administrators, the people named on it, and whoever declared it."""
    return by.is_admin or incident.declared_by_id == by.id or by.id in {one.id for one in incident.named_people}


def _set_privacy(incident: Incident, draft: EditDraft, *, by: Person, now: datetime) -> list[str]:
    named = {one.id for one in incident.named_people}
    if not draft.is_private and not incident.is_private:
        return []
    wanted = set(draft.named_people) | _needed_names(incident, by=by) if draft.is_private else set()
    if incident.is_private == draft.is_private and wanted == named:
        return []
    if not may_change_privacy(incident, by=by):
        raise NotAllowedError("Only an administrator, who declared it, or a person named on it may change who sees it.")
    changes = [] if incident.is_private == draft.is_private else [_privacy_words(draft)]
    incident.is_private = draft.is_private
    incident.named_people = list(session.scalars(select(Person).where(Person.id.in_(wanted)).order_by(Person.name)))
    audit.note("change_privacy", incident.ref, by=by, now=now, is_private=draft.is_private, named=sorted(wanted))
    return changes or ["the people named on it"]


def _privacy_words(draft: EditDraft) -> str:
    return "private now" if draft.is_private else "visible to everybody now"


def _needed_names(incident: Incident, *, by: Person) -> set[int]:
    """Those who would lock themselves or a role's holder out: they stay named."""
    holders = select(RoleAssignment.person_id).where(
        RoleAssignment.incident_id == incident.id, RoleAssignment.until.is_(None)
    )
    return set(session.scalars(holders)) | (set() if by.is_admin else {by.id})


def _refuse_stale(incident: Incident, draft: EditDraft, services: list[Service]) -> None:
    if incident.version == draft.version:
        return
    yours = _as_text(draft, services=services, moments=draft.moments, named=set(draft.named_people))
    theirs = _as_text(
        incident,
        services=list(incident.services),
        moments={name: getattr(incident, name) for name in draft.moments},
        named={one.id for one in incident.named_people},
    )
    if yours != theirs:
        raise StaleWriteError(yours=yours, theirs=theirs, their_version=incident.version)


def _as_text(
    source: Incident | EditDraft, *, services: list[Service], moments: dict[str, datetime | None], named: set[int]
) -> str:
    names = session.scalars(select(Person.name).where(Person.id.in_(named)).order_by(Person.name))
    lines = [
        f"Title: {source.title}",
        f"Severity: {source.severity.value}",
        f"Services: {', '.join(service.name for service in services) or 'none'}",
        f"Alert: {source.alert_name or 'none'}",
        f"Drill: {'yes' if source.is_drill else 'no'}",
        f"Private: {'yes, named: ' + (', '.join(names) or 'nobody') if source.is_private else 'no'}",
    ]
    for name, at in moments.items():
        lines.append(f"{name.removesuffix('_at').capitalize()}: {f'{at:%Y-%m-%d %H:%M:%S} UTC' if at else 'not known'}")
    return "\n".join([*lines, f"Summary: {source.summary or 'none'}"])
