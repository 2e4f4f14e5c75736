"""Marking a moment on the timeline: this entry is when it began, was detected, stabilised or resolved."""

from dataclasses import dataclass
from datetime import datetime

from tracker.errors import RuleError, StaleWriteError
from tracker.incidents.operations import date_incident, same_second, write_entry
from tracker.models import Incident, Person, TimelineEntry
from tracker.postmortem_dates import settle_due_date
from tracker.working_days import WorkCalendar

MARKS = {"started_at": "began", "detected_at": "detected", "stabilised_at": "stabilised", "resolved_at": "resolved"}
"""The moments that an entry can stand for, and the word for each."""
STEPS_OF_THE_ROOM = ("stabilised_at", "resolved_at")


@dataclass(frozen=True)
class MarkDraft:
    moment: str
    version: int
    """The incident's, as it was on the page."""
    is_taken_away: bool = False


def mark_moment(
    incident: Incident, entry: TimelineEntry, draft: MarkDraft, *, by: Person, now: datetime, calendar: WorkCalendar
) -> bool:
    """The moment is when this entry happened, or is not known; whether that is news.

    Raises:
        StaleWriteError: the incident was changed since the page was shown, and says something else.
    """
    at = None if draft.is_taken_away else _time_of(entry)
    before: datetime | None = getattr(incident, draft.moment)
    if same_second(before, at):
        return False
    if incident.version != draft.version:
        raise StaleWriteError(_said(at), _said(before), their_version=incident.version)
    if before is None and incident.phase.is_live and draft.moment in STEPS_OF_THE_ROOM:
        raise RuleError(f"{incident.ref} is still going on. Say in its room that it is {MARKS[draft.moment]}.")
    setattr(incident, draft.moment, at)
    date_incident(incident)
    words = f"Corrected: the time it {_verb(draft.moment)}, from {_said(before)} to {_said(at)}."
    write_entry(incident, words, by=by, now=now)
    settle_due_date(incident, calendar=calendar)
    return True


def _time_of(entry: TimelineEntry) -> datetime:
    if entry.removed_at is not None:
        raise RuleError("This entry is removed. Put it back in the room, then mark it.")
    if entry.at is None:
        raise RuleError("The time of this entry is not known. Correct the entry, then mark it.")
    return entry.at


def _verb(moment: str) -> str:
    return MARKS[moment] if moment == "started_at" else f"was {MARKS[moment]}"


def _said(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "not known"
