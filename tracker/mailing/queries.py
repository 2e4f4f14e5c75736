"""Messages for the administrators' mail page."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer, joinedload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import Channel, Message, MessageKind, MessageState, Person

PAGE = 50
RECIPIENT = (joinedload(Message.person), joinedload(Message.channel))


@dataclass(frozen=True)
class MessagePage:
    rows: list[Message]
    number: int
    has_more: bool


def message_page(
    state: MessageState | None, *, kind: MessageKind | None = None, to: str = "", number: int
) -> MessagePage:
    """One page of messages without their texts, the newest first; ``to`` is a part of a name or address."""
    query = select(Message).options(*RECIPIENT, defer(Message.text), defer(Message.html))
    if state is not None:
        query = query.where(Message.state == state)
    if kind is not None:
        query = query.where(Message.kind == kind)
    if to:
        query = query.outerjoin(Message.person).outerjoin(Message.channel)
        columns = (Person.name, Person.email, Channel.name)
        query = query.where(or_(*(column.icontains(to, autoescape=True) for column in columns)))
    query = query.order_by(Message.created_at.desc(), Message.id.desc()).limit(PAGE + 1).offset((number - 1) * PAGE)
    rows = list(session.scalars(query))
    return MessagePage(rows[:PAGE], number, len(rows) > PAGE)


def counts() -> dict[MessageState, int]:
    """How many messages are in each state."""
    query = select(Message.state, func.count()).group_by(Message.state)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {state: found.get(state, 0) for state in MessageState}


def get_message(message_id: int) -> Message:
    """The message with its person.

    Raises:
        NotFoundError: there is none.
    """
    message = session.scalar(select(Message).where(Message.id == message_id).options(*RECIPIENT))
    if message is None:
        raise NotFoundError("There is no such mail.")
    return message
