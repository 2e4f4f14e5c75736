"""Moves a why about the tree: up and down among those beside it, out beside its parent, in below the one above it."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from sqlalchemy import update

from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Postmortem, Why
from tracker.postmortems import queries
from tracker.postmortems.operations import expect_writable
from tracker.postmortems.whys import DEEPEST, depth_of, height_of, siblings_of

TOO_DEEP = f"The tree is {DEEPEST} levels deep here. Begin another branch instead."


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    OUT = "out"
    IN = "in"


def move_why(postmortem: Postmortem, why: Why, *, direction: Direction) -> bool:
    """One place in a direction, with everything below it; whether there was a place to go to.

    Where a why hangs is not text: it does not count the version up, so it refuses nobody's words.

    Raises:
        RuleError: the tree would become too deep.
    """
    expect_writable(postmortem)
    return MOVES[direction](why, queries.whys_of(postmortem))


def _up(why: Why, rows: Sequence[Why]) -> bool:
    return _swap(why, siblings_of(why, rows), by=-1)


def _down(why: Why, rows: Sequence[Why]) -> bool:
    return _swap(why, siblings_of(why, rows), by=1)


def _swap(why: Why, beside: list[Why], *, by: int) -> bool:
    place = beside.index(why)
    target = place + by
    if not 0 <= target < len(beside):
        return False
    beside[place], beside[target] = beside[target], beside[place]
    number_siblings(beside)
    return True


def _out(why: Why, rows: Sequence[Why]) -> bool:
    """Beside its parent, right after it."""
    parent = next((row for row in rows if row.id == why.parent_id), None)
    if parent is None:
        return False
    beside = siblings_of(parent, rows)
    beside.insert(beside.index(parent) + 1, why)
    _hang(why, parent_id=parent.parent_id)
    number_siblings(beside)
    return True


def _in(why: Why, rows: Sequence[Why]) -> bool:
    """Below the one above it, behind what hangs there already."""
    beside = siblings_of(why, rows)
    place = beside.index(why)
    if place == 0:
        return False
    parent = beside[place - 1]
    if depth_of(parent, rows) + height_of(why, rows) > DEEPEST:
        raise RuleError(TOO_DEEP)
    below = sorted((row for row in rows if row.parent_id == parent.id), key=lambda row: (row.position, row.id))
    _hang(why, parent_id=parent.id)
    number_siblings([*below, why])
    return True


MOVES: dict[Direction, Callable[[Why, Sequence[Why]], bool]] = {
    Direction.UP: _up,
    Direction.DOWN: _down,
    Direction.OUT: _out,
    Direction.IN: _in,
}


def _hang(why: Why, *, parent_id: int | None) -> None:
    session.execute(update(Why).where(Why.id == why.id).values(parent_id=parent_id))


def number_siblings(rows: Sequence[Why]) -> None:
    """Give whys of one parent the places they have in ``rows``."""
    for position, row in enumerate(rows):
        if row.position != position:
            session.execute(update(Why).where(Why.id == row.id).values(position=position))
