"""Sync in words: what is known of a ticket, where a push stands, and what a person can do."""

from tracker.freshness import GONE
from tracker.models import ActionState, Freshness, PushState, TicketState

FRESHNESS = {
    Freshness.IN_STEP: "In step with the tracker.",
    Freshness.STALE: "Not read for a while, so this may be out of date.",
    Freshness.MOVED: "Moved to another project. We followed it.",
    Freshness.TRANSFERRED: "Transferred to another repository. We followed it.",
    Freshness.DELETED: "Deleted in the tracker. This does not count as done: create it again, link another ticket, "
    "or decline the item with a reason.",
    Freshness.NO_ACCESS: "We cannot see it any more, so we do not know its state. "
    "Give the tracker's token access again, or unlink the ticket.",
}


def freshness_event(freshness: Freshness, *, tracker: str, key: str, before: str) -> str:
    """What happened to a ticket, for the history of its items."""
    return {
        Freshness.DELETED: f"Deleted in {tracker} ({key}). This does not count as done.",
        Freshness.NO_ACCESS: f"We cannot see {key} in {tracker} any more, so its state is not known.",
        Freshness.MOVED: f"Moved in {tracker}: {before} is now {key}.",
        Freshness.TRANSFERRED: f"Transferred in {tracker}: {before} is now {key}.",
        Freshness.IN_STEP: f"We can see {key} in {tracker} again.",
        Freshness.STALE: f"{key} in {tracker} is not read at present.",
    }[freshness]


def flag_of(state: TicketState, *, freshness: Freshness, item_is_open: bool, tracker: str) -> str:
    """What a person has to decide about an open item whose ticket was closed another way; else empty."""
    if not item_is_open or freshness in GONE:
        return ""
    if state is TicketState.NOT_PLANNED:
        return f"Closed as not planned in {tracker}: decline it here with a reason, or open it again there."
    if state is TicketState.DUPLICATE:
        return f"Closed as a duplicate in {tracker}: link the ticket that stands for it now, then unlink this one."
    return ""


def difference(
    state: TicketState, *, item: ActionState, tracker: str, is_shared: bool = False, others_are_open: bool = False
) -> str:
    """How a ticket and its item say different things, and what to do; empty when they agree.

    ``is_shared``: an open item follows the ticket too. ``others_are_open``: the item has other tickets that are open.
    """
    if item.is_open and state is TicketState.DONE:
        if others_are_open:
            return f"Closed in {tracker}. The item stays “{item.value}” until its other tickets are closed too."
        return f"Closed in {tracker}, but “{item.value}” here. If work is left, open it again there."
    if not item.is_open and state is TicketState.OPEN:
        if is_shared:
            return f"It stays open in {tracker}: another item that follows it is not done yet."
        return f"Still open in {tracker}, but “{item.value}” here. Close it there if nothing is left to do."
    if item in (ActionState.DONE, ActionState.VERIFIED) and state is TicketState.NOT_PLANNED:
        return (
            f"Closed as not planned in {tracker}, but “{item.value}” here. "
            "If the work is not done, open the item again; if it is, close the ticket there as completed."
        )
    return ""


def trying(tracker: str, *, is_active: bool, waits_until: str) -> str:
    """The answer to "Try now", which a tracker that rests does not end. ``waits_until``: an hour, or empty."""
    if not is_active:
        return f"{tracker} is switched off. We try it as soon as it is on again."
    if waits_until:
        return f"{tracker} is left alone for now. We try it at {waits_until}; an administrator can do so sooner."
    return "We try it now. Look again in a moment."


def being_told(tracker: str) -> str:
    return f"What changed here is not written in {tracker} yet. That happens by itself."


PUSH = {
    PushState.PENDING: "The ticket is on its way.",
    PushState.SENT: "We asked for the ticket and wait for the answer.",
    PushState.LINKED: "The ticket is there.",
    PushState.FAILED: "No ticket was made. Mend what is wrong, then try again.",
}
UNKNOWN_LOOKING = "The answer was lost, so we do not know whether the ticket exists. We look for it again by ourselves."
UNKNOWN_LOOKED = (
    "The answer was lost, so we do not know whether the ticket exists. We did not find it, and go on looking. "
    "Look in the tracker: if it is there, link it; if not, create it again."
)
UNKNOWN_DECIDE = (
    "We looked several times and did not find the ticket, but cannot be sure. Look in the tracker: "
    "if it is there, link it; if not, create it again."
)
UNKNOWN_BARRED = (
    "The answer was lost, so we do not know whether the ticket exists, and we could not look for it. Mend what is "
    "named here, then look again. Or look in the tracker yourself: if it is there, link it; if not, create it again."
)
LOOKED = "Looked"
"""How a push's notes begin the line that tells of its last look that found nothing."""


def has_looked(notes: str) -> bool:
    """Whether somebody looked for the ticket of a push and did not find it."""
    return any(line.startswith(LOOKED) for line in notes.splitlines())
