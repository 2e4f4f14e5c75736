"""One document after the other: read, placed, written in a transaction of its own, and told what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from tracker import words
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Person, Service
from tracker.transfer import operations, own_documents, queries
from tracker.transfer.containers import decode
from tracker.transfer.drafts import DocumentDraft, PostmortemDraft
from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.own_questions import with_own_questions
from tracker.transfer.picture_files import NO_PICTURES, Album, album_of
from tracker.transfer.places import Part, parts_of
from tracker.transfer.placing import place
from tracker.transfer.queries import Origin
from tracker.transfer.reading import read_documents
from tracker.transfer.sources import is_document_name, is_other_format, why_no_document
from tracker.transfer.storing import storable
from tracker.transfer.values import NotADocumentError, ReadPostmortem

LONGEST = 2 * 1024 * 1024
"""Characters of one document: more than 20,000 rows of a timeline, and more than any page shows in good time."""


class Fate(StrEnum):
    READ = "read"
    IMPORTED = "imported"
    KNOWN = "known"
    """Imported before, unchanged: nothing was done."""
    CHANGED = "changed"
    """Imported before from a text that has changed since: left alone."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the person who imports decides once for all documents."""

    zone: str | None = None
    day_first: bool | None = None
    service: Service | None = None
    keep_numbers: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one document."""

    name: str
    fate: Fate
    sentence: str
    ref: str = ""
    draft: DocumentDraft | None = None
    origin: Origin | None = None
    album: Album = NO_PICTURES

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.draft.warnings, *self.album.warnings) if self.draft else ()

    def without_pictures(self) -> Outcome:
        """What there is to tell; thousands of pictures do not stay in memory for it."""
        return replace(self, album=Album(warnings=self.album.warnings))

    @property
    def parts(self) -> tuple[Part, ...]:
        """Where its parts went, for the preview."""
        return parts_of(self.draft) if self.draft else ()

    @property
    def left_over(self) -> tuple[str, ...]:
        return self.draft.postmortem.left_over if self.draft and self.draft.postmortem else ()


@dataclass(frozen=True)
class Companions:
    """What an export wrote beside a document: JSON with what Markdown has no place for, and pictures by their keys."""

    sidecar: bytes | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)


ALONE = Companions()


def read_outcomes(
    content: bytes, *, name: str, choices: Choices, now: datetime, beside: Companions = ALONE
) -> list[Outcome]:
    """What an import would do with one file, one outcome an incident in it. Changes nothing."""
    try:
        if not is_document_name(name):
            advice = "" if is_other_format(name) else " Give it a name that ends in .md if it is one."
            raise NotADocumentError(f"{name} {why_no_document(name)}.{advice}")
        text = decode(content, name=name)
        if len(text) > LONGEST:
            raise NotADocumentError(
                f"{name} has more than 2 million characters, too many for the pages of one incident. Split it."
            )
        read = read_documents(content, name=name, zone=choices.zone, day_first=choices.day_first)
        drafts = [storable(draft) for draft in _drafts(text, read, choices=choices, now=now, sidecar=beside.sidecar)]
    except NotADocumentError as error:
        return [Outcome(name=name, fate=Fate.REFUSED, sentence=str(error))]
    album = album_of(text, given=beside.pictures) if read[0].front.get("followthrough") else NO_PICTURES
    return [
        replace(
            _looked_up(draft, origin=Origin.of(name if len(drafts) == 1 else draft.name, text=f"{text}\n#{number}")),
            album=album,
        )
        for number, draft in enumerate(drafts)
    ]


def _drafts(
    text: str, read: Sequence[ReadPostmortem], *, choices: Choices, now: datetime, sidecar: bytes | None
) -> list[DocumentDraft]:
    if read[0].front.get("followthrough"):
        return [own_documents.place_own(read[0], now=now, sidecar=sidecar)]
    headings = queries.own_headings()
    drafts = [place(with_own_questions(one, headings=headings), now=now, zone=choices.zone) for one in read]
    return [_with_lost(drafts[0], text=text, read=read), *drafts[1:]]


def _with_lost(draft: DocumentDraft, *, text: str, read: Sequence[ReadPostmortem]) -> DocumentDraft:
    """Whatever line the reader lost is kept with the left-overs: no word may get lost, whatever comes."""
    if draft.postmortem is None:
        return draft
    lost = Counter(find_lost_lines(text, read[0]))
    for other in read[1:]:
        lost &= Counter(find_lost_lines(text, other))
    left_over = (*draft.postmortem.left_over, *lost.elements())
    return replace(draft, postmortem=replace(draft.postmortem, left_over=left_over))


def _looked_up(draft: DocumentDraft, *, origin: Origin) -> Outcome:
    found = queries.find_imported(origin) or queries.find_original(draft)
    if found:
        sentence = f"It is here already as {found.ref}. Nothing was changed."
        return Outcome(name=draft.name, fate=Fate.KNOWN, sentence=sentence, ref=found.ref)
    earlier = queries.find_earlier_version(origin)
    if earlier:
        sentence = f"It was imported as {earlier.ref} before and has changed since. {earlier.ref} was left alone."
        return Outcome(name=draft.name, fate=Fate.CHANGED, sentence=sentence, ref=earlier.ref)
    namesake = queries.find_namesake(draft.title)
    if namesake and not namesake.is_private:
        warning = f"{namesake.ref} has the same title. Look whether it is the same incident."
        draft = replace(draft, warnings=(*draft.warnings, warning))
    return Outcome(name=draft.name, fate=Fate.READ, sentence=f"{taken(draft)}.", draft=draft, origin=origin)


def taken(draft: DocumentDraft) -> str:
    """What a document gave, in numbers: "14 timeline rows, 4 items, 6 answers"."""
    parts = [words.count(len(draft.timeline), "timeline row"), words.count(len(draft.items), "item")]
    postmortem = draft.postmortem or PostmortemDraft()
    named = [
        (len(postmortem.whys), "why", ""),
        (len(postmortem.answers), "answer", ""),
        (len(postmortem.left_over), "line", " left over"),
    ]
    parts += [words.count(number, one) + more for number, one, more in named if number]
    return ", ".join(parts)


def write_outcome(outcome: Outcome, *, choices: Choices, by: Person | None, now: datetime) -> Outcome:
    """Write what was read, in a transaction of its own. What cannot be written is told and stops nothing else."""
    draft = outcome.draft
    if outcome.fate is not Fate.READ or draft is None or outcome.origin is None:
        return outcome
    try:
        with transaction():
            known = _looked_up(draft, origin=outcome.origin)  # somebody else may have imported it since it was read
            if known.fate is not Fate.READ:
                return known
            service = session.merge(choices.service, load=True) if choices.service else None
            incident = operations.import_document(
                draft,
                origin=outcome.origin,
                pictures=outcome.album.drawn,
                service=service,
                keep_numbers=choices.keep_numbers,
                by=by,
                now=now,
            )
    except (SQLAlchemyError, RuleError, ValueError) as error:
        session.rollback()
        reason = str(error).partition("\n")[0][:200]
        sentence = f"The database did not take it ({reason}). Nothing of it was written."
        return replace(outcome, fate=Fate.REFUSED, sentence=sentence)
    return replace(outcome, fate=Fate.IMPORTED, ref=incident.ref, sentence=f"{incident.ref}: {taken(draft)}.")


class Preview:
    """What an import would do with one file after the other; the second of two alike is told to be one too many."""

    def __init__(self, *, choices: Choices, now: datetime) -> None:
        self._choices = choices
        self._now = now
        self._seen: dict[str, str] = {}
        """The names of what was read, by the digest of what it says."""

    def of(self, content: bytes, *, name: str, beside: Companions = ALONE) -> Iterator[Outcome]:
        for outcome in read_outcomes(content, name=name, choices=self._choices, now=self._now, beside=beside):
            text = outcome.origin.text if outcome.origin else ""
            first = self._seen.get(text) if text else None
            if first is not None and outcome.fate is Fate.READ:
                sentence = f"It says the same as {first}. One of them is enough."
                yield replace(outcome, fate=Fate.KNOWN, sentence=sentence, draft=None)
                continue
            self._seen.setdefault(text, outcome.name)
            yield outcome
