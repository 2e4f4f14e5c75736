"""The timeline: note, correct with history, star, remove and put back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.errors import NotFoundError, RuleError, StaleWriteError
from tracker.incidents.operations import same_second
from tracker.models import EntryKind, Incident, Person, TimelineEntry, TimelineRevision


@dataclass(frozen=True)
class EntryDraft:
    text: str
    kind: EntryKind = EntryKind.EVENT
    at: datetime | None = None
    """``None``: now for a new entry, not known for a corrected one."""


@dataclass(frozen=True)
class CorrectionDraft:
    text: str
    kind: EntryKind
    at: datetime | None
    version: int


def add_entry(incident: Incident, draft: EntryDraft, *, by: Person, now: datetime) -> TimelineEntry:
    entry = TimelineEntry(
        incident_id=incident.id,
        at=draft.at or now,
        kind=draft.kind,
        text=draft.text,
        author_id=by.id,
        created_at=now,
    )
    session.add(entry)
    return entry


def get_entry(incident: Incident, entry_id: int) -> TimelineEntry:
    """One entry of this incident and no other.

    Raises:
        NotFoundError: there is none.
    """
    entry = session.scalar(
        select(TimelineEntry).where(TimelineEntry.id == entry_id, TimelineEntry.incident_id == incident.id)
    )
    if entry is None:
        raise NotFoundError(f"{incident.ref} has no such timeline entry.")
    return entry


def correct_entry(entry: TimelineEntry, draft: CorrectionDraft, *, by: Person, now: datetime) -> None:
    """Say it better; what it said before is kept.

    Raises:
        StaleWriteError: somebody corrected it in between, and the two texts differ.
    """
    at = entry.at if same_second(entry.at, draft.at) else draft.at
    if (entry.text, entry.kind, entry.at) == (draft.text, draft.kind, at):
        return
    if entry.version != draft.version:
        raise StaleWriteError(
            yours=draft.text, theirs=entry.text, their_version=entry.version, saved_by=_last_writer(entry)
        )
    revision = TimelineRevision(
        entry_id=entry.id,
        at=entry.at,
        at_text=entry.at_text,
        kind=entry.kind,
        text=entry.text,
        corrected_by_id=by.id,
        corrected_at=now,
    )
    session.add(revision)
    if at is not None:
        entry.at_text = ""  # what an imported document said of the time stays in the revision
    if entry.text != draft.text:
        entry.is_automatic = False  # these are somebody's own words now
    entry.text, entry.kind, entry.at = draft.text, draft.kind, at


def _last_writer(entry: TimelineEntry) -> str:
    last = entry.revisions[-1].corrected_by if entry.revisions else None
    return last.name if last else "somebody else"


def star_entry(entry: TimelineEntry) -> None:
    """Mark it for the postmortem."""
    entry.is_starred = True


def unstar_entry(entry: TimelineEntry) -> None:
    entry.is_starred = False


def remove_entry(entry: TimelineEntry, *, now: datetime) -> None:
    """Take it off the timeline; it can be put back."""
    if entry.removed_at is not None:
        raise RuleError("It is removed already.")
    entry.removed_at = now


def put_back_entry(entry: TimelineEntry) -> None:
    entry.removed_at = None
