"""Who does what in the room, and what others are told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.deadlines import UPDATE_CADENCE
from tracker.errors import RuleError
from tracker.incidents.first_minutes import PREFIX
from tracker.incidents.operations import write_entry
from tracker.incidents.update_mails import READERS
from tracker.models import Audience, EntryKind, Incident, IncidentRole, Person, Phase, RoleAssignment, Tick, Update


@dataclass(frozen=True)
class UpdateDraft:
    audience: Audience
    text: str


@dataclass(frozen=True)
class RoleDraft:
    role: IncidentRole
    person_id: int | None
    """``None``: nobody holds it from now on."""
    note: str = ""
    instead_of: int | None = None
    """Who held it on the page that was pressed, 0 for nobody; ``None``: whoever holds it."""


def send_update(incident: Incident, draft: UpdateDraft, *, by: Person, now: datetime) -> Update:
    """Record what was told, to whom and when; it stands on the timeline, and the next one falls due."""
    cadence = UPDATE_CADENCE.get(incident.severity) if incident.phase.is_live else None
    update = Update(
        incident_id=incident.id,
        audience=draft.audience,
        text=draft.text,
        author_id=by.id,
        sent_at=now,
        next_due_at=now + cadence if cadence else None,
    )
    session.add(update)
    words = f"Update to {READERS[draft.audience]}: {draft.text}"
    write_entry(incident, words, by=by, now=now, kind=EntryKind.COMMUNICATION)
    _tick_as_told(incident, by=by, now=now)
    return update


def _tick_as_told(incident: Incident, *, by: Person, now: datetime) -> None:
    """The first update is the first message that the first ten minutes ask for."""
    told = PREFIX + "told"
    if session.scalar(select(Tick.id).where(Tick.incident_id == incident.id, Tick.item == told)) is None:
        session.add(Tick(incident_id=incident.id, item=told, ticked_by_id=by.id, ticked_at=now))


def hand_over(incident: Incident, draft: RoleDraft, *, by: Person, now: datetime) -> str:
    """Give a role to somebody else; the sentence that stands on the timeline, empty when nothing changed.

    A role has one holder, and the second of two who press at once is told who that is.
    On a private incident the new holder is named, or they could not see it.
    """
    session.execute(select(Incident.id).where(Incident.id == incident.id).with_for_update())
    if incident.phase is Phase.CLOSED:
        raise RuleError(f"{incident.ref} is closed, so nobody takes a role in it. Is it not over? Then open it again.")
    present = _holder(incident, draft.role)
    taker = _taker(draft)
    if (present.person_id if present else None) == draft.person_id:
        return ""
    if draft.instead_of is not None and draft.instead_of != (present.person_id if present else 0):
        holder = present.person.name if present else "Nobody"
        raise RuleError(f"{holder} is {draft.role.value} by now. Take it over here if that is agreed.")
    sentence = _hand_over_words(draft.role, present=present, taker=taker)
    if present is not None:
        present.until = now
        session.flush()
    if taker is not None:
        session.add(RoleAssignment(incident_id=incident.id, role=draft.role, person_id=taker.id, since=now))
        if incident.is_private and taker.id not in {one.id for one in incident.named_people}:
            incident.named_people.append(taker)
    write_entry(incident, f"{sentence} {draft.note}".strip(), by=by, now=now, kind=EntryKind.DECISION)
    return sentence


def _holder(incident: Incident, role: IncidentRole) -> RoleAssignment | None:
    return session.scalar(
        select(RoleAssignment).where(
            RoleAssignment.incident_id == incident.id, RoleAssignment.role == role, RoleAssignment.until.is_(None)
        )
    )


def _taker(draft: RoleDraft) -> Person | None:
    if draft.person_id is None:
        return None
    person = session.get(Person, draft.person_id)
    if person is None or not person.is_active:
        raise RuleError("That person is no longer here. Choose somebody else.")
    if not person.can_respond:
        raise RuleError(f"{person.name} can read but not take part. Choose a responder.")
    return person


def _hand_over_words(role: IncidentRole, *, present: RoleAssignment | None, taker: Person | None) -> str:
    giver = f" from {present.person.name}" if present else ""
    if taker is None:
        return f"Nobody is {role.value} now; it was {present.person.name}." if present else ""
    return f"{taker.name} takes over as {role.value}{giver}."
