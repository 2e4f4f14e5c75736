"""The items behind the weekly report: what is overdue, due, lapsing, shown to work; teams and trackers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, cast, func, literal, select, union_all

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.freshness import is_old
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    Person,
    Team,
    Tracker,
)
from tracker.reports.schedule import Week, day_of_report
from tracker.reports.scope import LIST_LENGTH, Scope, was_open


@dataclass(frozen=True)
class ActionLine:
    ref: str
    title: str
    owner: str
    due_on: date | None
    state: ActionState
    priority: str
    days_overdue: int
    look_again_on: date | None
    verified_at: datetime | None
    did_not_hold_at: datetime | None
    declined_reason: str


@dataclass(frozen=True)
class TrackerLine:
    name: str
    read_at: datetime | None
    is_stale: bool


def get_team(slug: str) -> Team:
    team = session.scalar(select(Team).where(Team.slug == slug))
    if team is None:
        raise NotFoundError(f"There is no team {slug}.")
    return team


def teams() -> list[Team]:
    return list(session.scalars(select(Team).order_by(Team.name)))


def overdue_ages(week: Week, *, scope: Scope, now: datetime) -> dict[str, list[int]]:
    """How many days each owner's overdue items are past due, the youngest first.

    There may be thousands: the database hands them over as one text an owner, and finds them all in an index.
    """
    day = day_of_report(week, now=now)
    days = func.aggregate_strings(cast(ActionItem.due_on, String), " ")
    query = (
        select(ActionItem.owner_id, ActionItem.owner_text, days)
        .where(was_open(min(week.ends_at, now), now=now), ActionItem.due_on < day, scope.actions())
        .group_by(ActionItem.owner_id, ActionItem.owner_text)
    )
    rows = session.execute(query).all()
    people: dict[int | None, str] = dict(session.execute(select(Person.id, Person.name)).all()) if rows else {}
    found: defaultdict[str, list[int]] = defaultdict(list)
    age = cache(lambda text: (day - date.fromisoformat(text)).days)  # many items share a day
    for owner_id, owner_text, texts in rows:
        found[people.get(owner_id) or owner_text or "No owner"] += map(age, texts.split())
    return {owner: sorted(ages) for owner, ages in found.items()}


def action_lines(week: Week, *, scope: Scope, now: datetime, ages: list[int]) -> dict[str, list[ActionLine]]:
    """The items of every list of the report, the most pressing first, in one statement.

    ``ages``: how many days all overdue items are past due, in order, which tells how far back that list goes.
    """
    day = day_of_report(week, now=now)
    conditions = _list_conditions(week, now=now, day=day, ages=ages)
    chosen = union_all(*(_chosen(name, condition=conditions[name], scope=scope) for name in conditions)).subquery()
    query = (
        select(chosen.c.list, *_columns())
        .select_from(chosen)
        .join(ActionItem, ActionItem.id == chosen.c.id)
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .order_by(chosen.c.list, chosen.c.position)
    )
    lines: dict[str, list[ActionLine]] = {name: [] for name in ORDERS}
    for row in session.execute(query):
        lines[row.list].append(_action_line(row, day=day))
    return lines


def _list_conditions(week: Week, *, now: datetime, day: date, ages: list[int]) -> dict[str, ColumnElement[bool]]:
    last_listed = day - timedelta(days=min(ages[-LIST_LENGTH:], default=0))
    return {
        "overdue": and_(
            was_open(min(week.ends_at, now), now=now), ActionItem.due_on <= last_listed, ActionItem.due_on < day
        ),
        "due next": and_(ActionItem.state.in_(OPEN_STATES), ActionItem.due_on.between(day, day + timedelta(days=7))),
        "lapsing": and_(
            ActionItem.state == ActionState.DECLINED, ActionItem.look_again_on <= week.last_day + timedelta(days=7)
        ),
        "verified": _verified_within(week),
        "did not hold": and_(ActionItem.did_not_hold_at >= week.starts_at, ActionItem.did_not_hold_at < week.ends_at),
    }


def _verified_within(week: Week) -> ColumnElement[bool]:
    return and_(
        ActionItem.state == ActionState.VERIFIED,
        ActionItem.verified_at >= week.starts_at,
        ActionItem.verified_at < week.ends_at,
    )


def shown_to_work(week: Week, *, scope: Scope) -> ScalarSelect[int]:
    """How many items were verified in the week, however many of them the report lists."""
    return select(func.count()).select_from(ActionItem).where(_verified_within(week), scope.actions()).scalar_subquery()


ORDERS = {
    "overdue": ActionItem.due_on,
    "due next": ActionItem.due_on,
    "lapsing": ActionItem.look_again_on,
    "verified": ActionItem.verified_at,
    "did not hold": ActionItem.did_not_hold_at,
}


def _chosen(name: str, *, condition: ColumnElement[bool], scope: Scope) -> Select[Any]:
    """The ids of one list, at most ``LIST_LENGTH``, with their places in it."""
    first = (
        select(ActionItem.id.label("id"), ORDERS[name].label("day"))
        .where(condition, scope.actions())
        .order_by(ORDERS[name], ActionItem.id)
        .limit(LIST_LENGTH)
        .subquery()
    )
    position = func.row_number().over(order_by=(first.c.day, first.c.id)).label("position")
    return select(literal(name).label("list"), first.c.id, position)


def _columns() -> tuple[Any, ...]:
    return (
        ActionItem.number,
        ActionItem.title,
        Person.name.label("owner"),
        ActionItem.owner_text,
        ActionItem.due_on,
        ActionItem.state,
        ActionItem.priority,
        ActionItem.look_again_on,
        ActionItem.verified_at,
        ActionItem.did_not_hold_at,
        ActionItem.declined_reason,
    )


def _action_line(row: Any, *, day: date) -> ActionLine:
    return ActionLine(
        ref=f"AI-{row.number}",
        title=row.title,
        owner=row.owner or row.owner_text or "No owner",
        due_on=row.due_on,
        state=row.state,
        priority=row.priority,
        days_overdue=(day - row.due_on).days if row.due_on else 0,
        look_again_on=row.look_again_on,
        verified_at=row.verified_at,
        did_not_hold_at=row.did_not_hold_at,
        declined_reason=row.declined_reason,
    )


def tracker_lines(*, now: datetime) -> list[TrackerLine]:
    """Each active tracker and when it was last read; one that never was is stale.

    What went wrong names repositories and tickets, also of private incidents: it stands with the sync health alone.
    """
    query = select(Tracker.name, Tracker.read_at).where(Tracker.is_active).order_by(Tracker.name)
    return [TrackerLine(row.name, row.read_at, is_old(row.read_at, now=now)) for row in session.execute(query)]
