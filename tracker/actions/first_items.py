"""The first items of a list, found along indexes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, union_all

from tracker.actions.filters import ENDED, LATEST, ActionFilter, order, whose_and_others
from tracker.models import ActionItem, ActionState, Person, may_see_actions, may_see_first_actions


def first_of_each(
    states: Sequence[ActionState], chosen: ActionFilter, *, viewer: Person, today: date, limit: int
) -> Any:
    """The ids that can be among the first of these states.

    One ordered and limited read a state, and of the reader's own teams one a team and one of the reader's items, walks
    an index that ends with the due date and stops early; a single read would look at every row and sort them all.
    """
    whose, others = whose_and_others(chosen, viewer=viewer, today=today)
    seen = may_see_first_actions if chosen.sort == "worst" else may_see_actions
    parts = [
        select(ActionItem.id)
        .where(ActionItem.state == state, one, *others, seen(viewer))
        .order_by(*(LATEST if state in ENDED and chosen.is_board else order(chosen)))
        .limit(limit)
        .subquery()
        for state in states
        for one in whose
    ]
    return union_all(*(select(part.c.id) for part in parts))
