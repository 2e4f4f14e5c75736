"""Finds wordings that blame or judge with hindsight, so that the form can ask one question more. It never blocks.

Every form is a wording that tells a reader who or what was at fault and hides why it made sense. How often it is right
and what it misses is measured on sentences of real postmortems: ``bench/blame``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tracker.blame_deeds import CARE, LEFT_UNDONE, SLIP
from tracker.blame_forms import SENTENCE, Form
from tracker.blame_hindsight import COULD_HAVE, PLAIN, SHOULD_HAVE
from tracker.blame_words import ACT, SINGLE_ROLES


class Wording(StrEnum):
    """What a wording does."""

    SLIP = "slip"
    LEFT_UNDONE = "left undone"
    CARE = "care"
    SHOULD_HAVE = "should have"
    COULD_HAVE = "could have"
    PLAIN = "plain"
    NAME = "name"

    @property
    def question(self) -> str:
        return QUESTIONS[self][0]

    @property
    def explanation(self) -> str:
        return QUESTIONS[self][1]


QUESTIONS: dict[Wording, tuple[str, str]] = {
    Wording.SLIP: (
        "What made this easy to get wrong?",
        "A slip ends the story too early: the next person will make it too, as long as the same thing invites it.",
    ),
    Wording.LEFT_UNDONE: (
        "What made that the sensible thing to do?",
        "It was left undone for a reason: something else asked for attention, or nothing showed that it was needed.",
    ),
    Wording.CARE: (
        "What would have helped, with no more care than people have on a normal day?",
        "Care is not a safeguard. Everybody is tired or in a hurry some day; what holds then?",
    ),
    Wording.SHOULD_HAVE: (
        "What did it look like at the time?",
        "“Should have” judges by what we know today. Say what could be known then, and what made it look right.",
    ),
    Wording.COULD_HAVE: (
        "What happened instead, and why did it make sense then?",
        "What might have been did not happen. Tell what did; the wish belongs to the action items.",
    ),
    Wording.PLAIN: (
        "Was it as plain to those who were in the middle of it?",
        "What is simple or obvious afterwards seldom was before, and the word tells a reader not to ask.",
    ),
    Wording.NAME: (
        "What made that the sensible thing to do?",
        "A name answers “who”. Say what the person saw and knew, and what made it look right: that can be changed.",
    ),
}


FORMS: dict[Wording, tuple[Form, ...]] = {
    Wording.SLIP: SLIP,
    Wording.LEFT_UNDONE: LEFT_UNDONE,
    Wording.CARE: CARE,
    Wording.SHOULD_HAVE: SHOULD_HAVE,
    Wording.COULD_HAVE: COULD_HAVE,
    Wording.PLAIN: PLAIN,
}
"""The patterns of each wording, the surer first."""

LONGEST = 60_000
"""Characters of a text that are looked at; the longest real postmortem has 26,000."""


@dataclass(frozen=True)
class Hint:
    """Some words of a text, and what they do."""

    wording: Wording
    words: str
    start: int

    @property
    def question(self) -> str:
        return self.wording.question

    @property
    def explanation(self) -> str:
        return self.wording.explanation

    @property
    def key(self) -> str:
        """The same words of the same text are the same hint, wherever they stand in it."""
        return f"{self.wording.value}: {' '.join(self.words.lower().split())}"[:300]


def hints(text: str, *, people: Iterable[str] = ()) -> tuple[Hint, ...]:
    """What to ask about in a text, in its order, at most one a sentence and wording. Code and quotations are left out.

    ``people`` are full names; a text in which nobody should be named (a why) gives them, others give none.
    """
    readable = _without_quotations(text[:LONGEST])
    found: list[Hint] = []
    for sentence in SENTENCE.finditer(readable):
        found.extend(_hints_of(sentence[0], start=sentence.start()))
    found.extend(_names(readable, people=people))
    return tuple(sorted(found, key=lambda hint: hint.start))


POINTING = frozenset({Wording.SLIP, Wording.LEFT_UNDONE, Wording.CARE, Wording.NAME})


def names_a_person(claim: str, *, people: Iterable[str]) -> bool:
    """Whether a claim names one of ``people`` (full names), mentions somebody, or blames a role."""
    if any(hint.wording in POINTING for hint in hints(claim, people=people)):
        return True
    return any(pattern.search(claim) for pattern in (_AT_NAME, _ROLE_ACTED))


def _hints_of(sentence: str, *, start: int) -> Iterator[Hint]:
    lowered = " ".join(sentence.lower().split())
    for wording, forms in FORMS.items():
        match = next((found for form in forms if (found := form.search(sentence, lowered=lowered))), None)
        if match is not None:
            words = match["words"]
            yield Hint(wording, words.strip(" \n,.;:"), start + match.start("words"))


_UNSEEN = re.compile(r"```[\s\S]*?(?:```|\Z)|`[^`\n]*`|^[ \t]*>.*$|(?<=\])\([^()\n]*\)|https?://\S+", re.MULTILINE)


_SPEECH = re.compile(r"[\"“](?:[^\s\"“”]+[ \t]+){3,60}[^\s\"“”]+[\"”]")
"""Four words and more between quotation marks are somebody's speech; fewer are words that the writer holds away."""
_WRAPPED = re.compile(r"(?<=[\w,;])[ \t]*\n(?=[ \t]*(?:[a-z]|I\b))")


def _without_quotations(text: str) -> str:
    """The text with what others said, code and addresses blanked and lines that go on joined; places stay the same."""
    for unseen in (_UNSEEN, _SPEECH):
        text = unseen.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    return _WRAPPED.sub(lambda match: " " * len(match[0]), text)


_AT_NAME = re.compile(r"(?<![\w.])@[A-Za-z]\w+")
_ROLE_ACTED = re.compile(
    rf"\b(?:the|an?|our|one)\s+(?:[\w-]+\s+)?(?:{SINGLE_ROLES})\s+(?:\w+ly\s+)?{ACT}\w*(?<=ed|.n)\b", re.IGNORECASE
)
"""A role that did something names a person as well, in a why."""
MIN_FIRST_NAME = 3
"""Shorter first names are more often ordinary words."""


def _names(text: str, *, people: Iterable[str]) -> Iterator[Hint]:
    people = tuple(people)
    if not people:
        return
    seen: set[str] = set()
    places = [*_AT_NAME.finditer(text), *_ROLE_ACTED.finditer(text)]
    places += [match for name in people for match in _places_of(name, text)]
    for match in places:
        if match[0] not in seen:
            seen.add(match[0])
            yield Hint(Wording.NAME, match[0], match.start())


def _places_of(name: str, text: str) -> Iterator[re.Match[str]]:
    parts = name.split()
    if not parts or parts[0] not in text:
        return
    first = parts[0]
    wanted = [name.strip(), *([first] if len(first) >= MIN_FIRST_NAME else [])]
    for word in wanted:
        match = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
        if match:
            yield match
            return
