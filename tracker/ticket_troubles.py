"""What is wrong between items and their tickets, said once for all pages that show, filter or count it.

None of it ever counts as done. Conditions for queries over items, and their words.
"""

import operator
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache, reduce

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    literal,
    or_,
    select,
    tuple_,
    union,
    union_all,
)

from tracker.db import session
from tracker.freshness import LASTING, STALE_AFTER
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionTicket,
    CommentState,
    Freshness,
    Person,
    Push,
    PushState,
    RemoteAccount,
    Ticket,
    TicketComment,
    TicketState,
    Tracker,
    Trouble,
    UtcDateTime,
    may_see_action,
)


class TicketTrouble(StrEnum):
    """The worst first."""

    UNKNOWN = "outcome unknown"
    FAILED = "failed"
    DELETED = "deleted"
    NO_ACCESS = "no access"
    UNDECIDED = "needs a decision"
    TRANSITION_MISSING = "transition missing"
    NOT_ASSIGNED = "not assigned"
    UNMAPPED = "assignee unmapped"
    NO_ACCOUNT = "owner without an account there"
    STALE = "stale"
    MOVED = "moved"


WORDS = {
    TicketTrouble.UNKNOWN: "outcome unknown",
    TicketTrouble.FAILED: "not made or not written",
    TicketTrouble.DELETED: "ticket deleted",
    TicketTrouble.NO_ACCESS: "no access to the ticket",
    TicketTrouble.UNDECIDED: "ticket closed as not planned or as a duplicate",
    TicketTrouble.TRANSITION_MISSING: "no step to the state it should have",
    TicketTrouble.NOT_ASSIGNED: "owner cannot be assigned",
    TicketTrouble.UNMAPPED: "assigned to somebody unknown here",
    TicketTrouble.NO_ACCOUNT: "owner not known there",
    TicketTrouble.STALE: "not read for a while",
    TicketTrouble.MOVED: "moved",
}
ADVICE = {
    TicketTrouble.UNKNOWN: "We do not know whether its ticket, or a change to it, came through. Look there.",
    TicketTrouble.FAILED: "Its ticket could not be made, changed or told something. The reason stands there.",
    TicketTrouble.DELETED: "Its ticket was deleted, which is not done. Make it again, link another, or decline.",
    TicketTrouble.NO_ACCESS: "We cannot see its ticket any more. Have our access there mended, or unlink it.",
    TicketTrouble.UNDECIDED: "Its ticket was closed, and not as completed. Decline with a reason, or link another.",
    TicketTrouble.TRANSITION_MISSING: "Its ticket has no step to where the item is. Move it there by hand.",
    TicketTrouble.NOT_ASSIGNED: "Its owner may not work on tickets there. Have them added, or hand the item on.",
    TicketTrouble.UNMAPPED: "Its ticket is assigned to somebody unknown here. An administrator can say who it is.",
    TicketTrouble.NO_ACCOUNT: "Nobody said who its owner is there, so the ticket is assigned to nobody by us.",
    TicketTrouble.STALE: "Its ticket was not read for a while, so it may say something else by now.",
    TicketTrouble.MOVED: "Its ticket was moved. We followed it.",
}
CALM = (TicketTrouble.NO_ACCOUNT, TicketTrouble.STALE, TicketTrouble.MOVED)
"""What mends itself, or is mended for a whole tracker."""
IN_ANY_STATE = (TicketTrouble.UNKNOWN, TicketTrouble.FAILED, TicketTrouble.TRANSITION_MISSING)
"""What is also wrong when the item is done or declined: most changes that a ticket could not be told are that."""


def has_trouble(trouble: TicketTrouble, *, now: datetime) -> ColumnElement[bool]:
    """Which items have this trouble with a ticket or with one that was asked for."""
    pushed = PUSHES.get(trouble)
    return or_(
        *map(_has_link, _of_links(trouble, stale_before=now - STALE_AFTER)), *([_has_push(pushed)] if pushed else [])
    )


STALE_BEFORE = bindparam("stale_before", type_=UtcDateTime())


def items_in_trouble(
    which: ColumnElement[bool], *, troubles: Iterable[TicketTrouble] = TicketTrouble
) -> CompoundSelect[int, str]:
    """The items among those asked about, a row for each thing that is wrong: their ids and what it is.

    Open ones only, but for what concerns closed ones too.

    Each trouble is a read of its own that begins with the few rows that are wrong, or with the few items asked about.
    To be kept, since putting it together takes longer than the database does; it is run with ``stale_values``.
    """
    found: list[Select[int, str]] = []
    for trouble in troubles:
        row = select(ActionItem.id.label("id"), literal(trouble.value).label("trouble"))
        row = row.where(which if trouble in IN_ANY_STATE else and_(ActionItem.state.in_(OPEN_STATES), which))
        linked = row.join(ActionTicket, ActionTicket.action_id == ActionItem.id).join(
            Ticket, Ticket.id == ActionTicket.ticket_id
        )
        linked = linked.join(Tracker, Tracker.id == Ticket.tracker_id)
        found += [linked.where(condition) for condition in _of_links(trouble, stale_before=STALE_BEFORE)]
        if trouble in PUSHES:
            pushed = row.join(Push, Push.action_id == ActionItem.id)
            found.append(pushed.where(Push.abandoned_at.is_(None), Push.state == PUSHES[trouble]))
    return union(*found)


PUSHES = {TicketTrouble.UNKNOWN: PushState.UNKNOWN, TicketTrouble.FAILED: PushState.FAILED}


def stale_values(now: datetime) -> dict[str, datetime]:
    return {STALE_BEFORE.key: now - STALE_AFTER}


Limit = datetime | BindParameter[datetime]


def _of_links(trouble: TicketTrouble, *, stale_before: Limit) -> tuple[ColumnElement[bool], ...]:
    """The trouble as conditions on an item, its link, ticket and tracker. Apart, so that an index answers each."""
    conditions: dict[TicketTrouble, tuple[ColumnElement[bool], ...]] = {
        TicketTrouble.UNKNOWN: (ActionTicket.trouble == Trouble.UNKNOWN,),
        TicketTrouble.FAILED: (ActionTicket.trouble == Trouble.FAILED, comment_failed()),
        TicketTrouble.DELETED: (Ticket.freshness == Freshness.DELETED,),
        TicketTrouble.NO_ACCESS: (Ticket.freshness == Freshness.NO_ACCESS,),
        TicketTrouble.UNDECIDED: (is_undecided(),),
        TicketTrouble.TRANSITION_MISSING: (ActionTicket.trouble == Trouble.TRANSITION_MISSING,),
        TicketTrouble.NOT_ASSIGNED: (ActionTicket.trouble == Trouble.NOT_ASSIGNED,),
        TicketTrouble.UNMAPPED: (is_unmapped(),),
        TicketTrouble.NO_ACCOUNT: (has_no_account(),),
        TicketTrouble.STALE: (is_stale(stale_before),),
        TicketTrouble.MOVED: (Ticket.freshness.in_((Freshness.MOVED, Freshness.TRANSFERRED)),),
    }
    return conditions[trouble]


def is_undecided() -> ColumnElement[bool]:
    """A ticket that was closed and not as completed, while its item is open; for queries over items and tickets."""
    is_closed = Ticket.state.in_((TicketState.NOT_PLANNED, TicketState.DUPLICATE))
    is_gone = Ticket.freshness.in_((Freshness.DELETED, Freshness.NO_ACCESS))
    return and_(is_closed, ~is_gone, ActionItem.state.in_(OPEN_STATES))


def has_undecided_item() -> ColumnElement[bool]:
    """The same for queries over tickets alone."""
    linked = and_(ActionTicket.ticket_id == Ticket.id, ActionItem.id == ActionTicket.action_id)
    return exists().where(linked, is_undecided()).correlate(Ticket)


def is_unmapped() -> ColumnElement[bool]:
    """A ticket that is assigned to somebody whom nobody here is known to be; for queries over tickets."""
    known = exists().where(RemoteAccount.tracker_id == Ticket.tracker_id, RemoteAccount.name == Ticket.assignee)
    return and_(Ticket.assignee != "", Ticket.freshness.not_in(LASTING), ~known.correlate(Ticket))


def has_no_account() -> ColumnElement[bool]:
    """An open item whose owner is nobody there, where others are known; for queries over items and tickets."""
    of_tracker = RemoteAccount.tracker_id == Ticket.tracker_id
    somebody = exists().where(of_tracker).correlate(Ticket)
    owner = exists().where(of_tracker, RemoteAccount.person_id == ActionItem.owner_id).correlate(Ticket, ActionItem)
    is_open = ActionItem.state.in_(OPEN_STATES)
    return and_(is_open, ActionItem.owner_id.is_not(None), Ticket.freshness.not_in(LASTING), somebody, ~owner)


def comment_failed() -> ColumnElement[bool]:
    """Something is to be said on a ticket and could not be; for queries over links."""
    failed = select(TicketComment.action_id, TicketComment.ticket_id).where(TicketComment.state == CommentState.FAILED)
    return tuple_(ActionTicket.action_id, ActionTicket.ticket_id).in_(failed)


def owned_in_trouble(owner: Person, *, now: datetime, limit: int) -> list[tuple[ActionItem, list[TicketTrouble]]]:
    """The items of a person with what is wrong with their tickets, the worst first."""
    troubles: defaultdict[int, set[TicketTrouble]] = defaultdict(set)
    for item_id, names in session.execute(_troubles_of_owner(), {OWNER.key: owner.id} | stale_values(now)):
        if names:
            troubles[item_id].update(map(TicketTrouble, names.removesuffix(END).split(END)))
    if not troubles:
        return []
    items = session.scalars(
        select(ActionItem)
        .where(ActionItem.id.in_(troubles), may_see_action(owner))
        .order_by(ActionItem.due_on.asc().nulls_last(), ActionItem.id)
        .limit(limit)
    )
    return [(item, sorted(troubles[item.id], key=WORST_FIRST.index)) for item in items]


OWNER = bindparam("owner", type_=Integer())
WORST_FIRST = list(TicketTrouble)
END = ";"
"""Behind each name of a trouble, where several stand in one text."""


@cache
def _troubles_of_owner() -> CompoundSelect[int, str]:
    """All that is wrong with the items of one person, some of them twice.

    The open ones in one pass, since they are few. Others begin with what is wrong, as in ``items_in_trouble``: whose
    many reads PostgreSQL plans for longer than it needs for them.
    """
    linked = _owned(_names(_by_links(TicketTrouble))).join(ActionTicket, ActionTicket.action_id == ActionItem.id)
    linked = linked.join(Ticket, Ticket.id == ActionTicket.ticket_id).join(Tracker, Tracker.id == Ticket.tracker_id)
    others = _owned(_names(_by_links(IN_ANY_STATE))).join(ActionTicket, ActionTicket.action_id == ActionItem.id)
    pushed = _owned(_names({trouble: Push.state == state for trouble, state in PUSHES.items()}))
    pushed = pushed.join(Push, Push.action_id == ActionItem.id)
    return union_all(
        linked.where(ActionItem.state.in_(OPEN_STATES)),
        others.where(ActionTicket.trouble.in_([Trouble(trouble.value) for trouble in IN_ANY_STATE])),
        others.where(comment_failed()),
        pushed.where(Push.abandoned_at.is_(None), Push.state.in_(PUSHES.values())),
    )


def _owned(names: ColumnElement[str]) -> Select[int, str]:
    return select(ActionItem.id, names).where(ActionItem.owner_id == OWNER)


def _by_links(troubles: Iterable[TicketTrouble]) -> dict[TicketTrouble, ColumnElement[bool]]:
    return {trouble: or_(*_of_links(trouble, stale_before=STALE_BEFORE)) for trouble in troubles}


def _names(conditions: Mapping[TicketTrouble, ColumnElement[bool]]) -> ColumnElement[str]:
    """The names of those that hold, one behind the other."""
    parts = (case((holds, literal(f"{trouble.value}{END}")), else_="") for trouble, holds in conditions.items())
    return reduce(operator.add, parts)


def _has_link(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    linked = and_(Ticket.id == ActionTicket.ticket_id, Tracker.id == Ticket.tracker_id)
    return exists().where(ActionTicket.action_id == ActionItem.id, linked, condition).correlate(ActionItem)


def _has_push(state: PushState) -> ColumnElement[bool]:
    asked = exists().where(Push.action_id == ActionItem.id, Push.abandoned_at.is_(None), Push.state == state)
    return asked.correlate(ActionItem)


def is_stale(limit: Limit) -> ColumnElement[bool]:
    """``freshness.freshness_of`` as a condition on a ticket and its tracker."""
    is_old = and_(Ticket.seen_at < limit, or_(Tracker.read_at.is_(None), Tracker.read_at < limit))
    by_itself = and_(Ticket.freshness.not_in(LASTING), or_(Tracker.is_active.is_(False), is_old))
    return or_(Ticket.freshness == Freshness.STALE, by_itself)
