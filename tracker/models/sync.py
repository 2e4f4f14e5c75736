"""Trackers, the intents to have a ticket, and what was last seen of each ticket."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.actions import ActionItem
from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.people import Person


class TrackerKind(StrEnum):
    GITHUB = "github"
    JIRA = "jira"


class JiraFlavour(StrEnum):
    CLOUD = "cloud"
    SERVER = "server"


class Tracker(Base):
    """A configured GitHub or Jira site with its credentials, which are stored sealed."""

    __tablename__ = "trackers"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[Line]
    kind: Mapped[TrackerKind] = mapped_column(enum_by_value(TrackerKind, "kind"))
    flavour: Mapped[JiraFlavour | None] = mapped_column(enum_by_value(JiraFlavour, "flavour"))
    url: Mapped[str] = mapped_column(String(500))
    email: Mapped[str] = mapped_column(String(254), default="")
    sealed_token: Mapped[bytes] = mapped_column(LargeBinary)
    default_target: Mapped[Line] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When a whole round of reading last succeeded; ``None``: never, which is shown as a problem."""
    tried_at: Mapped[datetime | None]
    last_error: Mapped[Prose] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime | None]
    """Leave the tracker alone until then: it asked for it, or it failed several times."""
    written_at: Mapped[datetime | None]
    """When something was last written to it: the next write waits a moment, also that of another process."""
    calls_left: Mapped[int | None]
    """How many calls it still lets us make, as it said last; ``None``: it says nothing of that."""
    calls_of: Mapped[int | None]
    calls_reset_at: Mapped[datetime | None]
    cursors: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For each target, up to which remote time it was read (RFC 3339)."""
    directions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What is taken from its tickets and what is written to them; the rest: ``tracker.sync.following.directions``."""
    state_names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """For each project, which of our states a status of its own means, by its name in small letters."""
    setup_problems: Mapped[Prose] = mapped_column(default="")
    """What of its settings did not fit its projects any more when they were last asked."""
    setup_checked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class PushState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    """The create call went out; no answer yet. Found so after a crash, its outcome is not known."""
    UNKNOWN = "unknown"
    LINKED = "linked"
    FAILED = "failed"


class Push(Base):
    """The intent to have a ticket, committed before the call that makes it."""

    __tablename__ = "pushes"
    __table_args__ = (
        UniqueConstraint("marker"),
        Index(
            "uq_pushes_one_live",
            "action_id",
            "tracker_id",
            unique=True,
            sqlite_where=text("abandoned_at IS NULL"),
            postgresql_where=text("abandoned_at IS NULL"),
        ),
        CheckConstraint("state <> 'linked' OR ticket_id IS NOT NULL", name="linked_has_a_ticket"),
        Index(None, "state", "run_after"),
    )

    id: Mapped[Key]
    action_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), index=True)
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"), index=True)
    target: Mapped[Line]
    marker: Mapped[str] = mapped_column(String(64))
    """A random token that the ticket carries, by which it is found again after a lost answer."""
    state: Mapped[PushState] = mapped_column(enum_by_value(PushState, "state"), default=PushState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    sent_title: Mapped[Prose] = mapped_column(default="")
    """The item's title when the ticket was asked for: what changed since is written to the ticket later."""
    sent_due_on: Mapped[date | None]
    sent_owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """The item's owner then, if the ticket was asked for with an assignee."""
    last_error: Mapped[Prose] = mapped_column(default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    abandoned_at: Mapped[datetime | None]
    """When a person unlinked the ticket or asked for another one; the row stays as history."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    action: Mapped[ActionItem] = relationship()
    tracker: Mapped[Tracker] = relationship()
    ticket: Mapped["Ticket | None"] = relationship()
    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])


class TicketState(StrEnum):
    OPEN = "open"
    DONE = "done"
    NOT_PLANNED = "not planned"
    DUPLICATE = "duplicate"


class Freshness(StrEnum):
    """What is known of a ticket. None of these but the ticket's own state ever counts as done."""

    IN_STEP = "in step"
    STALE = "stale"
    MOVED = "moved"
    TRANSFERRED = "transferred"
    DELETED = "deleted"
    NO_ACCESS = "no access"


class Ticket(Base):
    """The remote issue behind an action item. Its identity is the tracker and the remote id; the key may change."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("tracker_id", "remote_id"),
        Index(None, "tracker_id", "key"),
        # What is rare of each is what is looked for.
        Index(None, "freshness"),
        Index(None, "state"),
    )

    id: Mapped[Key]
    tracker_id: Mapped[int] = mapped_column(ForeignKey("trackers.id", ondelete="CASCADE"))
    remote_id: Mapped[str] = mapped_column(String(120))
    key: Mapped[Line]
    url: Mapped[str] = mapped_column(String(1000))
    target: Mapped[Line]
    title: Mapped[Prose]
    state: Mapped[TicketState] = mapped_column(enum_by_value(TicketState, "state"))
    state_text: Mapped[Line] = mapped_column(default="")
    """The state in the tracker's own words: "Won't do"."""
    assignee: Mapped[Line] = mapped_column(default="")
    due_on: Mapped[date | None]
    labels: Mapped[list[Any]] = mapped_column(default=list)
    remote_updated_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    freshness: Mapped[Freshness] = mapped_column(enum_by_value(Freshness, "freshness"), default=Freshness.IN_STEP)
    freshness_since: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    tracker: Mapped[Tracker] = relationship()


class Trouble(StrEnum):
    """Why a change of the item could not be written to its ticket, so that a person has to look."""

    TRANSITION_MISSING = "transition missing"
    NOT_ASSIGNED = "not assigned"
    FAILED = "failed"
    UNKNOWN = "outcome unknown"


class ActionTicket(Base):
    """An action item follows this ticket; several items may share one.

    ``..._here`` and ``..._there`` are what both said when they last agreed: what differs from it on one side only is
    taken over by the other, and what differs on both is a conflict.
    """

    __tablename__ = "action_tickets"
    __table_args__ = (
        Index(None, "action_id", "linked_at"),
        Index(None, "trouble", sqlite_where=text("trouble IS NOT NULL"), postgresql_where=text("trouble IS NOT NULL")),
    )

    action_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, index=True)
    linked_at: Mapped[datetime]
    applied_state: Mapped[TicketState | None] = mapped_column(enum_by_value(TicketState, "applied_state"))
    """The ticket's state that the item last took over: an unchanged ticket never changes the item again."""
    state_here: Mapped[TicketState | None] = mapped_column(enum_by_value(TicketState, "state_here"))
    """The ticket's state that the item's own asked for at that time."""
    agreed_at: Mapped[datetime | None]
    """When both were last compared; ``None``: never, so nothing of what differs is known to be a change."""
    title_here: Mapped[Prose] = mapped_column(default="")
    title_there: Mapped[Prose] = mapped_column(default="")
    due_here: Mapped[date | None]
    due_there: Mapped[date | None]
    owner_here: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """The owner that the ticket knows of; nobody while we do not know who the owner is there."""
    assignee_there: Mapped[Line] = mapped_column(default="")
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime | None]
    """Nothing is written to the ticket before then."""
    lease_until: Mapped[datetime | None]
    trouble: Mapped[Trouble | None] = mapped_column(enum_by_value(Trouble, "trouble"))
    trouble_text: Mapped[Prose] = mapped_column(default="")
    """Why, and what to do."""
    trouble_since: Mapped[datetime | None]

    action: Mapped[ActionItem] = relationship()
    ticket: Mapped[Ticket] = relationship()


class CommentKind(StrEnum):
    ASKED_AGAIN = "asked again"
    DID_NOT_HOLD = "did not hold"


class CommentState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """It was sent and no answer came: it is looked for, and said again only when it is not there half an hour later."""
    MADE = "made"
    FAILED = "failed"
    """The tracker does not take it, for a reason that a person has to mend; it is tried again the next day."""
    DROPPED = "dropped"
    """What it would have said is not so any more, or may not be read there."""


class TicketComment(Base):
    """The intent to say something on a ticket, committed before the call that says it; one for each cause."""

    __tablename__ = "ticket_comments"
    __table_args__ = (
        UniqueConstraint("action_id", "ticket_id", "cause"),
        UniqueConstraint("marker"),
        Index(None, "state", "run_after"),
    )

    id: Mapped[Key]
    action_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    kind: Mapped[CommentKind] = mapped_column(enum_by_value(CommentKind, "kind"))
    cause: Mapped[str] = mapped_column(String(80))
    """What it is about: "incident 7", or the time when the item did not hold."""
    marker: Mapped[str] = mapped_column(String(64))
    state: Mapped[CommentState] = mapped_column(enum_by_value(CommentState, "state"), default=CommentState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    action: Mapped[ActionItem] = relationship()
    ticket: Mapped[Ticket] = relationship()
