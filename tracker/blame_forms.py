"""What a form of blame or hindsight is: patterns over one sentence, each marking the words to show as ``words``.

``bench/blame`` says what is meant (GUIDELINE.md) and measures it on organisations that nobody tuned on.
"""

import re
from typing import NamedTuple

SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=\w|[)\]])){1,400}[.!?]*")
"""A sentence or a line, or 400 characters of one that does not end; a dot inside a word (``docs.rs``) ends nothing."""


class Form(NamedTuple):
    """Patterns of one wording; a sentence with none of the stems has none of them, which is far quicker to see."""

    stems: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    def search(self, sentence: str, *, lowered: str) -> re.Match[str] | None:
        if not any(stem in lowered for stem in self.stems):
            return None
        return next((found for pattern in self.patterns if (found := pattern.search(sentence))), None)


def form(stems: str, *patterns: str) -> Form:
    found_by = tuple(stem.replace("_", " ") for stem in stems.split())
    return Form(found_by, tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns))
