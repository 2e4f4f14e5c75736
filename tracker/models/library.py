"""The words of published postmortems, for the library's search. Derived: it can be read anew from the other rows."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base

IN_ORDER_OF_LETTERS = String(48).with_variant(String(48, collation="C"), "postgresql")
"""Sorted by code point on both databases, so that all words with one beginning stand together."""


class LibraryText(Base):
    """What the library has read of a postmortem, and when."""

    __tablename__ = "library_texts"
    __table_args__ = (Index(None, "read_at"),)

    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    fingerprint: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime]
    """Of the edition that was read."""
    read_at: Mapped[datetime]


class LibraryWord(Base):
    """A word that stands in a postmortem, and how much it stands for there, 1 to 255."""

    __tablename__ = "library_words"

    word: Mapped[str] = mapped_column(IN_ORDER_OF_LETTERS, primary_key=True)
    incident_id: Mapped[int] = mapped_column(
        ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    weight: Mapped[int] = mapped_column(SmallInteger)
