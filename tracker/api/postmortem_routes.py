"""The postmortem of an incident: its answers, one by one, its state, and publishing it."""

from datetime import datetime
from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate

from tracker import clock
from tracker.api import queries
from tracker.api.access import caller
from tracker.api.answers import dumped, expect_unchanged, shown
from tracker.api.blueprint import operation
from tracker.api.fields import prose
from tracker.api.once import Done, do_once
from tracker.db import session, transaction
from tracker.errors import NotFoundError
from tracker.lookup import get_incident
from tracker.markdown_documents import to_json
from tracker.models import CauseCategory, Incident, Person, PostmortemState, TokenScope
from tracker.postmortems import operations
from tracker.postmortems.operations import AnswerDraft
from tracker.postmortems.outline import BUILT_IN
from tracker.postmortems.queries import document_of, find_answer, find_postmortem, get_postmortem_to_change
from tracker.queue import wake
from tracker.references import number_of
from tracker.wiring import settings

RULE = "/incidents/<ref:ref>/postmortem"
QUESTION = rf"^({'|'.join(sorted(BUILT_IN.questions))}|own_[a-z0-9_]{{1,36}})$"
"""The questions that Followthrough comes with, and the form of an installation's own."""


class WhySchema(Schema):
    depth = fields.Integer(required=True)
    claim = fields.String(required=True)
    evidence = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    confidence = fields.String(required=True, allow_none=True)
    is_root_cause = fields.Boolean(required=True)
    items = fields.List(fields.String(), required=True, metadata={"description": "The action items it leads to."})
    ending = fields.String(required=True, allow_none=True)


class FactorSchema(Schema):
    text = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)


class PostmortemSchema(Schema):
    """The postmortem as its exports have it; each answer under the key of its question."""

    state = fields.String(required=True, metadata={"enum": [state.value for state in PostmortemState]})
    owner = fields.String(required=True, allow_none=True)
    due_on = fields.String(required=True, allow_none=True)
    published_at = fields.String(required=True, allow_none=True)
    skipped_reason = fields.String(required=True)
    cause_category = fields.String(required=True, allow_none=True)
    answers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    whys = fields.List(fields.Nested(WhySchema), required=True)
    factors = fields.List(fields.Nested(FactorSchema), required=True)


class WriteSchema(Schema):
    """What is to change; an answer that is left out stays."""

    answers = fields.Dict(
        keys=fields.String(validate=validate.Regexp(QUESTION)),
        values=prose(),
        metadata={
            "description": "Text in Markdown by the key of its question.",
            "propertyNames": {"pattern": QUESTION},
        },
    )
    cause_category = fields.Enum(CauseCategory, by_value=True, allow_none=True)


def _values(incident: Incident) -> dict[str, Any]:
    """What is shown of it.

    Raises:
        NotFoundError: nobody has started one.
    """
    document = document_of(incident)
    found: dict[str, Any] | None = to_json(document)["postmortem"]
    if found is None:
        raise NotFoundError(
            f"{incident.ref} has no postmortem yet. Start one: send the same address a PATCH with `If-None-Match: *`."
        )
    return found | {"answers": dict(document.answers)}


@operation("GET", RULE, scope=TokenScope.READ, gives=PostmortemSchema)
def show_postmortem(ref: str) -> Response:
    """The postmortem, drafts too."""
    return shown(PostmortemSchema(), _values(get_incident(ref, viewer=caller())))


@operation("PATCH", RULE, scope=TokenScope.WRITE, takes=WriteSchema, gives=PostmortemSchema)
def write_postmortem(body: dict[str, Any], ref: str) -> Response:
    """Write answers. With `If-None-Match: *` in place of `If-Match` it is started, if there is none."""
    with transaction():
        queries.lock_incident(number_of(ref, prefix="INC"))
        by, now = caller(), clock.utcnow()
        incident = get_incident(ref, viewer=by)
        if request.headers.get("If-None-Match") == "*" and find_postmortem(incident) is None:
            operations.start_postmortem(incident, by=by, now=now, calendar=settings().work_calendar)
        else:
            expect_unchanged(PostmortemSchema(), _values(incident))
        _write(incident, body, by=by, now=now)
        session.flush()
    wake("recurrence.compare")
    return shown(PostmortemSchema(), _values(incident))


def _write(incident: Incident, body: dict[str, Any], *, by: Person, now: datetime) -> None:
    postmortem = get_postmortem_to_change(incident)
    for question, text in body.get("answers", {}).items():
        answer = find_answer(postmortem, question)
        draft = AnswerDraft(question, text, answer.version if answer else 0)
        operations.save_answer(postmortem, draft, by=by, now=now)
    if "cause_category" in body:
        operations.choose_cause(postmortem, body["cause_category"], now=now)


@operation("POST", f"{RULE}/publish", scope=TokenScope.WRITE, gives=PostmortemSchema)
def publish_postmortem(ref: str) -> Response:
    """Publish it. 422 lists the questions that are open."""

    def work(by: Person, now: datetime) -> Done:
        incident = get_incident(ref, viewer=by)
        postmortem = get_postmortem_to_change(incident)
        operations.publish_postmortem(postmortem, incident=incident, by=by, now=now)
        session.flush()
        return Done(dumped(PostmortemSchema(), _values(incident)))

    response = do_once(work)
    wake("recurrence.compare")
    return response
