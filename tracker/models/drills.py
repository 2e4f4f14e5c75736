"""Drills: what is practised, what happens in it and when, who takes part, what it showed and what follows from that."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.actions import ActionItem
from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.catalog import Service
from tracker.models.incidents import Incident, IncidentRole, Severity
from tracker.models.people import Person


class DrillService(Base):
    __tablename__ = "drill_services"

    drill_id: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True)


class Drill(Base):
    """A practice incident with a plan. Its incident, which is where people work on it, begins when the drill begins."""

    __tablename__ = "drills"
    __table_args__ = (
        UniqueConstraint("incident_id"),
        CheckConstraint("length(trim(title)) > 0", name="title_is_not_empty"),
        CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", name="ended_has_begun"),
        Index(None, "planned_on"),
    )

    id: Mapped[Key]
    title: Mapped[Line]
    """What those who take part read before it begins: it gives nothing away."""
    scenario: Mapped[Prose] = mapped_column(default="")
    """What those who take part know when it begins."""
    aim: Mapped[Prose] = mapped_column(default="")
    """What the drill is to show."""
    severity: Mapped[Severity] = mapped_column(enum_by_value(Severity, "severity"))
    planned_on: Mapped[date | None]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who leads the drill, and knows what is going to happen. No role of the incident."""
    replays_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id", ondelete="SET NULL"), index=True)
    """The past incident that happens again. Those who take part are told which when the drill is over."""
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    showed: Mapped[Prose] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    lead: Mapped[Person | None] = relationship()
    replays: Mapped[Incident | None] = relationship(foreign_keys=[replays_id])
    incident: Mapped[Incident | None] = relationship(foreign_keys=[incident_id])
    services: Mapped[list[Service]] = relationship(secondary="drill_services", order_by=Service.name)
    people: Mapped[list["DrillPerson"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    injects: Mapped[list["DrillInject"]] = relationship(
        order_by="DrillInject.minute, DrillInject.id", cascade="all, delete-orphan", passive_deletes=True
    )
    gaps: Mapped[list["DrillGap"]] = relationship(
        order_by="DrillGap.id", cascade="all, delete-orphan", passive_deletes=True
    )
    checks: Mapped[list["DrillCheck"]] = relationship(
        order_by="DrillCheck.action_id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.ended_at is None


class DrillPerson(Base):
    """Somebody who takes part, with the role that they hold when it begins; ``None``: no role in particular."""

    __tablename__ = "drill_people"
    __table_args__ = (UniqueConstraint("drill_id", "role"),)

    drill_id: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[IncidentRole | None] = mapped_column(enum_by_value(IncidentRole, "role"))

    person: Mapped[Person] = relationship()


class DrillInject(Base):
    """Something that happens in a drill, at its minute or when who leads the drill says so."""

    __tablename__ = "drill_injects"
    __table_args__ = (
        Index(None, "drill_id", "minute", "id"),
        CheckConstraint("minute >= 0", name="minute_is_not_before_the_drill"),
    )

    id: Mapped[Key]
    drill_id: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"))
    minute: Mapped[int]
    """After the drill began."""
    text: Mapped[Prose]
    expected: Mapped[Prose] = mapped_column(default="")
    """What a good answer to it would be; of a replay, what people did then. Shown when the drill is over."""
    held_back: Mapped[Line] = mapped_column(default="")
    """Why it is not shown before the drill is over: it would give the answer away. Empty: it is shown."""
    given_at: Mapped[datetime | None]
    """Given before its minute, by who leads the drill."""
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    note: Mapped[Prose] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    done_by: Mapped[Person | None] = relationship()

    def comes_at(self, started_at: datetime) -> datetime:
        planned = started_at + timedelta(minutes=self.minute)
        return min(planned, self.given_at) if self.given_at is not None else planned


class DrillGap(Base):
    """Something that the drill showed to be missing, and the action item that was made of it."""

    __tablename__ = "drill_gaps"

    id: Mapped[Key]
    drill_id: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"), index=True)
    text: Mapped[Line]
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    noted_at: Mapped[datetime]
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action_items.id", ondelete="SET NULL"), index=True)

    noted_by: Mapped[Person | None] = relationship()


class DrillCheck(Base):
    """An action item that the drill tested, and whether it held."""

    __tablename__ = "drill_checks"

    drill_id: Mapped[int] = mapped_column(ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True)
    action_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    held: Mapped[bool]
    seen: Mapped[Prose] = mapped_column(default="")
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    noted_at: Mapped[datetime]

    action: Mapped[ActionItem] = relationship()
    noted_by: Mapped[Person | None] = relationship()
