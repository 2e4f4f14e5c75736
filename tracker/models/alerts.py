"""Alerts that a monitoring system sent, and the incident each belongs to."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Key


class Alert(Base):
    """One alert from its start to its end. The same one that starts anew is another row."""

    __tablename__ = "alerts"
    __table_args__ = (Index(None, "fingerprint", "starts_at", unique=True),)

    id: Mapped[Key]
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Which alert: a digest of its labels, as Alertmanager gives it."""
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was told to be over. That closes no incident."""
