"""What people do: connect trackers, ask for tickets, link and unlink them."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select

from tracker import action_life, audit
from tracker.clients.failures import Refused
from tracker.clients.github_answers import target as github_target
from tracker.clients.jira_answers import target as jira_target
from tracker.clients.tickets import TicketSnapshot
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import (
    ActionItem,
    ActionTicket,
    Freshness,
    JiraFlavour,
    Person,
    Push,
    PushState,
    Ticket,
    Tracker,
    TrackerKind,
)
from tracker.security import Vault
from tracker.sync.making.operations import take_up_again
from tracker.sync.pacing.pauses import NO_MORE_LOOKS
from tracker.sync.reading.ticket_rows import keep_ticket, link_ticket
from tracker.sync.wording import has_looked
from tracker.ticket_wishes import check_readable, connected_tracker, wish_for_ticket


@dataclass(frozen=True)
class TrackerDraft:
    """A tracker as it was typed. An empty token keeps the one that is stored."""

    name: str
    kind: TrackerKind
    flavour: JiraFlavour | None
    url: str
    email: str
    token: str
    default_target: str


@dataclass(frozen=True)
class PushDraft:
    """Where a ticket is wanted; an empty target means the tracker's own."""

    tracker_id: int
    target: str
    is_confirmed: bool
    """Whether somebody said that a private incident's item may be read in the tracker."""


def add_tracker(draft: TrackerDraft, *, vault: Vault, by: Person | None, now: datetime) -> Tracker:
    if not draft.token:
        raise RuleError("Enter a token, so that we can speak to the tracker.")
    tracker = Tracker(slug=_free_slug(draft.name), kind=draft.kind, flavour=draft.flavour, created_at=now)
    _fill(tracker, draft, vault=vault)
    session.add(tracker)
    session.flush()
    audit.note("add_tracker", tracker.name, by=by, now=now, kind=tracker.kind.value, url=tracker.url)
    return tracker


def edit_tracker(tracker: Tracker, draft: TrackerDraft, *, vault: Vault, by: Person | None, now: datetime) -> None:
    """Change a tracker. A stored token never goes to another address than the one it was entered for."""
    check_place(tracker, draft)
    _fill(tracker, draft, vault=vault)
    tracker.failures, tracker.last_error = 0, ""
    _forget_pause(tracker)
    take_up_again(tracker, now=now)
    audit.note("edit_tracker", tracker.name, by=by, now=now, url=tracker.url, new_token=bool(draft.token))


def check_place(tracker: Tracker, draft: TrackerDraft) -> None:
    """
    Raises:
        RuleError: the stored token would go to another place.
    """
    if draft.url != tracker.url and not draft.token:
        raise RuleError("The address changed. Enter the token again, so that the old one is not sent to a new place.")


def switch_off(tracker: Tracker, *, by: Person | None, now: datetime) -> None:
    tracker.is_active = False
    audit.note("switch_off_tracker", tracker.name, by=by, now=now)


def switch_on(tracker: Tracker, *, by: Person | None, now: datetime) -> None:
    tracker.is_active, tracker.failures = True, 0
    _forget_pause(tracker)
    take_up_again(tracker, now=now)
    audit.note("switch_on_tracker", tracker.name, by=by, now=now)


def remove_tracker(tracker: Tracker, *, by: Person | None, now: datetime) -> None:
    """Forget a tracker that was never used.

    Raises:
        RuleError: items have, or had, tickets in it.
    """
    if is_used(tracker):
        raise RuleError(f"Items have tickets in {tracker.name}, so its history is kept. Switch it off instead.")
    audit.note("remove_tracker", tracker.name, by=by, now=now)
    session.delete(tracker)


def is_used(tracker: Tracker) -> bool:
    """Whether a ticket in it was ever known or asked for."""
    asked = exists().where(Push.tracker_id == tracker.id)
    return bool(session.scalar(select(or_(asked, exists().where(Ticket.tracker_id == tracker.id)))))


def hurry(tracker: Tracker, *, now: datetime) -> None:
    """Read now instead of after the pause that follows a failure; a wait that the tracker asked for is kept.

    Raises:
        RuleError: the tracker is off, or asked us to wait.
    """
    if not tracker.is_active:
        raise RuleError(f"{tracker.name} is switched off. Switch it on first.")
    if tracker.run_after is not None and tracker.run_after > now:
        if tracker.failures == 0:
            raise RuleError(f"{tracker.name} asked us to wait until {tracker.run_after:%H:%M} UTC. We read it then.")
        _forget_pause(tracker)


def _forget_pause(tracker: Tracker) -> None:
    """Read it again at once. The try that failed has ended; without its pause it would look like one that goes on."""
    tracker.run_after = tracker.tried_at = None


def ask_for_ticket(action: ActionItem, draft: PushDraft, *, by: Person, now: datetime) -> Push:
    """Write the wish for a ticket down; the push job makes it."""
    tracker = connected_tracker(draft.tracker_id)
    target = checked_target(draft.target or tracker.default_target, kind=tracker.kind)
    check_readable(action, is_confirmed=draft.is_confirmed)
    if _live_push(action, tracker) is not None:
        raise RuleError(f"{action.ref} has a ticket in {tracker.name} already, or one on its way.")
    action_life.note(action, f"Ticket asked for in {tracker.name} ({target}).", by=by, now=now)
    return wish_for_ticket(action, tracker, target=target, by=by, now=now)


def create_again(push: Push, *, by: Person, now: datetime) -> Push:
    """Give up a push whose ticket is not there, or not known to be, and ask for a new one. Only a person does this."""
    _expect_live(push)
    if not may_create_again(push):
        raise RuleError("This ticket is there, or nobody has looked for it yet. Look again now, then decide.")
    if push.ticket_id is not None:
        _remove_link(push.action_id, ticket_id=push.ticket_id)
    push.abandoned_at = now
    session.flush()
    action_life.note(push.action, f"Ticket asked for again in {push.tracker.name} ({push.target}).", by=by, now=now)
    return wish_for_ticket(push.action, push.tracker, target=push.target, by=by, now=now)


def may_create_again(push: Push) -> bool:
    """Whether a person may ask for a second ticket: a look found nothing, or the first one was deleted."""
    if push.state is PushState.UNKNOWN:
        return push.run_after >= NO_MORE_LOOKS or has_looked(push.last_error)
    is_deleted = push.ticket is not None and push.ticket.freshness is Freshness.DELETED
    return push.state is PushState.LINKED and is_deleted


def try_now(push: Push, *, now: datetime) -> None:
    """Try again without waiting. An unknown one is only looked for again."""
    _expect_live(push)
    if push.state not in (PushState.PENDING, PushState.FAILED, PushState.UNKNOWN):
        raise RuleError("This one is being worked on. Look again in a minute.")
    if push.state is PushState.FAILED:
        push.state = PushState.PENDING
    push.run_after = now


def give_up(push: Push, *, by: Person, now: datetime) -> None:
    """No ticket is wanted after all. Not for one that is perhaps there."""
    _expect_live(push)
    if push.state not in (PushState.PENDING, PushState.FAILED):
        raise RuleError("The ticket is there, or perhaps there. Unlink it, or link it first.")
    push.abandoned_at = now
    action_life.note(push.action, f"No ticket is wanted in {push.tracker.name} after all.", by=by, now=now)


def link_existing(
    action: ActionItem, snapshot: TicketSnapshot, *, tracker_id: int, by: Person, now: datetime
) -> Ticket:
    """Let an item follow a ticket that is there already; a push that waits or is unknown ends with it."""
    tracker = session.get_one(Tracker, tracker_id, with_for_update=True, populate_existing=True)
    push = _live_push(action, tracker)
    if push is not None and push.state is PushState.SENT:
        raise RuleError("A ticket is being made right now. Look again in a minute.")
    ticket = keep_ticket(tracker, snapshot, now=now)
    if session.get(ActionTicket, (action.id, ticket.id)) is not None:
        raise RuleError(f"{action.ref} follows {ticket.key} already.")
    if push is not None and push.state is PushState.UNKNOWN:
        push.state, push.ticket_id, push.lease_until, push.last_error = PushState.LINKED, ticket.id, None, ""
    elif push is not None and push.state is not PushState.LINKED:
        push.abandoned_at = now
    action_life.note(action, f"Linked to {ticket.key} in {tracker.name}.", by=by, now=now)
    link_ticket(action, ticket, tracker=tracker, now=now)
    return ticket


def unlink(action: ActionItem, ticket_id: int, *, by: Person, now: datetime) -> str:
    """Follow a ticket no longer; its key comes back. What happened through it stays in the history."""
    link = session.get(ActionTicket, (action.id, ticket_id))
    if link is None:
        raise RuleError(f"{action.ref} does not follow that ticket any more.")
    key = link.ticket.key
    for push in session.scalars(
        select(Push).where(Push.action_id == action.id, Push.ticket_id == ticket_id, Push.abandoned_at.is_(None))
    ):
        push.abandoned_at = now
    action_life.note(action, f"Unlinked from {key} in {link.ticket.tracker.name}.", by=by, now=now)
    _remove_link(action.id, ticket_id=ticket_id)
    return key


def checked_target(target: str, *, kind: TrackerKind) -> str:
    """A repository or project as the tracker names it.

    Raises:
        RuleError: it is none.
    """
    if not target:
        raise RuleError("Say where the ticket goes: the tracker has no default target.")
    try:
        return github_target(target) if kind is TrackerKind.GITHUB else jira_target(target)
    except Refused as error:
        raise RuleError(error.message) from error


def _fill(tracker: Tracker, draft: TrackerDraft, *, vault: Vault) -> None:
    taken = select(Tracker.id).where(Tracker.name == draft.name)
    if session.scalar(taken if tracker.id is None else taken.where(Tracker.id != tracker.id)) is not None:
        raise RuleError(f"There is a tracker named {draft.name} already. Choose another name.")
    tracker.name, tracker.url, tracker.email = draft.name, draft.url, draft.email
    tracker.default_target = draft.default_target
    if draft.default_target:
        checked_target(draft.default_target, kind=tracker.kind)
    if draft.token:
        tracker.sealed_token = vault.seal(draft.token)


def _free_slug(name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "tracker"
    taken = set(session.scalars(select(Tracker.slug).where(Tracker.slug.startswith(base, autoescape=True))))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)


def _live_push(action: ActionItem, tracker: Tracker) -> Push | None:
    query = select(Push).where(Push.action_id == action.id, Push.tracker_id == tracker.id)
    return session.scalar(query.where(Push.abandoned_at.is_(None)).with_for_update())


def _expect_live(push: Push) -> None:
    if push.abandoned_at is not None:
        raise RuleError("This one was given up already. Look at what stands there now.")


def _remove_link(action_id: int, *, ticket_id: int) -> None:
    link = session.get(ActionTicket, (action_id, ticket_id))
    if link is not None:
        session.delete(link)
        session.flush()
