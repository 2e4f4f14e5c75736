"""Which items say something that their tickets were not told yet, and when they may be told: conditions for queries."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, or_

from tracker.freshness import GONE
from tracker.models import ActionItem, ActionState, ActionTicket, Ticket, TicketState, Tracker, Trouble
from tracker.sync.following.assignees import waits_to_be_assigned
from tracker.sync.following.directions import directions_of

ASKED = case(
    (ActionItem.state.in_((ActionState.DONE, ActionState.VERIFIED)), TicketState.DONE.value),
    (ActionItem.state == ActionState.DECLINED, TicketState.NOT_PLANNED.value),
    else_=TicketState.OPEN.value,
)
"""``merging.asked_state`` in SQL."""


def changed_here(tracker: Tracker) -> ColumnElement[bool]:
    """Which items say something that their tickets in this tracker were not told yet."""
    changes = [_changed_words(tracker)]
    if directions_of(tracker).assignee_out:
        changes.append(waits_to_be_assigned(tracker))
    return and_(
        Ticket.tracker_id == tracker.id,
        Ticket.freshness.not_in(GONE),
        ActionTicket.agreed_at.is_not(None),
        or_(*changes),
    )


def may_be_told(tracker: Tracker, *, now: datetime) -> ColumnElement[bool]:
    """What failed waits for its time; an assignee that was refused keeps nothing else waiting."""
    is_time = or_(ActionTicket.run_after.is_(None), ActionTicket.run_after <= now)
    is_only_assignee = and_(ActionTicket.trouble == Trouble.NOT_ASSIGNED, _changed_words(tracker))
    is_free = or_(ActionTicket.lease_until.is_(None), ActionTicket.lease_until <= now)
    return and_(is_free, or_(is_time, is_only_assignee))


def _changed_words(tracker: Tracker) -> ColumnElement[bool]:
    directions = directions_of(tracker)
    changes: list[ColumnElement[bool]] = [false()]
    if directions.title_out:
        changes.append(ActionItem.title != ActionTicket.title_here)
    if directions.due_out:
        changes.append(ActionItem.due_on.is_distinct_from(ActionTicket.due_here))
    if directions.state_out:
        changes.append(ActionTicket.state_here != ASKED)
    return or_(*changes)
