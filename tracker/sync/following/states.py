"""What a ticket's new state means for the item that follows it. Pure: values in, a step out."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from tracker.clients.state_names import meaning
from tracker.clients.tickets import TicketSnapshot
from tracker.models import ActionState, Freshness, TicketState


class Step(Enum):
    """What the item does about it. Verifying and declining are not here: only people do that."""

    NOTHING = "nothing"
    NOTE = "note"
    FINISH = "finish"
    REOPEN = "reopen"


KNOWN = (Freshness.IN_STEP, Freshness.STALE, Freshness.MOVED, Freshness.TRANSFERRED)
"""Where the ticket's state is known, if perhaps an old one. Of a deleted or hidden ticket nothing is known."""


def step_for(
    item: ActionState, *, applied: TicketState | None, ticket: TicketState, others: Iterable[TicketState] = ()
) -> Step:
    """The step of an item whose ticket is now ``ticket`` and was ``applied`` when the item last looked.

    ``others`` are the states of its other tickets, as far as they are known: work is done when all of it is.
    """
    if ticket is applied:
        return Step.NOTHING
    if ticket is TicketState.OPEN:
        return _step_when_opened(item, applied=applied)
    if ticket is TicketState.DONE and item.is_open and all(other is TicketState.DONE for other in others):
        return Step.FINISH
    return Step.NOTE


def _step_when_opened(item: ActionState, *, applied: TicketState | None) -> Step:
    """A ticket that was open when the item first met it was not opened *again*."""
    if applied is None:
        return Step.NOTHING
    return Step.REOPEN if item is ActionState.DONE and applied is TicketState.DONE else Step.NOTE


def sentence_for(step: Step, *, ticket: TicketState, item: ActionState, tracker: str, key: str) -> str:
    """What happened, for the item's history."""
    place = f"in {tracker} ({key})"
    if ticket is TicketState.OPEN:
        kept = " It stays verified; look whether it still holds." if item is ActionState.VERIFIED else ""
        return f"Opened again {place}.{kept}"
    if ticket is TicketState.NOT_PLANNED:
        rest = " Decline it here with a reason, or open it again there." if item.is_open else ""
        return f"Closed as not planned {place}.{rest}"
    if ticket is TicketState.DUPLICATE:
        return f"Closed as a duplicate {place}. Link the ticket that stands for it now."
    waits = step is Step.NOTE and item.is_open
    return f"Closed {place}." + (" The item's other tickets are not done yet." if waits else "")


def known_state(snapshot: TicketSnapshot, *, names: Mapping[str, Any]) -> TicketState:
    """The ticket's state as its project has it. ``names`` are by project; what is not there is as the client says."""
    return TicketState(meaning(snapshot.state_text, names=names.get(snapshot.target, {})) or snapshot.state.value)
