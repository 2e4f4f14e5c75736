"""Tickets of several items at once: one intent each, and each item that has one already is left out by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.errors import RuleError
from tracker.models import ActionItem, ActionTicket, Freshness, Person, Push, PushState, Ticket, may_see_action
from tracker.sync.operations import PushDraft, ask_for_ticket
from tracker.sync.ticket_showing import PushShown, Suggestion, freshness_of, push_shown


@dataclass(frozen=True)
class SeveralDraft:
    """Where tickets are wanted; no tracker means where each item's service has them."""

    tracker_id: int | None
    takes_private: bool
    """Whether somebody said that items of private incidents may be read in the tracker."""


@dataclass
class Asked:
    """What came of it, by reference."""

    made: list[str] = field(default_factory=list)
    had_one: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    """Left out, as nobody said that they may be read there."""


@dataclass
class ItemTickets:
    """An item with its tickets and those on their way."""

    action: ActionItem
    is_private: bool
    tickets: list[tuple[Ticket, Freshness]] = field(default_factory=list)
    pushes: list[PushShown] = field(default_factory=list)

    @property
    def has_one(self) -> bool:
        return bool(self.tickets or self.pushes)


def ask_for_tickets(
    actions: Sequence[ActionItem],
    draft: SeveralDraft,
    *,
    suggested: Mapping[int, Suggestion],
    by: Person,
    now: datetime,
) -> Asked:
    """Write down a wish for each item that has no ticket yet and none on its way.

    Raises:
        RuleError: nothing is left to make, or one of them cannot be made; then none is.
    """
    ids = [action.id for action in actions]
    # Whoever asks for the same items at the same moment waits here, and then finds that they have one.
    session.execute(select(ActionItem.id).where(ActionItem.id.in_(ids)).order_by(ActionItem.id).with_for_update())
    taken, public, asked = _with_ticket(ids), _public(ids), Asked()
    for action in actions:
        if action.id in taken:
            asked.had_one.append(action.ref)
        elif action.id not in public and not draft.takes_private:
            asked.private.append(action.ref)
        else:
            _ask(action, draft, suggested=suggested[action.id], by=by, now=now)
            asked.made.append(action.ref)
    if not asked.made:
        raise RuleError("No ticket is asked for. " + left_out(asked))
    return asked


def left_out(asked: Asked) -> str:
    """Which items get no ticket, and why; empty when all do."""
    sentences = []
    if asked.had_one:
        sentences.append(f"Left out, as they have a ticket or one on its way: {', '.join(asked.had_one)}.")
    if asked.private:
        sentences.append(f"Left out, as only some people may read them here: {', '.join(asked.private)}.")
    return " ".join(sentences)


def tickets_of_several(actions: Sequence[ActionItem], *, now: datetime) -> list[ItemTickets]:
    """The items in their order, with what is known of the tickets of each."""
    ids = [action.id for action in actions]
    public = _public(ids)
    shown = {action.id: ItemTickets(action, is_private=action.id not in public) for action in actions}
    linked = (
        select(ActionTicket.action_id, Ticket)
        .join(Ticket, Ticket.id == ActionTicket.ticket_id)
        .where(ActionTicket.action_id.in_(ids))
        .options(joinedload(Ticket.tracker))
        .order_by(ActionTicket.linked_at, Ticket.id)
    )
    for action_id, ticket in session.execute(linked):
        shown[action_id].tickets.append((ticket, freshness_of(ticket, now=now)[0]))
    waiting = select(Push).where(Push.action_id.in_(ids), Push.abandoned_at.is_(None))
    waiting = waiting.where(Push.state != PushState.LINKED).options(joinedload(Push.tracker), joinedload(Push.ticket))
    for push in session.scalars(waiting.order_by(Push.id)):
        shown[push.action_id].pushes.append(push_shown(push, now=now))
    return list(shown.values())


def _ask(action: ActionItem, draft: SeveralDraft, *, suggested: Suggestion, by: Person, now: datetime) -> None:
    tracker_id = draft.tracker_id or suggested.tracker_id
    if tracker_id is None:
        raise RuleError("No tracker is connected. Ask an administrator to connect GitHub or Jira.")
    target = suggested.target if tracker_id == suggested.tracker_id else ""
    try:
        ask_for_ticket(action, PushDraft(tracker_id, target, is_confirmed=draft.takes_private), by=by, now=now)
    except RuleError as error:
        raise RuleError(f"{action.ref}: {error}") from error


def _with_ticket(ids: Sequence[int]) -> set[int]:
    """Of these items, those that have a ticket or wait for one, in any tracker."""
    asked = select(Push.action_id).where(Push.action_id.in_(ids), Push.abandoned_at.is_(None))
    return set(session.scalars(union(asked, select(ActionTicket.action_id).where(ActionTicket.action_id.in_(ids)))))


def _public(ids: Sequence[int]) -> set[int]:
    return set(session.scalars(select(ActionItem.id).where(ActionItem.id.in_(ids), may_see_action(None))))
