"""Reading published postmortems into the library: what is new at once, all others once an hour, a few at a time."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import selectinload

from tracker.db import session
from tracker.documents import documents_of
from tracker.library.words import fingerprint_source, weighed
from tracker.markdown_documents import IncidentDocument
from tracker.models import Incident, LibraryText, LibraryWord, Postmortem, PostmortemState

AT_ONCE = 100
"""Postmortems that one transaction reads."""
WORDS_AT_ONCE = 50_000
"""Rows that one statement writes: those of a hundred postmortems of the usual length."""
FRESH = timedelta(hours=1)
"""After that long one is read again: its title, people or timeline may have changed."""


def read_some(*, now: datetime) -> int:
    """Read the next few that wait to be read; how many. Those never read, or published anew, come first."""
    is_new = or_(LibraryText.incident_id.is_(None), LibraryText.published_at != Postmortem.published_at)
    waiting = (
        select(Postmortem.incident_id)
        .outerjoin(LibraryText, LibraryText.incident_id == Postmortem.incident_id)
        .where(Postmortem.state == PostmortemState.PUBLISHED, or_(is_new, LibraryText.read_at < now - FRESH))
        .order_by(LibraryText.read_at.is_not(None), LibraryText.read_at, Postmortem.incident_id)
        .limit(AT_ONCE)
    )
    ids = sorted(session.scalars(waiting))
    if ids:
        _read(ids, now=now)
    return len(ids)


def _read(ids: Sequence[int], *, now: datetime) -> None:
    # Locked, so that two workers do not write the same words.
    asked = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.id).with_for_update()
    incidents = list(session.scalars(asked.options(selectinload(Incident.services))))
    known = {
        row.incident_id: row for row in session.scalars(select(LibraryText).where(LibraryText.incident_id.in_(ids)))
    }
    changed = {}
    for document in documents_of(incidents):
        words = weighed(_parts(document))
        if _note_read(document, words, known=known.get(document.incident.id), now=now):
            changed[document.incident.id] = words
    _write(changed)


def _note_read(document: IncidentDocument, words: dict[str, int], *, known: LibraryText | None, now: datetime) -> bool:
    """Note that a postmortem is read; whether its words are others than before."""
    incident_id, postmortem = document.incident.id, document.postmortem
    if postmortem is None or postmortem.published_at is None:
        return False
    fingerprint = hashlib.sha256(fingerprint_source(words).encode()).hexdigest()
    if known is None:
        known = LibraryText(incident_id=incident_id, fingerprint="", published_at=postmortem.published_at, read_at=now)
        session.add(known)
    is_other = known.fingerprint != fingerprint
    known.fingerprint, known.published_at, known.read_at = fingerprint, postmortem.published_at, now
    return is_other


def _write(changed: Mapping[int, Mapping[str, int]]) -> None:
    """Their words instead of those before, with few statements however many postmortems."""
    session.execute(delete(LibraryWord).where(LibraryWord.incident_id.in_(list(changed))))
    rows = (
        {"word": word, "incident_id": incident_id, "weight": weight}
        for incident_id, words in changed.items()
        for word, weight in words.items()
    )
    while block := list(islice(rows, WORDS_AT_ONCE)):
        session.execute(insert(LibraryWord), block)


def _parts(document: IncidentDocument) -> Iterator[tuple[str, int]]:
    """Every text of a postmortem, with what a word in it is worth."""
    incident, postmortem = document.incident, document.postmortem
    yield incident.title, 40
    yield incident.ref, 40
    yield from ((service.name, 30) for service in incident.services)
    yield from ((role.person.name, 20) for role in document.roles)
    yield incident.alert_name, 20
    yield incident.summary, 10
    yield from (
        (text, 20 if question in ("summary", "root_causes") else 10) for question, text in document.answers.items()
    )
    yield from ((f"{why.claim}\n{why.evidence}", 10) for why in document.whys)
    yield from ((factor.text, 10) for factor in document.factors)
    yield from ((f"{item.title}\n{item.detail}", 8) for item in document.items)
    yield from ((entry.text, 5) for entry in document.entries)
    if postmortem is not None:
        yield postmortem.lead.name if postmortem.lead else "", 20
        yield postmortem.cause_category.value if postmortem.cause_category else "", 20
        yield "\n".join(map(str, postmortem.left_over)), 3
