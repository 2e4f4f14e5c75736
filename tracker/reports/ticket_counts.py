"""How many open items have a ticket of which something is not known, or that could not be told something."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, func, select

from tracker import words
from tracker.db import session
from tracker.reports.scope import READERS, Scope
from tracker.ticket_troubles import CALM, WORDS, TicketTrouble, items_in_trouble, stale_values


@dataclass(frozen=True)
class TroubleCount:
    trouble: TicketTrouble
    items: int

    @property
    def words(self) -> str:
        return f"{words.count(self.items, 'item')}: {WORDS[self.trouble]}"


WANTED = tuple(trouble for trouble in TicketTrouble if trouble not in CALM)


def count_troubles(scope: Scope, *, now: datetime) -> tuple[TroubleCount, ...]:
    """Those that a person has to look at, in one statement; trackers that are not read are told apart."""
    found = {row.trouble: row.items for row in session.execute(_counts(scope), stale_values(now))}
    return tuple(TroubleCount(trouble, found[trouble]) for trouble in WANTED if trouble in found)


@lru_cache(maxsize=READERS)
def _counts(scope: Scope) -> Select[str, int]:
    wrong = items_in_trouble(scope.actions(), troubles=WANTED).subquery()
    return select(wrong.c.trouble, func.count().label("items")).group_by(wrong.c.trouble)
