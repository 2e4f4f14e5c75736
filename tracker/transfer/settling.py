"""What a backup that was put back must not do again by itself: it does not know what happened after it was made."""

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Update, update

from tracker import words
from tracker.models import Message, MessageState, Push, PushState

LOOK_FIRST = "A backup was put back, and this ticket may have been made after the backup. We look for it first."
NOT_SENT = (
    "A backup was put back, and this mail may have gone out after the backup. It was not sent again; "
    "press “Try again” if it has to go."
)


@dataclass(frozen=True)
class Settled:
    """How many pushes and messages were on their way when the backup was made."""

    pushes: int
    messages: int

    @property
    def remarks(self) -> tuple[str, ...]:
        pushes = f"{words.count(self.pushes, 'ticket')} on the way at that time: we look for each before one is made."
        messages = f"{words.count(self.messages, 'mail')} waiting at that time: not sent again. See Settings, Mail."
        return (pushes,) * bool(self.pushes) + (messages,) * bool(self.messages)


def settle(connection: Connection) -> Settled:
    """Tickets on their way may exist by now, and mails may have gone out: neither is repeated without a look."""
    pushes = (
        update(Push)
        .where(Push.state.in_((PushState.PENDING, PushState.SENT)), Push.abandoned_at.is_(None))
        .values(state=PushState.UNKNOWN, lease_until=None, last_error=LOOK_FIRST)
    )
    messages = (
        update(Message)
        .where(Message.state.in_((MessageState.PENDING, MessageState.SENDING)))
        .values(state=MessageState.SKIPPED, lease_until=None, last_error=NOT_SENT)
    )
    return Settled(_changed(connection, pushes), _changed(connection, messages))


def _changed(connection: Connection, statement: Update) -> int:
    return cast("CursorResult[Any]", connection.execute(statement)).rowcount
