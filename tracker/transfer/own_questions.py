"""Gives what stands under a heading of this installation's own to the question that reads like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracker.markdown_documents import HEADINGS
from tracker.transfer.values import ReadPostmortem


def with_own_questions(read: ReadPostmortem, *, headings: Mapping[str, str]) -> ReadPostmortem:
    """The document with its notes given to the questions they answer; ``headings`` by the keys of the questions.

    A question that has an answer already keeps it, and the note stays one.
    """
    keys = {_plain(heading): key for key, heading in headings.items()}
    answers, own, notes = dict(read.answers), dict(read.own_headings), []
    for heading, text in read.notes:
        key = keys.get(_plain(heading), "")
        if not key or answers.get(key) or not text.strip():
            notes.append((heading, text))
            continue
        answers[key] = text
        if key not in HEADINGS:
            own[key] = headings[key]
    return replace(read, answers=answers, own_headings=own, notes=tuple(notes))


def _plain(heading: str) -> str:
    return " ".join(heading.split()).casefold().rstrip(":?")
