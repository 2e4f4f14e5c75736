"""Incidents and their timelines."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, url_for

from tracker import clock
from tracker.api import queries
from tracker.api.access import caller, expect_scope
from tracker.api.answers import cursor_after, dumped, expect_unchanged, listed, read_cursor, shown
from tracker.api.blueprint import operation
from tracker.api.fields import PageSchema
from tracker.api.once import Done, do_once
from tracker.api.schemas import (
    DeclareSchema,
    EditSchema,
    EntryListSchema,
    EntrySchema,
    IncidentFilterSchema,
    IncidentListSchema,
    IncidentSchema,
    NewEntrySchema,
)
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.incidents import operations, phase_operations, timeline_operations
from tracker.incidents.filters import Filter
from tracker.incidents.next_steps import ORDER
from tracker.incidents.operations import MOMENTS, DeclareDraft, EditDraft
from tracker.incidents.phase_operations import PhaseDraft, ResolveDraft
from tracker.incidents.room_queries import timeline
from tracker.incidents.timeline_operations import EntryDraft
from tracker.lookup import get_incident
from tracker.models import Incident, Person, Phase, TokenScope
from tracker.queue import wake
from tracker.references import number_of
from tracker.wiring import settings

PRIVACY = ("is_private", "named_people")


@operation("GET", "/incidents", scope=TokenScope.READ, asks=IncidentFilterSchema, gives=IncidentListSchema)
def list_incidents(asked: dict[str, Any]) -> Response:
    """Incidents, the newest first."""
    found = read_cursor(asked.get("cursor"), str, int)
    after = (_moment(found[0]), found[1]) if found else None
    rows = queries.incidents(_filter(asked), viewer=caller(), after=after, limit=asked["limit"])
    shown_rows = rows[: asked["limit"]]
    has_more = len(rows) > len(shown_rows)
    last = shown_rows[-1] if has_more else None
    following = cursor_after(last.declared_at.isoformat(), last.id) if last else None
    return listed(IncidentListSchema(), shown_rows, next_cursor=following)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RuleError("This cursor is not one that this list gave. Begin again without it.") from error


def _filter(asked: dict[str, Any]) -> Filter:
    return Filter(
        q=asked.get("q", ""),
        view="live" if asked["live"] else "all",
        severity=asked["severity"].value if "severity" in asked else "",
        service=asked.get("service", ""),
        phase=asked["phase"].value if "phase" in asked else "",
        practice=asked.get("drills", ""),
    )


@operation("POST", "/incidents", scope=TokenScope.WRITE, takes=DeclareSchema, gives=IncidentSchema, status=201)
def declare_incident(body: dict[str, Any]) -> Response:
    """Declare an incident. Whoever the token speaks for is its commander."""
    draft = DeclareDraft(**body | {"services": tuple(body.get("services", ()))})

    def work(by: Person, now: datetime) -> Done:
        incident = operations.declare_incident(draft, by=by, now=now)
        session.flush()
        return Done(dumped(IncidentSchema(), incident), 201, url_for("api.show_incident", ref=incident.ref))

    response = do_once(work)
    wake("recurrence.compare")
    return response


@operation("GET", "/incidents/<ref:ref>", scope=TokenScope.READ, gives=IncidentSchema)
def show_incident(ref: str) -> Response:
    """One incident."""
    return shown(IncidentSchema(), get_incident(ref, viewer=caller()))


@operation("PATCH", "/incidents/<ref:ref>", scope=TokenScope.WRITE, takes=EditSchema, gives=IncidentSchema)
def change_incident(body: dict[str, Any], ref: str) -> Response:
    """Correct what is known, or reach another phase. Who sees it is changed with a token to `admin`."""
    if any(name in body for name in PRIVACY):
        expect_scope(TokenScope.ADMIN)
    phase, note = body.pop("phase", None), body.pop("note", "")
    ticked = tuple(body.pop("resolved_means", ()))
    with transaction():
        queries.lock_incident(number_of(ref, prefix="INC"))
        incident, by, now = get_incident(ref, viewer=caller()), caller(), clock.utcnow()
        expect_unchanged(IncidentSchema(), incident)
        draft = _edited(incident, body)
        operations.edit_incident(incident, draft, by=by, now=now, calendar=settings().work_calendar)
        if phase is not None and phase is not incident.phase:
            _reach(incident, phase, ResolveDraft(ticked=ticked, reason=note), by=by, now=now)
        session.flush()
    wake("recurrence.compare")
    return shown(IncidentSchema(), incident)


def _edited(incident: Incident, body: dict[str, Any]) -> EditDraft:
    """The incident as it stands, with the changes."""
    if "title" in body and not body["title"]:
        raise RuleError("An incident needs a title.")
    moments = {name: body.pop(name, getattr(incident, name)) for name in MOMENTS}
    named = body.pop("named_people", None)
    before = EditDraft(
        **{field.name: getattr(incident, field.name) for field in fields(EditDraft) if hasattr(incident, field.name)}
        | {
            "services": tuple(service.slug for service in incident.services),
            "named_people": tuple(person.id for person in incident.named_people),
            "moments": moments,
        }
    )
    if named is not None:
        body["named_people"] = _people(named)
    if "services" in body:
        body["services"] = tuple(body["services"])
    return replace(before, **body)


def _people(emails: list[str]) -> tuple[int, ...]:
    found = queries.people_by_email(emails)
    missing = sorted({email.lower() for email in emails} - found.keys())
    if missing:
        raise RuleError(f"Nobody who can sign in has the address {missing[0]}.")
    return tuple(person.id for person in found.values())


def _reach(incident: Incident, phase: Phase, said: ResolveDraft, *, by: Person, now: datetime) -> None:
    if ORDER.index(phase) < ORDER.index(incident.phase):
        if phase is not Phase.TRIAGED:
            raise RuleError(f"{incident.ref} is {incident.phase.value}. Back, it goes to triaged only.")
        phase_operations.reopen(incident, reason=said.reason, by=by, now=now)
    elif phase is Phase.RESOLVED:
        phase_operations.resolve(incident, said, by=by, now=now, calendar=settings().work_calendar)
    else:
        phase_operations.move_on(incident, PhaseDraft(to=phase, note=said.reason), by=by, now=now)


@operation("GET", "/incidents/<ref:ref>/timeline", scope=TokenScope.READ, asks=PageSchema, gives=EntryListSchema)
def list_entries(asked: dict[str, Any], ref: str) -> Response:
    """The timeline in its order, what was removed too."""
    rows = timeline(get_incident(ref, viewer=caller()))
    found = read_cursor(asked.get("cursor"), int)
    ids = [row.id for row in rows]
    if found and found[0] not in ids:
        raise RuleError("This cursor is not one that this list gave. Begin again without it.")
    start = ids.index(found[0]) + 1 if found else 0
    part = rows[start : start + asked["limit"]]
    has_more = start + len(part) < len(rows)
    return listed(EntryListSchema(), part, next_cursor=cursor_after(part[-1].id) if has_more else None)


@operation(
    "POST",
    "/incidents/<ref:ref>/timeline",
    scope=TokenScope.WRITE,
    takes=NewEntrySchema,
    gives=EntrySchema,
    status=201,
)
def add_entry(body: dict[str, Any], ref: str) -> Response:
    """Note what happened; without `at`, now."""
    draft = EntryDraft(text=body["text"], kind=body["kind"], at=body.get("at"))

    def work(by: Person, now: datetime) -> Done:
        incident = get_incident(ref, viewer=by)
        entry = timeline_operations.add_entry(incident, draft, by=by, now=now)
        session.flush()
        row = next(row for row in timeline(incident) if row.id == entry.id)
        return Done(dumped(EntrySchema(), row), 201, url_for("api.list_entries", ref=ref))

    return do_once(work)
