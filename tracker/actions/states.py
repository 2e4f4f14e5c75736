"""Which steps an action item offers, in which state and to whom."""

from dataclasses import dataclass

from tracker.models import OPEN_STATES, ActionState, Role


@dataclass(frozen=True)
class Step:
    """One step as the page offers it: a button, and what it will ask first."""

    name: str
    label: str
    asks: bool
    """Whether it asks for words before it is taken; the others are one click."""


START = Step("start", "Start", asks=False)
FINISH = Step("finish", "Mark as done", asks=True)
VERIFY = Step("verify", "Verify", asks=True)
NOT_HOLDING = Step("not_holding", "It did not hold", asks=True)
DECLINE = Step("decline", "Decline", asks=True)
KEEP = Step("keep_declined", "Keep it declined", asks=True)
SNOOZE = Step("snooze", "Remind later", asks=True)
REOPEN = Step("reopen", "Open again", asks=False)

OFFERED = {
    ActionState.OPEN: (START, FINISH, SNOOZE, DECLINE),
    ActionState.IN_PROGRESS: (FINISH, SNOOZE, DECLINE),
    ActionState.DID_NOT_HOLD: (START, FINISH, SNOOZE, DECLINE),
    ActionState.DONE: (VERIFY, NOT_HOLDING, REOPEN),
    ActionState.VERIFIED: (NOT_HOLDING, REOPEN),
    ActionState.DECLINED: (KEEP, FINISH, REOPEN),
}

GROUPS: dict[str, tuple[ActionState, ...]] = {
    "open": OPEN_STATES,
    "done": (ActionState.DONE,),
    "verified": (ActionState.VERIFIED,),
    "declined": (ActionState.DECLINED,),
    "all": tuple(ActionState),
}
"""The states a list shows together; a fix that did not hold is open again."""


COLUMNS = (
    ActionState.OPEN,
    ActionState.DID_NOT_HOLD,
    ActionState.IN_PROGRESS,
    ActionState.DONE,
    ActionState.VERIFIED,
    ActionState.DECLINED,
)
"""The columns of the board: what is owed first."""


def steps_for(state: ActionState, *, role: Role) -> tuple[Step, ...]:
    """The steps that a person with this role may take, the most likely one first."""
    return OFFERED[state] if role.covers(Role.RESPONDER) else ()
