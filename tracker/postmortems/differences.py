"""Two texts compared: word by word for readers, line by line for putting them together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

COMPARED = 4_000
"""Words or lines that are compared; comparing takes the square of that, so a longer text counts as wholly replaced."""

_WORDS = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True)
class Piece:
    """A run of words: ``same``, ``added`` or ``removed``."""

    change: str
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """What was added and removed, in reading order."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > COMPARED:
        return _pieces(removed=before, added=after)
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
        else:
            pieces.extend(_pieces(removed="".join(old[a:b]), added="".join(new[c:d])))
    return tuple(pieces)


def _pieces(*, removed: str, added: str) -> tuple[Piece, ...]:
    both = (Piece("removed", removed), Piece("added", added))
    return tuple(piece for piece in both if piece.text)


def put_together(theirs: str, yours: str) -> str:
    """A first proposal for one text of two: every line of both once, theirs before yours where they differ."""
    left, right = theirs.split("\n"), yours.split("\n")
    if len(left) + len(right) > COMPARED:
        return f"{theirs}\n\n{yours}"
    lines: list[str] = []
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        lines += left[a:b] if what == "equal" else _both(left[a:b], right[c:d])
    return "\n".join(lines)


def _both(theirs: Sequence[str], yours: Sequence[str]) -> list[str]:
    return [*theirs, *(line for line in yours if line not in theirs or not line.strip())]
