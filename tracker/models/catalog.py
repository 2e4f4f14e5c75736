"""Services, who owns them, and where their tickets go."""

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose
from tracker.models.people import Person, Team


class Service(Base):
    __tablename__ = "services"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Line]
    description: Mapped[Prose] = mapped_column(default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    escalation_contact: Mapped[Line] = mapped_column(default="")
    escalation_verified_on: Mapped[date | None]
    """When somebody last tried it and it worked."""
    escalation_verified_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", ondelete="SET NULL"), index=True
    )
    tracker_id: Mapped[int | None] = mapped_column(ForeignKey("trackers.id", ondelete="SET NULL"), index=True)
    """The tracker that this service's action items go to unless a person picks another."""
    ticket_target: Mapped[Line] = mapped_column(default="")
    is_archived: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    team: Mapped[Team | None] = relationship()
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    escalation_verified_by: Mapped[Person | None] = relationship(foreign_keys=[escalation_verified_by_id])
