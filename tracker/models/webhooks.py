"""Who outside is told what happened here: webhooks of ours, and what is on its way to each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, event, insert, inspect, literal, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tracker.models.actions import ActionItem
from tracker.models.base import Base, Key, Line, UtcDateTime, enum_by_value
from tracker.models.incidents import Incident
from tracker.models.postmortems import Postmortem
from tracker.models.recurrence import Recurrence


class HookEvent(StrEnum):
    """What can be told. A test is only sent when somebody asks for it."""

    INCIDENT_DECLARED = "incident.declared"
    INCIDENT_PHASE = "incident.phase_changed"
    POSTMORTEM_STATE = "postmortem.state_changed"
    ITEM_CREATED = "action_item.created"
    ITEM_STATE = "action_item.state_changed"
    RECURRENCE_FOUND = "recurrence.found"
    RECURRENCE_DECIDED = "recurrence.decided"
    TEST = "test"


class PostState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It must not leave: it is private, a drill, or gone."""


class Webhook(Base):
    """One address that is told, signed with a secret of its own, which is stored sealed."""

    __tablename__ = "webhooks"

    id: Mapped[Key]
    name: Mapped[Line]
    url: Mapped[str] = mapped_column(String(2000))
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    events: Mapped[list[Any]] = mapped_column(default=list)
    """The values of ``HookEvent`` it wants; none is all."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class WebhookPost(Base):
    """One event on its way to one webhook: written with the change itself, sent by a job. It holds no text."""

    __tablename__ = "webhook_posts"
    __table_args__ = (Index(None, "state", "run_after"), Index(None, "webhook_id", "id"))

    id: Mapped[Key]
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[HookEvent] = mapped_column(enum_by_value(HookEvent, "event"))
    row_id: Mapped[int]
    """Of the incident, item or recurrence that it is about; what it says is read when it is sent."""
    before: Mapped[str] = mapped_column(String(40), default="")
    after: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime]
    state: Mapped[PostState] = mapped_column(enum_by_value(PostState, "state"), default=PostState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    status: Mapped[int | None]
    """What the last answer said, in HTTP's numbers."""
    last_error: Mapped[Line] = mapped_column(default="")
    ended_at: Mapped[datetime | None]

    webhook: Mapped[Webhook] = relationship()


def _know_what_was_before(*_: object) -> None:
    """Listened to with ``active_history``, so that the value before is read, and the same once more is no change."""


for _watched in (Incident.phase, ActionItem.state, Postmortem.state, Recurrence.state):
    event.listen(_watched, "set", _know_what_was_before, active_history=True)


class Noticed:
    """One change that somebody outside may want to know of."""

    def __init__(self, kind: HookEvent, row_id: int, *, before: object = "", after: object = "") -> None:
        self.kind, self.row_id = kind, row_id
        self.before, self.after = str(before or ""), str(after or "")


def write_webhook_posts(session: Session, *, now: datetime) -> None:
    """After a flush: write down what changed, for each webhook that is on. Where there is none, nothing is written."""
    for one in (*_made(session), *_changed(session)):
        chosen = select(
            Webhook.id,
            literal(one.kind, WebhookPost.event.type),
            literal(one.row_id),
            literal(one.before),
            literal(one.after),
            literal(now, UtcDateTime()),
            literal(PostState.PENDING, WebhookPost.state.type),
            literal(0),
            literal(now, UtcDateTime()),
            literal(""),
        ).where(Webhook.is_active)
        columns = [
            "webhook_id",
            "event",
            "row_id",
            "before",
            "after",
            "at",
            "state",
            "attempts",
            "run_after",
            "last_error",
        ]
        session.execute(insert(WebhookPost).from_select(columns, chosen))


def _made(session: Session) -> list[Noticed]:
    kinds = {
        Incident: HookEvent.INCIDENT_DECLARED,
        ActionItem: HookEvent.ITEM_CREATED,
        Recurrence: HookEvent.RECURRENCE_FOUND,
    }
    return [Noticed(kinds[type(row)], row.id) for row in session.new if type(row) in kinds]


def _changed(session: Session) -> list[Noticed]:
    watched: dict[type[Base], tuple[str, HookEvent, str]] = {
        Incident: ("phase", HookEvent.INCIDENT_PHASE, "id"),
        ActionItem: ("state", HookEvent.ITEM_STATE, "id"),
        Postmortem: ("state", HookEvent.POSTMORTEM_STATE, "incident_id"),
        Recurrence: ("state", HookEvent.RECURRENCE_DECIDED, "id"),
    }
    found = []
    for row in session.dirty:
        name, kind, number = watched.get(type(row), ("", HookEvent.TEST, ""))
        history = inspect(row).attrs[name].history if name else None
        if history is not None and history.has_changes():
            before = (history.deleted or [""])[0]
            found.append(Noticed(kind, getattr(row, number), before=before, after=history.added[0]))
    return found
