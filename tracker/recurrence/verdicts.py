"""Of each fix that was done before an incident came back: should it have held? Said, and taken back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker import action_life, audit
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import (
    ActionItem,
    ActionState,
    HeldVerdict,
    IncidentAction,
    Person,
    Recurrence,
    RecurrenceState,
    Verdict,
)
from tracker.recurrence.unfinished import began_at


def give_verdict(pair: Recurrence, action: ActionItem, verdict: HeldVerdict, *, by: Person, now: datetime) -> None:
    """Say whether a done item of the earlier incident should have held. Failed or bypassed: it is owed again.

    Saying the same a second time, as a double click does, changes nothing.

    Raises:
        RuleError: the pair is not the same, the item is not of the earlier incident, was not done when it came
            back, or somebody answered otherwise.
    """
    if pair.state is not RecurrenceState.SAME:
        raise RuleError("First decide that the two are the same; then ask of each fix whether it held.")
    if session.get(IncidentAction, (pair.earlier_id, action.id)) is None:
        raise RuleError(f"{action.ref} is no item of the earlier incident.")
    given = _given(pair, action)
    if given is not None:
        if given.verdict is verdict:
            return
        raise RuleError(f"Somebody already answered for {action.ref}. Take that back first if you see it otherwise.")
    if action.state not in (ActionState.DONE, ActionState.VERIFIED):
        raise RuleError(f"{action.ref} is {action.state.value}: the question is only for what was done.")
    if action.done_at is not None and action.done_at > began_at(pair.later):
        raise RuleError(f"{action.ref} was done after {pair.later.ref} began, so it could not have held yet.")
    session.add(Verdict(recurrence_id=pair.id, action_id=action.id, verdict=verdict, given_by_id=by.id, given_at=now))
    audit.note("give_verdict", action.ref, by=by, now=now, verdict=verdict.value)
    if verdict is not HeldVerdict.NOT_RELEVANT:
        how = "failed" if verdict is HeldVerdict.FAILED else "was bypassed"
        sentence = f"The incident came back: this {how}."
        action_life.fail_to_hold(action, sentence=sentence, by=by, now=now, about=pair.later)


def take_back_verdict(pair: Recurrence, action: ActionItem, *, by: Person, now: datetime) -> str:
    """Withdraw what was said of an item, which then stands as before unless it moved on; what became of it.

    Where nothing is said (any more) there is nothing to do.
    """
    given = _given(pair, action)
    return f"Nothing is said of {action.ref}." if given is None else _take_back(pair, given, by=by, now=now)


def take_back_all(pair: Recurrence, *, by: Person, now: datetime) -> list[str]:
    """The same for all that was said; what became of the items that it had called failed or bypassed."""
    query = select(Verdict).where(Verdict.recurrence_id == pair.id).options(joinedload(Verdict.action))
    became = [(one, _take_back(pair, one, by=by, now=now)) for one in session.scalars(query.order_by(Verdict.id)).all()]
    return [sentence for one, sentence in became if one.verdict is not HeldVerdict.NOT_RELEVANT]


def _given(pair: Recurrence, action: ActionItem) -> Verdict | None:
    return session.scalar(select(Verdict).where(Verdict.recurrence_id == pair.id, Verdict.action_id == action.id))


def _take_back(pair: Recurrence, given: Verdict, *, by: Person, now: datetime) -> str:
    action = given.action
    session.delete(given)
    audit.note("take_back_verdict", action.ref, by=by, now=now)
    if given.verdict is HeldVerdict.NOT_RELEVANT:
        return f"Taken back for {action.ref}: say what you see now."
    if action_life.hold_after_all(action, failed_at=given.given_at, by=by, now=now, about=pair.later):
        return f"{action.ref} is {action.state.value} again."
    return f"{action.ref} stays “{action.state.value}”: it moved on since."
