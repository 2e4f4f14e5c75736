"""What the API takes and gives about incidents and errors."""

from marshmallow import Schema, fields, validate

from tracker.api.fields import Moment, PageSchema, PastMoment, Seconds, email, line, list_of, prose, slug
from tracker.incidents.next_steps import RESOLVED_MEANS
from tracker.models import EntryKind, Phase, Severity

MANY = validate.Length(max=50)


class FieldErrorSchema(Schema):
    field = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldErrorSchema))
    request_id = fields.String(metadata={"description": "With 5xx: what the lines in the log are found by."})


class ServiceSlugSchema(Schema):
    slug = fields.String(required=True)


class PersonEmailSchema(Schema):
    email = fields.String(required=True)


class IncidentRowSchema(Schema):
    """An incident in a list."""

    ref = fields.String(required=True)
    title = fields.String(required=True)
    severity = fields.Enum(Severity, by_value=True, required=True)
    phase = fields.Enum(Phase, by_value=True, required=True)
    is_drill = fields.Boolean(required=True)
    is_private = fields.Boolean(required=True)
    is_undated = fields.Boolean(required=True)
    alert_name = fields.String(required=True)
    services = fields.Pluck(ServiceSlugSchema, "slug", many=True, required=True)
    started_at = Moment(required=True, allow_none=True)
    detected_at = Moment(required=True, allow_none=True)
    declared_at = Moment(required=True)
    triaged_at = Moment(required=True, allow_none=True)
    stabilised_at = Moment(required=True, allow_none=True)
    resolved_at = Moment(required=True, allow_none=True)
    verified_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    time_to_detect = Seconds(required=True, allow_none=True)
    time_to_stabilise = Seconds(required=True, allow_none=True)
    time_to_resolve = Seconds(required=True, allow_none=True)
    version = fields.Integer(required=True)


class IncidentSchema(IncidentRowSchema):
    summary = fields.String(required=True)
    named_people = fields.Pluck(PersonEmailSchema, "email", many=True, required=True)


IncidentListSchema = list_of(IncidentRowSchema, "IncidentListSchema")


class IncidentFilterSchema(PageSchema):
    q = line()
    live = fields.Boolean(load_default=False)
    severity = fields.Enum(Severity, by_value=True)
    phase = fields.Enum(Phase, by_value=True)
    service = slug()
    drills = fields.String(validate=validate.OneOf(["without", "only"]))


class DeclareSchema(Schema):
    title = line(required=True)
    severity = fields.Enum(Severity, by_value=True, required=True)
    services = fields.List(slug(), validate=MANY)
    summary = prose()
    alert_name = line()
    started_at = PastMoment(allow_none=True)
    detected_at = PastMoment(allow_none=True)
    is_drill = fields.Boolean()
    is_private = fields.Boolean()


class EditSchema(Schema):
    """What is to change; what is left out stays."""

    title = line(required=False)
    severity = fields.Enum(Severity, by_value=True)
    services = fields.List(slug(), validate=MANY)
    summary = prose()
    alert_name = line()
    is_drill = fields.Boolean()
    is_private = fields.Boolean()
    named_people = fields.List(email(), validate=MANY)
    started_at = PastMoment(allow_none=True)
    detected_at = PastMoment(allow_none=True)
    triaged_at = PastMoment(allow_none=True)
    stabilised_at = PastMoment(allow_none=True)
    resolved_at = PastMoment(allow_none=True)
    verified_at = PastMoment(allow_none=True)
    closed_at = PastMoment(allow_none=True)
    phase = fields.Enum(Phase, by_value=True, metadata={"description": "A later phase, or `triaged` to open it again."})
    resolved_means = fields.List(
        fields.String(validate=validate.OneOf(RESOLVED_MEANS)),
        metadata={
            "description": "Beside the phase `resolved`: which of these hold. If one is missing, `note` says why."
        },
    )
    note = line(metadata={"description": "Beside `phase`: a few words for the timeline. Opening again needs them."})


class EntrySchema(Schema):
    """A line of the timeline. Its time is `null` when an imported document did not say it clearly."""

    id = fields.Integer(required=True)
    at = Moment(required=True, allow_none=True)
    at_text = fields.String(required=True)
    kind = fields.Enum(EntryKind, by_value=True, required=True)
    text = fields.String(required=True)
    author = fields.String(required=True, allow_none=True)
    is_starred = fields.Boolean(required=True)
    is_removed = fields.Function(lambda row: row.removed_at is not None, metadata={"type": "boolean"})


EntryListSchema = list_of(EntrySchema, "EntryListSchema")


class NewEntrySchema(Schema):
    text = prose(required=True)
    kind = fields.Enum(EntryKind, by_value=True, load_default=EntryKind.EVENT)
    at = PastMoment(allow_none=True)
