"""Pipe tables: which lines are one, and their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_RULE_CELL = re.compile(r"[ \t]*:?-{1,2000}:?[ \t]*$")
MOST_COLUMNS = 64


@dataclass(frozen=True)
class Table:
    """`header` is empty when the table has none. `sources` are the rows as written; `end` is the line after it."""

    header: tuple[str, ...]
    header_lines: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sources: tuple[str, ...]
    end: int


def cells_of(line: str) -> list[str]:
    """The cells of one line; escaped pipes and pipes in inline code stay. Past 64 columns the rest is one cell."""
    text = line.strip()
    text = text.removeprefix("|")
    if text.endswith("|") and not text.endswith("\\|"):
        text = text[:-1]
    cells: list[str] = []
    start, in_code, slash, may_code = 0, False, False, text.count("`") % 2 == 0
    for position, letter in enumerate(text):
        if letter == "`" and may_code:
            in_code = not in_code
        elif letter == "|" and not slash and not in_code and len(cells) < MOST_COLUMNS:
            cells.append(text[start:position].strip())
            start = position + 1
        slash = letter == "\\" and not slash
    return [*cells, text[start:].strip()]


def is_rule(line: str) -> bool:
    """Whether this is the line of dashes below a header."""
    text = line.strip()
    if "-" not in text or "|" not in text or text.strip("|:- \t"):
        return False
    return all(_RULE_CELL.match(cell) for cell in text.strip("|").split("|"))


def begins_table(lines: Sequence[str], at: int) -> bool:
    """Whether a table begins at this line: it opens with a pipe, or a rule follows."""
    line = lines[at]
    if "|" not in line or line.startswith(("    ", "\t")):
        return False
    if line.lstrip().startswith("|"):
        return True
    return at + 1 < len(lines) and is_rule(lines[at + 1])


def read_table(lines: Sequence[str], at: int) -> Table:
    """The table that begins at line `at`. A line without a pipe ends it."""
    header: tuple[str, ...] = ()
    header_lines: tuple[str, ...] = ()
    position = at
    if is_rule(lines[at]):
        header_lines, position = (lines[at],), at + 1
    elif at + 1 < len(lines) and is_rule(lines[at + 1]):
        header, header_lines, position = tuple(cells_of(lines[at])), (lines[at], lines[at + 1]), at + 2
    rows, sources = [], []
    while position < len(lines) and "|" in lines[position]:
        rows.append(tuple(cells_of(lines[position])))
        sources.append(lines[position])
        position += 1
    return Table(header=header, header_lines=header_lines, rows=tuple(rows), sources=tuple(sources), end=position)
