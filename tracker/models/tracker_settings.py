"""What administrators set beside a tracker's credentials, and what it told us by itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose
from tracker.models.sync import Tracker


class TrackerHook(Base):
    """The webhook by which a tracker tells us at once that a ticket changed. Its secret is stored sealed."""

    __tablename__ = "tracker_hooks"

    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
    """When it last told something, signed with our secret; ``None``: never."""
    refused_at: Mapped[datetime | None]
    """When somebody last knocked with a wrong signature."""

    tracker: Mapped[Tracker] = relationship()


class HookRefusals(Base):
    """How often somebody knocked at the address of a webhook and was not let in. What they said is not kept."""

    __tablename__ = "hook_refusals"

    place: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The short name of a tracker; "" stands for all addresses that are no tracker's, so that nobody makes rows."""
    number: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class HookDelivery(Base):
    """Something a tracker told of a ticket that we follow: a wish to look at it again, kept so that it counts once."""

    __tablename__ = "hook_deliveries"
    __table_args__ = (
        UniqueConstraint("tracker_id", "fingerprint"),
        Index(None, "tracker_id", "looked_at"),
    )

    id: Mapped[Key]
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the signed words: the delivery's own number is not signed, so anybody could change it."""
    remote_id: Mapped[str] = mapped_column(String(120))
    received_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]


class RemoteAccount(Base):
    """Who one of our people is in a tracker, as somebody confirmed it; never guessed."""

    __tablename__ = "remote_accounts"
    __table_args__ = (UniqueConstraint("tracker_id", "name"),)

    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    name: Mapped[Line]
    """A login of GitHub, an account id of Jira Cloud, a name of Jira Server: what an assignee is set to."""
    shown: Mapped[Line]
    confirmed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)


class FieldMapping(Base):
    """What a new ticket of a repository or project is filled with beyond its title and text."""

    __tablename__ = "field_mappings"
    __table_args__ = (UniqueConstraint("tracker_id", "target"),)

    id: Mapped[Key]
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"))
    target: Mapped[Line]
    kind: Mapped[Line] = mapped_column(default="")
    """The issue type; empty: Jira's Task, and none on GitHub."""
    labels: Mapped[list[Any]] = mapped_column(default=list)
    priorities: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Ours to theirs: a priority of Jira, a label of GitHub."""
    fields: Mapped[list[Any]] = mapped_column(default=list)
    """For each field ``name``, ``shown``, ``kind`` and ``text``."""
    problems: Mapped[Prose] = mapped_column(default="")
    """What was missing when it was last checked."""
    checked_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    tracker: Mapped[Tracker] = relationship()
