"""What Prometheus Alertmanager sends: its webhook, version 4 (prometheus.io, "Webhook receiver")."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app
from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from tracker.api.alerts import AlertDraft, take_alerts
from tracker.api.blueprint import operation
from tracker.api.fields import Prose
from tracker.api.once import Done, do_once
from tracker.db import session
from tracker.forms import LINE, one_line
from tracker.incidents.typed_times import FIRST_YEAR
from tracker.models import Person, TokenScope
from tracker.queue import wake
from tracker.security import MEGABYTE

AT_ONCE = 10_000
"""Alerts in one notification. A group of Alertmanager's knows no limit, and what we refuse it does not send again."""
LARGEST = 16 * MEGABYTE


def _is_sensible(moment: datetime) -> bool:
    """Alertmanager writes the year 1 for "not yet"."""
    return FIRST_YEAR < moment.year < 9999


def _expect_sensible(moment: datetime) -> None:
    if not _is_sensible(moment):
        raise ValidationError("That year cannot be right.")


class OneAlertSchema(Schema):
    class Meta:
        unknown = INCLUDE

    status = fields.String(required=True, validate=validate.OneOf(["firing", "resolved"]))
    fingerprint = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-zA-Z_-]{1,64}$"))
    labels = fields.Dict(keys=fields.String(), values=Prose(), required=True)
    annotations = fields.Dict(keys=fields.String(), values=Prose(), load_default=dict)
    startsAt = fields.AwareDateTime(required=True, format="iso", validate=_expect_sensible)  # noqa: N815  its name
    endsAt = fields.AwareDateTime(format="iso", allow_none=True)  # noqa: N815


class NotificationSchema(Schema):
    """Alertmanager's notification; what it has beside these is left alone."""

    class Meta:
        unknown = INCLUDE

    version = fields.String(required=True, validate=validate.Equal("4"))
    alerts = fields.List(fields.Nested(OneAlertSchema), required=True, validate=validate.Length(min=1, max=AT_ONCE))


class TakenSchema(Schema):
    fingerprint = fields.String(required=True)
    incident = fields.String(required=True)
    declared = fields.Boolean(required=True)


class AnswerSchema(Schema):
    alerts = fields.List(fields.Nested(TakenSchema), required=True)


@operation(
    "POST",
    "/alerts/alertmanager",
    scope=TokenScope.WRITE,
    takes=NotificationSchema,
    gives=AnswerSchema,
    largest=LARGEST,
)
def take_notification(body: dict[str, Any]) -> Response:
    """Declare an incident for alerts that fire, once for all their repeats. Closes nothing."""

    def work(by: Person, now: datetime) -> Done:
        drafts = [_draft(one, now=now) for one in body["alerts"]]
        taken = take_alerts(drafts, by=by, now=now)
        session.flush()
        rows = [{"fingerprint": one.fingerprint, "incident": one.incident.ref, "declared": one.is_new} for one in taken]
        return Done(current_app.json.dumps({"alerts": rows}))

    response = do_once(work)
    wake("recurrence.compare")
    return response


def _draft(one: dict[str, Any], *, now: datetime) -> AlertDraft:
    labels, annotations = one["labels"], one["annotations"]
    is_over, ended = one["status"] == "resolved", one.get("endsAt")
    return AlertDraft(
        fingerprint=one["fingerprint"],
        name=one_line(labels.get("alertname", ""))[:LINE] or "without a name",
        summary=one_line(annotations.get("summary", ""))[:LINE],
        severity=one_line(labels.get("severity", "")),
        service=one_line(labels.get("service", "")),
        starts_at=one["startsAt"].astimezone(UTC),
        ended_at=(ended.astimezone(UTC) if ended and _is_sensible(ended) else now) if is_over else None,
    )
