"""The weekly follow-through report, its figures' definitions, and who gets it by mail."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.db import transaction
from tracker.forms import reshow
from tracker.models import Role
from tracker.pages import moved_on, page, viewer
from tracker.reports import operations, queries, radar_routes, trend_routes, writing
from tracker.reports.figures import DEFINITIONS, HEADLINE_RULES
from tracker.reports.forms import DAYS, SubscribeForm, UnsubscribeForm
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.trend_definitions import TREND_DEFINITIONS
from tracker.reports.week_rows import rows_behind
from tracker.reports.weekly import WeeklyReport, as_json, weekly_report
from tracker.security import allow
from tracker.wiring import settings

FIRST_FIGURE = "follow-through"
blueprint = Blueprint("reports", __name__, url_prefix="/reports")
blueprint.register_blueprint(trend_routes.blueprint)
blueprint.register_blueprint(radar_routes.blueprint)


def this_week(now: datetime) -> Week:
    zone = settings().timezone
    return Week.of(now.astimezone(zone).date(), zone=zone)


@blueprint.get("/")
@allow(Role.VIEWER)
def index() -> ResponseReturnValue:
    """This week's report."""
    return redirect(url_for("reports.weekly", week=this_week(clock.utcnow()).name), 303)


@blueprint.get("/weekly/<week>")
@allow(Role.VIEWER)
def weekly(week: str) -> ResponseReturnValue:
    now = clock.utcnow()
    return page(
        "reports/weekly.html",
        report=_report(week, now=now),
        teams=queries.teams(),
        team_slug=request.args.get("team", ""),
        has_next=Week.parse(week, zone=settings().timezone).ends_at <= now,
    )


@blueprint.get("/weekly/<week>/rows")
@allow(Role.VIEWER)
def weekly_rows(week: str) -> ResponseReturnValue:
    """What one figure of the week counts, as it is counted now."""
    slug, figure = request.args.get("team", ""), request.args.get("figure", FIRST_FIGURE)
    number = min(max(request.args.get("page", 0, type=int), 0), trend_routes.LAST_PAGE)
    chosen = Week.parse(week, zone=settings().timezone)
    scope = Scope(viewer(), queries.get_team(slug) if slug else None)
    return page(
        "reports/weekly_rows.html",
        week=chosen,
        scope=scope,
        team_slug=slug,
        figure=figure,
        number=number,
        rows=rows_behind(figure, week=chosen, scope=scope, now=clock.utcnow(), page=number),
        name=next((one.name for one in DEFINITIONS if one.key == figure), ""),
    )


@blueprint.get("/weekly/<week>.md")
@allow(Role.VIEWER)
def weekly_markdown(week: str) -> ResponseReturnValue:
    text = writing.as_markdown(_report(week, now=clock.utcnow()), base_url=settings().base_url)
    return Response(text, mimetype="text/markdown")


@blueprint.get("/weekly/<week>.json")
@allow(Role.VIEWER)
def weekly_json(week: str) -> ResponseReturnValue:
    body: dict[str, Any] = as_json(_report(week, now=clock.utcnow()))
    return Response(json.dumps(body, default=writing.json_value, ensure_ascii=False), mimetype="application/json")


@blueprint.get("/weekly/<week>.csv")
@allow(Role.VIEWER)
def weekly_csv(week: str) -> ResponseReturnValue:
    report = _report(week, now=clock.utcnow())
    headers = {"Content-Disposition": f'attachment; filename="follow-through-{report.week.name}.csv"'}
    return Response(writing.as_csv(report), mimetype="text/csv", headers=headers)


def _report(week: str, *, now: datetime) -> WeeklyReport:
    slug = request.args.get("team", "")
    team = queries.get_team(slug) if slug else None
    return weekly_report(Week.parse(week, zone=settings().timezone), scope=Scope(viewer(), team), now=now)


@blueprint.get("/definitions")
@allow(Role.VIEWER)
def definitions() -> ResponseReturnValue:
    return page("reports/definitions.html", definitions=DEFINITIONS + TREND_DEFINITIONS, headline_rules=HEADLINE_RULES)


@blueprint.get("/mail")
@allow(Role.VIEWER)
def subscriptions(form: SubscribeForm | None = None) -> ResponseReturnValue:
    """What I get by mail, and when."""
    return page(
        "reports/subscriptions.html",
        form=form or SubscribeForm.for_teams(queries.teams()),
        subscriptions=operations.subscriptions_of(viewer()),
        days=DAYS,
        zone_name=settings().timezone.key,
    )


@blueprint.post("/mail")
@allow(Role.VIEWER)
@reshow(subscriptions)
def subscribe() -> ResponseReturnValue:
    form = SubscribeForm.for_teams(queries.teams())
    form.check()
    with transaction():
        operations.subscribe(form.draft(), person=viewer())
    return moved_on("You will get the weekly report by mail.", to=url_for("reports.subscriptions"))


@blueprint.post("/mail/stop")
@allow(Role.VIEWER)
def unsubscribe() -> ResponseReturnValue:
    form = UnsubscribeForm()
    form.check()
    with transaction():
        operations.unsubscribe(form.subscription_id.data or 0, person=viewer())
    return moved_on("That report will not come by mail any more.", to=url_for("reports.subscriptions"))
