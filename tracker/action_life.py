"""The life of an action item: every step of it, from whichever feature the step comes.

    open -> in progress -> done -> verified
                           done or verified -> did not hold -> in progress, done ...
                                               did not hold -> done or verified, when that was said by mistake
    open, in progress, did not hold -> declined -> open, done, or declined still: looked at again, with another day

Snoozing changes no state: only the owner's reminders wait.

Each step changes the row and writes an event; none commits. An event never names an incident in its words: it
points at it (``about``), and the page shows the reference only to those who may see that incident.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from tracker import audit, words
from tracker.db import session
from tracker.deadlines import SNOOZE, WATCH_WINDOW
from tracker.errors import RuleError
from tracker.models import OPEN_STATES, ActionEvent, ActionItem, ActionState, Incident, Person


def note(
    action: ActionItem, sentence: str, *, by: Person | None, now: datetime, about: Incident | None = None
) -> ActionEvent:
    """Write a step down; ``by=None`` when a tracker or the clock took it.

    ``about`` is the incident the step has to do with. Leave its reference and title out of the sentence.
    """
    event = ActionEvent(
        action_id=action.id,
        at=now,
        person_id=by.id if by else None,
        sentence=sentence,
        detail={"incident": about.number} if about else {},
    )
    session.add(event)
    return event


def start(action: ActionItem, *, by: Person | None, now: datetime, sentence: str = "Started.") -> None:
    _expect(action, ActionState.OPEN, ActionState.DID_NOT_HOLD, step="started")
    action.state = ActionState.IN_PROGRESS
    action.started_at = action.started_at or now
    note(action, sentence, by=by, now=now)


def finish(action: ActionItem, *, evidence: str, by: Person | None, now: datetime, sentence: str = "Done.") -> None:
    """Done, with the answer to "how do we know?", which may be empty when a tracker closed the ticket.

    Opens the watch window. Done is not verified. What was declined may turn out to have been done all the same.
    """
    _expect(action, *OPEN_STATES, ActionState.DECLINED, step="marked as done")
    _take_up_declined(action, by=by, now=now)
    action.state = ActionState.DONE
    action.look_again_on = None
    action.done_at = now
    action.done_evidence = evidence.strip()
    action.watch_until = (now + WATCH_WINDOW).date()
    _withdraw_verification(action)
    note(action, sentence, by=by, now=now)


def verify(action: ActionItem, *, evidence: str, by: Person, now: datetime) -> None:
    """Shown to work. Only a person says so, never a tracker, and never without saying how we know."""
    _expect(action, ActionState.DONE, step="verified")
    known = evidence.strip() or action.done_evidence.strip()
    if not known:
        raise RuleError("Say how we know that it works: a link, a test, a drill or a graph.")
    action.state = ActionState.VERIFIED
    action.done_evidence = known
    action.verified_at = now
    action.verified_by_id = by.id
    note(action, "Shown to work.", by=by, now=now)


def fail_to_hold(
    action: ActionItem, *, sentence: str, by: Person | None, now: datetime, about: Incident | None = None
) -> None:
    """It was done, and the incident came back all the same: the work is owed again.

    When it was verified stays on the row until it is done again: without it, the fix that failed would leave the
    fix-held rate, and failing would help the rate.
    """
    _expect(action, ActionState.DONE, ActionState.VERIFIED, step="marked as not holding")
    if not sentence.strip():
        raise RuleError("Say what showed that it did not hold, so that the next attempt can start from there.")
    before = _as_it_stands(action)
    action.state = ActionState.DID_NOT_HOLD
    action.did_not_hold_at = now
    action.watch_until = None
    event = note(action, sentence, by=by, now=now, about=about)
    event.detail = {**event.detail, BEFORE: before}


def hold_after_all(action: ActionItem, *, failed_at: datetime, by: Person, now: datetime, about: Incident) -> bool:
    """Take back that it did not hold, as said at ``failed_at``: it stands again as it stood before.

    ``False``: something happened to it since, so its state stays. It still counts no longer as one that did not hold,
    unless that is its state.
    """
    events = session.scalars(
        select(ActionEvent)
        .where(ActionEvent.action_id == action.id, ActionEvent.at >= failed_at)
        .order_by(ActionEvent.id.desc())
    ).all()
    failure = next((event for event in events if event.at == failed_at and BEFORE in event.detail), None)
    is_back = failure is not None and failure is events[0] and action.state is ActionState.DID_NOT_HOLD
    if failure is not None:
        _stand_as_before(action, failure.detail[BEFORE], failed_at=failed_at, is_back=is_back)
    what = f"“{failure.sentence}”" if failure else "that it did not hold."
    stands = f"It is {action.state.value} again." if is_back else f"It stays “{action.state.value}”: it moved on since."
    note(action, f"Took back: {what} {stands}", by=by, now=now, about=about)
    return is_back


REMINDER = "reminder"
"""In the detail of an event: the step of the clock that it tells of. The item itself did not change."""
KEPT = "kept"
"""In the detail of an event: somebody looked at the decision to decline again, and it stands."""
BEFORE = "before"
"""In the detail of the event: how the item stood before it did not hold."""


def _as_it_stands(action: ActionItem) -> dict[str, Any]:
    return {
        "state": action.state.value,
        "watch_until": action.watch_until.isoformat() if action.watch_until else None,
        "did_not_hold_at": action.did_not_hold_at.isoformat() if action.did_not_hold_at else None,
    }


def _stand_as_before(action: ActionItem, before: dict[str, Any], *, failed_at: datetime, is_back: bool) -> None:
    if is_back:
        action.state = ActionState(before["state"])
        action.watch_until = date.fromisoformat(before["watch_until"]) if before["watch_until"] else None
    if action.state is not ActionState.DID_NOT_HOLD and action.did_not_hold_at == failed_at:
        earlier = before["did_not_hold_at"]
        action.did_not_hold_at = datetime.fromisoformat(earlier) if earlier else None


def decline(
    action: ActionItem,
    *,
    reason: str,
    accepted_by: Person,
    look_again_on: date,
    by: Person,
    now: datetime,
    today: date | None = None,
) -> None:
    """A decision not to do it: why, who accepts the risk, and when to look again.

    ``today`` is the installation's day, in which dates are counted; without it, the day in UTC.
    """
    _expect(action, ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD, step="declined")
    _decide(action, reason=reason, accepted_by=accepted_by, look_again_on=look_again_on, today=today or now.date())
    action.state = ActionState.DECLINED
    action.declined_at = now
    note(action, f"Declined: {action.declined_reason}", by=by, now=now)


def keep_declined(
    action: ActionItem, *, reason: str, accepted_by: Person, look_again_on: date, by: Person, now: datetime, today: date
) -> None:
    """Looked at again, and still right: why, who accepts the risk from now on, and the next day to look.

    It was declined when it was declined: figures count it from that day on.
    """
    _expect(action, ActionState.DECLINED, step="kept declined")
    _decide(action, reason=reason, accepted_by=accepted_by, look_again_on=look_again_on, today=today)
    sentence = f"Looked at again, and kept declined until {words.day_text(look_again_on)}: {action.declined_reason}"
    event = note(action, sentence, by=by, now=now)
    event.detail = {**event.detail, KEPT: True}


def _decide(action: ActionItem, *, reason: str, accepted_by: Person, look_again_on: date, today: date) -> None:
    if not reason.strip():
        raise RuleError("Say why it is declined, so that the next reader understands the decision.")
    if look_again_on <= today:
        raise RuleError("Choose a day in the future to look at this decision again.", about="look_again_on")
    action.declined_reason = reason.strip()
    action.risk_accepted_by_id = accepted_by.id
    action.look_again_on = look_again_on


def bring_back_declined(action: ActionItem, *, now: datetime) -> None:
    """What it was declined for has changed: whoever decides looks at it again today, not only on the day chosen."""
    _expect(action, ActionState.DECLINED, step="brought back")
    today = now.date()
    action.look_again_on = min(action.look_again_on or today, today)


def reopen(
    action: ActionItem,
    *,
    by: Person | None,
    now: datetime,
    sentence: str = "Opened again.",
    about: Incident | None = None,
) -> None:
    _expect(action, ActionState.DONE, ActionState.VERIFIED, ActionState.DECLINED, step="opened again")
    _take_up_declined(action, by=by, now=now)
    if action.state is ActionState.VERIFIED:
        _withdraw_verification(action)
    action.state = ActionState.OPEN
    action.watch_until = None
    action.look_again_on = None
    note(action, sentence, by=by, now=now, about=about)


def snooze(action: ActionItem, *, until: date, reason: str, by: Person, now: datetime, today: date) -> None:
    """Its owner is reminded again on that day. It stays due and overdue, and others are told of it as ever."""
    _expect(action, ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD, step="snoozed")
    if not reason.strip():
        raise RuleError("Say why it waits, so that others do not have to ask.")
    if not today < until <= today + SNOOZE:
        sentence = f"Choose a day within {SNOOZE.days} days. For longer, give it a new due date or decline it."
        raise RuleError(sentence, about="until")
    action.snoozed_until = until
    note(action, f"No reminder to its owner until {words.day_text(until)}: {reason.strip()}", by=by, now=now)


def _take_up_declined(action: ActionItem, *, by: Person | None, now: datetime) -> None:
    """Declining stands in the audit log, as the decision that it is; so does that it holds no more."""
    if action.state is ActionState.DECLINED:
        audit.note("take_up_declined", action.ref, by=by, now=now)


def take_back_decline(action: ActionItem, *, state: ActionState, by: Person, now: datetime) -> None:
    """The decision not to do it was not meant: it stands as it stood before."""
    _expect(action, ActionState.DECLINED, step="taken back")
    _take_up_declined(action, by=by, now=now)
    action.state = state
    action.declined_at = None
    action.declined_reason = ""
    action.risk_accepted_by_id = None
    action.look_again_on = None
    note(action, "Took back that it was declined.", by=by, now=now)


def decline_as_before(
    action: ActionItem,
    *,
    reason: str,
    accepted_by_id: int | None,
    look_again_on: date | None,
    by: Person,
    now: datetime,
) -> None:
    """What came of the second look was not meant: the decision stands as it stood before."""
    _expect(action, ActionState.DECLINED, ActionState.OPEN, step="declined as before")
    action.state = ActionState.DECLINED
    action.declined_reason = reason
    action.risk_accepted_by_id = accepted_by_id
    action.look_again_on = look_again_on
    note(action, "Took that back: it is declined as before.", by=by, now=now)


def hand_over(action: ActionItem, *, now: datetime, sentence: str) -> None:
    """Its owner has gone: it is nobody's until somebody takes it, and its team hears of it."""
    action.owner_id = None
    note(action, sentence, by=None, now=now)


def _withdraw_verification(action: ActionItem) -> None:
    """What was shown to work was an earlier attempt; its events keep who said so and when."""
    action.verified_at = None
    action.verified_by_id = None


def _expect(action: ActionItem, *states: ActionState, step: str) -> None:
    if action.state not in states:
        raise RuleError(
            f"{action.ref} is “{action.state.value}” by now, so it cannot be {step}. Look at what changed, then decide."
        )
