"""Incidents with their moments, timeline, updates, roles and ticks."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.catalog import Service
from tracker.models.people import Person


class Severity(StrEnum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


class Phase(StrEnum):
    DECLARED = "declared"
    TRIAGED = "triaged"
    STABILISED = "stabilised"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    CLOSED = "closed"

    @property
    def is_live(self) -> bool:
        return self in (Phase.DECLARED, Phase.TRIAGED, Phase.STABILISED)


class IncidentService(Base):
    __tablename__ = "incident_services"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, index=True)


class IncidentPerson(Base):
    """A person named on a private incident: one of the few who may see it."""

    __tablename__ = "incident_people"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)


class Incident(Base):
    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("number > 0", name="number_is_positive"),
        CheckConstraint("length(trim(title)) > 0", name="title_is_not_empty"),
        Index(None, "declared_at", "id"),
        Index(None, "phase"),
        Index(None, "resolved_at"),
        # The few that most people do not see, or that no figure counts: lists begin with what to leave out.
        Index("ix_incidents_private", "id", sqlite_where=text("is_private = 1"), postgresql_where=text("is_private")),
        Index("ix_incidents_drills", "id", sqlite_where=text("is_drill = 1"), postgresql_where=text("is_drill")),
        Index("ix_incidents_undated", "id", sqlite_where=text("is_undated = 1"), postgresql_where=text("is_undated")),
    )

    id: Mapped[Key]
    number: Mapped[int]
    title: Mapped[Line]
    summary: Mapped[Prose] = mapped_column(default="")
    severity: Mapped[Severity] = mapped_column(enum_by_value(Severity, "severity"))
    phase: Mapped[Phase] = mapped_column(enum_by_value(Phase, "phase"), default=Phase.DECLARED)
    is_drill: Mapped[bool] = mapped_column(default=False)
    is_private: Mapped[bool] = mapped_column(default=False)
    alert_name: Mapped[Line] = mapped_column(default="")
    started_at: Mapped[datetime | None]
    detected_at: Mapped[datetime | None]
    declared_at: Mapped[datetime]
    is_undated: Mapped[bool] = mapped_column(default=False)
    """Whether nobody knows its day: it was imported, and ``declared_at`` is only when. It is in no figure's window."""
    triaged_at: Mapped[datetime | None]
    stabilised_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    quiet_until: Mapped[datetime | None]
    """How long it is to stay quiet after it was resolved, before somebody verifies that."""
    verified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    imported_name: Mapped[str | None] = mapped_column(String(32), index=True)
    """A digest of the name of the document it was imported from; ``None`` when it was declared here."""
    imported_text: Mapped[str | None] = mapped_column(String(32), unique=True)
    """A digest of what that document said: no document is imported twice, under whatever name."""
    """Where an imported incident came from, so that a second import changes nothing."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    declared_by: Mapped[Person | None] = relationship(foreign_keys=[declared_by_id])
    services: Mapped[list[Service]] = relationship(secondary="incident_services", order_by=Service.name)
    named_people: Mapped[list[Person]] = relationship(secondary="incident_people", order_by=Person.name)

    @property
    def ref(self) -> str:
        return f"INC-{self.number}"

    @property
    def dated_at(self) -> datetime | None:
        """When it was declared; ``None``: nobody knows its day."""
        return None if self.is_undated else self.declared_at

    @property
    def time_to_detect(self) -> timedelta | None:
        return span(self.started_at, self.detected_at)

    @property
    def time_to_stabilise(self) -> timedelta | None:
        return span(self.started_at, self.stabilised_at)

    @property
    def time_to_resolve(self) -> timedelta | None:
        return span(self.started_at, self.resolved_at)

    @property
    def has_reversed_times(self) -> bool:
        """Whether two moments that are both known stand in the wrong order."""
        known = [moment for moment in self.moments.values() if moment is not None]
        return known != sorted(known)

    @property
    def moments(self) -> dict[str, datetime | None]:
        """The moments in their natural order; declaring may come before or after detecting, so it is left out."""
        return {
            "started_at": self.started_at,
            "detected_at": self.detected_at,
            "stabilised_at": self.stabilised_at,
            "resolved_at": self.resolved_at,
        }


def span(start: datetime | None, end: datetime | None) -> timedelta | None:
    """The time between two moments; ``None`` when one is not known or they are reversed, never 0 for it."""
    if start is None or end is None or end < start:
        return None
    return end - start


class EntryKind(StrEnum):
    EVENT = "event"
    ACTION = "action"
    DECISION = "decision"
    COMMUNICATION = "communication"
    DETECTION = "detection"


FIRST_MINUTES = timedelta(minutes=15)
"""What is noted so soon after an incident was declared belongs to what is known of it at the beginning."""


class TimelineEntry(Base):
    __tablename__ = "timeline_entries"
    __table_args__ = (Index(None, "incident_id", "at", "position", "id"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    at: Mapped[datetime | None]
    """``None``: not known; then ``at_text`` holds what the source said."""
    at_text: Mapped[Line] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    """The order within an imported document, for entries of the same or of no known time."""
    kind: Mapped[EntryKind] = mapped_column(enum_by_value(EntryKind, "kind"), default=EntryKind.EVENT)
    text: Mapped[Prose]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    is_starred: Mapped[bool] = mapped_column(default=False)
    is_automatic: Mapped[bool] = mapped_column(default=False)
    """The product's own words for what was done elsewhere on the page; they say nothing of the failure."""
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    incident: Mapped[Incident] = relationship()
    author: Mapped[Person | None] = relationship()
    revisions: Mapped[list["TimelineRevision"]] = relationship(
        back_populates="entry", order_by="TimelineRevision.id", cascade="all, delete-orphan", passive_deletes=True
    )


class TimelineRevision(Base):
    """What a timeline entry said before it was corrected."""

    __tablename__ = "timeline_revisions"

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("timeline_entries.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime | None]
    at_text: Mapped[Line] = mapped_column(default="")
    kind: Mapped[EntryKind] = mapped_column(enum_by_value(EntryKind, "kind"))
    text: Mapped[Prose]
    corrected_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    corrected_at: Mapped[datetime]

    entry: Mapped[TimelineEntry] = relationship(back_populates="revisions")
    corrected_by: Mapped[Person | None] = relationship()


class Audience(StrEnum):
    TEAM = "team"
    STAKEHOLDERS = "stakeholders"
    USERS = "users"


class Update(Base):
    __tablename__ = "updates"
    __table_args__ = (Index(None, "incident_id", "sent_at"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    audience: Mapped[Audience] = mapped_column(enum_by_value(Audience, "audience"))
    text: Mapped[Prose]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime]
    next_due_at: Mapped[datetime | None]

    author: Mapped[Person | None] = relationship()


class IncidentRole(StrEnum):
    COMMANDER = "incident commander"
    TECHNICAL_LEAD = "technical lead"
    COMMUNICATIONS_LEAD = "communications lead"
    SCRIBE = "scribe"


class RoleAssignment(Base):
    """Who holds a role of an incident, from when until when. One holder a role at a time."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        Index(
            "uq_role_assignments_one_holder",
            "incident_id",
            "role",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    role: Mapped[IncidentRole] = mapped_column(enum_by_value(IncidentRole, "role"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Tick(Base):
    """One line of a checklist that somebody ticked: which, who, when."""

    __tablename__ = "ticks"
    __table_args__ = (UniqueConstraint("incident_id", "item"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    item: Mapped[str] = mapped_column(String(80))
    note: Mapped[Prose] = mapped_column(default="")
    ticked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    ticked_at: Mapped[datetime]

    ticked_by: Mapped[Person | None] = relationship()
