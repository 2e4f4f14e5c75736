"""Postmortems: answers with their revisions, the tree of whys, contributing factors."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.actions import ActionItem
from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.incidents import Incident
from tracker.models.people import Person
from tracker.models.postmortem_templates import PostmortemTemplate


class PostmortemState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in review"
    PUBLISHED = "published"
    SKIPPED = "skipped"


class CauseCategory(StrEnum):
    """The six usual suspects, human-system interaction, and other."""

    RECENT_DEPLOY = "recent deploy"
    CONFIGURATION_CHANGE = "configuration change"
    UPSTREAM_DEPENDENCY = "upstream dependency"
    RESOURCE_EXHAUSTION = "resource exhaustion"
    TRAFFIC_SPIKE = "traffic spike"
    DATA_ISSUE = "data issue"
    HUMAN_SYSTEM_INTERACTION = "human-system interaction"
    OTHER = "other"


class Postmortem(Base):
    __tablename__ = "postmortems"
    __table_args__ = (
        UniqueConstraint("incident_id"),
        CheckConstraint("state <> 'skipped' OR length(trim(skipped_reason)) > 0", name="skipped_has_a_reason"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_a_time"),
        Index(None, "state", "due_on"),
        Index(None, "due_on"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    state: Mapped[PostmortemState] = mapped_column(
        enum_by_value(PostmortemState, "state"), default=PostmortemState.DRAFT
    )
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """The postmortem's owner: the person who sees that it gets written."""
    is_required: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    cause_category: Mapped[CauseCategory | None] = mapped_column(enum_by_value(CauseCategory, "cause_category"))
    template_id: Mapped[int | None] = mapped_column(
        ForeignKey("postmortem_templates.id"),
        default=select(func.max(PostmortemTemplate.id)).scalar_subquery(),
        index=True,
    )
    """The version of the questions it was started with; ``None``: those that Followthrough comes with."""
    started_at: Mapped[datetime]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    skipped_at: Mapped[datetime | None]
    skipped_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    skipped_reason: Mapped[Prose] = mapped_column(default="")
    left_over: Mapped[list[Any]] = mapped_column(default=list)
    """Lines of an imported document that found no place, in their order: nothing is lost."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    incident: Mapped[Incident] = relationship()
    template: Mapped[PostmortemTemplate | None] = relationship()
    lead: Mapped[Person | None] = relationship(foreign_keys=[lead_id])
    skipped_by: Mapped[Person | None] = relationship(foreign_keys=[skipped_by_id])
    answers: Mapped[list["Answer"]] = relationship(back_populates="postmortem", order_by="Answer.question")
    whys: Mapped[list["Why"]] = relationship(back_populates="postmortem", order_by="Why.position, Why.id")
    factors: Mapped[list["ContributingFactor"]] = relationship(
        back_populates="postmortem", order_by="ContributingFactor.position, ContributingFactor.id"
    )

    dismissed_hints: Mapped[list["DismissedHint"]] = relationship(viewonly=True)

    def answer(self, question: str) -> str:
        """What was answered to a question; empty when nothing was."""
        return next((answer.text for answer in self.answers if answer.question == question), "")


class Answer(Base):
    """What the postmortem says to one question. Each has its own version, so two people can write side by side."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("postmortem_id", "question"),)

    id: Mapped[Key]
    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(String(60))
    heading: Mapped[Line] = mapped_column(default="")
    """How a question of this installation's own reads; empty for those that Followthrough comes with."""
    text: Mapped[Prose] = mapped_column(default="")
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    postmortem: Mapped[Postmortem] = relationship(back_populates="answers")
    saved_by: Mapped[Person | None] = relationship()


class AnswerRevision(Base):
    """Every text an answer ever had, the present one included."""

    __tablename__ = "answer_revisions"
    __table_args__ = (UniqueConstraint("answer_id", "version"),)

    id: Mapped[Key]
    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    version: Mapped[int]
    text: Mapped[Prose]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime]

    saved_by: Mapped[Person | None] = relationship()


class WhyEnding(StrEnum):
    """Why a branch of the tree of whys stops here."""

    CAN_ACT = "we can act here"
    OUTSIDE_CONTROL = "outside our control"
    NOT_KNOWN_YET = "not known yet"


class WhyKind(StrEnum):
    """What sort of condition a why names. None of them is a person."""

    TECHNICAL = "technical"
    PROCESS = "process"
    INFORMATION = "information"
    STAFFING = "staffing"


class Confidence(StrEnum):
    """How sure we are of a why."""

    SHOWN = "shown by evidence"
    LIKELY = "likely"
    GUESS = "a guess"


class WhyAction(Base):
    """An action item that a why leads to. Only of those that its incident asks for: ``action_links``."""

    __tablename__ = "why_actions"

    why_id: Mapped[int] = mapped_column(ForeignKey("whys.id", ondelete="CASCADE"), primary_key=True)
    action_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Why(Base):
    __tablename__ = "whys"
    __table_args__ = (Index(None, "postmortem_id", "parent_id", "position"),)

    id: Mapped[Key]
    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("whys.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    claim: Mapped[Prose]
    evidence: Mapped[Prose] = mapped_column(default="")
    kind: Mapped[WhyKind | None] = mapped_column(enum_by_value(WhyKind, "kind"))
    confidence: Mapped[Confidence | None] = mapped_column(enum_by_value(Confidence, "confidence"))
    is_root_cause: Mapped[bool] = mapped_column(default=False)
    """One of the conditions without which it would not have happened; there may be several."""
    ending: Mapped[WhyEnding | None] = mapped_column(enum_by_value(WhyEnding, "ending"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    postmortem: Mapped[Postmortem] = relationship(back_populates="whys")
    items: Mapped[list[ActionItem]] = relationship(secondary="why_actions", order_by=ActionItem.number)


class DismissedHint(Base):
    """A question about a wording that somebody does not want to be asked again about this text."""

    __tablename__ = "dismissed_hints"

    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(60), primary_key=True)
    """The text: the key of a question, ``why-7`` or ``factor-3``."""
    words: Mapped[str] = mapped_column(String(300), primary_key=True)
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    dismissed_at: Mapped[datetime]


class ContributingFactor(Base):
    __tablename__ = "contributing_factors"

    id: Mapped[Key]
    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    text: Mapped[Prose]
    category: Mapped[CauseCategory | None] = mapped_column(enum_by_value(CauseCategory, "category"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    postmortem: Mapped[Postmortem] = relationship(back_populates="factors")
