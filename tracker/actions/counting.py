"""How many items a filter leaves, and how many it would leave for every team."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from tracker.actions.filters import ActionFilter, conditions, narrowing, of_my_teams, of_my_teams_by_index
from tracker.actions.states import GROUPS
from tracker.db import session
from tracker.models import ActionItem, ActionState, Person, may_not_see_actions
from tracker.remembered import remembered


@dataclass(frozen=True)
class Share:
    """So many of so many items are the reader's own and those of their teams."""

    mine: int
    every: int


def share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    """Both counts under the same other filters."""
    key = ("actions.share_of_my_teams", chosen, viewer.id, today)
    return remembered(key, lambda: _share_of_my_teams(chosen, viewer=viewer, today=today))


def _share_of_my_teams(chosen: ActionFilter, *, viewer: Person, today: date) -> Share:
    every = replace(chosen, team="")
    states = list(ActionState) if every.is_board else GROUPS[every.group]
    others = narrowing(every, viewer=viewer, today=today)
    where = [ActionItem.state.in_(states), *others]
    # The few that are hidden are counted and taken off: to ask of each item if it is seen takes five times as long.
    hidden = (
        select(func.count().label("every"), func.count().filter(of_my_teams(viewer)).label("mine"))
        .where(*where, may_not_see_actions(viewer))
        .subquery()
    )
    mine = [of_my_teams_by_index(viewer, states=states), *others]
    counts = select(_number_of(*mine) - hidden.c.mine, _number_of(*where) - hidden.c.every)
    return Share(*session.execute(counts).one())


def _number_of(*where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(ActionItem).where(*where).scalar_subquery()


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
