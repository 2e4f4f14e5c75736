"""Writing items down and editing them. Steps of their life: ``action_life``; who asks for them: ``action_links``."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from tracker import action_life, action_links, audit, deadlines
from tracker.actions.drafts import ActionDraft, DeclineDraft, Names, TicketDraft, change_sentence, draft_of
from tracker.clients.targets import is_target
from tracker.db import session
from tracker.errors import RuleError, StaleWriteError
from tracker.lookup import may_read_action
from tracker.models import (
    ACTIONS,
    ActionEvent,
    ActionItem,
    ActionState,
    Incident,
    Person,
    Service,
    Team,
    Tracker,
    TrackerKind,
    next_number,
)
from tracker.ticket_wishes import check_readable, connected_tracker, wish_for_ticket

FAR_AWAY = timedelta(days=5 * 366)
"""Nobody promises that far: a due date beyond it has a typing error in its year."""


def create_action(
    draft: ActionDraft, *, incident: Incident, ticket: TicketDraft | None, by: Person, now: datetime, today: date
) -> ActionItem:
    """Write an item down for an incident, and the wish for a ticket with it."""
    action = ActionItem(number=next_number(session(), ACTIONS), title=draft.title, created_at=now, created_by_id=by.id)
    _fill(action, draft, today=today)
    if action.team_id is None:
        action.team_id = next((service.team_id for service in incident.services if service.team_id), None)
    session.add(action)
    session.flush()
    action_links.add_link(action, incident, by=by, now=now)
    action_links.check_owner_reads(action)
    action_life.note(action, "Promised.", by=by, now=now, about=incident)
    if ticket is not None:
        _ask_for_ticket(action, ticket, services=incident.services, by=by, now=now)
    return action


def edit_action(
    action: ActionItem, draft: ActionDraft, *, version: int, by: Person, now: datetime, today: date
) -> None:
    """Change what an item says.

    Raises:
        StaleWriteError: somebody changed it since the page was opened; nothing is written.
    """
    before = draft_of(action)
    if version != action.version:
        raise StaleWriteError(
            yours=draft.title, theirs=before.title, their_version=action.version, saved_by=_last_writer(action)
        )
    _fill(action, draft, today=today)
    session.flush()
    action_links.check_owner_reads(action)
    sentence = change_sentence(before, draft_of(action), names=_names(before, draft_of(action)))
    if sentence:
        action_life.note(action, sentence, by=by, now=now)


def decline_action(action: ActionItem, draft: DeclineDraft, *, by: Person, now: datetime, today: date) -> None:
    """A decision not to do it, with a person who accepts the risk and may read what it is about."""
    accepted_by = _who_accepts(action, draft)
    reason, day = draft.reason, draft.look_again_on
    action_life.decline(action, reason=reason, accepted_by=accepted_by, look_again_on=day, by=by, now=now, today=today)
    _note_decision("decline_action", action, draft, accepted_by=accepted_by, by=by, now=now)


def keep_declined(
    action: ActionItem, draft: DeclineDraft, *, by: Person, now: datetime, today: date, version: int | None = None
) -> None:
    """The same decision, looked at again: it stands until another day.

    ``version`` is what the person had before them; nobody's words are written over by one who did not see them.
    """
    if version not in (None, action.version) and action.state is ActionState.DECLINED:
        raise RuleError(f"Somebody changed {action.ref} while you decided. See below what it says now, then decide.")
    accepted_by = _who_accepts(action, draft)
    reason, day = draft.reason, draft.look_again_on
    action_life.keep_declined(
        action, reason=reason, accepted_by=accepted_by, look_again_on=day, by=by, now=now, today=today
    )
    _note_decision("keep_declined", action, draft, accepted_by=accepted_by, by=by, now=now)


def _who_accepts(action: ActionItem, draft: DeclineDraft) -> Person:
    accepted_by = session.get(Person, draft.accepted_by_id)
    if accepted_by is None or not accepted_by.is_active:
        raise RuleError(
            "That person is not here any more. Choose somebody else who accepts the risk.", about="accepted_by_id"
        )
    if not may_read_action(action, person=accepted_by):
        sentence = f"{accepted_by.name} may not see the private incident behind this. Choose somebody who may."
        raise RuleError(sentence, about="accepted_by_id")
    return accepted_by


def _note_decision(
    what: str, action: ActionItem, draft: DeclineDraft, *, accepted_by: Person, by: Person, now: datetime
) -> None:
    told = {"accepted_by": accepted_by.name, "look_again_on": draft.look_again_on.isoformat()}
    audit.note(what, action.ref, by=by, now=now, **told)


def _fill(action: ActionItem, draft: ActionDraft, *, today: date) -> None:
    """Take over every field; an empty due date gets the one of the priority."""
    if draft.owner_id is not None and draft.owner_id != action.owner_id:
        owner = session.get(Person, draft.owner_id)
        if owner is None or not owner.is_active:
            raise RuleError("That person is not here any more. Choose another owner.")
        action.owner_text = ""
    if draft.team_id is not None and session.get(Team, draft.team_id) is None:
        raise RuleError("That team is not here any more. Choose another one.")
    if draft.due_on is not None and draft.due_on != action.due_on and draft.due_on < today:
        raise RuleError("That due date has passed. Choose today or a later day.", about="due_on")
    if draft.due_on is not None and draft.due_on != action.due_on and draft.due_on - today > FAR_AWAY:
        raise RuleError("That due date is more than five years away. Check the year.", about="due_on")
    action.title, action.detail, action.done_when = draft.title, draft.detail, draft.done_when
    action.owner_id, action.team_id = draft.owner_id, draft.team_id
    action.kind, action.lever, action.priority = draft.kind, draft.lever, draft.priority
    action.due_on = draft.due_on or deadlines.action_due_on(draft.priority, today)


def _ask_for_ticket(
    action: ActionItem, ticket: TicketDraft, *, services: Sequence[Service], by: Person, now: datetime
) -> None:
    """Write the intent to have a ticket down; the push job makes it."""
    tracker = connected_tracker(ticket.tracker_id)
    target = ticket.target or default_target(tracker, services=services)
    _check_target(tracker, target)
    check_readable(action, is_confirmed=ticket.is_confirmed)
    wish_for_ticket(action, tracker, target=target, by=by, now=now)


def default_target(tracker: Tracker, *, services: Sequence[Service]) -> str:
    """Where tickets go when nobody says: as a service has it, else as the tracker has it; empty when unknown."""
    own = [service.ticket_target for service in services if service.tracker_id == tracker.id and service.ticket_target]
    return own[0] if own else tracker.default_target


def _check_target(tracker: Tracker, target: str) -> None:
    if is_target(target, kind=tracker.kind):
        return
    if tracker.kind is TrackerKind.GITHUB:
        raise RuleError(f"Say which repository of {tracker.name} the ticket goes to, as owner/name: acme/shop.")
    raise RuleError(f"Say which project of {tracker.name} the ticket goes to, by its key in capitals: OPS.")


def _last_writer(action: ActionItem) -> str:
    name = session.scalar(
        select(Person.name)
        .join(ActionEvent, ActionEvent.person_id == Person.id)
        .where(ActionEvent.action_id == action.id)
        .order_by(ActionEvent.id.desc())
        .limit(1)
    )
    return name or "somebody else"


def _names(*drafts: ActionDraft) -> Names:
    people = [draft.owner_id for draft in drafts if draft.owner_id is not None]
    teams = [draft.team_id for draft in drafts if draft.team_id is not None]
    return Names(
        people=dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).all()),
        teams=dict(session.execute(select(Team.id, Team.name).where(Team.id.in_(teams))).all()),
    )
