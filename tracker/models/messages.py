"""Messages to be delivered, who subscribes to reports, frozen reports, and what the jobs last did."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.people import Person, Team


class MessageKind(StrEnum):
    SIGN_IN_LINK = "sign-in link"
    RECURRENCE_ALERT = "recurrence alert"
    WEEKLY_REPORT = "weekly report"
    REMINDER = "reminder"
    DECISION = "decision"
    INCIDENT_UPDATE = "incident update"


class MessageState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class Channel(Base):
    """A room of a chat service that is told what a team, or everybody, should know. Never of a private incident."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[Key]
    name: Mapped[Line]
    service: Mapped[Line]
    """What runs it, as people call it: ``Slack``."""
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    """Its Apprise address, which is a credential."""
    kinds: Mapped[list[Any]] = mapped_column(default=list)
    """The kinds of messages it gets, by value."""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    """``None``: it is told of all teams."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    team: Mapped[Team | None] = relationship()


class Message(Base):
    """One mail to one person, or one message to one channel: exactly once for a kind, a subject and a period."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("kind", "about", "person_id", "period"),
        UniqueConstraint("kind", "about", "channel_id", "period"),
        CheckConstraint("(person_id IS NULL) <> (channel_id IS NULL)", name="goes_to_one"),
        Index(None, "state", "run_after"),
    )

    id: Mapped[Key]
    kind: Mapped[MessageKind] = mapped_column(enum_by_value(MessageKind, "kind"))
    about: Mapped[str] = mapped_column(String(120))
    """What the message is about: ``recurrence:12``, ``report:all``."""
    period: Mapped[str] = mapped_column(String(80), default="")
    """Which occurrence of it: a week, a day, a digest of a state."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    subject: Mapped[Line]
    text: Mapped[Prose]
    html: Mapped[Prose]
    state: Mapped[MessageState] = mapped_column(enum_by_value(MessageState, "state"), default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[Prose] = mapped_column(default="")
    template_error: Mapped[Prose] = mapped_column(default="")
    """What was wrong with its template, so that it was written without one."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    channel: Mapped[Channel | None] = relationship()

    @property
    def recipient(self) -> Person | Channel:
        """Who it is for; the table keeps it so that there is one."""
        found = self.person or self.channel
        if found is None:
            raise LookupError(f"Message {self.id} is for nobody.")
        return found


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
    runs: Mapped[int] = mapped_column(default=0)
    """How many have ended in all processes since the tables were made, and how many of those went wrong."""
    failures: Mapped[int] = mapped_column(default=0)
    swept_for: Mapped[datetime | None]
    """When a worker took the sweep of a period last, however many are asked for it."""
