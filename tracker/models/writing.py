"""What belongs to the writing of a postmortem: who is there just now, and the pictures in its texts."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key
from tracker.models.incidents import Incident
from tracker.models.people import Person


class Presence(Base):
    """Where in a postmortem a person was last seen writing. It says nothing after a minute."""

    __tablename__ = "presences"

    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    step: Mapped[str] = mapped_column(String(60))
    seen_at: Mapped[datetime] = mapped_column(index=True)

    person: Mapped[Person] = relationship()


class Picture(Base):
    """A picture in a text about an incident: made anew from what was given, seen by those who see the incident."""

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(32))
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    added_at: Mapped[datetime]

    incident: Mapped[Incident] = relationship()
    added_by: Mapped[Person | None] = relationship()
