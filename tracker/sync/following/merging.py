"""Three-way merge of one field: what the item says, what its ticket says, and what both said when they last agreed."""

from enum import Enum

from tracker.models import ActionState, TicketState


class Outcome(Enum):
    NOTHING = "nothing changed"
    AGREED = "both say the same now"
    TAKE = "it changed there"
    WRITE = "it changed here"
    CONFLICT = "it changed on both sides"


def merge(*, here: object, agreed_here: object, there: object, agreed_there: object, as_there: object) -> Outcome:
    """``as_there`` is what the ticket would say if it took over ``here``: trackers cut titles and change signs."""
    if here == agreed_here and there == agreed_there:
        return Outcome.NOTHING
    if there == as_there:
        return Outcome.AGREED
    if there == agreed_there:
        return Outcome.WRITE
    return Outcome.TAKE if here == agreed_here else Outcome.CONFLICT


def asked_state(state: ActionState) -> TicketState:
    """The state that an item's own asks of its ticket."""
    if state in (ActionState.DONE, ActionState.VERIFIED):
        return TicketState.DONE
    return TicketState.NOT_PLANNED if state is ActionState.DECLINED else TicketState.OPEN


def shared_state(states: list[ActionState]) -> TicketState:
    """The same for a ticket of several items: open while one of them is, and done when one of them was done."""
    asked = {asked_state(state) for state in states}
    return next(one for one in (TicketState.OPEN, TicketState.DONE, TicketState.NOT_PLANNED) if one in asked)
