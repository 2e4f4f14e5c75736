"""What a drill showed: in words, as gaps that become action items, and as proof that earlier ones work."""

from datetime import date, datetime

from sqlalchemy import select

from tracker import action_life, action_links, deadlines, words
from tracker.db import session
from tracker.drills.operations import refuse_stale
from tracker.errors import NotFoundError, RuleError
from tracker.models import (
    ACTIONS,
    ActionItem,
    ActionState,
    Drill,
    DrillCheck,
    DrillGap,
    Person,
    Priority,
    next_number,
)

TESTABLE = (ActionState.DONE, ActionState.VERIFIED)


def write_showed(drill: Drill, text: str, *, version: int) -> None:
    """What it showed, in words.

    Raises:
        StaleWriteError: somebody saved another text in between.
    """
    _refuse_not_begun(drill)
    if version != drill.version:
        refuse_stale(text, theirs=drill.showed, their_version=drill.version)
    drill.showed = text


def note_gap(drill: Drill, text: str, *, by: Person, now: datetime) -> DrillGap:
    """Something was missing. What is to be done about it can wait until the drill is over."""
    _refuse_not_begun(drill)
    gap = DrillGap(text=text, noted_by_id=by.id, noted_at=now)
    drill.gaps.append(gap)
    session.flush()
    return gap


def find_gap(drill: Drill, gap_id: int) -> DrillGap:
    """One of the drill's.

    Raises:
        NotFoundError: it has none such.
    """
    found = next((one for one in drill.gaps if one.id == gap_id), None)
    if found is None:
        raise NotFoundError("That gap is not on the list of this drill any more.")
    return found


def promise_gap(drill: Drill, gap: DrillGap, *, by: Person, now: datetime, today: date) -> ActionItem:
    """Make an action item of a gap, for the drill's incident; who does so owns it until somebody else takes it."""
    # Whoever comes second waits here, and then finds the item of the first.
    session.execute(select(DrillGap.id).where(DrillGap.id == gap.id).with_for_update())
    session.refresh(gap)
    there = session.get(ActionItem, gap.action_id) if gap.action_id is not None else None
    if there is not None:
        return there
    if drill.incident is None:
        raise RuleError("The incident of this drill is gone, so nothing can be promised for it.")
    action = ActionItem(
        number=next_number(session(), ACTIONS),
        title=gap.text,
        owner_id=by.id,
        priority=Priority.P2,
        due_on=deadlines.action_due_on(Priority.P2, today),
        team_id=next((service.team_id for service in drill.services if service.team_id), None),
        created_at=now,
        created_by_id=by.id,
    )
    session.add(action)
    session.flush()
    action_links.add_link(action, drill.incident, by=by, now=now)
    action_links.check_owner_reads(action)
    action_life.note(action, "Promised.", by=by, now=now, about=drill.incident)
    gap.action_id = action.id
    return action


def item_held(drill: Drill, action: ActionItem, *, seen: str, by: Person, now: datetime, today: date) -> None:
    """The drill showed that it works: what was done counts as shown to work, with the drill as the proof."""
    _begin_check(drill, action, held=True, seen=seen, by=by, now=now)
    action_life.note(action, "A drill showed that it works.", by=by, now=now, about=drill.incident)
    if action.state is ActionState.DONE:
        link = f"[A drill on {words.day_text(today)}](/drills/{drill.id}) showed it: {seen}"
        before = f"{action.done_evidence.strip()}\n\n" if action.done_evidence.strip() else ""
        action_life.verify(action, evidence=f"{before}{link}", by=by, now=now)


def item_failed(drill: Drill, action: ActionItem, *, seen: str, by: Person, now: datetime) -> None:
    """The drill showed that it does not work: it is open again. "Did not hold" stays for incidents that came back."""
    _begin_check(drill, action, held=False, seen=seen, by=by, now=now)
    sentence = f"Opened again: a drill showed that it does not work. {seen}"
    action_life.reopen(action, by=by, now=now, sentence=sentence, about=drill.incident)


def _begin_check(drill: Drill, action: ActionItem, *, held: bool, seen: str, by: Person, now: datetime) -> None:
    _refuse_not_begun(drill)
    session.execute(select(ActionItem.id).where(ActionItem.id == action.id).with_for_update())
    session.refresh(action)
    if not seen.strip():
        raise RuleError("Say what you saw, so that the next reader believes it.")
    if action.state not in TESTABLE:
        raise RuleError(f"{action.ref} is “{action.state.value}”. A drill can test what is done.")
    if drill.ended_at is not None and action.done_at is not None and action.done_at > drill.ended_at:
        raise RuleError(f"{action.ref} was done after this drill. The next one can test it.")
    if any(one.action_id == action.id for one in drill.checks):
        raise RuleError(f"This drill has tested {action.ref} already. Reload the page to see how it went.")
    drill.checks.append(DrillCheck(action_id=action.id, held=held, seen=seen, noted_by_id=by.id, noted_at=now))


def _refuse_not_begun(drill: Drill) -> None:
    if drill.started_at is None:
        raise RuleError("This drill has not begun, so it has shown nothing yet.")
