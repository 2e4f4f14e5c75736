"""How many items a filter leaves, and how many it would leave for every team."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from tracker.actions.filters import ActionFilter, conditions, state_condition
from tracker.db import session
from tracker.models import ActionItem, Person


@dataclass(frozen=True)
class Share:
    """So many of so many items are the reader's own and those of their teams."""

    mine: int
    every: int


def share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    """Both counts under the same other filters."""
    mine, every = (replace(chosen, team=team) for team in ("mine", ""))
    return Share(_count(mine, viewer=viewer, today=today), _count(every, viewer=viewer, today=today))


def _count(chosen: ActionFilter, *, viewer: Person, today: date) -> int:
    states = [] if chosen.is_board else state_condition(chosen)
    where = [*states, *conditions(chosen, viewer=viewer, today=today)]
    return session.scalar(select(func.count()).select_from(ActionItem).where(*where)) or 0
