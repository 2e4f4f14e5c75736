"""How many items have a ticket of which something is not known, or that could not be told something, or moved."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, func, select

from tracker import words
from tracker.db import session
from tracker.models import ActionItem
from tracker.reports.scope import READERS, Scope
from tracker.ticket_troubles import CALM, IN_ANY_STATE, WORDS, TicketTrouble, items_in_trouble, stale_values


@dataclass(frozen=True)
class TroubleCount:
    trouble: TicketTrouble
    items: int

    @property
    def words(self) -> str:
        return f"{words.count(self.items, 'item')}: {WORDS[self.trouble]}"

    @property
    def state(self) -> str:
        """Which items to list to see these."""
        return "all" if self.trouble in IN_ANY_STATE else "open"


@dataclass(frozen=True)
class Moved:
    """Open items whose tickets were moved or transferred lately, and followed: how many, and the first of them."""

    items: int
    refs: tuple[str, ...]

    @property
    def words(self) -> str:
        rest = self.items - len(self.refs)
        named = ", ".join(self.refs) + (f" and {rest} more" if rest else "")
        tickets = "the ticket" if self.items == 1 else "tickets"
        return f"In the last seven days {tickets} of {words.count(self.items, 'item')} moved, and we followed: {named}."


NAMED = 5
WANTED = tuple(trouble for trouble in TicketTrouble if trouble not in CALM)


def count_troubles(scope: Scope, *, now: datetime) -> tuple[TroubleCount, ...]:
    """Those that a person has to look at, in one statement; trackers that are not read are told apart."""
    found = {row.trouble: row.items for row in session.execute(_counts(scope), stale_values(now))}
    return tuple(TroubleCount(trouble, found[trouble]) for trouble in WANTED if trouble in found)


def find_moved(scope: Scope) -> Moved | None:
    """Nothing is wrong with them: what moved is followed, and shown as moved for a week."""
    rows = session.execute(_moved(scope)).all()
    return Moved(rows[0].items, tuple(f"AI-{row.number}" for row in rows)) if rows else None


@lru_cache(maxsize=READERS)
def _moved(scope: Scope) -> Select[int, int]:
    moved = items_in_trouble(scope.actions(), troubles=[TicketTrouble.MOVED]).subquery()
    rows = select(ActionItem.number, func.count().over().label("items")).join(moved, moved.c.id == ActionItem.id)
    return rows.order_by(ActionItem.number).limit(NAMED)


@lru_cache(maxsize=READERS)
def _counts(scope: Scope) -> Select[str, int]:
    wrong = items_in_trouble(scope.actions(), troubles=WANTED).subquery()
    return select(wrong.c.trouble, func.count().label("items")).group_by(wrong.c.trouble)
