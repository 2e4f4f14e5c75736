"""Action items: what was promised, by whom, until when, and what became of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Key, Line, Prose, enum_by_value
from tracker.models.incidents import Incident
from tracker.models.people import Person, Team


class ActionState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in progress"
    DONE = "done"
    VERIFIED = "verified"
    DID_NOT_HOLD = "did not hold"
    DECLINED = "declined"

    @property
    def is_open(self) -> bool:
        """Whether work is still owed: a fix that did not hold is owed again."""
        return self in OPEN_STATES


OPEN_STATES = (ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD)


class ActionKind(StrEnum):
    PREVENT = "prevent"
    DETECT = "detect"
    RECOVER = "recover"


class Lever(StrEnum):
    CODE = "code"
    ARCHITECTURE = "architecture"
    PROCESS = "process"
    MONITORING = "monitoring"
    ALERTING = "alerting"
    ON_CALL = "on-call practices"
    RUNBOOKS = "runbooks"
    TOOLS = "tools"
    COMMUNICATION = "communication"


class Priority(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class IncidentAction(Base):
    """An action item that an incident asked for."""

    __tablename__ = "incident_actions"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    action_id: Mapped[int] = mapped_column(
        ForeignKey("action_items.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)


WITH_ID: dict[str, Any] = {"postgresql_include": ["id"]}
"""For an index that answers alone: who may see an item is asked by its id, which SQLite has in every index."""


class ActionItem(Base):
    __tablename__ = "action_items"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("number > 0", name="number_is_positive"),
        CheckConstraint("length(trim(title)) > 0", name="title_is_not_empty"),
        CheckConstraint("state <> 'declined' OR length(trim(declined_reason)) > 0", name="declined_has_a_reason"),
        CheckConstraint("state <> 'verified' OR verified_at IS NOT NULL", name="verified_has_a_time"),
        CheckConstraint("state NOT IN ('done', 'verified') OR done_at IS NOT NULL", name="done_has_a_time"),
        Index(
            "ix_action_items_due",
            "state",
            "due_on",
            "counts_for_all",
            "owner_id",
            "owner_text",
            "created_at",
            **WITH_ID,
        ),
        # The items of a person or a team in the order of a list: a page is read, and no more.
        Index(None, "owner_id", "state", "due_on"),
        Index(None, "team_id", "state", "due_on"),
        Index(None, "state", "look_again_on"),
        Index(None, "state", "verified_at"),
        Index(None, "did_not_hold_at"),
        Index(None, "declined_at"),
        # These and the first hold all that the reports count, so that no row need be read for it.
        Index(
            "ix_action_items_promised",
            "due_on",
            "state",
            "counts_for_all",
            "created_at",
            "done_at",
            "declined_at",
            **WITH_ID,
        ),
        Index(
            "ix_action_items_made",
            "created_at",
            "state",
            "counts_for_all",
            "done_at",
            "declined_at",
            "verified_at",
            "did_not_hold_at",
            **WITH_ID,
        ),
        Index(
            "ix_action_items_finished",
            "done_at",
            "state",
            "counts_for_all",
            "verified_at",
            "did_not_hold_at",
            **WITH_ID,
        ),
    )

    id: Mapped[Key]
    number: Mapped[int]
    title: Mapped[Line]
    detail: Mapped[Prose] = mapped_column(default="")
    done_when: Mapped[Prose] = mapped_column(default="")
    """The definition of done, in the words of the person who asked for it."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    owner_text: Mapped[Line] = mapped_column(default="")
    """The owner as an imported document named them, when nobody here has that name."""
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    due_on: Mapped[date | None]
    kind: Mapped[ActionKind | None] = mapped_column(enum_by_value(ActionKind, "kind"))
    lever: Mapped[Lever | None] = mapped_column(enum_by_value(Lever, "lever"))
    priority: Mapped[Priority] = mapped_column(enum_by_value(Priority, "priority"), default=Priority.P2)
    state: Mapped[ActionState] = mapped_column(enum_by_value(ActionState, "state"), default=ActionState.OPEN)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_evidence: Mapped[Prose] = mapped_column(default="")
    """The answer to "how do we know?"; empty when a tracker closed the ticket and nobody has said yet."""
    watch_until: Mapped[date | None]
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    did_not_hold_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    declined_reason: Mapped[Prose] = mapped_column(default="")
    risk_accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    look_again_on: Mapped[date | None]
    snoozed_until: Mapped[date | None]
    """Its owner is reminded again on that day. It is due, overdue and counted as ever; others hear of it as ever."""
    import_key: Mapped[str | None] = mapped_column(index=True)
    counts_for_all: Mapped[bool] = mapped_column(default=True)
    """Whether it counts in everybody's figures without a look at its incidents: no incident asks for it, or a public
    one that is no drill and whose day is known. ``counted.settle_counting`` keeps it so."""
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship()
    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])
    verified_by: Mapped[Person | None] = relationship(foreign_keys=[verified_by_id])
    risk_accepted_by: Mapped[Person | None] = relationship(foreign_keys=[risk_accepted_by_id])
    incidents: Mapped[list[Incident]] = relationship(
        secondary="incident_actions", order_by=Incident.declared_at, viewonly=True
    )
    events: Mapped[list["ActionEvent"]] = relationship(back_populates="action", order_by="ActionEvent.id")

    @property
    def ref(self) -> str:
        return f"AI-{self.number}"

    def is_overdue(self, today: date) -> bool:
        return self.state.is_open and self.due_on is not None and self.due_on < today

    def days_overdue(self, today: date) -> int:
        """Whole days past due; 0 when it is not overdue."""
        return (today - self.due_on).days if self.due_on is not None and self.is_overdue(today) else 0


class BulkChange(Base):
    """One change of several items at once, with what they said before, so that it can be undone."""

    __tablename__ = "bulk_changes"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    before: Mapped[list[Any]] = mapped_column(default=list)
    """For each item its id, its version after the change, and the values that it had."""
    undone_at: Mapped[datetime | None]


class ActionEvent(Base):
    """One step in the life of an action item, with who and why."""

    __tablename__ = "action_events"
    __table_args__ = (Index(None, "action_id", "id"),)

    id: Mapped[Key]
    action_id: Mapped[int] = mapped_column(ForeignKey("action_items.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """``None``: a tracker or the clock did it."""
    sentence: Mapped[Prose]
    """What happened, as it is shown: "Closed in GitHub (acme/shop#12)."."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    action: Mapped[ActionItem] = relationship(back_populates="events")
    person: Mapped[Person | None] = relationship()
