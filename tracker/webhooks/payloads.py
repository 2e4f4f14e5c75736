"""What a webhook is told, read from the rows at the moment it is sent: nothing private, no drill, no person's name."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.models import (
    ActionItem,
    HookEvent,
    Incident,
    IncidentAction,
    Postmortem,
    Recurrence,
    WebhookPost,
    may_see,
    may_see_action,
)

OUTSIDE = None
"""The reader of a webhook is nobody we know: public incidents only (``may_see``)."""


def payload(post: WebhookPost, *, base_url: str) -> dict[str, Any] | None:
    """The words of a post; ``None`` when they must not leave."""
    about = _about(post, base_url=base_url)
    if about is None:
        return None
    changed = {"from": post.before or None, "to": post.after} if post.after else {}
    return {"type": post.event.value, "timestamp": post.at.isoformat(), "data": {**about, **changed}}


def _about(post: WebhookPost, *, base_url: str) -> dict[str, Any] | None:
    if post.event is HookEvent.TEST:
        return {"sentence": "This is a test. Nothing happened."}
    if post.event in (HookEvent.ITEM_CREATED, HookEvent.ITEM_STATE):
        return _item(post.row_id, base_url=base_url)
    if post.event in (HookEvent.RECURRENCE_FOUND, HookEvent.RECURRENCE_DECIDED):
        return _recurrence(post.row_id, base_url=base_url)
    incident = _incident(post.row_id)
    if incident is None:
        return None
    told = {"incident": _told(incident, base_url=base_url)}
    if post.event is HookEvent.POSTMORTEM_STATE:
        told |= {"postmortem": {"url": f"{base_url}/incidents/{incident.ref}/postmortem", "state": _state(incident)}}
    return told


def _incident(incident_id: int) -> Incident | None:
    """Unless nobody outside may know of it."""
    open_to_all = select(Incident).where(Incident.id == incident_id, may_see(OUTSIDE), Incident.is_drill.is_(False))
    return session.scalar(open_to_all)


def _told(incident: Incident, *, base_url: str) -> dict[str, Any]:
    return {
        "ref": incident.ref,
        "title": incident.title,
        "severity": incident.severity.value,
        "phase": incident.phase.value,
        "url": f"{base_url}/incidents/{incident.ref}",
    }


def _state(incident: Incident) -> str | None:
    state = session.scalar(select(Postmortem.state).where(Postmortem.incident_id == incident.id))
    return state.value if state else None


def _item(action_id: int, *, base_url: str) -> dict[str, Any] | None:
    action = session.scalar(
        select(ActionItem).where(ActionItem.id == action_id, may_see_action(OUTSIDE), ActionItem.counts_for_all)
    )
    if action is None:
        return None
    numbers = session.scalars(
        select(Incident.number)
        .join(IncidentAction, IncidentAction.incident_id == Incident.id)
        .where(IncidentAction.action_id == action.id, may_see(OUTSIDE), Incident.is_drill.is_(False))
        .order_by(Incident.number)
    )
    return {
        "action_item": {
            "ref": action.ref,
            "title": action.title,
            "state": action.state.value,
            "due_on": action.due_on.isoformat() if action.due_on else None,
            "incidents": [f"INC-{number}" for number in numbers],
            "url": f"{base_url}/actions/{action.ref}",
        }
    }


def _recurrence(recurrence_id: int, *, base_url: str) -> dict[str, Any] | None:
    pair = session.scalar(
        select(Recurrence)
        .where(Recurrence.id == recurrence_id)
        .options(joinedload(Recurrence.later), joinedload(Recurrence.earlier))
    )
    if pair is None or _incident(pair.later_id) is None or _incident(pair.earlier_id) is None:
        return None
    return {
        "recurrence": {"state": pair.state.value, "url": f"{base_url}/recurrences/{pair.id}"},
        "later": _told(pair.later, base_url=base_url),
        "earlier": _told(pair.earlier, base_url=base_url),
    }
