"""What is taken from a tracker's tickets and what is written to them, as its row keeps it. Pure."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from tracker.models import Tracker


class Reopened(StrEnum):
    """What a ticket that is opened again does to the item that was done."""

    REOPEN = "reopen"
    NEW_ITEM = "new item"


@dataclass(frozen=True, kw_only=True)
class Directions:
    """``..._in``: what changes there is taken over here. ``..._out``: what changes here is written there."""

    state_in: bool = True
    state_out: bool = True
    title_in: bool = True
    title_out: bool = True
    due_in: bool = True
    due_out: bool = True
    assignee_in: bool = True
    assignee_out: bool = True
    comments_out: bool = True
    """Whether the ticket is told when another incident asks for the item, and when it did not hold."""
    reopened: Reopened = Reopened.REOPEN

    def as_row(self) -> dict[str, Any]:
        return asdict(self) | {"reopened": self.reopened.value}


def directions_of(tracker: Tracker) -> Directions:
    """As the row has them; what it does not name is as it is for everybody."""
    known = {field.name for field in fields(Directions)}
    kept = {name: value for name, value in (tracker.directions or {}).items() if name in known}
    return Directions(**kept | {"reopened": Reopened(kept.get("reopened", Reopened.REOPEN))})
