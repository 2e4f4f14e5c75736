"""What was suspected while an incident went on, what spoke for and against it, and how it ended."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Prose, enum_by_value
from tracker.models.incidents import Incident
from tracker.models.people import Person
from tracker.models.postmortems import CauseCategory


class HypothesisState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled out"


class Hypothesis(Base):
    """One thing that may have caused the incident, and what would show that it did not."""

    __tablename__ = "hypotheses"
    __table_args__ = (
        Index(None, "incident_id", "state"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", name="settled_has_a_time"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    suspect: Mapped[CauseCategory] = mapped_column(enum_by_value(CauseCategory, "suspect"))
    claim: Mapped[Prose]
    disproof: Mapped[Prose] = mapped_column(default="")
    """What would show that it is not so."""
    state: Mapped[HypothesisState] = mapped_column(
        enum_by_value(HypothesisState, "state"), default=HypothesisState.OPEN
    )
    finding: Mapped[Prose] = mapped_column(default="")
    """Why it was confirmed or ruled out."""
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    raised_at: Mapped[datetime]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    incident: Mapped[Incident] = relationship()
    raised_by: Mapped[Person | None] = relationship(foreign_keys=[raised_by_id])
    settled_by: Mapped[Person | None] = relationship(foreign_keys=[settled_by_id])
    evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="hypothesis", order_by="Evidence.id", cascade="all, delete-orphan", passive_deletes=True
    )


class EvidenceKind(StrEnum):
    LOG = "log"
    METRIC = "metric"
    CHANGE = "change"
    OTHER = "other"


class Evidence(Base):
    """One observation about a hypothesis. It is only ever added to, so nobody overwrites anybody."""

    __tablename__ = "evidence"

    id: Mapped[Key]
    hypothesis_id: Mapped[int] = mapped_column(ForeignKey("hypotheses.id", ondelete="CASCADE"), index=True)
    kind: Mapped[EvidenceKind] = mapped_column(enum_by_value(EvidenceKind, "kind"), default=EvidenceKind.OTHER)
    text: Mapped[Prose]
    is_against: Mapped[bool] = mapped_column(default=False)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    noted_at: Mapped[datetime]

    hypothesis: Mapped[Hypothesis] = relationship(back_populates="evidence")
    noted_by: Mapped[Person | None] = relationship()
