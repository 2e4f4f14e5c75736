"""Who our people are in a tracker, and what new tickets are filled with there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from tracker import audit
from tracker.clients.tickets import RemotePerson, TicketField
from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.models import FieldMapping, Person, Priority, RemoteAccount, Tracker, TrackerKind
from tracker.sync.following.assignees import follow_confirmed
from tracker.sync.mappings.field_values import PRIORITY, Filled, as_filled, as_stored, filled, missing, named
from tracker.sync.operations import checked_target


@dataclass(frozen=True)
class MappingDraft:
    """What a new ticket of a target is filled with, as it was typed."""

    target: str
    kind: str
    labels: tuple[str, ...]
    priorities: dict[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()


def confirm_account(
    tracker: Tracker, person: Person, found: RemotePerson, *, by: Person, now: datetime
) -> RemoteAccount:
    """Keep who somebody is in a tracker, as an administrator confirmed it.

    Raises:
        RuleError: that account is somebody else's.
    """
    same = select(RemoteAccount).where(RemoteAccount.tracker_id == tracker.id, RemoteAccount.name == found.name)
    other = session.scalar(same.where(RemoteAccount.person_id != person.id))
    if other is not None:
        holder = session.get_one(Person, other.person_id)
        raise RuleError(f"{found.shown} is {holder.name} already. Take it from {holder.name} first.")
    key = {"tracker_id": tracker.id, "person_id": person.id}
    row = session.get(RemoteAccount, (tracker.id, person.id)) or RemoteAccount(**key)
    row.name, row.shown, row.confirmed_at, row.confirmed_by_id = found.name[:300], found.shown[:300], now, by.id
    session.add(row)
    session.flush()
    follow_confirmed(tracker, row.name, now=now)
    audit.note("confirm_account", person.name, by=by, now=now, tracker=tracker.name, account=found.name)
    return row


def forget_account(tracker: Tracker, person: Person, *, by: Person, now: datetime) -> None:
    row = session.get(RemoteAccount, (tracker.id, person.id))
    if row is not None:
        session.delete(row)
        audit.note("forget_account", person.name, by=by, now=now, tracker=tracker.name)


def checked_fields(draft: MappingDraft, *, tracker: Tracker, fields: Sequence[TicketField]) -> list[Filled]:
    """The fields of a draft as the tracker takes them.

    Raises:
        RuleError: a field or value is none of the tracker's, or one that it requires is missing.
    """
    given = filled(draft.pairs, fields=fields, tracker=tracker.name)
    if tracker.kind is TrackerKind.JIRA:
        _check_priorities(draft, fields=fields, tracker=tracker)
    names = [one.name for one in given] + [PRIORITY] * all(draft.priorities.get(one.value) for one in Priority)
    if left := missing(fields, given=names):
        raise RuleError(" ".join(left))
    return given


def save_mapping(
    tracker: Tracker, draft: MappingDraft, *, given: Sequence[Filled], by: Person, now: datetime
) -> FieldMapping:
    """Keep what ``checked_fields`` found whole; a target has one mapping."""
    target = checked_target(draft.target, kind=tracker.kind)
    row = find_mapping(tracker.id, target) or FieldMapping(tracker_id=tracker.id, target=target)
    row.kind, row.labels, row.priorities = draft.kind, list(draft.labels), dict(draft.priorities)
    row.fields, row.problems, row.checked_at = as_stored(given), "", now
    session.add(row)
    audit.note("save_field_mapping", tracker.name, by=by, now=now, target=target)
    return row


def remove_mapping(mapping: FieldMapping, *, by: Person, now: datetime) -> None:
    audit.note("remove_field_mapping", mapping.tracker.name, by=by, now=now, target=mapping.target)
    session.delete(mapping)


def find_mapping(tracker_id: int, target: str) -> FieldMapping | None:
    query = select(FieldMapping).where(FieldMapping.tracker_id == tracker_id, FieldMapping.target == target)
    return session.scalar(query)


def get_mapping(mapping_id: int, *, tracker: Tracker) -> FieldMapping:
    row = session.get(FieldMapping, mapping_id)
    if row is None or row.tracker_id != tracker.id:
        raise NotFoundError(f"{tracker.name} has no such mapping any more.")
    return row


def problems_of(mapping: FieldMapping, *, fields: Sequence[TicketField]) -> list[str]:
    """What a stored mapping lacks, or fills wrongly, now that the tracker's fields are as they are."""
    kept = as_filled(mapping.fields)
    draft = MappingDraft(
        mapping.target,
        mapping.kind,
        tuple(mapping.labels),
        mapping.priorities,
        tuple((one.name, one.text) for one in kept),
    )
    try:
        checked_fields(draft, tracker=mapping.tracker, fields=fields)
    except RuleError as error:
        return [str(error)]
    return []


def _check_priorities(draft: MappingDraft, *, fields: Sequence[TicketField], tracker: Tracker) -> None:
    field_ = next((one for one in fields if one.name == PRIORITY), None)
    for ours, theirs in draft.priorities.items():
        if theirs and field_ is None:
            sentence = f"{tracker.name} asks for no priority in {draft.target}. Leave the priorities empty."
            raise RuleError(sentence, about=ours.lower())
        if theirs and field_ is not None and field_.choices and theirs not in field_.choices:
            sentence = f"{ours}: there is no priority “{theirs}”. It takes: {named(field_.choices)}."
            raise RuleError(sentence, about=ours.lower())
