"""The weekly report, the services, and what speaks against changing one just now."""

import json
from typing import Any, ClassVar

from flask import Response, current_app
from marshmallow import Schema, fields

from tracker import clock
from tracker.api import queries
from tracker.api.access import caller
from tracker.api.answers import answer, cursor_after, listed, read_cursor
from tracker.api.blueprint import operation
from tracker.api.fields import Moment, PageSchema, list_of, slug
from tracker.forms import one_line
from tracker.models import TokenScope
from tracker.recurrence.risk import service_risk
from tracker.reports.queries import get_team
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import as_json, weekly_report
from tracker.reports.writing import json_value
from tracker.wiring import settings


class TeamFilterSchema(Schema):
    team = slug()


class ShareSchema(Schema):
    part = fields.Integer(required=True)
    whole = fields.Integer(required=True)
    rate = fields.Float(required=True, allow_none=True)


class FigureSchema(ShareSchema):
    before = fields.Nested(ShareSchema, required=True, metadata={"description": "The week before."})


class OverdueSchema(Schema):
    count = fields.Integer(required=True)
    median_days = fields.Integer(required=True, allow_none=True)
    owners = fields.List(fields.Dict(), required=True)


class ReportSchema(Schema):
    """As `followthrough report weekly --format json` gives it."""

    class Meta:
        include: ClassVar = {"from": fields.Date(required=True), "to": fields.Date(required=True)}

    week = fields.String(required=True)
    scope = fields.String(required=True)
    made_at = Moment(required=True)
    is_running = fields.Boolean(required=True)
    recorded_at = Moment(
        required=True, allow_none=True, metadata={"description": "Since when its figures are kept as they were told."}
    )
    corrections = fields.List(fields.Dict(), required=True, metadata={"description": "What is known better since."})
    headline = fields.String(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Nested(FigureSchema), required=True)
    declined_when_due = fields.Integer(required=True)
    late_postmortems = fields.Integer(required=True)
    job_stopped_at = Moment(required=True, allow_none=True)
    overdue = fields.Nested(OverdueSchema, required=True)
    lists = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict()),
        required=True,
        metadata={"description": "The rows behind it, by the name of each list."},
    )
    longer_lists = fields.List(
        fields.String(), required=True, metadata={"description": "Lists of which only the first rows are here."}
    )
    trackers = fields.List(fields.Dict(), required=True)
    ticket_troubles = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    tickets_moved = fields.Dict(required=True, allow_none=True)


class TeamSlugSchema(Schema):
    slug = fields.String(required=True)


class ServiceSchema(Schema):
    slug = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    team = fields.Pluck(TeamSlugSchema, "slug", required=True, allow_none=True)
    escalation_contact = fields.String(required=True)
    escalation_verified_on = fields.Date(required=True, allow_none=True)
    is_archived = fields.Boolean(required=True)


class OwedSchema(Schema):
    ref = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    days_overdue = fields.Integer(required=True)


class TriggerSchema(Schema):
    ref = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.String(required=True)
    alert = fields.String(required=True, allow_none=True)
    declared_at = fields.DateTime(required=True)
    live = fields.Boolean(required=True)
    came_back = fields.Boolean(required=True)


class RiskSchema(Schema):
    """As `followthrough risk SLUG --json` gives it."""

    service = fields.String(required=True)
    at_risk = fields.Boolean(
        required=True,
        metadata={"description": "An item is overdue, a fix did not hold, or an incident is going on."},
    )
    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    did_not_hold = fields.Integer(required=True)
    unverified = fields.Integer(required=True)
    live = fields.Integer(required=True)
    items = fields.List(
        fields.Nested(OwedSchema), required=True, metadata={"description": "What is owed, the worst first."}
    )
    last_triggers = fields.List(
        fields.Nested(TriggerSchema), required=True, metadata={"description": "The incidents that broke it lately."}
    )


ServiceListSchema = list_of(ServiceSchema, "ServiceListSchema")


@operation("GET", "/reports/weekly/<week>", scope=TokenScope.READ, asks=TeamFilterSchema, gives=ReportSchema)
def show_report(asked: dict[str, Any], week: str) -> Response:
    """The follow-through report of a week such as 2026-W47, of all or of one team."""
    team = get_team(asked["team"]) if "team" in asked else None
    wanted = Week.parse(week, zone=settings().timezone)
    report = weekly_report(wanted, scope=Scope(caller(), team), now=clock.utcnow())
    told = as_json(report)
    lasting = {name: value for name, value in told.items() if name != "made_at"}
    return answer(_written(told), lasting=_written(lasting))


def _written(told: dict[str, Any]) -> str:
    return json.dumps(told, default=json_value, ensure_ascii=False)


@operation("GET", "/services", scope=TokenScope.READ, asks=PageSchema, gives=ServiceListSchema)
def list_services(asked: dict[str, Any]) -> Response:
    """Services by their slugs."""
    found = read_cursor(asked.get("cursor"), str)
    rows = queries.services(after=found[0] if found else "", limit=asked["limit"])
    part = rows[: asked["limit"]]
    return listed(ServiceListSchema(), part, next_cursor=cursor_after(part[-1].slug) if len(rows) > len(part) else None)


@operation("GET", "/services/<slug>/risk", scope=TokenScope.READ, gives=RiskSchema)
def show_risk(slug: str) -> Response:
    """For a pipeline before it deploys: what is owed, what did not hold, what is going on."""
    now = clock.utcnow()
    risk = service_risk(one_line(slug), viewer=caller(), now=now, today=clock.today(settings().timezone))
    return answer(current_app.json.dumps(risk.as_json()))
