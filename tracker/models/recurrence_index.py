"""The index of what incidents say, by term; and the marks that say which incidents it must read again.

Terms, blocks and documents are derived from other rows and can be made anew from them at any time. A mark is written in
the transaction of the change itself, so that no change is ever missed by who brings the index up to date.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, insert, inspect, select
from sqlalchemy.orm import InstanceState, Mapped, Session, mapped_column

from tracker.models.base import Base, Key, Prose
from tracker.models.catalog import Service
from tracker.models.incidents import FIRST_MINUTES, Incident, IncidentService, TimelineEntry
from tracker.models.postmortems import Answer, ContributingFactor, Postmortem, Why


class IndexTerm(Base):
    """A term, and how many incidents have it."""

    __tablename__ = "index_terms"

    id: Mapped[Key]
    term: Mapped[str] = mapped_column(String(400), unique=True)
    incidents: Mapped[int]


class IndexBlock(Base):
    """Where a term stands among the incidents of one block of ids, packed (``recurrence/packed.py``).

    With a row for each posting, adding up those of one question took SQLite half a second of 100,000 incidents.
    """

    __tablename__ = "index_blocks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    postings: Mapped[bytes] = mapped_column(LargeBinary)


class IndexDays(Base):
    """The days of the incidents of one block of ids, packed: what is later than the one that asks is passed over."""

    __tablename__ = "index_days"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incidents: Mapped[int]
    first_day: Mapped[int]
    last_day: Mapped[int]
    """The least and the greatest of them: most blocks are all earlier, and need no closer look."""
    days: Mapped[bytes] = mapped_column(LargeBinary)


class IndexDocument(Base):
    """What the index has read of an incident: enough to take it back exactly, and to compare closely."""

    __tablename__ = "index_documents"
    __table_args__ = (Index(None, "moment", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    moment: Mapped[datetime]
    services: Mapped[list[Any]]
    alert: Mapped[Prose]
    cause: Mapped[Prose]
    title_terms: Mapped[Prose]
    body_terms: Mapped[Prose]
    cause_terms: Mapped[Prose]
    """The terms in the order of the text, with a blank between them."""
    edition: Mapped[int]
    """Of the rules by which a text becomes terms and impacts; another one is read again."""


class IndexMark(Base):
    """An incident that the index must read again. Each change adds a mark, so that none is taken for another."""

    __tablename__ = "index_marks"

    id: Mapped[Key]
    incident_id: Mapped[int]


class IndexState(Base):
    """One row: how many incidents are in the index. Whoever changes the index locks it first."""

    __tablename__ = "index_state"

    id: Mapped[Key]
    incidents: Mapped[int]


READ_OF_INCIDENT = ("title", "summary", "alert_name", "declared_at", "is_undated", "is_drill", "services")
READ_OF_ENTRY = ("text", "removed_at")


def mark_for_index(session: Session, *_: Any) -> None:
    """After a flush: mark the incidents of which something was written that is compared.

    Rows that are written past the session (by statement) are found by the sweep that compares all of it.
    """
    found = _noted_first(session)
    postmortems: set[int] = set()
    services: set[int] = set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Incident) and (row not in session.dirty or _has_changed(row, READ_OF_INCIDENT)):
            found.add(row.id)
        elif isinstance(row, IncidentService | Postmortem):
            found.add(row.incident_id)
        elif isinstance(row, Answer | ContributingFactor | Why):
            postmortems.add(row.postmortem_id)
        elif isinstance(row, Service):
            services.add(row.id)
    if postmortems:
        found.update(session.scalars(select(Postmortem.incident_id).where(Postmortem.id.in_(postmortems))))
    if services:
        found.update(
            session.scalars(select(IncidentService.incident_id).where(IncidentService.service_id.in_(services)))
        )
    if found:
        session.execute(insert(IndexMark), [{"incident_id": one} for one in sorted(found)])


def _has_changed(row: Incident | TimelineEntry, names: tuple[str, ...]) -> bool:
    state: InstanceState[Any] = inspect(row)
    attributes = state.attrs
    return any(attributes[name].history.has_changes() for name in names)


def _noted_first(session: Session) -> set[int]:
    """The incidents of which an entry of the first minutes was written, corrected or removed."""
    written = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, TimelineEntry)]
    entries = [
        row
        for row in written
        if not row.is_automatic and (row not in session.dirty or _has_changed(row, READ_OF_ENTRY))
    ]
    if not entries:
        return set()
    ids = {entry.incident_id for entry in entries}
    rows = session.execute(select(Incident.id, Incident.declared_at).where(Incident.id.in_(ids)))
    until = {row.id: row.declared_at + FIRST_MINUTES for row in rows}
    return {one.incident_id for one in entries if one.incident_id in until and one.created_at <= until[one.incident_id]}
