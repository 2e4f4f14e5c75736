"""The tree of whys, made of its rows: order, depth, and where each branch ends."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.blame import Hint
from tracker.models import Why

DEEPEST = 20
"""Levels that can be asked for; five is the custom, and nobody reads twenty."""


@dataclass
class WhyNode:
    """A why with the whys below it, as the form and the page draw it."""

    row: Why
    hints: tuple[Hint, ...] = ()
    """What to ask about the wording of its claim."""
    children: list["WhyNode"] = field(default_factory=list)


def tree_of(rows: Iterable[Why], *, hints: Mapping[int, tuple[Hint, ...]] | None = None) -> list[WhyNode]:
    """The roots with everything below them, in order. A row whose parent is gone stands as a root."""
    asked = hints or {}
    nodes = {row.id: WhyNode(row, asked.get(row.id, ())) for row in rows}
    roots: list[WhyNode] = []
    for node in sorted(nodes.values(), key=lambda node: (node.row.position, node.row.id)):
        parent = nodes.get(node.row.parent_id) if node.row.parent_id is not None else None
        (parent.children if parent else roots).append(node)
    return roots


def siblings_of(row: Why, rows: Iterable[Why]) -> list[Why]:
    """The whys under the same parent, this one included, in order."""
    return sorted((other for other in rows if other.parent_id == row.parent_id), key=lambda why: (why.position, why.id))


def depth_of(row: Why | None, rows: Iterable[Why]) -> int:
    """How many levels lie above and at this why; 0 for none."""
    by_id = {why.id: why for why in rows}
    depth = 0
    while row is not None:
        depth += 1
        row = by_id.get(row.parent_id) if row.parent_id is not None else None
    return depth


def height_of(row: Why, rows: Sequence[Why]) -> int:
    """How many levels lie at and below this why."""
    level, height = [row], 0
    while level:
        height += 1
        ids = {why.id for why in level}
        level = [why for why in rows if why.parent_id in ids]
    return height


def root_causes(roots: Sequence["WhyNode"]) -> list[Why]:
    """The whys that are marked as root causes, in reading order."""
    return [node.row for node in walk(roots) if node.row.is_root_cause]


def has_ending(rows: Iterable[Why]) -> bool:
    return any(row.ending is not None for row in rows)


def open_ends(roots: Sequence[WhyNode]) -> int:
    """How many branches stop without saying why."""
    return sum(1 for node in walk(roots) if not node.children and node.row.ending is None)


def walk(roots: Sequence[WhyNode]) -> Iterator[WhyNode]:
    for node in roots:
        yield node
        yield from walk(node.children)
