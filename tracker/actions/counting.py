"""How many items a filter leaves, and how many it would leave for every team."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from tracker.actions.filters import ActionFilter, conditions, narrowing, of_my_teams_by_index
from tracker.actions.states import GROUPS
from tracker.db import session
from tracker.models import ActionItem, ActionState, Person, may_see_first_actions
from tracker.remembered import remembered

COUNTED = 1_000
"""Items that a list counts at most: to count all that is owed takes longer than to show a page."""


@dataclass(frozen=True)
class Share:
    """So many of so many items are the reader's own and those of their teams.

    Each is counted no further than ``COUNTED`` and one, which stands for all others.
    """

    mine: int
    every: int

    @property
    def is_whole(self) -> bool:
        return self.every <= COUNTED

    @property
    def mine_words(self) -> str:
        return _counted(self.mine)

    @property
    def every_words(self) -> str:
        return _counted(self.every)


def _counted(number: int) -> str:
    return f"{number:,}" if number <= COUNTED else f"more than {COUNTED:,}"


def share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    """Both counts under the same other filters."""
    key = ("actions.share_of_my_teams", chosen, viewer.id, today)
    return remembered(key, lambda: _share_of_my_teams(chosen, viewer=viewer, today=today))


def _share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    every = replace(chosen, team="")
    states = list(ActionState) if every.is_board else GROUPS[every.group]
    others = [*narrowing(every, viewer=viewer, today=today), may_see_first_actions(viewer)]
    mine, all_of_them = of_my_teams_by_index(viewer, states=states), ActionItem.state.in_(states)
    return Share(*session.execute(select(_number_of(mine, *others), _number_of(all_of_them, *others))).one())


def _number_of(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    found = select(ActionItem.id).where(*where).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def count_by_state(chosen: ActionFilter, *, viewer: Person, today: date) -> dict[ActionState, int]:
    """How many items of each state the other filters leave; a state without any is left out."""
    key = ("actions.count_by_state", chosen, viewer.id, today)
    return remembered(key, lambda: _count_by_state(chosen, viewer=viewer, today=today))


def _count_by_state(chosen: ActionFilter, *, viewer: Person, today: date) -> dict[ActionState, int]:
    where = conditions(chosen, viewer=viewer, today=today)
    rows = session.execute(
        select(ActionItem.state, func.count().label("number")).where(*where).group_by(ActionItem.state)
    )
    return {row.state: row.number for row in rows}
