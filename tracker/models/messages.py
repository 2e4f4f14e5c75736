"""Messages to be delivered, who subscribes to reports, frozen reports, and what the jobs last did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.people import Person, Team


class MessageKind(StrEnum):
    SIGN_IN_LINK = "sign-in link"
    RECURRENCE_ALERT = "recurrence alert"
    WEEKLY_REPORT = "weekly report"
    REMINDER = "reminder"
    DECISION = "decision"


class MessageState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class Message(Base):
    """One mail to one person, exactly once for a kind, a subject and a period."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("kind", "about", "person_id", "period"), Index(None, "state", "run_after"))

    id: Mapped[Key]
    kind: Mapped[MessageKind] = mapped_column(enum_by_value(MessageKind, "kind"))
    about: Mapped[str] = mapped_column(String(120))
    """What the message is about: ``recurrence:12``, ``report:all``."""
    period: Mapped[str] = mapped_column(String(80), default="")
    """Which occurrence of it: a week, a day, a digest of a state."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    subject: Mapped[Line]
    text: Mapped[Prose]
    html: Mapped[Prose]
    state: Mapped[MessageState] = mapped_column(enum_by_value(MessageState, "state"), default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class ReportSubscription(Base):
    __tablename__ = "report_subscriptions"
    __table_args__ = (
        UniqueConstraint("person_id", "team_id"),
        Index(
            "uq_report_subscriptions_everything",
            "person_id",
            unique=True,
            sqlite_where=text("team_id IS NULL"),
            postgresql_where=text("team_id IS NULL"),
        ),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_is_a_day"),
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour_is_an_hour"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    """``None``: the report on everything."""
    weekday: Mapped[int] = mapped_column(default=0)
    """0 is Monday, as in :meth:`datetime.date.weekday`."""
    hour: Mapped[int] = mapped_column(default=8)

    person: Mapped[Person] = relationship()
    team: Mapped[Team | None] = relationship()


class StoppedMail(Base):
    """A kind of mail that a person does not want any more."""

    __tablename__ = "stopped_mails"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[MessageKind] = mapped_column(enum_by_value(MessageKind, "kind"), primary_key=True)


class Setting(Base):
    """A default that an administrator changed in the browser."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class JobRun(Base):
    """When a background job last began, last ended well, and what went wrong since."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    last_error: Mapped[Prose] = mapped_column(default="")
