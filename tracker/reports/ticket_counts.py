"""How many open items have a ticket of which something is not known, or that could not be told something."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, union_all

from tracker import words
from tracker.db import session
from tracker.models import OPEN_STATES, ActionItem
from tracker.reports.scope import Scope
from tracker.ticket_troubles import CALM, WORDS, TicketTrouble, has_trouble


@dataclass(frozen=True)
class TroubleCount:
    trouble: TicketTrouble
    items: int

    @property
    def words(self) -> str:
        return f"{words.count(self.items, 'item')}: {WORDS[self.trouble]}"


def count_troubles(scope: Scope, *, now: datetime) -> tuple[TroubleCount, ...]:
    """Those that a person has to look at, in one statement; trackers that are not read are told apart."""
    wanted = [trouble for trouble in TicketTrouble if trouble not in CALM]
    counts = [
        select(literal(trouble.value).label("trouble"), func.count().label("items"))
        .select_from(ActionItem)
        .where(ActionItem.state.in_(OPEN_STATES), has_trouble(trouble, now=now), scope.actions())
        for trouble in wanted
    ]
    found = {row.trouble: row.items for row in session.execute(union_all(*counts))}
    return tuple(TroubleCount(trouble, found[trouble.value]) for trouble in wanted if found[trouble.value])
