"""What the clock has told whom, so that each step is told once, also by two workers and after a restart."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Key, enum_by_value


class ReminderStep(StrEnum):
    """The rungs of the ladder: to the owner, then to who leads the team, who owns the service, and to everybody."""

    BEFORE = "before it is due"
    DUE = "due"
    LEAD = "team lead"
    OWNER = "service owner"
    FRONT = "front of the report"


class Reminder(Base):
    """One step that one person was told of."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("person_id", "about", "step", "period"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    about: Mapped[str] = mapped_column(String(80))
    """What waits: ``item:7``, ``postmortem:3``, ``recurrence:12``."""
    step: Mapped[ReminderStep] = mapped_column(enum_by_value(ReminderStep, "step"))
    period: Mapped[str] = mapped_column(String(80))
    """The promise it was about: its state and due date. A new date begins the ladder again."""
    told_at: Mapped[datetime]


class ReminderDay(Base):
    """The last day, by their own calendar, on which the clock looked at what waits for a person."""

    __tablename__ = "reminder_days"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date]
