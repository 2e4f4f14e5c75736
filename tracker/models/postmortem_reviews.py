"""Who was asked to read a postmortem, what they said to it, and every edition that was published."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Prose
from tracker.models.people import Person
from tracker.models.postmortems import Postmortem


class Reviewer(Base):
    """Somebody who was asked to read it; a new approval takes the place of the one before."""

    __tablename__ = "reviewers"

    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    asked_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]

    postmortem: Mapped[Postmortem] = relationship()
    person: Mapped[Person] = relationship()


class ReviewComment(Base):
    """What a reader says to one answer, until it is resolved and after."""

    __tablename__ = "review_comments"

    id: Mapped[Key]
    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(60))
    """The question whose answer it is about; empty for the whole."""
    text: Mapped[Prose]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)

    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])


class Edition(Base):
    """The whole document as it was published, and why it was taken back if it was."""

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("postmortem_id", "number"),)

    id: Mapped[Key]
    postmortem_id: Mapped[int] = mapped_column(ForeignKey("postmortems.id", ondelete="CASCADE"))
    number: Mapped[int]
    document: Mapped[Prose]
    """Markdown, as the export writes it."""
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    withdrawn_reason: Mapped[Prose] = mapped_column(default="")

    published_by: Mapped[Person | None] = relationship(foreign_keys=[published_by_id])
    withdrawn_by: Mapped[Person | None] = relationship(foreign_keys=[withdrawn_by_id])
