"""Plain lists in a section: whys, contributing factors, names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.transfer.values import ReadWhy

_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,4}[.)])[ \t]+(\S.*)$")
_LONGEST_CHAIN = 20
_NAME_BREAK = re.compile(r"[,;]|\band\b|\s{2,}|<br ?/?>")


def _items(lines: Sequence[str]) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Items as (indentation, lines), and the lines that belong to none."""
    items: list[tuple[int, list[str]]] = []
    loose: list[str] = []
    for line in lines:
        match = _ITEM.match(line)
        if match:
            items.append((len(match[1].expandtabs(4)), [match[2].rstrip()]))
        elif items and line.strip() and (line[0] in " \t" or items[-1][1][-1]):
            items[-1][1].append(line.strip())
        elif items and not line.strip():
            items[-1][1].append("")
        else:
            loose.append(line)
    return items, loose


def whys_in(lines: Sequence[str]) -> tuple[tuple[ReadWhy, ...], list[str]]:
    """The nodes with their depth. A short flat list is one chain: each line answers why the one above it happened."""
    items, loose = _items(lines)
    depths = {indent for indent, _ in items}
    is_chain = len(depths) == 1 and len(items) <= _LONGEST_CHAIN
    found, open_indents = [], list[int]()
    for number, (indent, texts) in enumerate(items):
        while open_indents and open_indents[-1] >= indent:
            open_indents.pop()
        depth = number if is_chain else len(open_indents)
        open_indents.append(indent)
        found.append(ReadWhy(text="\n".join(texts).strip(), depth=depth))
    return tuple(found), loose


def is_only_list(lines: Sequence[str]) -> bool:
    """Whether the lines are list items and what is indented below them."""
    first = next((line for line in lines if line.strip()), "")
    return bool(_ITEM.match(first)) and all(not line.strip() or line[0] in " \t" or _ITEM.match(line) for line in lines)


def factors_in(text: str) -> tuple[str, ...]:
    """The list items of a section on contributing factors, nested ones below their own."""
    items, _ = _items(text.split("\n"))
    if not items:
        return ()
    least = min(indent for indent, _ in items)
    found: list[list[str]] = []
    for indent, texts in items:
        if indent - least < 2 or not found:
            found.append(texts)
        else:
            found[-1].extend([f"- {texts[0]}", *texts[1:]])
    return tuple(" ".join(texts).strip() if len(texts) == 1 else "\n".join(texts).strip() for texts in found)


def names_in(lines: Sequence[str]) -> tuple[str, ...]:
    """Names in a section on people: one a line or item, or several with commas between them."""
    names = []
    for line in lines[:200]:
        text = re.sub(r"^[\s>]*(?:[-*+]|\d{1,4}[.)])\s+", "", line[:500]).strip(" *_|")
        if text and not text.startswith(("#", "<!--", "http", "|")):
            names += [part.strip(" *_.") for part in _NAME_BREAK.split(text)]
    return tuple(dict.fromkeys(name for name in names if name))
