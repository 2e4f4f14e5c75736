"""The items that wait for one person. Each statement is put together once for all readers."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Select, and_, bindparam, case, select

from tracker.db import session
from tracker.models import OPEN_STATES, READER, ActionItem, ActionState, AnyReader, Person, may_see_action
from tracker.my_work.whose import are_nobodys, in_any, teams_of, teams_to_see_to

SOON = timedelta(days=7)
ROWS = 30
"""More than this of one kind is for the lists, not for a page to start the day with."""
DAY = bindparam("day", type_=Date())


def items_due(person: Person, *, today: date) -> Sequence[ActionItem]:
    """Open items of this person that are overdue, due soon or did not hold, the longest overdue first.

    After them those of nobody who is here, of which this person is the next to see that somebody takes them.
    """
    return _asked(_due(AnyReader(person.is_admin)), person, day=today + SOON)


def items_done(person: Person, *, today: date) -> Sequence[ActionItem]:
    """Done items that are not shown to work: this person's own, and their teams' once the watch window ended."""
    return _asked(_done(AnyReader(person.is_admin)), person, day=today)


def items_to_look_at_again(person: Person, *, today: date) -> Sequence[ActionItem]:
    """Declined items whose day has come: their own, the risk accepted by them, or of nobody who is here any more."""
    return _asked(_declined(AnyReader(person.is_admin)), person, day=today)


def next_item(person: Person) -> ActionItem | None:
    """The open item of this person that is due first."""
    return session.scalar(
        select(ActionItem)
        .where(
            ActionItem.owner_id == person.id,
            ActionItem.state.in_(OPEN_STATES),
            ActionItem.due_on.is_not(None),
            may_see_action(person),
        )
        .order_by(ActionItem.due_on, ActionItem.id)
        .limit(1)
    )


def _asked(statement: Select[ActionItem], person: Person, *, day: date) -> Sequence[ActionItem]:
    return session.scalars(statement, {READER: person.id, DAY.key: day}).all()


@cache
def _due(reader: AnyReader) -> Select[ActionItem]:
    is_open, soon = ActionItem.state.in_(OPEN_STATES), ActionItem.due_on <= DAY
    theirs = in_any(
        and_(ActionItem.owner_id == reader.id, is_open, soon),
        and_(ActionItem.owner_id == reader.id, ActionItem.state == ActionState.DID_NOT_HOLD),
        *are_nobodys(ActionItem.team_id.in_(teams_to_see_to(reader)), is_open),
        *(are_nobodys(ActionItem.team_id.is_(None), is_open, soon) if reader.is_admin else ()),
    )
    is_own = case((ActionItem.owner_id == reader.id, 0), else_=1)
    return (
        select(ActionItem)
        .where(theirs, may_see_action(reader))
        .order_by(is_own, ActionItem.due_on, ActionItem.priority, ActionItem.id)
        .limit(ROWS)
    )


@cache
def _done(reader: AnyReader) -> Select[ActionItem]:
    is_done, ended = ActionItem.state == ActionState.DONE, ActionItem.watch_until <= DAY
    theirs = in_any(
        and_(ActionItem.owner_id == reader.id, is_done),
        and_(ActionItem.team_id.in_(teams_of(reader)), is_done, ended),
        and_(ActionItem.created_by_id == reader.id, is_done, ended),
    )
    return (
        select(ActionItem)
        .where(theirs, may_see_action(reader))
        .order_by(ActionItem.watch_until, ActionItem.id)
        .limit(ROWS)
    )


@cache
def _declined(reader: AnyReader) -> Select[ActionItem]:
    is_declined = ActionItem.state == ActionState.DECLINED
    theirs = in_any(
        and_(ActionItem.owner_id == reader.id, is_declined),
        and_(ActionItem.risk_accepted_by_id == reader.id, is_declined),
        *are_nobodys(ActionItem.team_id.in_(teams_to_see_to(reader)), is_declined),
    )
    return (
        select(ActionItem)
        .where(theirs, ActionItem.look_again_on <= DAY, may_see_action(reader))
        .order_by(ActionItem.look_again_on, ActionItem.id)
        .limit(ROWS)
    )
