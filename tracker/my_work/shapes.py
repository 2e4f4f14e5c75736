"""What the page of a person's work is made of: rows with a badge and a button, in groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.models import ActionItem
from tracker.my_work.confirm_queries import ToConfirm
from tracker.my_work.queries import Asked, Lapsed, Pair, Unwritten
from tracker.ticket_troubles import TicketTrouble


class Mark(NamedTuple):
    """A badge: a state of the design system and, if need be, another word for it."""

    state: str
    label: str | None = None
    tone: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing to deal with: what it is, why it waits, and the button that leads there."""

    ref: str
    title: str
    url: str
    mark: Mark
    why: str
    verb: str
    asked_by: Sequence[Asked] = ()


@dataclass(frozen=True)
class Group:
    name: str
    note: str
    rows: Sequence[Row]
    count: str = ""
    """What the sentence on top says of it: "2 items are overdue"."""
    more_url: str = ""
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that the queries brought back."""

    due: Sequence[ActionItem]
    done: Sequence[ActionItem]
    look_again: Sequence[ActionItem]
    unwritten: Sequence[Unwritten]
    pairs: Sequence[Pair]
    lapsed: Sequence[Lapsed]
    asked: Mapping[int, Sequence[Asked]]
    troubled: Sequence[tuple[ActionItem, list[TicketTrouble]]] = ()
    to_confirm: Sequence[ToConfirm] = ()


def item_row(item: ActionItem, found: Found, *, mark: Mark, why: str, verb: str) -> Row:
    return Row(item.ref, item.title, f"/actions/{item.ref}", mark, why, verb, found.asked.get(item.id, ()))
