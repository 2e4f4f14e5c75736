"""What came back: pairs of incidents, deciding about one, and what a text resembles."""

from datetime import datetime
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from tracker import clock
from tracker.api import queries
from tracker.api.access import caller
from tracker.api.answers import cursor_after, dumped, listed, read_cursor, shown
from tracker.api.blueprint import operation
from tracker.api.fields import Moment, PageSchema, Prose, line, list_of, prose
from tracker.api.once import Done, do_once
from tracker.db import session
from tracker.models import Person, RecurrenceState, TokenScope
from tracker.queue import wake
from tracker.recurrence import operations
from tracker.recurrence.families import likenesses_of_all
from tracker.recurrence.known import known_incidents
from tracker.recurrence.operations import as_written
from tracker.recurrence.queries import get_pair, visible_incidents
from tracker.recurrence.similarity import Described, prepare

CONSIDERED = 25
SHOWN = 5
DECISIONS = [state for state in RecurrenceState if state is not RecurrenceState.SUSPECTED]


class SideSchema(Schema):
    ref = fields.String(required=True)
    title = fields.String(required=True)


class PersonNameSchema(Schema):
    name = fields.String(required=True)


class RecurrenceSchema(Schema):
    id = fields.Integer(required=True)
    state = fields.Enum(RecurrenceState, by_value=True, required=True)
    later = fields.Nested(SideSchema, required=True)
    earlier = fields.Nested(SideSchema, required=True)
    reasons = fields.List(fields.String(), required=True)
    found_at = Moment(required=True)
    decided_at = Moment(required=True, allow_none=True)
    decided_by = fields.Pluck(PersonNameSchema, "name", required=True, allow_none=True)
    decided_why = fields.String(required=True)


class RecurrenceFilterSchema(PageSchema):
    state = fields.Enum(RecurrenceState, by_value=True)
    incident = line(metadata={"description": "Pairs with this one, such as INC-42."})


class DecisionSchema(Schema):
    decision = fields.Enum(
        RecurrenceState,
        by_value=True,
        required=True,
        validate=validate.OneOf(DECISIONS, error="Choose same, related or not the same."),
        metadata={"enum": [state.value for state in DECISIONS]},
    )
    why = prose()


class TextSchema(Schema):
    text = Prose(
        required=True,
        validate=validate.Length(min=1, max=2000),
        metadata={"description": "A title; what is known so far may follow on further lines."},
    )


class MatchSchema(Schema):
    incident = fields.Nested(SideSchema, required=True)
    score = fields.Float(required=True, metadata={"description": "For the order only."})
    reasons = fields.List(fields.String(), required=True)
    shared_words = fields.List(fields.String(), required=True)


class SimilarSchema(Schema):
    matches = fields.List(fields.Nested(MatchSchema), required=True)


RecurrenceListSchema = list_of(RecurrenceSchema, "RecurrenceListSchema")


@operation("GET", "/recurrences", scope=TokenScope.READ, asks=RecurrenceFilterSchema, gives=RecurrenceListSchema)
def list_recurrences(asked: dict[str, Any]) -> Response:
    """Pairs of incidents that were suspected or decided, the newest first, where you may see both."""
    found = read_cursor(asked.get("cursor"), int)
    rows = queries.recurrences(asked, viewer=caller(), before=found[0] if found else None)
    part = rows[: asked["limit"]]
    return listed(
        RecurrenceListSchema(), part, next_cursor=cursor_after(part[-1].id) if len(rows) > len(part) else None
    )


@operation(
    "POST",
    "/recurrences/<int:recurrence_id>/decision",
    scope=TokenScope.WRITE,
    takes=DecisionSchema,
    gives=RecurrenceSchema,
)
def decide_recurrence(body: dict[str, Any], recurrence_id: int) -> Response:
    """Say whether two incidents are the same, related or not the same."""

    def work(by: Person, now: datetime) -> Done:
        operations.lock_pair(recurrence_id)
        pair = get_pair(recurrence_id, viewer=by)
        operations.decide(pair, body["decision"], why=body.get("why", ""), by=by, now=now)
        session.flush()
        session.refresh(pair, ["decided_by"])
        return Done(dumped(RecurrenceSchema(), pair))

    response = do_once(work)
    wake("recurrence.alert")
    return response


@operation("GET", "/similar", scope=TokenScope.READ, asks=TextSchema, gives=SimilarSchema)
def list_similar(asked: dict[str, Any]) -> Response:
    """Earlier incidents that a text resembles, with reasons, the likeliest first."""
    title, _, summary = asked["text"].strip().partition("\n")
    described = Described(id=0, moment=clock.utcnow(), title=title, summary=summary)
    asking = prepare(described)
    matches = (
        known_incidents().match(asking, limit=CONSIDERED, families=likenesses_of_all()) if asking.has_words else []
    )
    visible = visible_incidents([match.incident_id for match in matches], viewer=caller())
    rows = [
        {
            "incident": visible[match.incident_id],
            "score": round(match.score, 4),
            "reasons": match.reasons,
            "shared_words": [word for word, _ in as_written(match, described)],
        }
        for match in matches
        if match.incident_id in visible
    ]
    return shown(SimilarSchema(), {"matches": rows[:SHOWN]})
