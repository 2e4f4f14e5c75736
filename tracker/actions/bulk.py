"""One change of several items at once, and taking it back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from tracker import action_life
from tracker.actions.drafts import DeclineDraft, draft_of
from tracker.actions.operations import decline_action, edit_action, keep_declined
from tracker.db import session
from tracker.errors import NotFoundError, RuleError
from tracker.models import ActionItem, ActionState, BulkChange, Person, Priority, may_see_action
from tracker.references import LARGEST


@dataclass(frozen=True, kw_only=True)
class BulkDraft:
    """What all chosen items get; ``None`` leaves as it is."""

    owner_id: int | None = None
    due_on: date | None = None
    priority: Priority | None = None


@dataclass(frozen=True)
class Undone:
    back: int
    kept: Sequence[str]
    """Items that changed since: they stay as they are."""


def change_items(
    items: Sequence[ActionItem], draft: BulkDraft, *, by: Person, now: datetime, today: date
) -> BulkChange:
    """Give all of them the same owner, due date or priority. All are changed or none.

    Raises:
        RuleError: one of them cannot be; the sentence names it.
    """
    wanted = {name: value for name, value in vars(draft).items() if value is not None}
    if not wanted:
        raise RuleError("Choose what to change: an owner, a due date or a priority.")
    before = _values(items)
    for action in items:
        with _named(action):
            edit_action(
                action, replace(draft_of(action), **wanted), version=action.version, by=by, now=now, today=today
            )
    return _keep(items, before, by=by, now=now)


def decline_items(
    items: Sequence[ActionItem], draft: DeclineDraft, *, by: Person, now: datetime, today: date
) -> BulkChange:
    """One decision about all of them."""
    before = _values(items)
    for action in items:
        with _named(action):
            decline_action(action, draft, by=by, now=now, today=today)
    return _keep(items, before, by=by, now=now)


def keep_declined_items(
    items: Sequence[ActionItem], draft: DeclineDraft, *, by: Person, now: datetime, today: date
) -> BulkChange:
    """Looked at again, and all of them stay declined."""
    before = _values(items)
    for action in items:
        with _named(action):
            keep_declined(action, draft, by=by, now=now, today=today)
    return _keep(items, before, by=by, now=now)


def reopen_declined_items(items: Sequence[ActionItem], *, by: Person, now: datetime) -> BulkChange:
    """Looked at again, and all of them are to be done."""
    before = _values(items)
    for action in items:
        if action.state is not ActionState.DECLINED:
            raise RuleError(f"{action.ref} is “{action.state.value}” by now. Leave it out, then open the others again.")
        action_life.reopen(action, by=by, now=now)
    return _keep(items, before, by=by, now=now)


def find_change(change_id: int | None, *, by: Person) -> BulkChange | None:
    """A change that this person made."""
    is_number = change_id is not None and 0 < change_id <= LARGEST
    change = session.get(BulkChange, change_id) if is_number else None
    return change if change is not None and change.person_id == by.id else None


def undo_change(change_id: int | None, *, by: Person, now: datetime, today: date) -> Undone:
    """Give the items back what they said, but for those that changed since.

    Raises:
        NotFoundError: there is no such change of this person.
        RuleError: it was undone already.
    """
    change = find_change(change_id, by=by)
    if change is None:
        raise NotFoundError("There is no such change, or it is not yours.")
    if change.undone_at is not None:
        raise RuleError("This change was undone already.")
    change.undone_at = now
    kept = []
    for values in change.before:
        action = session.scalar(select(ActionItem).where(ActionItem.id == values["id"], may_see_action(by)))
        if action is not None and action.version == values["version"]:
            _restore(action, values, by=by, now=now, today=today)
        elif action is not None:
            kept.append(action.ref)
    return Undone(len(change.before) - len(kept), kept)


def _restore(action: ActionItem, values: dict[str, Any], *, by: Person, now: datetime, today: date) -> None:
    if action.state is ActionState.DECLINED and values["state"] != ActionState.DECLINED.value:
        action_life.take_back_decline(action, state=ActionState(values["state"]), by=by, now=now)
    elif (decision := values.get("decision")) is not None:
        _decline_as_before(action, decision, by=by, now=now)
    draft = replace(
        draft_of(action),
        owner_id=values["owner_id"],
        priority=Priority(values["priority"]),
    )
    if draft != draft_of(action):
        with _named(action):
            edit_action(action, draft, version=action.version, by=by, now=now, today=today)
    if action.due_on != (due_on := date.fromisoformat(values["due_on"]) if values["due_on"] else None):
        # Not as an edit: the day that stood there may have passed, and it is the one that was promised.
        action.due_on = due_on
        action_life.note(action, "Took back the new due date.", by=by, now=now)


def _decline_as_before(action: ActionItem, decision: dict[str, Any], *, by: Person, now: datetime) -> None:
    day = date.fromisoformat(decision["look_again_on"]) if decision["look_again_on"] else None
    reason, accepted_by_id = decision["reason"], decision["accepted_by_id"]
    is_as_it_was = action.state is ActionState.DECLINED and action.look_again_on == day
    if is_as_it_was and (action.declined_reason, action.risk_accepted_by_id) == (reason, accepted_by_id):
        return
    action_life.decline_as_before(
        action, reason=reason, accepted_by_id=accepted_by_id, look_again_on=day, by=by, now=now
    )


def _decision(action: ActionItem) -> dict[str, Any] | None:
    """What stands of the decision not to do it, if that is how it stands."""
    if action.state is not ActionState.DECLINED:
        return None
    return {
        "reason": action.declined_reason,
        "accepted_by_id": action.risk_accepted_by_id,
        "look_again_on": action.look_again_on.isoformat() if action.look_again_on else None,
    }


def _values(items: Sequence[ActionItem]) -> list[dict[str, Any]]:
    return [
        {
            "id": action.id,
            "state": action.state.value,
            "owner_id": action.owner_id,
            "priority": action.priority.value,
            "due_on": action.due_on.isoformat() if action.due_on else None,
            "decision": _decision(action),
        }
        for action in items
    ]


def _keep(items: Sequence[ActionItem], before: list[dict[str, Any]], *, by: Person, now: datetime) -> BulkChange:
    session.flush()
    kept = [values | {"version": action.version} for values, action in zip(before, items, strict=True)]
    change = BulkChange(person_id=by.id, at=now, before=kept)
    session.add(change)
    session.flush()
    return change


@contextmanager
def _named(action: ActionItem) -> Iterator[None]:
    """Say in a refusal which item it is about."""
    try:
        yield
    except RuleError as error:
        raise RuleError(str(error) if action.ref in str(error) else f"{action.ref}: {error}") from error
