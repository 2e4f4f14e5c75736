"""Writes the action items of an imported document, and what is known of their lives."""

from datetime import datetime

from tracker import action_life
from tracker.db import session
from tracker.models import ACTIONS, ActionItem, ActionState, Incident, IncidentAction, Person
from tracker.transfer import queries
from tracker.transfer.drafts import DocumentDraft, ItemDraft
from tracker.transfer.numbering import item_key, number_for

_DONE = (ActionState.DONE, ActionState.VERIFIED, ActionState.DID_NOT_HOLD)


def add_items(
    draft: DocumentDraft, *, incident: Incident, keep_numbers: bool, by: Person | None, now: datetime
) -> dict[str, ActionItem]:
    """One row an item. An item that another exported incident brought already is linked, not made again.

    They come back by the references that the document gives them.
    """
    found: dict[str, ActionItem] = {}
    for item in draft.items:
        key = item_key(item.number, title=item.title) if item.number else None
        action = queries.find_item(key) if key else None
        if action is None:
            action = _action(item, incident=incident, key=key, keep_number=keep_numbers)
            session.add(action)
            session.flush()
            _note(action, item=item, by=by, now=now)
        link = session.get(IncidentAction, (incident.id, action.id))
        if link is None:
            session.add(IncidentAction(incident_id=incident.id, action_id=action.id, linked_at=now))
            session.flush()
        if item.number:
            found[f"AI-{item.number}"] = action
    return found


def _action(item: ItemDraft, *, incident: Incident, key: str | None, keep_number: bool) -> ActionItem:
    owner = queries.find_person(item.owner_email) or queries.find_person(item.owner_text)
    return ActionItem(
        number=number_for(ACTIONS, item.number if keep_number else None),
        title=item.title,
        detail=item.detail,
        done_when=item.done_when,
        owner_id=owner.id if owner else None,
        owner_text="" if owner else item.owner_text,
        due_on=item.due_on,
        kind=item.kind,
        lever=item.lever,
        priority=item.priority,
        state=item.state,
        done_evidence=item.done_evidence,
        declined_reason=item.declined_reason,
        look_again_on=item.look_again_on,
        watch_until=item.watch_until,
        import_key=key,
        **_times(item, incident=incident),
    )


def _times(item: ItemDraft, *, incident: Incident) -> dict[str, datetime | None]:
    """What the table needs and the document leaves open counts from the incident's day; an event says so."""
    day = incident.resolved_at or incident.declared_at
    needed = {
        "created_at": incident.declared_at,
        "started_at": day if item.state is ActionState.IN_PROGRESS else None,
        "done_at": day if item.state in _DONE else None,
        "verified_at": day if item.state is ActionState.VERIFIED else None,
        "did_not_hold_at": day if item.state is ActionState.DID_NOT_HOLD else None,
        "declined_at": day if item.state is ActionState.DECLINED else None,
    }
    return needed | dict(item.at)


def _note(action: ActionItem, *, item: ItemDraft, by: Person | None, now: datetime) -> None:
    if item.state in (ActionState.DONE, ActionState.VERIFIED) and "done_at" not in item.at:
        sentence = (
            "Marked as done in the imported document, which does not say when; the day of the incident stands for it."
        )
    else:
        sentence = f"Came with an imported document, as “{item.state.value}”."
    action_life.note(action, sentence, by=by, now=now)
