"""The life of an action item: every step of it, from whichever feature the step comes.

    open -> in progress -> done -> verified
                           done or verified -> did not hold -> in progress, done ...
    open, in progress, did not hold -> declined -> open

Each step changes the row and writes an event; none commits.
"""

from datetime import date, datetime

from tracker.db import session
from tracker.deadlines import WATCH_WINDOW
from tracker.errors import RuleError
from tracker.models import ActionEvent, ActionItem, ActionState, Person


def note(action: ActionItem, sentence: str, *, by: Person | None, now: datetime) -> None:
    """Write a step down; ``by=None`` when a tracker or the clock took it."""
    session.add(ActionEvent(action_id=action.id, at=now, person_id=by.id if by else None, sentence=sentence))


def start(action: ActionItem, *, by: Person | None, now: datetime) -> None:
    _expect(action, ActionState.OPEN, ActionState.DID_NOT_HOLD, verb="start")
    action.state = ActionState.IN_PROGRESS
    action.started_at = action.started_at or now
    note(action, "Started.", by=by, now=now)


def finish(action: ActionItem, *, evidence: str, by: Person | None, now: datetime, sentence: str = "Done.") -> None:
    """Done, with the answer to "how do we know?", which may be empty when a tracker closed the ticket.

    Opens the watch window. Done is not verified.
    """
    _expect(action, ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD, verb="finish")
    action.state = ActionState.DONE
    action.done_at = now
    action.done_evidence = evidence
    action.watch_until = (now + WATCH_WINDOW).date()
    note(action, sentence, by=by, now=now)


def verify(action: ActionItem, *, evidence: str, by: Person, now: datetime) -> None:
    """Shown to work. Only a person says so, never a tracker."""
    _expect(action, ActionState.DONE, verb="verify")
    if not (evidence or action.done_evidence):
        raise RuleError("Say how we know that it works: a link, a test, a drill or a graph.")
    action.state = ActionState.VERIFIED
    action.done_evidence = evidence or action.done_evidence
    action.verified_at = now
    action.verified_by_id = by.id
    note(action, "Shown to work.", by=by, now=now)


def fail_to_hold(action: ActionItem, *, sentence: str, by: Person | None, now: datetime) -> None:
    """It was done, and the incident came back all the same: the work is owed again."""
    _expect(action, ActionState.DONE, ActionState.VERIFIED, verb="reopen")
    action.state = ActionState.DID_NOT_HOLD
    action.did_not_hold_at = now
    action.watch_until = None
    note(action, sentence, by=by, now=now)


def decline(
    action: ActionItem, *, reason: str, accepted_by: Person, look_again_on: date, by: Person, now: datetime
) -> None:
    """A decision not to do it: why, who accepts the risk, and when to look again."""
    _expect(action, ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD, verb="decline")
    if not reason.strip():
        raise RuleError("Say why it is declined, so that the next reader understands the decision.")
    if look_again_on <= now.date():
        raise RuleError("Choose a day in the future to look at this decision again.")
    action.state = ActionState.DECLINED
    action.declined_at = now
    action.declined_reason = reason
    action.risk_accepted_by_id = accepted_by.id
    action.look_again_on = look_again_on
    note(action, f"Declined: {reason}", by=by, now=now)


def reopen(action: ActionItem, *, by: Person | None, now: datetime, sentence: str = "Opened again.") -> None:
    _expect(action, ActionState.DONE, ActionState.VERIFIED, ActionState.DECLINED, verb="reopen")
    action.state = ActionState.OPEN
    action.watch_until = None
    action.look_again_on = None
    note(action, sentence, by=by, now=now)


def _expect(action: ActionItem, *states: ActionState, verb: str) -> None:
    if action.state not in states:
        raise RuleError(
            f"{action.ref} is {action.state.value}, so you cannot {verb} it. Reload the page to see what changed."
        )
