"""The trackers and their health, as the pages of sync show them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from tracker import freshness
from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import (
    ActionItem,
    ActionTicket,
    Freshness,
    HookRefusals,
    Person,
    Push,
    PushState,
    Ticket,
    Tracker,
    may_see_action,
)
from tracker.sync.pacing.breaker import BreakerState
from tracker.sync.pacing.breaking import breaker_of
from tracker.sync.telling.trouble_queries import ToBeSaid, to_be_said_by_tracker, unwritten_by_tracker
from tracker.sync.ticket_showing import PushShown, push_shown
from tracker.ticket_troubles import has_undecided_item, is_stale

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
    to_be_said: ToBeSaid
    """What waits for a decision or a name. Undecided tickets are not among ``tickets``; unmapped ones are no alarm."""
    refused: HookRefusals | None
    """Deliveries to its webhook that were not let in."""
    refused_elsewhere: HookRefusals | None
    """The same at addresses that are no tracker's: beside each tracker, so that one statement tells all."""

    @property
    def on_their_way(self) -> int:
        return self.pushes[PushState.PENDING] + self.pushes[PushState.SENT]

    @property
    def needs_a_look(self) -> bool:
        tracker = self.tracker
        lost = self.tickets[Freshness.DELETED] + self.tickets[Freshness.NO_ACCESS]
        stuck = (
            self.pushes[PushState.FAILED] + self.pushes[PushState.UNKNOWN] + self.unwritten + self.to_be_said.undecided
        )
        return tracker.is_active and bool(self.is_old or tracker.last_error or tracker.failures or lost or stuck)


def health(*, viewer: Person, now: datetime) -> list[TrackerHealth]:
    """Every tracker, with the pushes that a person has to look at. Titles only of items that ``viewer`` may see."""
    pushes = _counted(
        select(Push.tracker_id, Push.state, func.count())
        .where(Push.abandoned_at.is_(None))
        .group_by(Push.tracker_id, Push.state)
    )
    tickets = _counted(_tickets_as_known(now))
    troubled, unwritten, to_be_said = _troubled(viewer), unwritten_by_tracker(), to_be_said_by_tracker()
    return [
        TrackerHealth(
            tracker,
            Counter(pushes.get(tracker.id, {})),
            Counter(tickets.get(tracker.id, {})),
            [push_shown(push, now=now) for push in troubled if push.tracker_id == tracker.id],
            is_old=freshness.is_old(tracker.read_at, now=now),
            breaker=breaker_of(tracker, now=now),
            unwritten=unwritten.get(tracker.id, 0),
            to_be_said=to_be_said.get(tracker.id, ToBeSaid()),
            refused=refused,
            refused_elsewhere=elsewhere,
        )
        for tracker, refused, elsewhere in _with_refusals()
    ]


def _with_refusals() -> Sequence[Row[Tracker, HookRefusals | None, HookRefusals | None]]:
    its_own, elsewhere = aliased(HookRefusals), aliased(HookRefusals)
    query = select(Tracker, its_own, elsewhere).outerjoin(its_own, its_own.place == Tracker.slug)
    query = query.outerjoin(elsewhere, elsewhere.place == "")
    return session.execute(query.order_by(Tracker.name, Tracker.id)).all()


def _tickets_as_known(now: datetime) -> Select[int, Any, int]:
    """How many tickets, by tracker and by what is known of them now, as every other page says it."""
    stale = literal(Freshness.STALE, Ticket.freshness.type)
    known = case((is_stale(now - freshness.STALE_AFTER), stale), else_=Ticket.freshness).label("known")
    query = select(Ticket.tracker_id, known).join(Tracker, Tracker.id == Ticket.tracker_id)
    linked = query.where(exists().where(ActionTicket.ticket_id == Ticket.id), ~has_undecided_item()).subquery()
    return select(linked.c.tracker_id, linked.c.known, func.count()).group_by(linked.c.tracker_id, linked.c.known)


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
