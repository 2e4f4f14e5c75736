"""People and teams, how they sign in, and the record of what they changed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, enum_by_value


class Role(StrEnum):
    """What a person may do: read, take part, or also change the settings."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return [Role.VIEWER, Role.RESPONDER, Role.ADMIN].index(self)

    def covers(self, other: "Role") -> bool:
        return self.rank >= other.rank


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[Line]
    role: Mapped[Role] = mapped_column(enum_by_value(Role, "role"), default=Role.RESPONDER)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    timezone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]

    teams: Mapped[list["Team"]] = relationship(secondary="team_members", back_populates="members")

    # What Flask-Login asks of a user.
    is_authenticated = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.id)

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def can_respond(self) -> bool:
        return self.role.covers(Role.RESPONDER)

    def __str__(self) -> str:
        return self.name


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Line]
    email: Mapped[str | None] = mapped_column(String(254))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    timezone: Mapped[str | None] = mapped_column(String(64))
    """Where it works; ``None``: by the installation's clocks."""
    reminder_days: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Days before and past the due date at which its items are reminded of, where it chose others than usual."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    lead: Mapped[Person | None] = relationship(foreign_keys=[lead_id])
    members: Mapped[list[Person]] = relationship(secondary="team_members", back_populates="teams", order_by=Person.name)


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)


class SignInLink(Base):
    """A one-time link; only its hash is kept."""

    __tablename__ = "sign_in_links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class PersonSession(Base):
    """One browser in which a person is signed in; only the hash of what its cookie holds is kept."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    """To the hour: a page is not to wait for a write."""
    ended_at: Mapped[datetime | None]
    came_by: Mapped[str] = mapped_column(String(40), default="")
    """How they signed in, in words."""
    program: Mapped[str] = mapped_column(String(80), default="")
    """Which browser, in words: "Firefox on Linux"; nothing finer is kept."""

    person: Mapped[Person] = relationship()


class Identity(Base):
    """Who somebody is at the provider of single sign-on: its name for them never changes, an e-mail address may."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Guess(Base):
    """One try to come in that did not succeed, counted for a day by what it was made at and where it came from."""

    __tablename__ = "guesses"
    __table_args__ = (Index(None, "counted_as", "at"), Index(None, "at"))

    id: Mapped[Key]
    counted_as: Mapped[str] = mapped_column(String(64))
    """A hash: the address that was typed may be nobody's, and belongs to nobody here."""
    at: Mapped[datetime]


class TokenScope(StrEnum):
    """What a token may do, each more than the one before; never more than its person may."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def least_role(self) -> Role:
        """Who may have such a token."""
        return {"read": Role.VIEWER, "write": Role.RESPONDER, "admin": Role.ADMIN}[self.value]

    def covers(self, other: "TokenScope") -> bool:
        return self.least_role.covers(other.least_role)


class ApiToken(Base):
    """A bearer token of the API; only its hash is kept, the first characters help to tell tokens apart."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    name: Mapped[Line]
    token_hash: Mapped[str] = mapped_column(String(64))
    first_characters: Mapped[str] = mapped_column(String(12))
    scope: Mapped[TokenScope] = mapped_column(enum_by_value(TokenScope, "scope"), default=TokenScope.READ)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To five minutes: a script that reads is not to wait for a write."""
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def is_usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class AuditEntry(Base):
    """One change of rights, trackers, decisions or exports. Rows are only ever added."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    action: Mapped[str] = mapped_column(String(80))
    """What was done, as verb and noun: ``add_tracker``."""
    subject: Mapped[Line]
    """What it was done to, as a person would name it: ``ana@example.com``."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    person: Mapped[Person | None] = relationship()
