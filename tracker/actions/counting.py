"""How many items a filter leaves, and how many it would leave for every team."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from tracker.actions.filters import ActionFilter, conditions, of_my_teams, state_condition
from tracker.db import session
from tracker.models import ActionItem, ActionState, Person


@dataclass(frozen=True)
class Share:
    """So many of so many items are the reader's own and those of their teams."""

    mine: int
    every: int


def share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    """Both counts under the same other filters."""
    every = replace(chosen, team="")
    states = [] if every.is_board else state_condition(every)
    where = [*states, *conditions(every, viewer=viewer, today=today)]
    counts = select(func.count().filter(of_my_teams(viewer)), func.count()).select_from(ActionItem).where(*where)
    return Share(*session.execute(counts).one())


def count_by_state(chosen: ActionFilter, *, viewer: Person, today: date) -> dict[ActionState, int]:
    """How many items of each state the other filters leave; a state without any is left out."""
    where = conditions(chosen, viewer=viewer, today=today)
    rows = session.execute(
        select(ActionItem.state, func.count().label("number")).where(*where).group_by(ActionItem.state)
    )
    return {row.state: row.number for row in rows}
