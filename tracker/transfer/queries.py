"""Reads for import and export: what was imported before, who and what a document names."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ActionItem, Incident, Person, Picture, PostmortemTemplate, Service, Update
from tracker.transfer.drafts import DocumentDraft

BATCH = 200


@dataclass(frozen=True)
class Origin:
    """Where a document came from and what it said, as digests."""

    name: str
    text: str

    @classmethod
    def of(cls, name: str, *, text: str) -> "Origin":
        return cls(_digest(name), _digest(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def find_imported(origin: Origin) -> Incident | None:
    """The incident that this very text was imported as, under whatever name."""
    return session.scalar(select(Incident).where(Incident.imported_text == origin.text))


def find_earlier_version(origin: Origin) -> Incident | None:
    """The incident that a document of this name was imported as when it said something else."""
    named = select(Incident).where(Incident.imported_name == origin.name)
    return session.scalar(named.order_by(Incident.id).limit(1))


def find_original(draft: DocumentDraft) -> Incident | None:
    """The incident of this installation that the document is an export of."""
    if draft.number is None:
        return None
    return session.scalar(
        select(Incident).where(
            Incident.number == draft.number, Incident.title == draft.title, Incident.declared_at == draft.declared_at
        )
    )


def find_namesake(title: str) -> Incident | None:
    """Another incident with the same title, which a person may want to look at."""
    return session.scalar(select(Incident).where(Incident.title == title).order_by(Incident.id).limit(1))


def is_empty() -> bool:
    """Whether nothing has happened here yet: no incident, no action item."""
    return not session.scalar(select(func.count(Incident.id))) and not session.scalar(select(func.count(ActionItem.id)))


def find_person(named: str) -> Person | None:
    """The one active person of exactly this name or e-mail address; ``None`` when there is none or more than one."""
    named = " ".join(named.split())
    if not named:
        return None
    inside = named.partition("<")[2].rstrip("> ") or named
    by_email = session.scalar(select(Person).where(Person.email == inside.lower()))
    if by_email:
        return by_email
    found = session.scalars(select(Person).where(Person.name == named, Person.is_active.is_(True)).limit(2)).all()
    return found[0] if len(found) == 1 else None


def find_service(named: str) -> Service | None:
    """The service of exactly this slug or name."""
    by_slug = session.scalar(select(Service).where(Service.slug == named))
    return by_slug or session.scalar(select(Service).where(Service.name == named).order_by(Service.id).limit(1))


def get_service(slug: str) -> Service:
    """The service with this slug.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalar(select(Service).where(Service.slug == slug))
    if found is None:
        raise NotFoundError(f"There is no service {slug}. Add it under Services first, or leave it out.")
    return found


def services() -> Sequence[Service]:
    return session.scalars(select(Service).where(Service.is_archived.is_(False)).order_by(Service.name)).all()


def find_item(key: str) -> ActionItem | None:
    """The action item that came from there, however many documents name it."""
    return session.scalar(select(ActionItem).where(ActionItem.import_key == key).order_by(ActionItem.id).limit(1))


def count_incidents() -> int:
    return session.scalar(select(func.count(Incident.id))) or 0


def incidents_in_batches() -> Iterator[Sequence[Incident]]:
    """All incidents, private ones too, by number; for the administrator's export."""
    last = 0
    while True:
        found = session.scalars(
            select(Incident)
            .where(Incident.number > last)
            .options(selectinload(Incident.services), selectinload(Incident.named_people))
            .order_by(Incident.number)
            .limit(BATCH)
        ).all()
        if not found:
            return
        yield found
        last = found[-1].number


def own_headings() -> dict[str, str]:
    """How the questions read that this installation worded itself, in the version in use, by their key."""
    template = session.scalar(select(PostmortemTemplate).order_by(PostmortemTemplate.id.desc()).limit(1))
    return template.own_headings if template else {}


def picture_keys(keys: Iterable[str]) -> set[str]:
    """Which of these pictures of this installation have."""
    return set(session.scalars(select(Picture.key).where(Picture.key.in_(list(keys)))))


class ExportedPicture(NamedTuple):
    ref: str
    key: str
    media_type: str
    content: bytes


def pictures() -> Iterator[ExportedPicture]:
    """All pictures, one at a time: each may have megabytes."""
    rows = select(Incident.number, Picture.key, Picture.media_type, Picture.content).join(Picture.incident)
    for number, key, media_type, content in session.execute(rows.order_by(Picture.id).execution_options(yield_per=1)):
        yield ExportedPicture(f"INC-{number}", key, media_type, content)


def updates_of(incident_ids: Iterable[int]) -> dict[int, list[Update]]:
    """The updates of incidents, in the order they were sent."""
    found: dict[int, list[Update]] = {}
    rows = (
        select(Update)
        .where(Update.incident_id.in_(list(incident_ids)))
        .options(joinedload(Update.author))
        .order_by(Update.sent_at, Update.id)
    )
    for row in session.scalars(rows):
        found.setdefault(row.incident_id, []).append(row)
    return found


def hold_still() -> None:
    """Begin to read the database as it is now, whatever others write meanwhile (SQLite does so by itself)."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
