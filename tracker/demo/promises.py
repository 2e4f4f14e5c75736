"""The action items and every step of their life, taken through the same rules as anybody's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker import action_life
from tracker.db import session
from tracker.deadlines import action_due_on
from tracker.demo.cast import Cast
from tracker.demo.lines import unwrapped
from tracker.demo.texts import IncidentText, ItemText
from tracker.models import (
    ACTIONS,
    ActionItem,
    ActionKind,
    Incident,
    IncidentAction,
    Lever,
    Person,
    Priority,
    next_number,
)


@dataclass(frozen=True)
class Promise:
    """An item, the incident that asked for it, and when."""

    text: ItemText
    incident: Incident
    made_at: datetime
    made_by: Person
    place: int

    def after(self, days: int, *, cast: Cast) -> datetime:
        moment = cast.calendar.in_office_hours(self.made_at, days=days, spread=self.place + days)
        if moment > cast.calendar.now:
            raise ValueError(f"{self.text.title!r} is told before it happened.")
        return max(moment, self.made_at + timedelta(hours=1))


def promises_of(text: IncidentText, *, cast: Cast) -> list[Promise]:
    incident = cast.incidents[text.key]
    if text.promised:
        made_at = cast.calendar.moment(text.promised)
    else:
        made_at = cast.calendar.in_office_hours(incident.declared_at, days=1, spread=incident.number)
    by = cast.people[text.postmortem.lead if text.postmortem else text.declared_by]
    return [
        Promise(item, incident, made_at + timedelta(minutes=6 * place), by, incident.number + place)
        for place, item in enumerate(text.items)
    ]


def write_item(promise: Promise, *, cast: Cast) -> None:
    text, incident = promise.text, promise.incident
    priority = Priority(text.priority)
    made_on = cast.calendar.day_of(promise.made_at)
    action = ActionItem(
        number=next_number(session(), ACTIONS),
        title=text.title,
        detail=unwrapped(text.detail),
        done_when=text.done_when,
        owner_id=cast.people[text.owner].id if text.owner else None,
        team_id=next((service.team_id for service in incident.services), None),
        due_on=cast.calendar.day(text.due) if text.due else action_due_on(priority, made_on),
        kind=ActionKind(text.kind),
        lever=Lever(text.lever),
        priority=priority,
        created_at=promise.made_at,
        created_by_id=promise.made_by.id,
    )
    session.add(action)
    session.flush()
    session.add(
        IncidentAction(
            incident_id=incident.id, action_id=action.id, linked_at=promise.made_at, linked_by_id=promise.made_by.id
        )
    )
    action_life.note(action, "Promised.", by=promise.made_by, now=promise.made_at, about=incident)
    if text.key:
        cast.items[text.key] = action
    _live(action, promise, cast=cast)


def _live(action: ActionItem, promise: Promise, *, cast: Cast) -> None:
    """The steps it has taken so far."""
    text, owner = promise.text, cast.people[promise.text.owner] if promise.text.owner else promise.made_by
    if text.started is not None:
        action_life.start(action, by=owner, now=promise.after(text.started, cast=cast))
    if text.done is not None:
        action_life.finish(action, evidence=text.evidence, by=owner, now=promise.after(text.done, cast=cast))
    if text.verified is not None:
        at = promise.after(text.verified, cast=cast)
        action_life.verify(action, evidence="", by=promise.made_by, now=at)
    if text.verified_just_now:
        at = cast.calendar.moment(text.verified_just_now)
        action_life.verify(action, evidence="", by=promise.made_by, now=at)
    if text.declined is not None:
        action_life.decline(
            action,
            reason=text.reason,
            accepted_by=cast.people[text.accepted_by],
            look_again_on=cast.calendar.day(text.look_again),
            by=promise.made_by,
            now=promise.after(text.declined, cast=cast),
        )
