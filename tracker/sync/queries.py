"""What the pages of sync show, and which trackers have work."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from tracker import freshness
from tracker.db import session
from tracker.errors import NotFoundError
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
    Tracker,
    may_see,
    may_see_action,
)
from tracker.models.incidents import IncidentService
from tracker.sync.operations import may_create_again
from tracker.sync.pacing.breaker import BreakerState
from tracker.sync.pacing.breaking import breaker_of
from tracker.sync.pacing.pauses import NO_MORE_LOOKS
from tracker.sync.private_items import is_private
from tracker.sync.telling.trouble_queries import undecided_by_tracker, unwritten_by_tracker
from tracker.sync.wording import (
    FRESHNESS,
    GONE,
    PUSH,
    UNKNOWN_DECIDE,
    UNKNOWN_LOOKED,
    UNKNOWN_LOOKING,
    difference,
    flag_of,
    has_looked,
)
from tracker.ticket_troubles import has_undecided_item

TROUBLED_SHOWN = 50


def trackers() -> Sequence[Tracker]:
    return session.scalars(select(Tracker).order_by(Tracker.name, Tracker.id)).all()


def unused_trackers() -> set[int]:
    """The trackers in which no ticket was ever known or asked for, by id."""
    asked, known = exists().where(Push.tracker_id == Tracker.id), exists().where(Ticket.tracker_id == Tracker.id)
    return set(session.scalars(select(Tracker.id).where(~asked, ~known)))


def get_tracker(tracker_id: int) -> Tracker:
    tracker = session.get(Tracker, tracker_id)
    if tracker is None:
        raise NotFoundError("There is no such tracker.")
    return tracker


def get_tracker_by_name(name: str) -> Tracker:
    """A tracker by its name or short name, whatever the case."""
    wanted = name.strip().lower()
    query = select(Tracker).where(or_(Tracker.slug == wanted, func.lower(Tracker.name) == wanted))
    tracker = session.scalar(query.order_by(Tracker.id).limit(1))
    if tracker is None:
        known = ", ".join(one.slug for one in trackers()) or "none yet"
        raise NotFoundError(f"There is no tracker named {name}. Known: {known}.")
    return tracker


def get_push(push_id: int, *, action: ActionItem) -> Push:
    push = session.scalar(
        select(Push)
        .where(Push.id == push_id, Push.action_id == action.id)
        .options(joinedload(Push.action), joinedload(Push.tracker), joinedload(Push.ticket))
        .with_for_update(of=Push)
    )
    if push is None:
        raise NotFoundError(f"{action.ref} has no such ticket on its way.")
    return push


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

    @property
    def is_on_its_way(self) -> bool:
        """Whether something changes by itself soon, so that the page looks again."""
        return any(shown.push.state in (PushState.PENDING, PushState.SENT) for shown in self.pushes)

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
    return TicketsOfAction(
        tickets=[_ticket_shown(ticket, item=action.state, now=now) for ticket in rows],
        pushes=[_push_shown(push) for push in open_pushes],
        is_private=is_private(action),
    )


def suggestion(action: ActionItem, *, viewer: Person, offered: Sequence[Tracker]) -> Suggestion:
    """As a service of one of the item's incidents has it, else as the first tracker has it."""
    defaults = {tracker.id: tracker.default_target for tracker in offered}
    row = session.execute(
        select(Service.tracker_id, Service.ticket_target)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .join(IncidentAction, IncidentAction.incident_id == IncidentService.incident_id)
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(IncidentAction.action_id == action.id, Service.tracker_id.in_(defaults), may_see(viewer))
        .order_by(Incident.declared_at, Service.name)
        .limit(1)
    ).first()
    if row is not None:
        return Suggestion(row.tracker_id, row.ticket_target or defaults[row.tracker_id])
    first = offered[0] if offered else None
    return Suggestion(first.id, first.default_target) if first else Suggestion(None, "")


def freshness_of(ticket: Ticket, *, now: datetime) -> tuple[Freshness, datetime]:
    """What is known of a ticket now, and since when."""
    known_at = freshness.known_at(ticket.seen_at, read_at=ticket.tracker.read_at)
    found = freshness.freshness_of(ticket.freshness, known_at=known_at, is_followed=ticket.tracker.is_active, now=now)
    return found, ticket.freshness_since if found is ticket.freshness else known_at


def _ticket_shown(ticket: Ticket, *, item: ActionState, now: datetime) -> TicketShown:
    found, since = freshness_of(ticket, now=now)
    name = ticket.tracker.name
    differs = "" if found in GONE else difference(ticket.state, item=item, tracker=name)
    flag = differs or flag_of(ticket.state, freshness=found, item_is_open=item.is_open, tracker=name)
    sentence = "" if flag and found is Freshness.IN_STEP else FRESHNESS[found]
    return TicketShown(ticket, found, since, sentence, flag, is_agreed=not flag)


def _push_shown(push: Push) -> PushShown:
    is_decided_by_a_person = push.run_after >= NO_MORE_LOOKS
    if push.state is PushState.UNKNOWN:
        sentence = UNKNOWN_LOOKED if has_looked(push.last_error) else UNKNOWN_LOOKING
        sentence = UNKNOWN_DECIDE if is_decided_by_a_person else sentence
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
    )


@dataclass(frozen=True)
class TrackerHealth:
    """One tracker as an administrator needs to know it."""

    tracker: Tracker
    pushes: Counter[PushState]
    tickets: Counter[Freshness]
    troubled: list[PushShown]
    is_old: bool
    """Never read, or not for so long that its tickets are not known any more."""
    breaker: BreakerState
    unwritten: int
    """Tickets that were not told something, for a reason that a person has to look at."""
    undecided: int
    """Tickets that were closed, and not as completed, while an item is open. They are not among ``tickets``."""

    @property
    def on_their_way(self) -> int:
        return self.pushes[PushState.PENDING] + self.pushes[PushState.SENT]

    @property
    def needs_a_look(self) -> bool:
        tracker = self.tracker
        lost = self.tickets[Freshness.DELETED] + self.tickets[Freshness.NO_ACCESS]
        stuck = self.pushes[PushState.FAILED] + self.pushes[PushState.UNKNOWN] + self.unwritten + self.undecided
        return tracker.is_active and bool(self.is_old or tracker.last_error or tracker.failures or lost or stuck)


def health(*, viewer: Person, now: datetime) -> list[TrackerHealth]:
    """Every tracker, with the pushes that a person has to look at. Titles only of items that ``viewer`` may see."""
    pushes = _counted(
        select(Push.tracker_id, Push.state, func.count())
        .where(Push.abandoned_at.is_(None))
        .group_by(Push.tracker_id, Push.state)
    )
    tickets = _counted(
        select(Ticket.tracker_id, Ticket.freshness, func.count())
        .where(exists().where(ActionTicket.ticket_id == Ticket.id), ~has_undecided_item())
        .group_by(Ticket.tracker_id, Ticket.freshness)
    )
    troubled, unwritten, undecided = _troubled(viewer), unwritten_by_tracker(), undecided_by_tracker()
    return [
        TrackerHealth(
            tracker,
            Counter(pushes.get(tracker.id, {})),
            Counter(tickets.get(tracker.id, {})),
            [_push_shown(push) for push in troubled if push.tracker_id == tracker.id],
            is_old=freshness.is_old(tracker.read_at, now=now),
            breaker=breaker_of(tracker, now=now),
            unwritten=unwritten.get(tracker.id, 0),
            undecided=undecided.get(tracker.id, 0),
        )
        for tracker in trackers()
    ]


def _counted(query: Select[int, Any, int]) -> dict[int, dict[Any, int]]:
    """Rows of tracker, kind and number as numbers by kind by tracker."""
    counted: dict[int, dict[Any, int]] = {}
    for tracker_id, kind, number in session.execute(query):
        counted.setdefault(tracker_id, {})[kind] = number
    return counted


def _troubled(viewer: Person) -> Sequence[Push]:
    return session.scalars(
        select(Push)
        .join(Push.action)
        .options(contains_eager(Push.action), joinedload(Push.ticket), joinedload(Push.tracker))
        .where(Push.abandoned_at.is_(None), Push.state.in_((PushState.UNKNOWN, PushState.FAILED)))
        .where(may_see_action(viewer))
        .order_by(Push.id.desc())
        .limit(TROUBLED_SHOWN)
    ).all()
