"""What the API takes and gives about action items."""

from marshmallow import Schema, fields, validate

from tracker.actions.states import GROUPS
from tracker.api.fields import Moment, PageSchema, email, line, list_of, prose, slug
from tracker.models import ActionKind, ActionState, Freshness, Lever, Priority, PushState, TicketState


class TicketSchema(Schema):
    key = fields.String(required=True)
    url = fields.String(required=True)
    state = fields.Enum(TicketState, by_value=True, required=True)
    freshness = fields.Enum(Freshness, by_value=True, required=True)


class ActionSchema(Schema):
    ref = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    done_when = fields.String(required=True)
    owner = fields.String(required=True, allow_none=True, metadata={"description": "E-mail address."})
    owner_text = fields.String(required=True, metadata={"description": "As an import named them."})
    team = fields.String(required=True, allow_none=True, metadata={"description": "Slug."})
    kind = fields.Enum(ActionKind, by_value=True, required=True, allow_none=True)
    lever = fields.Enum(Lever, by_value=True, required=True, allow_none=True)
    priority = fields.Enum(Priority, by_value=True, required=True)
    due_on = fields.Date(required=True, allow_none=True)
    state = fields.Enum(ActionState, by_value=True, required=True)
    created_at = Moment(required=True)
    started_at = Moment(required=True, allow_none=True)
    done_at = Moment(required=True, allow_none=True)
    done_evidence = fields.String(required=True)
    watch_until = fields.Date(required=True, allow_none=True)
    verified_at = Moment(required=True, allow_none=True)
    did_not_hold_at = Moment(required=True, allow_none=True)
    declined_at = Moment(required=True, allow_none=True)
    declined_reason = fields.String(required=True)
    look_again_on = fields.Date(required=True, allow_none=True)
    incidents = fields.List(fields.String(), required=True)
    tickets = fields.List(fields.Nested(TicketSchema), required=True)
    pushes = fields.List(
        fields.Enum(PushState, by_value=True), required=True, metadata={"description": "Tickets that are on their way."}
    )
    version = fields.Integer(required=True)


ActionListSchema = list_of(ActionSchema, "ActionListSchema")


class ActionFilterSchema(PageSchema):
    state = fields.String(validate=validate.OneOf(list(GROUPS)), load_default="all")
    owner = email(metadata={"description": "An e-mail address, `me` or `nobody`."})
    team = slug()
    kind = fields.Enum(ActionKind, by_value=True)
    priority = fields.Enum(Priority, by_value=True)
    overdue = fields.Boolean(load_default=False)
    incident = line(metadata={"description": "Such as INC-42."})
    q = line()


def _confirmed() -> fields.Boolean:
    about = "That a ticket of an item that only private incidents ask for may be read in the tracker."
    return fields.Boolean(load_default=False, metadata={"description": about})


class _WordsSchema(Schema):
    detail = prose()
    done_when = prose()
    owner = email(allow_none=True, metadata={"description": "E-mail address."})
    team = slug(allow_none=True)
    kind = fields.Enum(ActionKind, by_value=True, allow_none=True)
    lever = fields.Enum(Lever, by_value=True, allow_none=True)
    priority = fields.Enum(Priority, by_value=True)
    due_on = fields.Date(allow_none=True, metadata={"description": "Without it, by the priority."})


class NewActionSchema(_WordsSchema):
    incident = line(required=True, metadata={"description": "Which asks for it, such as INC-42."})
    title = line(required=True)
    tracker = slug(metadata={"description": "Where a ticket is made."})
    target = line(metadata={"description": "The repository or project; else the usual one."})
    is_confirmed = _confirmed()


class ChangeActionSchema(_WordsSchema):
    """What is to change; what is left out stays."""

    title = line()
    state = fields.Enum(ActionState, by_value=True)
    reason = prose(
        metadata={
            "description": "Beside `state`: how we know that it is done, what showed that it did not hold, why not."
        }
    )
    accepted_by = email(metadata={"description": "Beside `declined`: who accepts the risk, by e-mail; else you."})
    look_again_on = fields.Date(
        metadata={"description": "Beside `declined`. With a new day, what was declined stays so."}
    )


class PushSchema(Schema):
    tracker = slug(required=True)
    target = line()
    is_confirmed = _confirmed()
