"""What an item's page shows of its tickets and of those that were asked for, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker import freshness
from tracker.db import session
from tracker.freshness import GONE
from tracker.lookup import is_private
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    Freshness,
    Incident,
    IncidentAction,
    Person,
    Push,
    PushState,
    Service,
    Ticket,
    TicketState,
    Tracker,
    may_see,
)
from tracker.models.incidents import IncidentService
from tracker.sync.operations import may_create_again
from tracker.sync.pacing.pauses import NO_MORE_LOOKS
from tracker.sync.telling.trouble_queries import Beside, beside_tickets
from tracker.sync.wording import (
    FRESHNESS,
    PUSH,
    UNKNOWN_BARRED,
    UNKNOWN_DECIDE,
    UNKNOWN_LOOKED,
    UNKNOWN_LOOKING,
    being_told,
    difference,
    flag_of,
    has_looked,
)

SOON, SELDOM = 5, 60
"""Seconds between two looks of a page that waits."""
PATIENCE = timedelta(minutes=2)
"""So long after it was due something is given up to happen at any moment: perhaps no worker runs."""


@dataclass(frozen=True)
class TicketShown:
    """A ticket of an item with what we know of it, in words."""

    ticket: Ticket
    freshness: Freshness
    since: datetime
    sentence: str
    flag: str
    """What a person has to decide about it; empty when nothing."""
    is_agreed: bool
    """Whether ticket and item say the same, as far as the ticket is known."""
    is_being_told: bool
    """Whether what changed here is about to be written there."""

    @property
    def is_gone(self) -> bool:
        return self.freshness in GONE


@dataclass(frozen=True)
class PushShown:
    """A push that has not become a ticket, or whose ticket is gone, with what a person can do about it."""

    push: Push
    sentence: str
    may_try: bool
    may_create_again: bool
    may_give_up: bool
    is_soon: bool
    """Whether the worker is about to make it, or to look for it."""


@dataclass(frozen=True)
class Suggestion:
    """Where a ticket of this item goes unless a person says otherwise."""

    tracker_id: int | None
    target: str


@dataclass(frozen=True)
class TicketsOfAction:
    tickets: list[TicketShown]
    pushes: list[PushShown]
    is_private: bool
    looks_again_in: int
    """Seconds after which a page that waits asks again."""

    @property
    def is_on_its_way(self) -> bool:
        """Whether something changes by itself soon, so that the page looks again."""
        return any(shown.is_being_told for shown in self.tickets) or any(shown.is_soon for shown in self.pushes)

    @property
    def unknown(self) -> Push | None:
        """A push that a person may resolve by naming its ticket."""
        return next((shown.push for shown in self.pushes if shown.push.state is PushState.UNKNOWN), None)


def tickets_of(action: ActionItem, *, now: datetime) -> TicketsOfAction:
    linked = select(Ticket).join(ActionTicket, ActionTicket.ticket_id == Ticket.id)
    rows = session.scalars(
        linked.where(ActionTicket.action_id == action.id)
        .options(joinedload(Ticket.tracker))
        .order_by(ActionTicket.linked_at, Ticket.id)
    ).all()
    pushes = session.scalars(
        select(Push)
        .where(Push.action_id == action.id, Push.abandoned_at.is_(None))
        .options(joinedload(Push.tracker), joinedload(Push.ticket))
        .order_by(Push.id)
    ).all()
    open_pushes = [push for push in pushes if push.state is not PushState.LINKED or may_create_again(push)]
    tickets = _tickets_shown(rows, action=action, now=now)
    told = [(one.ticket.tracker, now) for one in tickets if one.is_being_told]
    shown = [push_shown(push, now=now) for push in open_pushes]
    return TicketsOfAction(
        tickets=tickets,
        pushes=shown,
        is_private=is_private(action),
        looks_again_in=next_look([*told, *due_pushes(shown)], now=now),
    )


def due_pushes(shown: Iterable[PushShown]) -> list[tuple[Tracker, datetime]]:
    """Where and when the worker goes on with those that a page waits for."""
    return [(one.push.tracker, one.push.run_after) for one in shown if one.is_soon]


def next_look(due: Iterable[tuple[Tracker, datetime]], *, now: datetime) -> int:
    """Seconds until a page that waits asks again: few while something happens, many while nothing can."""
    return min((_wait(tracker, due_at, now=now) for tracker, due_at in due), default=SOON)


def _wait(tracker: Tracker, due_at: datetime, *, now: datetime) -> int:
    goes_on_at = max(due_at, tracker.run_after or due_at)
    if not tracker.is_active or now - goes_on_at > PATIENCE:
        return SELDOM
    return min(max(SOON, ceil((goes_on_at - now).total_seconds())), SELDOM)


def suggestion(action: ActionItem, *, viewer: Person, offered: Sequence[Tracker]) -> Suggestion:
    return suggestions([action], viewer=viewer, offered=offered)[action.id]


def suggestions(actions: Sequence[ActionItem], *, viewer: Person, offered: Sequence[Tracker]) -> dict[int, Suggestion]:
    """By item: as a service of one of its incidents has it, else as the first tracker has it."""
    defaults = {tracker.id: tracker.default_target for tracker in offered}
    rows = session.execute(
        select(IncidentAction.action_id, Tracker.id, Service.ticket_target)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .join(IncidentAction, IncidentAction.incident_id == IncidentService.incident_id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .join(Tracker, Tracker.id == Service.tracker_id)
        .where(IncidentAction.action_id.in_([one.id for one in actions]), Tracker.id.in_(defaults))
        .where(may_see(viewer))
        .order_by(Incident.declared_at, Incident.id, Service.name)
    )
    found: dict[int, Suggestion] = {}
    for action_id, tracker_id, target in rows:
        found.setdefault(action_id, Suggestion(tracker_id, target or defaults[tracker_id]))
    usual = Suggestion(offered[0].id, offered[0].default_target) if offered else Suggestion(None, "")
    return {one.id: found.get(one.id, usual) for one in actions}


def freshness_of(ticket: Ticket, *, now: datetime) -> tuple[Freshness, datetime]:
    """What is known of a ticket now, and since when."""
    known_at = freshness.known_at(ticket.seen_at, read_at=ticket.tracker.read_at)
    found = freshness.freshness_of(ticket.freshness, known_at=known_at, is_followed=ticket.tracker.is_active, now=now)
    return found, ticket.freshness_since if found is ticket.freshness else known_at


def _tickets_shown(tickets: Sequence[Ticket], *, action: ActionItem, now: datetime) -> list[TicketShown]:
    if not tickets:
        return []
    beside = beside_tickets(action, trackers={one.tracker for one in tickets})
    is_open = {one.id for one in tickets if one.state is TicketState.OPEN}
    return [
        _ticket_shown(one, item=action.state, beside=beside[one.id], others_are_open=bool(is_open - {one.id}), now=now)
        for one in tickets
    ]


def _ticket_shown(
    ticket: Ticket, *, item: ActionState, beside: Beside, others_are_open: bool, now: datetime
) -> TicketShown:
    found, since = freshness_of(ticket, now=now)
    name = ticket.tracker.name
    if beside.is_being_told and found not in GONE:
        return TicketShown(ticket, found, since, being_told(name), "", is_agreed=True, is_being_told=True)
    around = {"is_shared": beside.is_shared, "others_are_open": others_are_open}
    differs = "" if found in GONE else difference(ticket.state, item=item, tracker=name, **around)
    flag = differs or flag_of(ticket.state, freshness=found, item_is_open=item.is_open, tracker=name)
    sentence = "" if flag and found is Freshness.IN_STEP else FRESHNESS[found]
    return TicketShown(ticket, found, since, sentence, flag, is_agreed=not flag, is_being_told=False)


def push_shown(push: Push, *, now: datetime) -> PushShown:
    if push.state is PushState.UNKNOWN:
        sentence = _unknown_sentence(push)
    elif push.state is PushState.LINKED:
        sentence = "Its ticket was deleted in the tracker."
    else:
        sentence = PUSH[push.state]
    return PushShown(
        push,
        sentence,
        may_try=push.state in (PushState.PENDING, PushState.FAILED, PushState.UNKNOWN),
        may_create_again=may_create_again(push),
        may_give_up=push.state in (PushState.PENDING, PushState.FAILED),
        is_soon=push.state in (PushState.PENDING, PushState.SENT)
        or (push.state is PushState.UNKNOWN and push.run_after <= now),
    )


def _unknown_sentence(push: Push) -> str:
    if push.run_after >= NO_MORE_LOOKS:
        return UNKNOWN_DECIDE if has_looked(push.last_error) else UNKNOWN_BARRED
    return UNKNOWN_LOOKED if has_looked(push.last_error) else UNKNOWN_LOOKING
