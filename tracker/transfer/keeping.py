"""The proof that nothing is lost: look for every line of a source in what was read from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tracker.transfer.dialect_writing import write_dialect
from tracker.transfer.values import ReadPostmortem

_LEAD = re.compile(
    r"[\s>]*(?:(?:[-*+]|\.{1,3}|\d{1,4}[.)]|\d{1,2}(?:\.\d{1,2}){1,2}\.?)\s+|#{1,6}\s+"
    r"|\[[ xX*✓✔]?\]\s+|[☐☑]\s*)*"
)
_PARTS = re.compile(r"\||-->")
"""After these a line may go on in a place of its own: the next cell of a row, and what follows a comment."""
_STRUCTURE = re.compile(r"[\s#*_|>\-+=:`\[\](){}\\–—→]")


def bare(line: str) -> str:
    """A line without list marks, hashes, boxes, white space and the signs that Markdown is made of."""
    lead = _LEAD.match(line)
    return _STRUCTURE.sub("", line[lead.end() :] if lead else line)


def find_lost_lines(source: str, read: ReadPostmortem) -> tuple[str, ...]:
    """The lines of `source` that are found nowhere in `read`, as often as they are missing at least once.

    A line counts as found when the same letters in the same order stand in a title, a field, a timeline entry, an
    action item, a why, the notes, the left-overs or the list of placed headings; a table row when each of its cells
    does; a line that goes on after a comment when the comment and the rest do. A line that occurs n times must be found
    n times. Lines made of nothing but Markdown signs (rules, fences,
    empty bullets) have no words to lose.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff").split("\n")
    wanted = Counter((bare(line), _parted(line)) for line in lines)
    kept = Counter(bare(line) for text in kept_texts(read) for line in text.split("\n"))
    haystack = "\n".join(kept.elements())
    lost = [
        key
        for key, count in wanted.items()
        if key[0] and kept[key[0]] < count and not _is_within(key, count, haystack=haystack)
    ]
    if not lost:
        return ()
    missing = set(lost)
    return tuple(line for line in lines if (bare(line), _parted(line)) in missing)


def _parted(line: str) -> str:
    return line if _PARTS.search(line) else ""


def _is_within(key: tuple[str, str], count: int, *, haystack: str) -> bool:
    words, parted = key
    if haystack.count(words) >= count:
        return True
    pieces = [piece for part in _PARTS.split(parted) if (piece := bare(part))]
    return bool(pieces) and all(haystack.count(piece) >= count for piece in pieces)


def kept_texts(read: ReadPostmortem) -> Iterator[str]:
    """Every text in which a source line may be found again; for our own dialect also what would be written again."""
    yield from (read.title, read.front_text, read.zone_text)
    yield from read.answers.values()
    for heading, text in read.notes:
        yield heading
        yield text
    yield from read.left_over
    yield from (placement.source for placement in read.placed)
    yield from (why.text for why in read.whys)
    for row in read.timeline:
        yield f"{row.at_text} {row.text}"
    yield from _action_texts(read)
    if read.front.get("followthrough"):
        yield write_dialect(read)


def _action_texts(read: ReadPostmortem) -> Iterator[str]:
    for action in read.actions:
        yield action.title
        yield (
            f"{action.title} {action.detail}"
            if action.detail and not action.detail.startswith(action.title)
            else action.detail
        )
        yield f"{action.owner_text}\n{action.due_text}\n{action.state_text}\n{action.priority_text}"
        yield "\n".join(value for _, value in action.extras)
