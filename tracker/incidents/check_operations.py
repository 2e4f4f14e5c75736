"""Ticking the checks of the first ten minutes, each with who and when, and taking a tick back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.db import session
from tracker.errors import RuleError
from tracker.incidents.first_minutes import PREFIX, Check, find_check, sentence
from tracker.incidents.operations import write_entry
from tracker.models import EntryKind, Incident, Person, Tick


@dataclass(frozen=True)
class TickDraft:
    key: str
    note: str = ""


def tick(incident: Incident, draft: TickDraft, *, by: Person, now: datetime) -> Check:
    """Note what was found out; it stands on the timeline too.

    Raises:
        RuleError: there is no such check, or somebody else noted another answer before.
    """
    check = _check(draft.key)
    present = _find(incident, check)
    if present is not None:
        if (present.ticked_by_id, present.note) != (by.id, draft.note):
            raise RuleError(_noted_words(check, present, draft))
        return check
    noted = Tick(incident_id=incident.id, item=PREFIX + check.key, note=draft.note, ticked_by_id=by.id, ticked_at=now)
    session.add(noted)
    kind = EntryKind.COMMUNICATION if check.key == "told" else EntryKind.EVENT
    write_entry(incident, sentence(check, draft.note), by=by, now=now, kind=kind)
    return check


def take_back(incident: Incident, *, key: str, by: Person, now: datetime) -> Check:
    """It was not so, or not looked at. What the timeline said stays, with this after it."""
    check = _check(key)
    present = _find(incident, check)
    if present is not None:
        session.delete(present)
        write_entry(incident, f"Taken back: {sentence(check, present.note)}", by=by, now=now)
    return check


def _noted_words(check: Check, present: Tick, draft: TickDraft) -> str:
    """What stands there, and what was typed: nothing that somebody wrote is lost."""
    there = f": {present.note}" if present.note else ""
    yours = f" You wrote: {draft.note}." if draft.note else ""
    return f"“{check.question}” is noted already{there}. Take it back first to say something else.{yours}"


def _check(key: str) -> Check:
    check = find_check(key)
    if check is None:
        raise RuleError("There is no such check. Reload the page, then choose one of the list.")
    return check


def _find(incident: Incident, check: Check) -> Tick | None:
    return session.scalar(select(Tick).where(Tick.incident_id == incident.id, Tick.item == PREFIX + check.key))
