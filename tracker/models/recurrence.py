"""Pairs of incidents that may be the same, what people decided, and the families that come of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.actions import ActionItem
from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.incidents import Incident
from tracker.models.people import Person


class RecurrenceState(StrEnum):
    SUSPECTED = "suspected"
    SAME = "same"
    RELATED = "related"
    NOT_THE_SAME = "not the same"


class Stage(StrEnum):
    """What was known when the pair was found: the declared text, or the written root cause too."""

    DECLARED = "declared"
    POSTMORTEM = "postmortem"


class Recurrence(Base):
    __tablename__ = "recurrences"
    __table_args__ = (
        UniqueConstraint("later_id", "earlier_id"),
        CheckConstraint("later_id <> earlier_id", name="two_incidents"),
        CheckConstraint("state = 'suspected' OR decided_at IS NOT NULL", name="decided_has_a_time"),
        Index(None, "state"),
    )

    id: Mapped[Key]
    later_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    earlier_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    state: Mapped[RecurrenceState] = mapped_column(
        enum_by_value(RecurrenceState, "state"), default=RecurrenceState.SUSPECTED
    )
    stage: Mapped[Stage] = mapped_column(enum_by_value(Stage, "stage"))
    score: Mapped[float]
    """How alike the two are, 0 to 1; only for ordering, never shown alone."""
    uncalibrated: Mapped[float] = mapped_column(default=0.0)
    """The same before this installation's own calibration: what the next fit learns from."""
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    """The facts that carried weight, as sentences."""
    shared_terms: Mapped[list[Any]] = mapped_column(default=list)
    """Rare words that stand in both, with the number of incidents that have them: ``[["oom", 3], ...]``."""
    compared_with: Mapped[int] = mapped_column(default=0)
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    decided_why: Mapped[Prose] = mapped_column(default="")
    alerted_state: Mapped[str | None] = mapped_column(String(64))
    """A digest of the unfinished business that the last alert told of; a new mail goes only when it changes."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    later: Mapped[Incident] = relationship(foreign_keys=[later_id])
    earlier: Mapped[Incident] = relationship(foreign_keys=[earlier_id])
    decided_by: Mapped[Person | None] = relationship()
    verdicts: Mapped[list["Verdict"]] = relationship(back_populates="recurrence", order_by="Verdict.id")


class Comparison(Base):
    """A comparison of one incident with all earlier ones that is due; written with the change that asks for it."""

    __tablename__ = "comparisons"
    __table_args__ = (Index(None, "done_at", "run_after"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[Stage] = mapped_column(enum_by_value(Stage, "stage"), primary_key=True)
    asked_at: Mapped[datetime]
    run_after: Mapped[datetime]
    done_at: Mapped[datetime | None]
    compared_with: Mapped[int] = mapped_column(default=0)


class Family(Base):
    """Incidents joined by *same*."""

    __tablename__ = "families"

    id: Mapped[Key]
    name: Mapped[Line]
    created_at: Mapped[datetime]

    members: Mapped[list[Incident]] = relationship(
        secondary="family_members", order_by=Incident.declared_at, viewonly=True
    )


class FamilyMember(Base):
    __tablename__ = "family_members"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)

    family: Mapped[Family] = relationship()
    incident: Mapped[Incident] = relationship()


class HeldVerdict(StrEnum):
    """What a confirmed recurrence says of an earlier item that was done."""

    FAILED = "would have prevented it but failed"
    BYPASSED = "was bypassed"
    NOT_RELEVANT = "not relevant"


class Verdict(Base):
    __tablename__ = "verdicts"
    __table_args__ = (UniqueConstraint("recurrence_id", "action_id"),)

    id: Mapped[Key]
    recurrence_id: Mapped[int] = mapped_column(ForeignKey("recurrences.id", ondelete="CASCADE"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[HeldVerdict] = mapped_column(enum_by_value(HeldVerdict, "verdict"))
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    given_at: Mapped[datetime]

    recurrence: Mapped[Recurrence] = relationship(back_populates="verdicts")
    action: Mapped[ActionItem] = relationship()


class FamilyChangeKind(StrEnum):
    MERGED = "merged"
    SPLIT = "split"


class FamilyChange(Base):
    """Somebody put families together, or took one apart: what it changed, so that it can be undone."""

    __tablename__ = "family_changes"

    id: Mapped[Key]
    kind: Mapped[FamilyChangeKind] = mapped_column(enum_by_value(FamilyChangeKind, "kind"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    why: Mapped[Prose] = mapped_column(default="")
    undone_at: Mapped[datetime | None]

    by: Mapped[Person | None] = relationship()
    pairs: Mapped[list["FamilyChangePair"]] = relationship(
        back_populates="change", order_by="FamilyChangePair.recurrence_id"
    )


class FamilyChangePair(Base):
    """One pair that a change of families decided, and how it stood before."""

    __tablename__ = "family_change_pairs"

    change_id: Mapped[int] = mapped_column(ForeignKey("family_changes.id", ondelete="CASCADE"), primary_key=True)
    recurrence_id: Mapped[int] = mapped_column(
        ForeignKey("recurrences.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    became: Mapped[RecurrenceState] = mapped_column(enum_by_value(RecurrenceState, "became"))
    was: Mapped[RecurrenceState | None] = mapped_column(enum_by_value(RecurrenceState, "was"))
    """``None``: nobody had asked about the pair; the change made it."""
    was_decided_at: Mapped[datetime | None]
    was_decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    was_decided_why: Mapped[Prose] = mapped_column(default="")

    change: Mapped[FamilyChange] = relationship(back_populates="pairs")
    recurrence: Mapped[Recurrence] = relationship()


class CalibrationFit(Base):
    """How likely *same* really is at a given score, learned from this installation's own decisions."""

    __tablename__ = "calibration_fits"
    __table_args__ = (CheckConstraint("slope > 0", name="keeps_the_order"),)

    id: Mapped[Key]
    made_at: Mapped[datetime]
    decisions: Mapped[int]
    same: Mapped[int]
    """How many of the decisions were *same*."""
    slope: Mapped[float]
    shift: Mapped[float]
    """The new log-odds are slope times the shipped ones plus shift."""
    error_before: Mapped[float]
    error_after: Mapped[float]
    """The mean squared error over these decisions (Brier), with the shipped calibration and with this one."""
    is_in_use: Mapped[bool] = mapped_column(default=False)
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who switched it on or off last; nobody: it was made and switched on by itself."""
