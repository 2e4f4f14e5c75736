"""From texts to the words they are found by, and from what somebody types to the beginnings of such words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log2

LONGEST = 48
MOST_WORDS = 5_000
"""Of one postmortem; the longest real one has 1,300 different words."""
MOST_ASKED = 8
"""Words of a search; more of them would only find less."""
WORD = re.compile(r"\w+")
ENDINGS = ("ies", "ing", "ed", "es", "y", "s")
"""Taken off what is typed, so that "retries" finds "retry" and "timeouts" finds "timeout"."""
SHORTEST_ROOT = 3


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return [word[:LONGEST] for word in WORD.findall(plain) if len(word) > 1]


def weighed(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What each word stands for: its weight where it stands, and a little more each time it is repeated."""
    best: dict[str, int] = {}
    times: Counter[str] = Counter()
    for text, weight in parts:
        for word in words_of(text):
            best[word] = max(best.get(word, 0), weight)
            times[word] += 1
    weights = {word: min(255, round(best[word] * (1 + log2(times[word]) / 4))) for word in best}
    return dict(sorted(weights.items(), key=lambda one: (-one[1], one[0]))[:MOST_WORDS])


def beginnings_of(typed: str) -> list[str]:
    """The beginnings that every found postmortem must have a word with, each once."""
    return list(dict.fromkeys(root_of(word) for word in words_of(typed)))[:MOST_ASKED]


def root_of(word: str) -> str:
    for ending in ENDINGS:
        root = word.removesuffix(ending)
        if root != word and len(root) >= SHORTEST_ROOT:
            return root
    return word


def fingerprint_source(words: Mapping[str, int]) -> str:
    """What is equal only if the words and their weights are."""
    return "\n".join(f"{word} {weight}" for word, weight in sorted(words.items()))
