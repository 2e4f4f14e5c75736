"""The incidents and items behind a figure of the week: what it counts, and what of that fulfils it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, not_, select

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ActionItem, Incident, Person, Postmortem
from tracker.reports import asked
from tracker.reports import week_conditions as conditions
from tracker.reports.figures import Share
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope

PAGE_LENGTH = 50
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Rule:
    """What a share counts (``whole``), and which of these are its part, in words for the page."""

    is_about_items: bool
    part_words: str
    rest_words: str
    whole: Callable[[Scope], Condition]
    part: Callable[[Scope], Condition]


def _is(condition: Condition) -> Condition:
    """Never "not known": a comparison with a moment that is missing is no."""
    return func.coalesce(condition, false())


RULES = {
    "follow-through": Rule(
        True, "settled", "still open", conditions.made_in_cohort, lambda _scope: conditions.settled()
    ),
    "completion": Rule(
        True,
        "on time",
        "not on time",
        lambda scope: conditions.was_due(scope) & not_(_is(asked.was_declined())),
        lambda _scope: conditions.on_time(),
    ),
    "held": Rule(
        True,
        "held",
        "did not hold",
        lambda scope: conditions.done_in_cohort(scope) & _is(conditions.was_verified()),
        lambda _scope: not_(_is(conditions.had_failed())),
    ),
    "recurrence": Rule(False, "came back", "new", conditions.declared_in_week, conditions.came_back),
    "verified": Rule(
        True, "verified", "not verified", conditions.done_in_cohort, lambda _scope: conditions.was_verified()
    ),
    "coverage": Rule(
        False,
        "published on time",
        "not on time",
        lambda scope: Postmortem.is_required & conditions.paper_was_due() & scope.incidents(),
        lambda _scope: conditions.published_on_time(),
    ),
}


@dataclass(frozen=True)
class Line:
    ref: str
    title: str
    state: str
    is_part: bool
    detail: str
    at: datetime


@dataclass(frozen=True)
class WeekRows:
    rule: Rule
    share: Share
    lines: list[Line]

    def has_more(self, page: int) -> bool:
        return (page + 1) * PAGE_LENGTH < self.share.whole


def rows_behind(figure: str, *, week: Week, scope: Scope, now: datetime, page: int) -> WeekRows:
    """One page of what a figure counts as it is counted now, what does not fulfil it first.

    Raises:
        NotFoundError: the week has no such figure.
    """
    rule = RULES.get(figure)
    if rule is None:
        raise NotFoundError(f"The report has no figure {figure}.")
    is_part = _is(rule.part(scope)).label("is_part")
    query = (_items(is_part) if rule.is_about_items else _incidents(is_part)).where(rule.whole(scope))
    values = asked.values(week, now=now)
    kept = query.subquery()
    whole, part = session.execute(select(func.count(), func.count().filter(kept.c.is_part)), values).one()
    key: Any = (ActionItem if rule.is_about_items else Incident).id
    shown = query.order_by(is_part, key.desc()).limit(PAGE_LENGTH).offset(PAGE_LENGTH * page)
    line = _item_line if rule.is_about_items else _incident_line
    return WeekRows(rule, Share(part, whole), [line(row) for row in session.execute(shown, values)])


def _items(is_part: Any) -> Any:
    owner = func.coalesce(Person.name, ActionItem.owner_text).label("owner")
    columns = (ActionItem.number, ActionItem.title, ActionItem.state, ActionItem.created_at, owner, is_part)
    return select(*columns).outerjoin(Person, Person.id == ActionItem.owner_id)


def _incidents(is_part: Any) -> Any:
    columns = (Incident.number, Incident.title, Incident.severity, Incident.declared_at, Incident.phase, is_part)
    return select(*columns).outerjoin(Postmortem, Postmortem.incident_id == Incident.id)


def _item_line(row: Any) -> Line:
    detail = f"{row.owner or 'No owner'}, made"
    return Line(f"AI-{row.number}", row.title, row.state, bool(row.is_part), detail, row.created_at)


def _incident_line(row: Any) -> Line:
    detail = f"{row.phase.value}, declared"
    return Line(f"INC-{row.number}", row.title, row.severity, bool(row.is_part), detail, row.declared_at)
