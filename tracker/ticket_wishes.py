"""The wish for a ticket: a row, written in the transaction of what it is about, from which a job makes the ticket.

The one place that writes it, from whichever feature the wish comes.
"""

from datetime import datetime

from tracker.clients.ticket_text import new_marker
from tracker.db import session
from tracker.errors import RuleError
from tracker.lookup import is_private
from tracker.models import ActionItem, Person, Push, PushState, Tracker


def connected_tracker(tracker_id: int) -> Tracker:
    """A tracker that takes tickets.

    Raises:
        RuleError: it is gone, or switched off.
    """
    tracker = session.get(Tracker, tracker_id)
    if tracker is None or not tracker.is_active:
        raise RuleError("That tracker is not connected any more. Choose another one.")
    return tracker


def check_readable(action: ActionItem, *, is_confirmed: bool) -> None:
    """What only some people may see gets a ticket only when somebody said that it may be read there.

    Raises:
        RuleError: nobody did.
    """
    if is_private(action) and not is_confirmed:
        raise RuleError(
            "Confirm that the ticket may be read by everybody who can read the tracker, or leave it.",
            about="is_confirmed",
        )


def wish_for_ticket(action: ActionItem, tracker: Tracker, *, target: str, by: Person, now: datetime) -> Push:
    push = Push(
        action_id=action.id,
        tracker_id=tracker.id,
        target=target,
        marker=new_marker(action.ref),
        state=PushState.PENDING,
        run_after=now,
        created_at=now,
        created_by_id=by.id,
    )
    session.add(push)
    session.flush()
    return push
