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
    String,
    and_,
    bindparam,
    case,
    cast,
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
class IncidentMonth:
    """What was declared in one month. ``month`` is its place in the span; each list holds seconds, in no order."""

    month: int
    incidents: int
    came_back: int
    required: int
    published: int
    skipped: int
    detect: list[int]
    stabilise: list[int]
    resolve: list[int]
    publish: list[int]


def incident_months(span: Span, *, scope: Scope, now: datetime) -> list[IncidentMonth]:
    """The months in which something was declared."""
    rows = session.execute(_incidents(scope), values(span, now=now))
    return [IncidentMonth(*row[:6], *map(numbers, row[6:])) for row in rows]


@lru_cache(maxsize=READERS)
def _incidents(scope: Scope) -> Counts:
    began, ended = Incident.started_at, func.coalesce(Incident.resolved_at, Incident.declared_at)
    month = month_of(Incident.declared_at, ends=MONTH_ENDS).label("month")
    counted = (conditions.came_back(scope), conditions.required(), conditions.published(), conditions.skipped())
    return (
        select(
            month,
            func.count(),
            *(func.count().filter(one) for one in counted),
            joined(seconds_from(began, Incident.detected_at)),
            joined(seconds_from(began, Incident.stabilised_at)),
            joined(seconds_from(began, Incident.resolved_at)),
            joined(case((conditions.published(), seconds_from(ended, Postmortem.published_at)))),
        )
        .select_from(Incident)
        .outerjoin(Postmortem, Postmortem.incident_id == Incident.id)
        .where(conditions.declared(scope))
        .group_by(month)
    )


def joined(number: ColumnElement[Any]) -> ColumnElement[str]:
    """Thousands of whole numbers as one text: many times as quick to hand over as a row for each."""
    return func.aggregate_strings(cast(number, String), " ")


def numbers(text: str | None) -> list[int]:
    return list(map(int, text.split())) if text else []


def month_of(moment: Any, *, ends: Sequence[BindParameter[Any]], includes_end: bool = False) -> ColumnElement[int]:
    whens = [(moment <= end if includes_end else moment < end, number) for number, end in enumerate(ends)]
    return case(*whens, else_=MONTHS - 1)


@dataclass(frozen=True)
class MadeRow:
    """The items made in one month, by what became of them, and how many seconds that took, in no order."""

    month: int
    items: int
    in_tracker: int
    done: int
    verified: int
    held: int
    declined: int
    owed: int
    took: dict[str, list[int]]


def made_rows(span: Span, *, scope: Scope, now: datetime) -> list[MadeRow]:
    """The months in which items were made."""
    return [_made_row(*row) for row in session.execute(_made(scope), values(span, now=now))]


def _made_row(month: int, items: int, *found: Any) -> MadeRow:
    counts, texts = found[: len(COUNTED)], found[len(COUNTED) :]
    linked, done, verified = map(numbers, texts)
    # An item that had its ticket before it was made here, as an import may say, is in the tracker; how long is unknown.
    took = {"in-tracker": [one for one in linked if one >= 0], "done": done, "verified": verified}
    return MadeRow(month, items, len(linked), **dict(zip(COUNTED, counts, strict=True)), took=took)


COUNTED = ("done", "verified", "held", "declined", "owed")


@lru_cache(maxsize=READERS)
def _made(scope: Scope) -> Counts:
    made, done_at = ActionItem.created_at, ActionItem.done_at
    month = month_of(made, ends=MONTH_ENDS).label("month")
    first_link = select(func.min(ActionTicket.linked_at)).where(ActionTicket.action_id == ActionItem.id)
    counts = [func.count(), *(func.count().filter(conditions.ACTION_STEPS[step]()) for step in COUNTED)]
    took = (
        seconds(first_link.correlate(ActionItem).scalar_subquery()) - seconds(made),
        case((conditions.done(), seconds_from(made, done_at))),
        case((conditions.verified(), seconds_from(done_at, ActionItem.verified_at))),
    )
    return select(month, *counts, *map(joined, took)).where(conditions.made(scope)).group_by(month)


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
    "open-all": _is_open,
    **{f"open-age-{number}": _open_and(_of_age(number)) for number in range(len(AGES) + 1)},
    **{key: _open_and(condition) for key, condition in NOTED_OF_OPEN.items()},
}
PAPER_FIGURES: dict[str, Counted] = {
    "papers-due": _papers_due,
    "papers-on-time": lambda scope: and_(_papers_due(scope), _paper_on_time()),
}
"""The figures that are not of what was declared or made in the span, for the rows behind them."""
