"""Titles, texts and markers as trackers take them: cut to size, and unable to call people by accident."""

from __future__ import annotations

import re
import secrets
from datetime import date

from tracker.words import day_text

_MARKER = re.compile(r"[A-Z]{1,10}-\d{1,12}:[0-9a-z]{8,64}")
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=\w)")
_REFERENCE = re.compile(r"https?://\S+|#(?=\d)|\b[Gg][Hh]-(?=\d)", re.ASCII)
_JIRA_MENTION = re.compile(r"\[(?=~)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAKER = "\u200b"  # invisible, and ends every "@name" and "[~name]" a tracker would act on
_CUT_NOTE = "\n\n*(The rest was too long for the tracker. Follow the link to read it in Followthrough.)*"


def new_marker(ref: str) -> str:
    """A marker for one try to make a ticket: "AI-7:9f86d081884c7d65". Keep it with the push."""
    return checked_marker(f"{ref}:{secrets.token_hex(8)}")


def checked_marker(marker: str) -> str:
    if not _MARKER.fullmatch(marker):
        raise ValueError(f"Not a marker: {marker!r}")
    return marker


def marker_comment(marker: str) -> str:
    """What we hide in the text of a GitHub issue."""
    return f"<!-- followthrough:{checked_marker(marker)} -->"


def marker_label(marker: str) -> str:
    """What we put on a Jira issue."""
    return "followthrough-" + checked_marker(marker).partition(":")[2]


def due_line(day: date | None) -> str:
    """How the text of a ticket tells the due date, where a tracker has no field for it."""
    return f"**Due:** {day_text(day)}"


def with_due_line(text: str, *, marker: str, day: date | None) -> str | None:
    """The text with that line changed and nothing else; ``None`` unless it stands above our marker as we wrote it.

    What people made of the line is theirs, and of two copies nobody knows which one counts.
    """
    ours = rf"^\*\*Due:\*\* (?:\d{{1,2}} [A-Z][a-z]{{2}} \d{{4}}|no date)(?=\r?\n{re.escape(marker_comment(marker))})"
    changed, lines = re.subn(ours, due_line(day), text, flags=re.MULTILINE | re.ASCII)
    return changed if lines == 1 else None


def comment_reference(marker: str) -> str:
    """What ends a comment in Jira, which keeps no hidden words."""
    return f"(Followthrough {checked_marker(marker).partition(':')[2]})"


def ticket_title(text: str, *, limit: int) -> str:
    """One line, no mention, at most `limit` characters as Jira counts them."""
    title = " ".join(defused(text).split())
    return title if width(title) <= limit else _begin(title, limit - 1).rstrip() + "…"


def ticket_body(text: str, *, limit: int, ending: str = "") -> str:
    """The text without mentions, with `ending` kept whole; a cut is told where it happens."""
    body = defused(text)
    tail = f"\n\n{ending}" if ending else ""
    if width(body) + width(tail) > limit:
        body = _begin(body, limit - width(tail) - len(_CUT_NOTE)).rstrip() + _CUT_NOTE
    return body + tail


def width(text: str) -> int:
    """How long Jira finds a text: it counts a flame or a thumb twice (UTF-16), where GitHub counts once."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _begin(text: str, room: int) -> str:
    """As much of the beginning as fits."""
    begin = text[:room]
    while (too_much := width(begin) - room) > 0:
        begin = begin[: -((too_much + 1) // 2)]
    return begin


def unlinked(text: str) -> str:
    """The same words to the eye, but no "#12" that GitHub would link to an issue which nobody meant. Addresses stay."""
    return _REFERENCE.sub(lambda found: found[0] if found[0].startswith("http") else found[0] + _BREAKER, text)


def defused(text: str) -> str:
    """The same words to the eye, but no mention, no marker of ours, no control characters."""
    text = _CONTROL.sub("", text).replace("\r\n", "\n")
    text = text.replace("<!-- followthrough:", f"<!-{_BREAKER}- followthrough:")
    return _JIRA_MENTION.sub("[" + _BREAKER, _MENTION.sub("@" + _BREAKER, text))
