"""What happens in a drill: written by who leads it, given at its minute or before, and ticked off in the room."""

from datetime import datetime

from tracker.db import session
from tracker.drills.operations import check_leads, note, refuse_ended, refuse_stale
from tracker.drills.replay import InjectDraft
from tracker.errors import NotFoundError, RuleError
from tracker.models import Drill, DrillInject, EntryKind, Person

BY_HAND = "Given when who leads the drill says so."
"""Why an inject without a minute of its own is held back."""


def find_inject(drill: Drill, inject_id: int) -> DrillInject:
    """One of the drill's.

    Raises:
        NotFoundError: it has none such.
    """
    found = next((one for one in drill.injects if one.id == inject_id), None)
    if found is None:
        raise NotFoundError("That is not part of this drill any more. Choose one of its list.")
    return found


def add_inject(drill: Drill, draft: InjectDraft, *, by: Person) -> DrillInject:
    check_leads(drill, by=by)
    refuse_ended(drill)
    inject = DrillInject(minute=draft.minute, text=draft.text, expected=draft.expected, held_back=draft.held_back)
    drill.injects.append(inject)
    session.flush()
    return inject


def edit_inject(drill: Drill, inject: DrillInject, draft: InjectDraft, *, version: int, by: Person) -> None:
    """Say it better, or let it happen at another minute.

    Raises:
        StaleWriteError: somebody saved it in between, and the two differ.
    """
    check_leads(drill, by=by)
    refuse_ended(drill)
    if inject.done_at is not None:
        raise RuleError("It happened already, and stands on the timeline. Correct it there.")
    theirs = InjectDraft(inject.minute, inject.text, inject.expected, inject.held_back)
    if version != inject.version:
        refuse_stale(_told(draft), theirs=_told(theirs), their_version=inject.version)
    inject.minute, inject.text, inject.expected = draft.minute, draft.text, draft.expected
    inject.held_back = draft.held_back


def _told(draft: InjectDraft) -> str:
    held = draft.held_back or "no"
    return f"Minute: {draft.minute}\nHeld back: {held}\nWhat happens: {draft.text}\nGood answer: {draft.expected}"


def remove_inject(drill: Drill, inject: DrillInject, *, by: Person) -> None:
    check_leads(drill, by=by)
    refuse_ended(drill)
    if inject.done_at is not None:
        raise RuleError("It happened already, and stands on the timeline.")
    drill.injects.remove(inject)


def give_inject(drill: Drill, inject: DrillInject, *, by: Person, now: datetime) -> None:
    """Let it happen now: somebody looked in the right place, or the drill should go faster."""
    check_leads(drill, by=by)
    refuse_not_running(drill)
    inject.given_at = inject.given_at or now


def tick_inject(drill: Drill, inject: DrillInject, *, seen: str, by: Person, now: datetime) -> None:
    """The team has dealt with it. It stands on the timeline from the moment at which it came; once."""
    refuse_not_running(drill)
    came_at = shown_since(drill, inject)
    if came_at is None or came_at > now:
        raise RuleError("That has not happened yet. Reload the page to see what has.")
    if inject.done_at is not None:
        return
    inject.done_at, inject.done_by_id, inject.note = now, by.id, seen
    if drill.incident is not None:
        note(drill.incident, inject.text, by=by, at=came_at, now=now)
        if seen:
            note(drill.incident, seen, by=by, at=now, now=now, kind=EntryKind.ACTION)


def shown_since(drill: Drill, inject: DrillInject) -> datetime | None:
    """When those who take part see it; ``None``: not before the drill is over, unless it is given to them."""
    if drill.started_at is None:
        return None
    return inject.given_at if inject.held_back else inject.comes_at(drill.started_at)


def refuse_not_running(drill: Drill) -> None:
    if not drill.is_running:
        raise RuleError("This drill is not going on. Reload the page to see where it stands.")
