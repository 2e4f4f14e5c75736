"""Forms and requests of programs that were sent, so that sending one twice does its work once."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Prose


class SentForm(Base):
    """A form with its words, written in the transaction that did its work, with the answer it got."""

    __tablename__ = "sent_forms"
    __table_args__ = (Index(None, "person_id", "sent_at"),)

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the person, the form's key and the words in it: the same form with other words is another one."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    message: Mapped[Prose] = mapped_column(default="")
    to: Mapped[Prose] = mapped_column(default="")
    """The address that the answer led to."""
    sent_at: Mapped[datetime]


class SentRequest(Base):
    """A request with an ``Idempotency-Key``, written in the transaction that did its work, with the answer it got."""

    __tablename__ = "sent_requests"
    __table_args__ = (Index(None, "person_id", "sent_at"),)

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the person and the key."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    request_hash: Mapped[str] = mapped_column(String(64))
    """Of what was asked: the same key for something else is a mistake, and is said to be one."""
    status: Mapped[int] = mapped_column(default=200)
    body: Mapped[Prose] = mapped_column(default="")
    location: Mapped[Prose] = mapped_column(default="")
    sent_at: Mapped[datetime]
