"""What changed here and is not in the tickets yet: found by comparing rows, claimed by one worker, recorded after."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from tracker import action_life
from tracker.clients.failures import ClientError, NotAssigned, TransitionMissing
from tracker.clients.state_names import StateNames
from tracker.clients.tickets import KEEP, Gone, TicketEdit, TicketHandle, TicketSnapshot
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import ActionItem, ActionTicket, Push, Ticket, TicketState, Tracker, Trouble
from tracker.sync.following.agreements import keeps_due_dates, owns_words, title_there
from tracker.sync.following.assignees import agree_on_owner, assignee_to_write, follow_assignee
from tracker.sync.following.directions import directions_of
from tracker.sync.following.merging import asked_state, shared_state
from tracker.sync.following.states import known_state
from tracker.sync.pacing.claiming import is_writing, lock_tracker
from tracker.sync.pacing.pauses import LEASE, NEXT_DAY, pause
from tracker.sync.reading.ticket_rows import lose, take_over
from tracker.sync.telling.unwritten import changed_here, may_be_told


@dataclass(frozen=True)
class Write:
    """One item's ticket that this worker may write to until the lease ends."""

    action_id: int
    ticket_id: int
    tracker_id: int
    ref: str
    handle: TicketHandle
    lease_until: datetime


@dataclass(frozen=True)
class Plan:
    """What is left to write after the ticket was read once more."""

    edit: TicketEdit | None
    state: TicketState | None
    title_here: str
    due_here: object
    state_here: TicketState
    assignee: str | None
    """Whom it is to be assigned to, "" for nobody; ``None``: that stays."""
    assignee_before: str
    owner_here: int | None
    names: StateNames
    """What the states of the ticket's project mean."""

    @property
    def is_empty(self) -> bool:
        return self.edit is None and self.state is None and self.assignee is None


def has_writing(tracker: Tracker, *, now: datetime) -> bool:
    query = select(ActionTicket.action_id).join(ActionTicket.action).join(ActionTicket.ticket)
    return session.scalar(query.where(changed_here(tracker), may_be_told(tracker, now=now)).limit(1)) is not None


def claim_write(tracker_id: int, *, now: datetime) -> Write | None:
    """Take the next ticket that has to be told something. Writes to a tracker go one at a time."""
    tracker = lock_tracker(tracker_id, now=now)
    if tracker is None or is_writing(tracker_id, now=now):
        return None
    link = session.scalar(
        select(ActionTicket)
        .join(ActionTicket.action)
        .join(ActionTicket.ticket)
        .where(changed_here(tracker), may_be_told(tracker, now=now))
        .options(joinedload(ActionTicket.action, innerjoin=True), joinedload(ActionTicket.ticket, innerjoin=True))
        .order_by(ActionTicket.agreed_at, ActionTicket.action_id, ActionTicket.ticket_id)
        .limit(1)
        .with_for_update(of=ActionTicket)
    )
    if link is None:
        return None
    link.lease_until, link.attempts = now + LEASE, link.attempts + 1
    handle = TicketHandle(remote_id=link.ticket.remote_id, key=link.ticket.key)
    return Write(link.action_id, link.ticket_id, tracker_id, link.action.ref, handle, link.lease_until)


def plan_write(write: Write, seen: TicketSnapshot | Gone, *, asked_at: datetime, now: datetime) -> Plan | None:
    """Take over what the ticket says now, then see what is left to tell it; ``None``: nothing, or no longer ours."""
    tracker = session.get_one(Tracker, write.tracker_id, with_for_update=True)
    ticket = session.get(Ticket, write.ticket_id, with_for_update=True)
    if ticket is None:
        return None
    if isinstance(seen, Gone):
        lose(ticket, seen, tracker=tracker, now=now)
    else:
        take_over(ticket, seen, tracker=tracker, now=now, asked_at=asked_at)
    link = _own_link(write)
    if link is None:
        return None
    plan = _plan(link, link.ticket, tracker=tracker, now=now)
    if isinstance(seen, Gone) or plan.is_empty:
        _settle(link)
        return None
    return plan


def _plan(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> Plan:
    action, directions = link.action, directions_of(tracker)
    owns = owns_words(action, ticket)
    new_title = title_there(action, kind=tracker.kind)
    has_title = owns and directions.title_out and action.title != link.title_here and new_title != ticket.title
    marker = "" if keeps_due_dates(tracker) else _marker_of(link)
    has_place = keeps_due_dates(tracker) or bool(marker)
    has_due = owns and directions.due_out and has_place and action.due_on != link.due_here
    asked = asked_state(action.state)
    wanted = _wanted(link, ticket, asked=asked, now=now) if directions.state_out else None
    edit = TicketEdit(
        title=action.title if has_title else KEEP, due_on=action.due_on if has_due else KEEP, marker=marker
    )
    assignee = _whom_to_assign(link, ticket, tracker=tracker, now=now) if owns else None
    if not owns and directions.assignee_out:
        agree_on_owner(link, ticket, action=action)
    if wanted is None and directions.state_out:
        link.state_here = asked
    if not has_title and directions.title_out:
        link.title_here, link.title_there = action.title, ticket.title
    if not has_due and directions.due_out:
        link.due_here, link.due_there = action.due_on, ticket.due_on
    return Plan(
        edit=edit if has_title or has_due else None,
        state=wanted,
        title_here=action.title,
        due_here=action.due_on,
        state_here=asked,
        assignee=assignee,
        assignee_before=ticket.assignee,
        owner_here=action.owner_id,
        names=tracker.state_names.get(ticket.target, {}),
    )


def _marker_of(link: ActionTicket) -> str:
    """What our own text on the ticket is known by; "" when we did not make it for this item."""
    made = select(Push.marker).where(Push.action_id == link.action_id, Push.ticket_id == link.ticket_id)
    return session.scalar(made.order_by(Push.id.desc()).limit(1)) or ""


def _whom_to_assign(link: ActionTicket, ticket: Ticket, *, tracker: Tracker, now: datetime) -> str | None:
    follow_assignee(link, ticket, tracker=tracker, now=now)
    return assignee_to_write(link, ticket, tracker=tracker)


def _wanted(link: ActionTicket, ticket: Ticket, *, asked: TicketState, now: datetime) -> TicketState | None:
    """The state that the ticket is to get; ``None``: it has it, or another item that shares it is still open."""
    if link.state_here is asked:
        return None
    sharing = select(ActionItem.state).join(ActionTicket, ActionTicket.action_id == ActionItem.id)
    states = list(session.scalars(sharing.where(ActionTicket.ticket_id == ticket.id)))
    wanted = shared_state(states)
    if wanted is TicketState.OPEN and asked is not TicketState.OPEN and ticket.state is TicketState.OPEN:
        sentence = f"{ticket.key} stays open in {ticket.tracker.name}: another item shares it, and is still open."
        action_life.note(link.action, sentence, by=None, now=now)
    is_so = wanted is ticket.state or (wanted is not TicketState.OPEN and ticket.state is not TicketState.OPEN)
    return None if is_so else wanted


def record_edit(write: Write, plan: Plan, snapshot: TicketSnapshot, *, now: datetime) -> None:
    """Title and due date were written: both sides agree on them, unless somebody changed them there meanwhile."""
    tracker, link = _tracker_and_link(write)
    edit = plan.edit
    if link is not None and edit is not None:
        if edit.title is not KEEP:
            link.title_here, link.title_there = plan.title_here, title_there_of(plan, tracker=tracker)
        if edit.due_on is not KEEP:
            link.due_here, link.due_there = edit.due_on, edit.due_on
        for note in snapshot.notes:
            action_life.note(link.action, f"{snapshot.key} in {tracker.name}: {note}", by=None, now=now)
        if plan.state is None and plan.assignee is None:
            _settle(link)
    _see(write, snapshot, tracker=tracker, now=now)


def title_there_of(plan: Plan, *, tracker: Tracker) -> str:
    return title_there(ActionItem(title=plan.title_here), kind=tracker.kind)


def record_state(write: Write, plan: Plan, snapshot: TicketSnapshot, *, asked: TicketState, now: datetime) -> None:
    """The ticket was closed or opened by us: no item that shares it takes that for somebody else's doing."""
    tracker, link = _tracker_and_link(write)
    ticket = session.get_one(Ticket, write.ticket_id, with_for_update=True)
    state = known_state(snapshot, names=tracker.state_names)
    is_as_asked = (state is TicketState.OPEN) == (asked is TicketState.OPEN)
    for sharing in session.scalars(select(ActionTicket).where(ActionTicket.ticket_id == ticket.id).with_for_update()):
        sharing.applied_state = state if is_as_asked else asked
    if link is not None:
        link.state_here = plan.state_here
        if plan.assignee is None:
            _settle(link)
        verb = "Opened again" if asked is TicketState.OPEN else "Closed"
        action_life.note(link.action, f"{verb} in {tracker.name} by us ({snapshot.key}).", by=None, now=now)
    _see(write, snapshot, tracker=tracker, now=now)


def record_assignee(write: Write, plan: Plan, snapshot: TicketSnapshot, *, now: datetime) -> None:
    """The ticket is assigned to the item's owner, or to nobody."""
    tracker, link = _tracker_and_link(write)
    if link is not None:
        link.owner_here, link.assignee_there = plan.owner_here, plan.assignee or ""
        _settle(link)
    _see(write, snapshot, tracker=tracker, now=now)


def record_failed_write(write: Write, error: ClientError, *, may_have_happened: bool, now: datetime) -> None:
    """Tried again after a growing pause, each time with a look first; what only a person can mend, the next day."""
    _tracker, link = _tracker_and_link(write)
    if link is None:
        return
    wait = NEXT_DAY if error.permanent else max(error.retry_after or timedelta(), pause(link.attempts))
    link.lease_until, link.run_after, link.trouble_text = None, now + wait, error.message
    link.trouble_since = link.trouble_since or now
    link.trouble = _trouble(error, may_have_happened=may_have_happened)


def _trouble(error: ClientError, *, may_have_happened: bool) -> Trouble:
    if isinstance(error, TransitionMissing):
        return Trouble.TRANSITION_MISSING
    if isinstance(error, NotAssigned):
        return Trouble.NOT_ASSIGNED
    return Trouble.UNKNOWN if may_have_happened else Trouble.FAILED


def release(write: Write) -> None:
    """Nothing was sent, for a reason that is the whole tracker's: the next round begins anew."""
    _tracker, link = _tracker_and_link(write)
    if link is not None:
        link.lease_until = None


def postpone(write: Write, *, now: datetime) -> None:
    """The ticket could not be read this time, so nothing is written to it."""
    _tracker, link = _tracker_and_link(write)
    if link is not None:
        link.lease_until, link.run_after = None, now + pause(link.attempts)


def try_writing_now(action: ActionItem, ticket_id: int) -> Tracker:
    """Do not wait until the next try of a change that could not be written; the tracker that it goes to.

    Raises:
        RuleError: the item does not follow that ticket any more.
    """
    link = session.get(ActionTicket, (action.id, ticket_id), with_for_update=True)
    if link is None:
        raise RuleError(f"{action.ref} does not follow that ticket any more.")
    link.run_after = None
    return link.ticket.tracker


def clear_settled(tracker: Tracker, *, now: datetime) -> None:
    """A trouble ends when there is nothing left to write: somebody took the change back, or made it there by hand.

    So does what a worker that died left behind.
    """
    query = select(ActionTicket).join(ActionTicket.action).join(ActionTicket.ticket)
    is_open = or_(ActionTicket.trouble.is_not(None), ActionTicket.lease_until <= now)
    troubled = query.where(Ticket.tracker_id == tracker.id, is_open, ~changed_here(tracker))
    for link in session.scalars(troubled.order_by(ActionTicket.action_id)):
        _settle(link)


def _settle(link: ActionTicket) -> None:
    link.lease_until = link.run_after = link.trouble = link.trouble_since = None
    link.trouble_text, link.attempts = "", 0


def _see(write: Write, snapshot: TicketSnapshot, *, tracker: Tracker, now: datetime) -> None:
    ticket = session.get(Ticket, write.ticket_id)
    if ticket is not None:
        take_over(ticket, snapshot, tracker=tracker, now=now)


def _tracker_and_link(write: Write) -> tuple[Tracker, ActionTicket | None]:
    tracker = session.get_one(Tracker, write.tracker_id, with_for_update=True)
    return tracker, _own_link(write)


def _own_link(write: Write) -> ActionTicket | None:
    """The link, if it is still there and this worker's: not unlinked, and not taken over after the lease ended."""
    session.flush()
    key = (write.action_id, write.ticket_id)
    link = session.get(ActionTicket, key, with_for_update=True, populate_existing=True)
    return link if link is not None and link.lease_until == write.lease_until else None
