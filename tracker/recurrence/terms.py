"""From a text to the terms it is compared by: words stemmed, identifiers whole and split, numbers and keys left out."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from sys import intern

from tracker.recurrence.stop_words import STOP_WORDS

MAX_CHARACTERS = 60_000
"""Of a longer text only the beginning is read: the longest real postmortem has 26,000."""
SHORTEST, LONGEST = 2, 48
"""Characters of a term."""

ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://\S+", re.IGNORECASE)
WORD = re.compile(r"[^\W_]+(?:[._:/'’@-]{1,2}[^\W_]+)*|(?<!_)_+[^\W_]+(?:_+[^\W_]+)*")
PIECE = re.compile(r"[^\W_]+")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
STATUS_CODE = re.compile(r"[45]\d\d")
"""The one kind of number that says what went wrong."""
KEY = re.compile(r"[0-9a-f]{7,}|[0-9a-f]{8}-[0-9a-f-]{20,}")
NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that put no space between words: taken in pairs of characters."""


def words_of(text: str) -> Iterator[re.Match[str]]:
    """The words of a text where they stand in it; addresses are passed over."""
    text = text[:MAX_CHARACTERS]
    at = 0
    for address in ADDRESS.finditer(text):
        yield from WORD.finditer(text, at, address.start())
        at = address.end()
    yield from WORD.finditer(text, at)


def terms_of(text: str) -> list[str]:
    """All terms of a text in its order, repeated as often as they stand there."""
    return [term for word in words_of(text) for term in terms_of_word(word[0])]


@lru_cache(maxsize=20_000)
def terms_of_word(word: str) -> tuple[str, ...]:
    """The terms of one word: none for a number, several for ``maxReplicaCount`` or ``kube-state-metrics``."""
    word = unicodedata.normalize("NFKC", word).replace("’", "'")
    pieces = [part for piece in PIECE.findall(word.replace("'s", "").replace("n't", "")) for part in HUMP.split(piece)]
    terms = [term for piece in pieces for term in _simple_terms(piece)]
    whole = word.casefold()
    if len(pieces) > 1 and "'" not in word and _is_telling(whole) and len(whole) <= LONGEST:
        terms.append(stem(whole))
    return tuple(intern(term) for term in terms)


def _simple_terms(piece: str) -> list[str]:
    if NO_SPACES.search(piece):
        return [piece[at : at + 2] for at in range(max(1, min(len(piece), 200) - 1))]
    term = piece.casefold()
    if not _is_telling(term) or term in STOP_WORDS:
        return []
    term = stem(term)
    return [] if term in STOP_WORDS else [term]


def _is_telling(term: str) -> bool:
    """Whether a term can tell incidents apart: not a number, not a key, not a single letter, not endless."""
    if STATUS_CODE.fullmatch(term):
        return True
    letters = sum(character.isalpha() for character in term)
    if not SHORTEST <= len(term) <= LONGEST or letters < 2 or letters * 2 < len(term):
        return False
    return not (KEY.fullmatch(term) and any(character.isdigit() for character in term))


def stem(term: str) -> str:
    """A word without its commonest English endings; anything else unchanged."""
    if len(term) < 4 or not term.isascii() or not term.isalpha():
        return term
    for ending, instead in ENDINGS:
        if term.endswith(ending):
            root = term[: -len(ending)] + instead
            return _undouble(root) if len(root) >= 3 and any(vowel in root for vowel in "aeiouy") else term
    return term[:-1] if term.endswith("e") and len(term) > 4 else term


ENDINGS = (
    ("sses", "ss"), ("ies", "y"), ("ied", "y"), ("ations", "at"), ("ation", "at"), ("tions", "t"), ("tion", "t"),
    ("ments", ""), ("ment", ""), ("ings", ""), ("ing", ""), ("edly", ""), ("ers", ""), ("ed", ""), ("er", ""),
    ("ly", ""), ("ss", "ss"), ("us", "us"), ("is", "is"), ("es", ""), ("s", ""),
)  # fmt: skip
"""Tried in this order; the first that fits is replaced. Measured on titanium's first 60 %: worth a point or two."""


def _undouble(root: str) -> str:
    """``dropp`` (from dropped) as ``drop``, ``creat`` stays; a final ``e`` goes so that drop/dropped, use/used meet."""
    if len(root) > 3 and root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    return root[:-1] if root.endswith("e") and len(root) > 4 else root


def marked(text: str, *, shared: frozenset[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is a word that has one of the shared terms."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for word in words_of(text):
        if not shared.isdisjoint(terms_of_word(word[0])):
            pieces += [(text[at : word.start()], False), (word[0], True)]
            at = word.end()
    return [*((piece, is_shared) for piece, is_shared in pieces if piece), (text[at:], False)]
