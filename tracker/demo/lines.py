"""The small languages inside the content: lines of a timeline, and a tree of whys."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tracker.demo.dates import offset
from tracker.models import Audience, EntryKind, EvidenceKind, WhyEnding

_BREAK = re.compile(r"(?<!\n)\n(?![\n*-])")
_ENTRY = re.compile(r"(\d+:\d\d) ([\w ]+?) (\w+): (.+)")
_NOTE = re.compile(r"(\d+:\d\d) (?:(against) )?(?:(log|metric|change|other) )?(\w+): (.+)")
_WHY = re.compile(r"((?:  )*)- (.+)")
STAR = " *"
AUDIENCES = {"tells team": Audience.TEAM, "tells stakeholders": Audience.STAKEHOLDERS, "tells users": Audience.USERS}
ENDINGS = {"act": WhyEnding.CAN_ACT, "outside": WhyEnding.OUTSIDE_CONTROL, "unknown": WhyEnding.NOT_KNOWN_YET}


@dataclass(frozen=True)
class EntryLine:
    at: timedelta
    kind: EntryKind
    author: str
    text: str
    audience: Audience | None
    """Whom an update was for; ``None``: it is no update."""
    is_starred: bool


@dataclass(frozen=True)
class NoteLine:
    """What somebody found out: an answer, a piece of evidence, how a suspicion ended."""

    at: timedelta
    author: str
    text: str
    kind: EvidenceKind = EvidenceKind.OTHER
    is_against: bool = False


@dataclass(frozen=True)
class WhyLine:
    depth: int
    claim: str
    evidence: str
    ending: WhyEnding | None


def unwrapped(text: str) -> str:
    """Paragraphs on one line each: the lines of the content are for its editors, not for its readers."""
    return _BREAK.sub(" ", text.strip())


def read_timeline(text: str) -> Iterator[EntryLine]:
    """Lines like ``03:12 detection aiko: The pager ...``; ``tells users`` is an update, `` *`` at the end a star."""
    for line in text.strip().splitlines():
        match = _ENTRY.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"This is no timeline entry: {line!r}")
        audience = AUDIENCES.get(match[2])
        kind = EntryKind.COMMUNICATION if audience else EntryKind(match[2])
        words = match[4].removesuffix(STAR)
        yield EntryLine(offset(match[1]), kind, match[3], words, audience, is_starred=words != match[4])


def read_note(text: str) -> NoteLine:
    """``0:14 priya: About 300``; evidence is ``0:26 metric aiko: ...`` or ``0:26 against log aiko: ...``."""
    match = _NOTE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"This is no note: {text!r}")
    kind = EvidenceKind(match[3]) if match[3] else EvidenceKind.OTHER
    return NoteLine(offset(match[1]), match[4], match[5], kind, is_against=match[2] is not None)


def read_whys(text: str) -> Iterator[WhyLine]:
    """Lines like ``  - claim | evidence | act``, two spaces deeper for each why below another."""
    for line in text.strip("\n").splitlines():
        match = _WHY.fullmatch(line)
        if match is None:
            raise ValueError(f"This is no why: {line!r}")
        claim, evidence, ending, *_ = [*(part.strip() for part in match[2].split("|")), "", ""]
        yield WhyLine(len(match[1]) // 2, claim, evidence, ENDINGS[ending] if ending else None)
