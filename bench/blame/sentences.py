"""The sentences of a document as a reader sees them: lines joined, code, quotations and comments left out."""

import hashlib
import re
from collections.abc import Iterator

UNREAD = re.compile(
    r"\A---\n[\s\S]*?\n---\n|```[\s\S]*?(?:```|\Z)|~~~[\s\S]*?(?:~~~|\Z)|<!--[\s\S]*?-->|^[ \t]*>.*$", re.MULTILINE
)
MARK = re.compile(r"^\s*(?:[*+-]|\d{1,2}[.)]|#{1,6}|\|)\s*(?:\[[ xX]?\]\s*)?")
TAG = re.compile(r"</?[A-Za-z][^>\n]*>|!\[[^\]]*\]\([^)]*\)|https?://\S+|(?<=\])\([^)\n]*\)|(?<=\])\[[^\]\n]*\]")
END = re.compile(r"(?<=[.!?])[\"”'’)*_\]]*\s+(?=[A-Z\"“'*(\[`@])|\s*<br ?/?>\s*|\s+\|\s+|\|$")
FEWEST_WORDS = 2
OPENING = 10
"""So many words tell one sentence of a document from every other."""


def sentences(document: str) -> Iterator[str]:
    """Every different sentence, heading, list item and table cell of two words and more, in the document's order."""
    seen: set[str] = set()
    for block in _blocks(document):
        for part in END.split(block):
            text = " ".join(TAG.sub("", part).split()).strip(" |*_#")
            if len(re.findall(r"[A-Za-z]{2,}", text)) >= FEWEST_WORDS and text not in seen:
                seen.add(text)
                yield text


def _blocks(document: str) -> Iterator[str]:
    text = UNREAD.sub("", document.replace("\r\n", "\n").removeprefix("\ufeff"))
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if (not line.strip() or MARK.match(line)) and block:
            yield " ".join(block)
            block = []
        if line.strip():
            block.append(MARK.sub("", line).strip())
            if line.lstrip().startswith(("#", "|")):
                yield block.pop()


def opening(text: str) -> str:
    """A digest of the letters of a sentence's first words: it names the sentence and keeps none of it."""
    letters = re.sub(r"[^a-z]", "", " ".join(text.split()[:OPENING]).lower())
    return hashlib.sha256(letters.encode()).hexdigest()[:12]
