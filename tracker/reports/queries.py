"""The items behind the weekly report: what is overdue, due, lapsing, shown to work; teams and trackers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.freshness import is_old
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    JobRun,
    Person,
    Service,
    Team,
    Tracker,
)
from tracker.reports import asked
from tracker.reports.schedule import Week, day_of_report
from tracker.reports.scope import LIST_LENGTH, READERS, Scope

SENDING = "reports.send"
PATIENCE = timedelta(hours=1)
"""It runs every few minutes."""


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


def get_service(slug: str) -> Service:
    service = session.scalar(select(Service).where(Service.slug == slug))
    if service is None:
        raise NotFoundError(f"There is no service {slug}.")
    return service


def services() -> list[Service]:
    return list(session.scalars(select(Service).order_by(Service.name)))


@dataclass(frozen=True)
class Overdue:
    """How many days items are past due, those of each owner and all of them, the oldest first."""

    by_owner: dict[str, list[int]]
    all: list[int]


def overdue(week: Week, *, scope: Scope, now: datetime) -> Overdue:
    """There may be thousands: the database hands them over as one text an owner, and finds them all in an index."""
    rows = session.execute(_overdue(scope, is_running=now <= week.ends_at), asked.values(week, now=now)).all()
    days: defaultdict[str, list[str]] = defaultdict(list)
    for name, owner_text, texts in rows:
        days[name or owner_text or "No owner"] += texts.split()
    today = day_of_report(week, now=now)
    age = cache(lambda text: (today - date.fromisoformat(text)).days)  # many items share a day
    by_owner = {owner: [age(text) for text in sorted(texts)] for owner, texts in days.items()}
    return Overdue(by_owner, sorted(chain.from_iterable(by_owner.values()), reverse=True))


@lru_cache(maxsize=READERS)
def _overdue(scope: Scope, *, is_running: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """An owner has a row in each part."""
    days = func.aggregate_strings(cast(ActionItem.due_on, String), " ")
    name = select(Person.name).where(Person.id == ActionItem.owner_id).scalar_subquery()  # asked once an owner
    late = select(name, ActionItem.owner_text, days).where(ActionItem.due_on < asked.REPORT_DAY, scope.actions())
    late = late.group_by(ActionItem.owner_id, ActionItem.owner_text)
    return union_all(*(late.where(part) for part in asked.were_open(is_running=is_running)))


def action_lines(week: Week, *, scope: Scope, now: datetime, ages: list[int]) -> dict[str, list[ActionLine]]:
    """The items of every list of the report, the most pressing first, in one statement; one more than it has room for.

    ``ages``: how many days all overdue items are past due, the oldest first, which tells how far back that list goes.
    """
    day = day_of_report(week, now=now)
    last_listed = day - timedelta(days=min(ages[: LIST_LENGTH + 1], default=0))
    lines: dict[str, list[ActionLine]] = {name: [] for name in ORDERS}
    values = asked.values(week, now=now) | {LAST_LISTED.key: last_listed}
    for row in session.execute(_lists(scope, is_running=now <= week.ends_at), values):
        lines[row.list].append(_action_line(row, day=day))
    return lines


LAST_LISTED = bindparam("last_listed", type_=Date())


@lru_cache(maxsize=READERS)
def _lists(scope: Scope, *, is_running: bool) -> Select[Any]:
    conditions = _list_conditions(is_running=is_running)
    chosen = union_all(*(_chosen(name, condition=conditions[name], scope=scope) for name in conditions)).subquery()
    return (
        select(chosen.c.list, *_columns())
        .select_from(chosen)
        .join(ActionItem, ActionItem.id == chosen.c.id)
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .order_by(chosen.c.list, chosen.c.position)
    )


def _list_conditions(*, is_running: bool) -> dict[str, ColumnElement[bool]]:
    did_not_hold_at = ActionItem.did_not_hold_at
    return {
        "overdue": and_(
            asked.was_open(is_running=is_running),
            ActionItem.due_on <= LAST_LISTED,
            ActionItem.due_on < asked.REPORT_DAY,
        ),
        "due next": and_(
            ActionItem.state.in_(OPEN_STATES), ActionItem.due_on.between(asked.REPORT_DAY, asked.SOON_DAY)
        ),
        "lapsing": and_(ActionItem.state == ActionState.DECLINED, ActionItem.look_again_on <= asked.LAPSE_DAY),
        "verified": asked.was_verified_within(),
        "did not hold": and_(did_not_hold_at >= asked.STARTS_AT, did_not_hold_at < asked.ENDS_AT),
    }


ORDERS = {
    "overdue": ActionItem.due_on,
    "due next": ActionItem.due_on,
    "lapsing": ActionItem.look_again_on,
    "verified": ActionItem.verified_at,
    "did not hold": ActionItem.did_not_hold_at,
}


def _chosen(name: str, *, condition: ColumnElement[bool], scope: Scope) -> Select[Any]:
    """The ids of one list with their places in it."""
    first = (
        select(ActionItem.id.label("id"), ORDERS[name].label("day"))
        .where(condition, scope.actions())
        .order_by(ORDERS[name], ActionItem.id)
        .limit(LIST_LENGTH + 1)
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


@dataclass(frozen=True)
class Freshness:
    """How old what the report stands on is."""

    trackers: list[TrackerLine]
    job_stopped_at: datetime | None
    """When the job that sends it was last heard of, if that is so long ago that somebody should look."""


def freshness(*, now: datetime) -> Freshness:
    """Each active tracker and when it was last read, one that never was is stale; and the job, in one statement.

    What went wrong names repositories and tickets, also of private incidents: it stands with the sync health alone.
    """
    rows = session.execute(FRESHNESS).all()
    lines = [TrackerLine(row.name, row.at, is_old(row.at, now=now)) for row in rows if row.kind == "tracker"]
    jobs = [row.at for row in rows if row.kind == "job" and row.at < now - PATIENCE]
    return Freshness(sorted(lines, key=lambda line: line.name), jobs[0] if jobs else None)


FRESHNESS: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(literal("tracker").label("kind"), Tracker.name.label("name"), Tracker.read_at.label("at")).where(
        Tracker.is_active
    ),
    select(literal("job"), JobRun.name, func.coalesce(JobRun.succeeded_at, JobRun.started_at)).where(
        JobRun.name == SENDING
    ),
)
