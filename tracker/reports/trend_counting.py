"""The trends, counted in the database: a fixed number of statements, whatever there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
    union_all,
)

from tracker.db import session
from tracker.models import OPEN_STATES, ActionItem, ActionTicket, Incident, Postmortem, UtcDateTime
from tracker.reports import trend_conditions as conditions
from tracker.reports.asked import DONE_STATES
from tracker.reports.counting import Counts
from tracker.reports.months import MONTHS, Span
from tracker.reports.scope import READERS, Scope
from tracker.reports.seconds import seconds, seconds_from

STRETCHES = 8
"""Room for how often the clocks change in twelve months, and once more: where they follow Ramadan, four times."""
AGES = (7, 30, 90, 180)
"""Days that open items are old, up to which each bucket of them reaches; one more holds the rest."""
FIRST_DAY, LAST_DAY_OVER, TODAY = (bindparam(name, type_=Date()) for name in ("first_day", "last_day_over", "today"))
MONTH_ENDS = tuple(bindparam(f"month_end_{number}", type_=UtcDateTime()) for number in range(MONTHS))
MONTH_DAYS = tuple(bindparam(f"month_day_{number}", type_=Date()) for number in range(MONTHS))
STRETCH_DAYS = tuple(bindparam(f"stretch_day_{number}", type_=Date()) for number in range(STRETCHES))
STRETCH_ENDS = tuple(bindparam(f"stretch_end_{number}", type_=Integer()) for number in range(STRETCHES))
AGE_STARTS = tuple(bindparam(f"age_start_{number}", type_=UtcDateTime()) for number in range(len(AGES)))


def values(span: Span, *, now: datetime) -> dict[str, Any]:
    """What the parameters stand for."""
    found: dict[str, Any] = {
        conditions.FROM.key: span.months[0].starts_at,
        conditions.UNTIL.key: span.months[-1].ends_at,
        FIRST_DAY.key: span.first_day,
        LAST_DAY_OVER.key: span.last_day_over,
    }
    months = [*span.months, *(span.months[-1:] * (MONTHS - len(span.months)))]
    found |= {part.key: month.ends_at for part, month in zip(MONTH_ENDS, months, strict=True)}
    found |= {part.key: month.last_day for part, month in zip(MONTH_DAYS, months, strict=True)}
    stretches = list(span.day_ends())
    stretches += stretches[-1:] * (STRETCHES - len(stretches))
    for number, (day, end) in enumerate(stretches):
        found |= {STRETCH_DAYS[number].key: day, STRETCH_ENDS[number].key: end}
    return found | {part.key: now - timedelta(days=days) for part, days in zip(AGE_STARTS, AGES, strict=True)}


@dataclass(frozen=True)
class IncidentRow:
    """What one incident adds to the trends. ``month`` is its place in the span; times are in seconds."""

    month: int
    detect: int | None
    stabilise: int | None
    resolve: int | None
    is_required: bool
    is_published: bool
    is_skipped: bool
    publish: int | None
    came_back: bool


def incident_rows(span: Span, *, scope: Scope, now: datetime) -> list[IncidentRow]:
    return [IncidentRow(*row) for row in session.execute(_incidents(scope), values(span, now=now))]


@lru_cache(maxsize=READERS)
def _incidents(scope: Scope) -> Counts:
    began, ended = Incident.started_at, func.coalesce(Incident.resolved_at, Incident.declared_at)
    return (
        select(
            month_of(Incident.declared_at, ends=MONTH_ENDS),
            seconds_from(began, Incident.detected_at),
            seconds_from(began, Incident.stabilised_at),
            seconds_from(began, Incident.resolved_at),
            conditions.required(),
            func.coalesce(conditions.published(), literal(value=False)),
            func.coalesce(conditions.skipped(), literal(value=False)),
            case((conditions.published(), seconds_from(ended, Postmortem.published_at))),
            conditions.came_back(scope),
        )
        .select_from(Incident)
        .outerjoin(Postmortem, Postmortem.incident_id == Incident.id)
        .where(conditions.declared(scope))
    )


def month_of(moment: Any, *, ends: Sequence[BindParameter[Any]], includes_end: bool = False) -> ColumnElement[int]:
    whens = [(moment <= end if includes_end else moment < end, number) for number, end in enumerate(ends)]
    return case(*whens, else_=MONTHS - 1)


@dataclass(frozen=True)
class MadeRow:
    """The items made in one month, by what became of them."""

    month: int
    items: int
    in_tracker: int
    done: int
    verified: int
    held: int
    declined: int
    owed: int


def made_rows(span: Span, *, scope: Scope, now: datetime) -> list[MadeRow]:
    return [MadeRow(*row) for row in session.execute(_made(scope), values(span, now=now))]


@lru_cache(maxsize=READERS)
def _made(scope: Scope) -> Counts:
    month = month_of(ActionItem.created_at, ends=MONTH_ENDS).label("month")
    counts = [func.count().filter(step()) for step in conditions.ACTION_STEPS.values()]
    return select(month, *counts).where(conditions.made(scope)).group_by(month)


def step_days(span: Span, *, scope: Scope, now: datetime) -> dict[str, list[int]]:
    """How many seconds each step took of items made in the span, in whole minutes."""
    found: dict[str, list[int]] = {"in-tracker": [], "done": [], "verified": []}
    for step, minutes, cases in session.execute(_step_days(scope), values(span, now=now)):
        found[step] += [minutes * 60] * cases
    return found


@lru_cache(maxsize=READERS)
def _step_days(scope: Scope) -> Counts:
    linked = select(ActionTicket.action_id, func.min(ActionTicket.linked_at).label("at"))
    first_link = linked.group_by(ActionTicket.action_id).subquery()
    made, done_at = ActionItem.created_at, ActionItem.done_at
    tracked = _histogram("in-tracker", seconds_from(made, first_link.c.at), scope)
    steps = (
        tracked.join(first_link, first_link.c.action_id == ActionItem.id),
        _histogram("done", seconds_from(made, done_at), scope).where(conditions.done()),
        _histogram("verified", seconds_from(done_at, ActionItem.verified_at), scope).where(conditions.verified()),
    )
    every = union_all(*(step.group_by("minutes") for step in steps)).subquery()
    return select(every.c.step, every.c.minutes, every.c.cases).where(every.c.minutes.is_not(None))


def _histogram(step: str, took: ColumnElement[int | None], scope: Scope) -> Counts:
    counted = select(literal(step).label("step"), (took // 60).label("minutes"), func.count().label("cases"))
    return counted.select_from(ActionItem).where(conditions.made(scope))


@dataclass(frozen=True)
class DueRow:
    """What was due in one month up to yesterday: items without declined ones, or required postmortems."""

    kind: str
    month: int
    due: int
    on_time: int


def due_rows(span: Span, *, scope: Scope, now: datetime) -> list[DueRow]:
    return [DueRow(*row) for row in session.execute(_due(scope), values(span, now=now))]


@lru_cache(maxsize=READERS)
def _due(scope: Scope) -> Counts:
    items = _due_counts("items", ActionItem.due_on, _item_on_time())
    papers = _due_counts("postmortems", Postmortem.due_on, _paper_on_time())
    papers = papers.select_from(Postmortem).join(Incident, Incident.id == Postmortem.incident_id)
    both = union_all(
        items.where(_items_due(scope)).group_by("month"), papers.where(_papers_due(scope)).group_by("month")
    ).subquery()
    return select(both.c.kind, both.c.month, both.c.due, both.c.on_time)


def _due_counts(kind: str, day: Any, on_time: ColumnElement[bool]) -> Counts:
    month = month_of(day, ends=MONTH_DAYS, includes_end=True).label("month")
    counts = (func.count().label("due"), func.count().filter(on_time).label("on_time"))
    return select(literal(kind).label("kind"), month, *counts)


def _items_due(scope: Scope) -> ColumnElement[bool]:
    """Items due in the span so far; declined ones are no promise any more."""
    return and_(ActionItem.due_on.between(FIRST_DAY, LAST_DAY_OVER), ~conditions.declined(), scope.dated_actions())


def _item_on_time() -> ColumnElement[bool]:
    return and_(ActionItem.state.in_(DONE_STATES), _by_the_end(ActionItem.due_on, ActionItem.done_at))


def _papers_due(scope: Scope) -> ColumnElement[bool]:
    return and_(Postmortem.due_on.between(FIRST_DAY, LAST_DAY_OVER), Postmortem.is_required, scope.incidents())


def _paper_on_time() -> ColumnElement[bool]:
    return and_(conditions.published(), _by_the_end(Postmortem.due_on, Postmortem.published_at))


def _by_the_end(day: Any, moment: Any) -> ColumnElement[bool]:
    """Whether a moment lies before the end of a day by the clock here."""
    stretches = zip(STRETCH_DAYS, STRETCH_ENDS, strict=True)
    return seconds(moment) - seconds(day) < case(
        *((day <= last, end) for last, end in stretches), else_=STRETCH_ENDS[-1]
    )


@dataclass(frozen=True)
class OpenItems:
    """Open items, by how many days ago they were made: one number for each of ``AGES``, and one for the rest."""

    by_age: tuple[int, ...]
    overdue: int
    no_day: int
    """Those without a due date, which no reminder knows."""
    no_owner: int

    @property
    def all(self) -> int:
        return sum(self.by_age)


def open_items(span: Span, *, scope: Scope, now: datetime) -> OpenItems:
    asked = values(span, now=now) | {TODAY.key: span.today}
    *younger, everything, overdue, no_day, no_owner = session.execute(_open(scope), asked).one()
    upto = [0, *younger, everything]
    by_age = tuple(more - fewer for fewer, more in pairwise(upto))
    return OpenItems(by_age, overdue, no_day, no_owner)


@lru_cache(maxsize=READERS)
def _open(scope: Scope) -> Counts:
    younger = [func.count().filter(ActionItem.created_at > start) for start in AGE_STARTS]
    others = [func.count().filter(one) for one in NOTED_OF_OPEN.values()]
    return select(*younger, func.count(), *others).where(_is_open(scope))


def _is_open(scope: Scope) -> ColumnElement[bool]:
    return and_(ActionItem.state.in_(OPEN_STATES), scope.actions())


NOTED_OF_OPEN = {
    "open-overdue": ActionItem.due_on < TODAY,
    "open-no-day": ActionItem.due_on.is_(None),
    "open-no-owner": and_(ActionItem.owner_id.is_(None), ActionItem.owner_text == ""),
}


def _of_age(number: int) -> ColumnElement[bool]:
    """Items as old as the bucket of that number says."""
    youngest = ActionItem.created_at <= AGE_STARTS[number - 1] if number else true()
    return and_(youngest, ActionItem.created_at > AGE_STARTS[number] if number < len(AGES) else true())


Counted = Callable[[Scope], ColumnElement[bool]]


def _open_and(condition: ColumnElement[bool]) -> Counted:
    return lambda scope: and_(_is_open(scope), condition)


ITEM_FIGURES: dict[str, Counted] = {
    "items-due": _items_due,
    "items-on-time": lambda scope: and_(_items_due(scope), _item_on_time()),
    **{f"open-age-{number}": _open_and(_of_age(number)) for number in range(len(AGES) + 1)},
    **{key: _open_and(condition) for key, condition in NOTED_OF_OPEN.items()},
}
PAPER_FIGURES: dict[str, Counted] = {
    "papers-due": _papers_due,
    "papers-on-time": lambda scope: and_(_papers_due(scope), _paper_on_time()),
}
"""The figures that are not of what was declared or made in the span, for the rows behind them."""
