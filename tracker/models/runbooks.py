"""Runbooks: what to do when something breaks, and how it went each time somebody followed one in an incident."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose
from tracker.models.catalog import Service
from tracker.models.people import Person


class RunbookService(Base):
    __tablename__ = "runbook_services"

    runbook_id: Mapped[int] = mapped_column(ForeignKey("runbooks.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True)


class Runbook(Base):
    __tablename__ = "runbooks"

    id: Mapped[Key]
    title: Mapped[Line]
    text: Mapped[Prose] = mapped_column(default="")
    """Markdown; its numbered lines are the steps."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who is asked to read it again when nobody has for half a year."""
    reviewed_on: Mapped[date | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    is_archived: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    services: Mapped[list[Service]] = relationship(secondary="runbook_services", order_by=Service.name)
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    reviewed_by: Mapped[Person | None] = relationship(foreign_keys=[reviewed_by_id])
    saved_by: Mapped[Person | None] = relationship(foreign_keys=[saved_by_id])


class RunbookRun(Base):
    """A runbook that is followed in an incident, with its steps as they were when it began."""

    __tablename__ = "runbook_runs"
    __table_args__ = (UniqueConstraint("incident_id", "runbook_id"),)

    id: Mapped[Key]
    runbook_id: Mapped[int] = mapped_column(ForeignKey("runbooks.id", ondelete="CASCADE"), index=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    steps: Mapped[list[Any]] = mapped_column(default=list)
    """Their texts, in order."""
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    started_at: Mapped[datetime]

    runbook: Mapped[Runbook] = relationship()
    started_by: Mapped[Person | None] = relationship()
    done: Mapped[list["RunbookStepDone"]] = relationship(
        order_by="RunbookStepDone.position", cascade="all, delete-orphan", passive_deletes=True
    )


class RunbookStepDone(Base):
    __tablename__ = "runbook_steps_done"

    run_id: Mapped[int] = mapped_column(ForeignKey("runbook_runs.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """0 is the first step."""
    note: Mapped[Prose] = mapped_column(default="")
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    done_at: Mapped[datetime]

    done_by: Mapped[Person | None] = relationship()
