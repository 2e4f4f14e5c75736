"""Action items: listing, promising, changing, taking the steps of their life, asking for a ticket."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Response, url_for

from tracker import action_life, clock
from tracker.actions import operations
from tracker.actions.drafts import ActionDraft, DeclineDraft, TicketDraft, draft_of
from tracker.actions.filters import ActionFilter
from tracker.actions.queries import ActionRow, with_surroundings
from tracker.api import queries
from tracker.api.access import caller
from tracker.api.action_schemas import (
    ActionFilterSchema,
    ActionListSchema,
    ActionSchema,
    ChangeActionSchema,
    NewActionSchema,
    PushSchema,
)
from tracker.api.answers import cursor_after, dumped, expect_unchanged, listed, read_cursor, shown
from tracker.api.blueprint import operation
from tracker.api.once import Done, do_once
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.lookup import get_action, get_incident
from tracker.models import ActionItem, ActionState, Person, TokenScope, Tracker
from tracker.queue import wake
from tracker.references import number_of
from tracker.sync.operations import PushDraft, ask_for_ticket
from tracker.wiring import settings

NAMED = ("detail", "done_when", "kind", "lever", "priority", "due_on", "title")
STEP = ("state", "reason", "accepted_by", "look_again_on")


def _today() -> date:
    return clock.today(settings().timezone)


def _rows(actions: list[ActionItem], *, viewer: Person) -> list[dict[str, Any]]:
    return [_values(row) for row in with_surroundings(actions, viewer=viewer, now=clock.utcnow())]


def _values(row: ActionRow) -> dict[str, Any]:
    action = row.action
    names = ActionSchema().fields.keys() & ActionItem.__table__.columns.keys()
    return {name: getattr(action, name) for name in names} | {
        "ref": action.ref,
        "owner": action.owner.email if action.owner else None,
        "team": action.team.slug if action.team else None,
        "incidents": [incident.ref for incident in row.visible],
        "tickets": row.tickets,
        "pushes": row.pushes,
    }


def _one(action: ActionItem, *, viewer: Person) -> dict[str, Any]:
    session.refresh(action, ["owner", "team"])
    return _rows([action], viewer=viewer)[0]


@operation("GET", "/action-items", scope=TokenScope.READ, asks=ActionFilterSchema, gives=ActionListSchema)
def list_actions(asked: dict[str, Any]) -> Response:
    """Action items, the newest first."""
    found = read_cursor(asked.get("cursor"), int)
    chosen = ActionFilter(
        group=asked["state"],
        owner=_owner_filter(asked.get("owner", "")),
        team=str(_team_id(asked["team"])) if "team" in asked else "",
        kind=asked.get("kind"),
        priority=asked.get("priority"),
        is_overdue=asked["overdue"],
        incident=asked.get("incident", ""),
        text=asked.get("q", ""),
    )
    before = found[0] if found else None
    rows = queries.actions(chosen, viewer=caller(), today=_today(), before=before, limit=asked["limit"])
    part = list(rows[: asked["limit"]])
    following = cursor_after(part[-1].number) if len(rows) > len(part) else None
    return listed(ActionListSchema(), _rows(part, viewer=caller()), next_cursor=following)


def _owner_filter(owner: str) -> str:
    return owner if owner in ("", "me", "nobody") else str(_person_id(owner))


def _person_id(email: str) -> int:
    found = queries.people_by_email([email]).get(email.lower())
    if found is None:
        raise RuleError(f"Nobody who can sign in has the address {email}.")
    return found.id


def _team_id(slug: str) -> int:
    team = queries.find_team(slug)
    if team is None:
        raise RuleError(f"There is no team {slug}.")
    return team.id


def _tracker(slug: str) -> Tracker:
    tracker = queries.find_tracker(slug)
    if tracker is None:
        raise RuleError(f"There is no tracker {slug} that is connected.")
    return tracker


def _wished(body: dict[str, Any]) -> dict[str, Any]:
    """The members of a draft that a body names."""
    wished = {name: body[name] for name in NAMED if name in body}
    if "owner" in body:
        wished["owner_id"] = _person_id(body["owner"]) if body["owner"] else None
    if "team" in body:
        wished["team_id"] = _team_id(body["team"]) if body["team"] else None
    return wished


@operation("POST", "/action-items", scope=TokenScope.WRITE, takes=NewActionSchema, gives=ActionSchema, status=201)
def create_action(body: dict[str, Any]) -> Response:
    """Promise an item for an incident, with a ticket if a tracker is named."""

    def work(by: Person, now: datetime) -> Done:
        incident = get_incident(body["incident"], viewer=by)
        draft, ticket = ActionDraft(**_wished(body)), None
        if "tracker" in body:
            ticket = TicketDraft(_tracker(body["tracker"]).id, body.get("target", ""), body["is_confirmed"])
        action = operations.create_action(draft, incident=incident, ticket=ticket, by=by, now=now, today=_today())
        session.flush()
        location = url_for("api.show_action", ref=action.ref)
        return Done(dumped(ActionSchema(), _one(action, viewer=by)), 201, location)

    response = do_once(work)
    wake("sync.push")
    return response


@operation("GET", "/action-items/<ref:ref>", scope=TokenScope.READ, gives=ActionSchema)
def show_action(ref: str) -> Response:
    """One item."""
    viewer = caller()
    return shown(ActionSchema(), _one(get_action(ref, viewer=viewer), viewer=viewer))


@operation("PATCH", "/action-items/<ref:ref>", scope=TokenScope.WRITE, takes=ChangeActionSchema, gives=ActionSchema)
def change_action(body: dict[str, Any], ref: str) -> Response:
    """Change what an item says, or take a step of its life."""
    if not body.get("title", "x"):
        raise RuleError("An item needs a title.")
    step = {name: body.pop(name) for name in STEP if name in body}
    with transaction():
        queries.lock_action(number_of(ref, prefix="AI"))
        by, now = caller(), clock.utcnow()
        action = get_action(ref, viewer=by)
        expect_unchanged(ActionSchema(), _one(action, viewer=by))
        if body:
            draft = replace(draft_of(action), **_wished(body))
            operations.edit_action(action, draft, version=action.version, by=by, now=now, today=_today())
        if step.get("state", action.state) is not action.state or _is_kept_declined(action, step):
            _step(action, step, by=by, now=now)
        session.flush()
        values = _one(action, viewer=by)
    return shown(ActionSchema(), values)


def _step(action: ActionItem, step: dict[str, Any], *, by: Person, now: datetime) -> None:
    reason = step.get("reason", "")
    match step["state"]:
        case ActionState.IN_PROGRESS:
            action_life.start(action, by=by, now=now)
        case ActionState.DONE:
            action_life.finish(action, evidence=reason, by=by, now=now)
        case ActionState.VERIFIED:
            action_life.verify(action, evidence=reason, by=by, now=now)
        case ActionState.DID_NOT_HOLD:
            sentence = f"It did not hold: {reason}" if reason else ""
            action_life.fail_to_hold(action, sentence=sentence, by=by, now=now)
        case ActionState.OPEN:
            action_life.reopen(action, by=by, now=now)
        case ActionState.DECLINED:
            _decline(action, step, by=by, now=now)


def _decline(action: ActionItem, step: dict[str, Any], *, by: Person, now: datetime) -> None:
    if "look_again_on" not in step:
        raise RuleError("Say with `look_again_on` when this decision is looked at again.")
    accepted_by = _person_id(step["accepted_by"]) if "accepted_by" in step else by.id
    draft = DeclineDraft(reason=step.get("reason", ""), accepted_by_id=accepted_by, look_again_on=step["look_again_on"])
    take = operations.keep_declined if action.state is ActionState.DECLINED else operations.decline_action
    take(action, draft, by=by, now=now, today=_today())


def _is_kept_declined(action: ActionItem, step: dict[str, Any]) -> bool:
    """Whether a decision that was made before is to stand until another day."""
    return step.get("state") is action.state is ActionState.DECLINED and "look_again_on" in step


@operation("POST", "/action-items/<ref:ref>/push", scope=TokenScope.WRITE, takes=PushSchema, gives=ActionSchema)
def push_action(body: dict[str, Any], ref: str) -> Response:
    """Ask for a ticket in a tracker. It is made a moment later; `pushes` and `tickets` of the item tell."""

    def work(by: Person, now: datetime) -> Done:
        action = get_action(ref, viewer=by)
        draft = PushDraft(_tracker(body["tracker"]).id, body.get("target", ""), body["is_confirmed"])
        ask_for_ticket(action, draft, by=by, now=now)
        session.flush()
        return Done(dumped(ActionSchema(), _one(action, viewer=by)))

    response = do_once(work)
    wake("sync.push")
    return response
