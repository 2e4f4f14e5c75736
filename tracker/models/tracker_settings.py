"""What administrators set beside a tracker's credentials, and what it told us by itself."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key
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
