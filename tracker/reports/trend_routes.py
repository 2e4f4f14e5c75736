"""The trends, the rows behind each of their figures, and both as CSV."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.errors import NotFoundError
from tracker.models import Role, Severity
from tracker.pages import page, viewer
from tracker.reports import queries, trend_writing
from tracker.reports.months import twelve_months
from tracker.reports.scope import Scope
from tracker.reports.trend_rows import PAGE_LENGTH, rows_behind
from tracker.reports.trends import Trends, trends
from tracker.security import allow
from tracker.wiring import settings

CHOICES = ("team", "service", "severity")
FIRST_FIGURE = "incidents"
LAST_PAGE = 100_000

blueprint = Blueprint("trends", __name__)


@blueprint.get("/trends")
@allow(Role.VIEWER)
def show() -> ResponseReturnValue:
    """Twelve months: what happened to what was promised."""
    return page(
        "reports/trends.html",
        trends=_trends(),
        teams=queries.teams(),
        services=queries.services(),
        severities=list(Severity),
        **chosen_parts(),
    )


@blueprint.get("/trends/rows")
@allow(Role.VIEWER)
def rows() -> ResponseReturnValue:
    """What one figure counted."""
    chosen, asked = chosen_parts(), request.args
    figure, month = asked.get("figure", FIRST_FIGURE), asked.get("month", "")
    number = min(asked.get("page", 0, type=int), LAST_PAGE)
    now = clock.utcnow()
    span = twelve_months(now, zone=settings().timezone)
    shown = span.only(month) if month else span
    found = rows_behind(figure, span=shown, scope=chosen_scope(), now=now, page=max(number, 0))
    kept = chosen["chosen"] | {"figure": figure} | ({"month": month} if month else {})
    is_last = (number + 1) * PAGE_LENGTH >= found.count
    return page(
        "reports/trend_rows.html",
        rows=found,
        figure=figure,
        month=span.only(month).months[0].name if month else "",
        next_url=None if is_last else url_for("reports.trends.rows", **kept, page=number + 1),
        previous_url=url_for("reports.trends.rows", **kept, page=number - 1) if number > 0 else None,
        **chosen,
    )


@blueprint.get("/trends.csv")
@allow(Role.VIEWER)
def export() -> ResponseReturnValue:
    name = f"trends-{clock.today(settings().timezone).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(trend_writing.csv_lines(_trends())), mimetype="text/csv", headers=headers)


def _trends() -> Trends:
    return trends(chosen_scope(), now=clock.utcnow(), zone=settings().timezone)


def chosen_parts() -> dict[str, Any]:
    """What narrows the figures, as it stands in the address."""
    chosen = {name: request.args[name] for name in CHOICES if request.args.get(name)}
    return {"chosen": chosen, "scope_words": ", ".join(chosen.values())}


def chosen_scope() -> Scope:
    team, service, severity = (request.args.get(name, "") for name in CHOICES)
    if severity and severity not in set(Severity):
        raise NotFoundError(f"There is no severity {severity}.")
    return Scope(
        viewer(),
        queries.get_team(team) if team else None,
        queries.get_service(service) if service else None,
        Severity(severity) if severity else None,
    )
