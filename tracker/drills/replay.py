"""A past incident as the plan of a drill, without its answer. Takes values, returns values.

What happened to people becomes what happens in the drill. What they did and decided then stands beside it as a good
answer. What only those can know who know the end is held back: what nobody had noticed yet, what followed from the
fix, and whatever names the cause. Who leads the drill can still give it, when somebody looks in the right place.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracker.models import EntryKind

BEFORE = "Nobody had noticed it yet."
AFTER = "It followed from what helped."
NAMES = "It names the answer: {}."
STEP = 5
"""Minutes after the one before, for an entry whose time nobody knows."""
SHORTEST = 5
"""Letters of a word that can give something away."""
STEM = 6
"""Letters by which two forms of one word are told to be the same: certificate, certificates."""
EVERYDAY_WORDS = """
about above after again against alert alerts almost although among another because became become been before
began begin behind being below between cannot could customers during early either every everything first found
from happened hours incident later least might minutes missing never night nobody nothing often other people
production rather seconds service services several should since something started still such system than their
them then there these they thing things this those through times today under until users using where which
while whole without would years
"""
EVERYDAY = frozenset(EVERYDAY_WORDS.split())
"""They give nothing away, whatever the answer is."""
WORD = re.compile(rf"[^\W\d_]{{{SHORTEST},}}")


@dataclass(frozen=True)
class Told:
    """An entry of the past timeline."""

    at: datetime | None
    kind: EntryKind
    text: str


@dataclass(frozen=True)
class Past:
    """What is known of the incident that is to happen again."""

    entries: Sequence[Told]
    answers: Sequence[str]
    """Texts that say what it was and what helped."""
    known: Sequence[str]
    """Texts that everybody knows from the first minute: names of services."""
    noticed_at: datetime | None
    safe_at: datetime | None


@dataclass(frozen=True)
class InjectDraft:
    minute: int
    text: str
    expected: str = ""
    held_back: str = ""


def replayed(past: Past, *, minutes: int) -> list[InjectDraft]:
    """What happens in the drill, in its order, so that it fits into so many minutes."""
    telling, zero = telling_words(past), _noticed(past)
    found: list[InjectDraft] = []
    minute = 0
    for entry in past.entries:
        if entry.at is not None and zero is not None:
            minute = max(round((entry.at - zero) / timedelta(minutes=1)), 0)
        elif found:
            minute += STEP
        if entry.kind in (EntryKind.EVENT, EntryKind.DETECTION):
            why = _why_held(entry, zero=zero, safe_at=past.safe_at, telling=telling)
            found.append(InjectDraft(minute, entry.text, held_back=why))
        elif entry.kind in (EntryKind.ACTION, EntryKind.DECISION) and found:
            found[-1] = replace(found[-1], expected=f"{found[-1].expected}\n{entry.text}".strip())
    return _fitted(found, minutes=minutes)


def telling_words(past: Past) -> dict[str, str]:
    """The words that only the answer has, by their stem: not those that were seen when it began."""
    signs = [entry.text for entry in past.entries if entry.kind is EntryKind.DETECTION]
    return {stem: word for stem, word in words_of(past.answers).items() if stem not in words_of((*past.known, *signs))}


def words_of(texts: Iterable[str]) -> dict[str, str]:
    """The words that can tell something, by their stem, as they were first written."""
    found: dict[str, str] = {}
    for word in WORD.findall(" ".join(texts)):
        if word.lower() not in EVERYDAY:
            found.setdefault(word.lower()[:STEM], word)
    return found


def given_away(text: str, telling: dict[str, str]) -> list[str]:
    """The words of a text that tell the answer."""
    return [word for stem, word in words_of([text]).items() if stem in telling]


def _noticed(past: Past) -> datetime | None:
    """When people first knew: the drill begins there."""
    seen = [one.at for one in past.entries if one.at is not None and one.kind is EntryKind.DETECTION]
    times = [one.at for one in past.entries if one.at is not None]
    return past.noticed_at or min(seen or times, default=None)


def _why_held(entry: Told, *, zero: datetime | None, safe_at: datetime | None, telling: dict[str, str]) -> str:
    is_sign = entry.kind is EntryKind.DETECTION
    if entry.at is not None and zero is not None and entry.at < zero and not is_sign:
        return BEFORE
    if entry.at is not None and safe_at is not None and entry.at >= safe_at:
        return AFTER
    words = given_away(entry.text, telling)
    return NAMES.format(", ".join(words[:5])) if words else ""


def _fitted(found: list[InjectDraft], *, minutes: int) -> list[InjectDraft]:
    """A long incident passes faster; a short one as fast as it did."""
    last = max((one.minute for one in found if not one.held_back), default=0)
    if last <= minutes:
        return found
    return [replace(one, minute=round(one.minute * minutes / last)) for one in found]
