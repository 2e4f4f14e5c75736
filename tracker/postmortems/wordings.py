"""Which wordings of a postmortem to ask about: what ``blame`` finds, without what somebody has dismissed for good."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tracker import blame
from tracker.blame import Hint
from tracker.db import session
from tracker.models import ContributingFactor, DismissedHint, Person, Postmortem, Why

MOST = 12
"""Questions about one text; a writer who gets more stops reading them."""
Dismissed = Mapping[str, frozenset[str]]


def dismissed_of(postmortem: Postmortem) -> Dismissed:
    """The keys of the hints that nobody wants to see again, by the place of the text."""
    found: dict[str, set[str]] = {}
    for row in postmortem.dismissed_hints:
        found.setdefault(row.place, set()).add(row.words)
    return {place: frozenset(words) for place, words in found.items()}


def hints_of(text: str, *, place: str, dismissed: Dismissed, people: Iterable[str] = ()) -> tuple[Hint, ...]:
    """What to ask about one text, each wording once."""
    seen = set(dismissed.get(place, ()))
    found = []
    for hint in blame.hints(text, people=people):
        if hint.key not in seen:
            seen.add(hint.key)
            found.append(hint)
    return tuple(found[:MOST])


def hints_of_whys(rows: Iterable[Why], *, dismissed: Dismissed, people: Sequence[str]) -> dict[int, tuple[Hint, ...]]:
    """What to ask about each why, by its id. A why should name nobody, so the names of ``people`` are asked about."""
    return {
        row.id: hints_of(f"{row.claim}\n{row.evidence}", place=f"why-{row.id}", dismissed=dismissed, people=people)
        for row in rows
    }


def hints_of_factors(rows: Iterable[ContributingFactor], *, dismissed: Dismissed) -> dict[int, tuple[Hint, ...]]:
    """What to ask about each contributing factor, by its id."""
    return {row.id: hints_of(row.text, place=f"factor-{row.id}", dismissed=dismissed) for row in rows}


def dismiss(postmortem: Postmortem, *, place: str, key: str, by: Person, now: datetime) -> None:
    """Never ask about these words of this text again. Dismissed twice, it is dismissed."""
    words = key.strip()[:300]
    if words and session.get(DismissedHint, (postmortem.id, place, words)) is None:
        session.add(
            DismissedHint(
                postmortem_id=postmortem.id, place=place, words=words, dismissed_by_id=by.id, dismissed_at=now
            )
        )
