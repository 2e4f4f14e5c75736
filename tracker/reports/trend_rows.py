"""The incidents and items behind a figure of the trends, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ActionItem, Incident, Person, Postmortem
from tracker.reports import trend_conditions as conditions
from tracker.reports import trend_counting as counting
from tracker.reports.months import Span
from tracker.reports.scope import Scope
from tracker.reports.trend_counting import values
from tracker.reports.trends import AGE_NAMES

PAGE_LENGTH = 50
TITLES = {
    **{f"open-age-{number}": f"Open items made {name} ago" for number, name in enumerate(AGE_NAMES)},
    "open-all": "Open items",
    "open-overdue": "Open items that are overdue",
    "open-no-day": "Open items without a due date",
    "open-no-owner": "Open items without an owner",
    "items-due": "Action items that were due",
    "items-on-time": "Action items done by the end of the day on which they were due",
    "papers-due": "Incidents whose required postmortem was due",
    "papers-on-time": "Incidents whose required postmortem was published in time",
    "known-detect": "Incidents of which it is known how long detecting took",
    "known-stabilise": "Incidents of which it is known how long stabilising took",
    "known-resolve": "Incidents of which it is known how long resolving took",
    "incidents": "Incidents",
    "came-back": "Incidents that came back",
    "required": "Incidents that need a postmortem",
    "published": "Incidents whose required postmortem is published",
    "skipped": "Incidents whose required postmortem was skipped",
    "led": "Incidents that somebody led technically",
    "unknown-detect": "Incidents of which nobody knows how long detecting took",
    "unknown-stabilise": "Incidents of which nobody knows how long stabilising took",
    "unknown-resolve": "Incidents of which nobody knows how long resolving took",
    "items": "Action items",
    "in-tracker": "Action items in the tracker",
    "done": "Action items that were done",
    "verified": "Action items that were verified",
    "held": "Action items that held",
    "declined": "Action items that were declined",
    "owed": "Action items that are still owed",
}


@dataclass(frozen=True)
class Line:
    """One incident or item of a list."""

    ref: str
    title: str
    state: str
    at: datetime
    detail: str


@dataclass(frozen=True)
class Rows:
    title: str
    count: int
    lines: list[Line]


def rows_behind(figure: str, *, span: Span, scope: Scope, now: datetime, page: int) -> Rows:
    """One page of the rows, the newest first.

    Raises:
        NotFoundError: there is no such figure.
    """
    if figure not in TITLES:
        raise NotFoundError(f"The trends have no figure {figure}.")
    is_about_items = figure in conditions.ACTION_STEPS or figure in counting.ITEM_FIGURES
    query = _actions(figure, scope=scope) if is_about_items else _incidents(figure, scope=scope)
    asked = values(span, now=now) | {counting.TODAY.key: span.today}
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()), asked) or 0
    shown = session.execute(query.limit(PAGE_LENGTH).offset(PAGE_LENGTH * page), asked)
    line = _action_line if is_about_items else _incident_line
    return Rows(TITLES[figure], count, [line(row) for row in shown])


def _counted(figure: str, *, scope: Scope) -> ColumnElement[bool]:
    """What of all incidents or items a figure counts."""
    if figure in conditions.ACTION_STEPS:
        return and_(conditions.made(scope), conditions.ACTION_STEPS[figure]())
    if figure in conditions.INCIDENT_STEPS:
        return and_(conditions.declared(scope), conditions.INCIDENT_STEPS[figure](scope))
    return (counting.ITEM_FIGURES.get(figure) or counting.PAPER_FIGURES[figure])(scope)


def _incidents(figure: str, *, scope: Scope) -> Any:
    return (
        select(Incident.number, Incident.title, Incident.severity, Incident.declared_at, Incident.phase)
        .outerjoin(Postmortem, Postmortem.incident_id == Incident.id)
        .where(_counted(figure, scope=scope))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
    )


def _actions(figure: str, *, scope: Scope) -> Any:
    return (
        select(
            ActionItem.number,
            ActionItem.title,
            ActionItem.state,
            ActionItem.created_at,
            func.coalesce(Person.name, ActionItem.owner_text).label("owner"),
        )
        .outerjoin(Person, Person.id == ActionItem.owner_id)
        .where(_counted(figure, scope=scope))
        .order_by(ActionItem.created_at.desc(), ActionItem.id.desc())
    )


def _incident_line(row: Any) -> Line:
    return Line(f"INC-{row.number}", row.title, row.severity, row.declared_at, f"{row.phase.value}, declared")


def _action_line(row: Any) -> Line:
    return Line(f"AI-{row.number}", row.title, row.state, row.created_at, f"{row.owner or 'No owner'}, made")
