"""What a heading means, whatever its wording: 24 questions of the form and a few parts that are no question."""

from __future__ import annotations

import re
from functools import lru_cache

from tracker.transfer.wordings import WORDINGS

TIMELINE, ACTIONS, WHYS, ATTENDEES, STATS, UNKNOWN = "timeline", "actions", "whys", "attendees", "stats", ""
LONGEST = 120

_KIND_OF: dict[str, str] = {
    wording: kind for kind, wordings in WORDINGS.items() for wording in wordings.split("|") if wording
}
_SHORTENED: dict[str, str] = {
    wording[:cut] + wording[cut + 1 :]: wording
    for wording in _KIND_OF
    if len(wording) > 6
    for cut in range(len(wording))
}
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("action item", ACTIONS),
    ("follow-up action", ACTIONS),
    ("corrective action", ACTIONS),
    ("root cause", "root_causes"),
    ("contributing factor", "contributing_factors"),
    ("what went well", "worked_well"),
    ("what went wrong", "slow_or_confusing"),
    ("what went poorly", "slow_or_confusing"),
    ("where we got lucky", "lucky"),
    ("what did not go well", "slow_or_confusing"),
    ("impact on", "who_was_affected"),
    ("impact of", "who_was_affected"),
    ("summary of", "summary"),
    ("five whys", WHYS),
    ("resolution and", "resolution"),
    ("detection and", "what_alerted_us"),
    ("things that went well", "worked_well"),
    ("how was this detected", "what_alerted_us"),
    ("attendees", ATTENDEES),
)
_ENDINGS: tuple[tuple[str, str], ...] = (
    ("timeline", TIMELINE),
    ("action items", ACTIONS),
    ("root cause", "root_causes"),
    ("root causes", "root_causes"),
    ("sequence of events", TIMELINE),
)
_EMOJI = re.compile(r":[a-z0-9_+-]{2,40}:")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[ivx]{1,4}[.)]|[a-z][.)])\s{1,4}", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]{0,80}\)|\{[^{}]{0,80}\}")
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_KEPT = re.compile(r"[^a-z0-9;' -]")


@lru_cache(maxsize=65536)
def plain_words(heading: str) -> str:
    """The wording of a heading without emoji codes, numbers, brackets, markup and punctuation; in small letters."""
    text = _EMOJI.sub(" ", heading[:LONGEST].replace("’", "'"))
    text = _BRACKETS.sub(" ", text).lower().replace("&", " and ").replace("/", " and ").replace("_", " ")
    text = _KEPT.sub(" ", text.translate(_GERMAN)).strip()
    text = _NUMBER.sub("", text + " ")
    text = re.sub(r"'s\b", "s", text)
    return " ".join(text.split()).strip("-' ;")


@lru_cache(maxsize=65536)
def kind_of(heading: str) -> str:
    """The question key or part that a heading means, `UNKNOWN` (empty) when no wording fits."""
    return exact_kind_of(heading) or _loose_kind(plain_words(heading))


@lru_cache(maxsize=65536)
def exact_kind_of(heading: str) -> str:
    """As `kind_of`, but only for a wording that is known as it stands or with one letter wrong."""
    words = plain_words(heading)
    return _KIND_OF.get(words) or _misspelt(words) or _question_itself(words)


def _question_itself(words: str) -> str:
    key = words.replace(" ", "_").replace("-", "_")
    return key if key in WORDINGS and key != "notes" else UNKNOWN


def _misspelt(words: str) -> str:
    if not 6 < len(words) <= 40 or words.count(" ") > 4 or any(letter.isdigit() for letter in words):
        return UNKNOWN
    if words in _SHORTENED:
        return _KIND_OF[_SHORTENED[words]]
    for cut in range(len(words)):
        shorter = words[:cut] + words[cut + 1 :]
        wording = shorter if shorter in _KIND_OF else _SHORTENED.get(shorter)
        if wording and len(wording) > 6:
            return _KIND_OF[wording]
    return UNKNOWN


def _loose_kind(words: str) -> str:
    if words.startswith("timeline"):
        return TIMELINE
    if not words or len(words.split()) > 12:
        return UNKNOWN
    first, _, _ = words.partition(" and ")
    if first != words and first in _KIND_OF:
        return _KIND_OF[first]
    for beginning, kind in _PREFIXES:
        if words.startswith(beginning):
            return kind
    for ending, kind in _ENDINGS:
        if words.endswith(" " + ending):
            return kind
    return UNKNOWN


def is_told_by_its_key(heading: str) -> bool:
    """Whether nothing is lost when only the meaning is kept: `## Impact`, but not `## Impact on harbour`."""
    return bool(exact_kind_of(heading)) and "(" not in heading
