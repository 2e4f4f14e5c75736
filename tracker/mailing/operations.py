"""Taking messages to send, one at a time, and keeping what came of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import joinedload

from tracker.clients.mail import DeliveryUnknown, MailError, MailSettingError
from tracker.db import session
from tracker.errors import RuleError
from tracker.mailing.skipping import reason_to_skip
from tracker.models import (
    Message,
    MessageKind,
    MessageState,
)

LEASE = timedelta(minutes=10)
"""A worker that dies gives its message back after this long; longer than any mail server may take to answer."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720))
"""How long to wait after the first, second ... passing failure; after the last one it is given up."""
UNKNOWN = "The mail was handed over and the answer was lost: it may have arrived."
REPEATED = "It was sent once more already, and that answer was lost too."
LINK_FORGOTTEN = "The sign-in link stood here. It is not kept."
WAITING = (MessageState.PENDING, MessageState.SENDING)


@dataclass(frozen=True)
class Taken:
    """A message this worker has taken: its id, and which attempt this is."""

    message_id: int
    attempt: int


def claim_message(*, now: datetime, repeats_unknown: bool = True) -> Message | None:
    """The next message that is due, now ours until the lease ends; ``None`` when nothing is due.

    What must not go out any more is skipped on the way, with the reason. ``repeats_unknown``: whether a mail that may
    have arrived is sent once more (decision 010).
    """
    while (message := _next_due(now)) is not None:
        reason = reason_to_skip(message, now=now)
        if reason:
            message.state = MessageState.SKIPPED
            message.last_error = reason
            _forget_link(message)
        elif message.state is MessageState.SENDING and not (repeats_unknown and _is_repeated(message)):
            _give_up(message, f"{UNKNOWN} The worker that sent it ended before it could say.")
        else:
            if message.state is MessageState.SENDING:
                message.last_error = UNKNOWN
            message.state = MessageState.SENDING
            message.attempts += 1
            message.lease_until = now + LEASE
            return message
        session.flush()
    return None


def _next_due(now: datetime) -> Message | None:
    is_due = and_(Message.state == MessageState.PENDING, Message.run_after <= now)
    is_left_behind = and_(Message.state == MessageState.SENDING, Message.lease_until < now)
    query = (
        select(Message)
        .where(or_(is_due, is_left_behind))
        .order_by(Message.run_after, Message.id)
        .limit(1)
        .options(joinedload(Message.person), joinedload(Message.channel))
        .with_for_update(skip_locked=True, of=Message)
    )
    return session.scalar(query)


def record_sent(taken: Taken, *, now: datetime) -> None:
    message = _ours(taken)
    if message is not None:
        message.state = MessageState.SENT
        message.sent_at = now
        message.lease_until = None
        message.last_error = ""
        _forget_link(message)


def record_failure(taken: Taken, error: MailError, *, now: datetime, repeats_unknown: bool = True) -> None:
    """Keep what went wrong: tried again later, given up, or everything paused when the settings are wrong."""
    message = _ours(taken)
    if message is None:
        return
    message.lease_until = None
    if isinstance(error, DeliveryUnknown):
        _record_unknown(message, error, repeats=repeats_unknown and _is_repeated(message), now=now)
    elif isinstance(error, MailSettingError):
        _pause_all(message, error, now=now)
    elif error.permanent:
        _give_up(message, str(error))
    elif message.attempts > len(PAUSES):
        _give_up(message, f"{error} Tried {message.attempts} times.")
    else:
        pause = max(PAUSES[message.attempts - 1], error.retry_after or timedelta())
        _try_again(message, str(error), run_after=now + pause)


def _record_unknown(message: Message, error: DeliveryUnknown, *, repeats: bool, now: datetime) -> None:
    if repeats:
        message.last_error = UNKNOWN
        _try_again(message, "", run_after=now + PAUSES[0])
    else:
        _give_up(message, f"{error} {REPEATED}" if _was_unknown(message) else f"{UNKNOWN} {error}")


def _pause_all(message: Message, error: MailSettingError, *, now: datetime) -> None:
    """Nobody's mail would go out: none is tried, and none is counted as tried, until somebody may have put it right."""
    until = now + (error.retry_after or MailSettingError.RETRY_AFTER)
    message.attempts -= 1
    _try_again(message, str(error), run_after=until)
    session.flush()
    session.execute(
        update(Message)
        .where(Message.state == MessageState.PENDING, Message.run_after < until, Message.person_id.is_not(None))
        .values(run_after=until)
        .execution_options(synchronize_session=False)
    )


def _try_again(message: Message, sentence: str, *, run_after: datetime) -> None:
    """Keep that its outcome was once unknown, whatever happens after: it is repeated once, not once a failure."""
    unknown = UNKNOWN if _was_unknown(message) else ""
    message.last_error = " ".join(part for part in (unknown, sentence) if part)
    message.state = MessageState.PENDING
    message.run_after = run_after


def _give_up(message: Message, sentence: str) -> None:
    message.state = MessageState.FAILED
    message.lease_until = None
    message.last_error = sentence
    _forget_link(message)


def _forget_link(message: Message) -> None:
    """A sign-in link is a key: once its mail is over it stays in no row, page or backup."""
    if message.kind is MessageKind.SIGN_IN_LINK:
        message.text, message.html = LINK_FORGOTTEN, f"<p>{LINK_FORGOTTEN}</p>"


def _is_repeated(message: Message) -> bool:
    """Whether a mail whose outcome became unknown just now may be sent once more."""
    return not _was_unknown(message)


def _was_unknown(message: Message) -> bool:
    return message.last_error.startswith(UNKNOWN)


def _ours(taken: Taken) -> Message | None:
    """The row, if nobody took it over since."""
    message = session.get(Message, taken.message_id, with_for_update=True)
    is_ours = message is not None and message.state is MessageState.SENDING and message.attempts == taken.attempt
    return message if is_ours else None


def send_again(message: Message, *, now: datetime) -> None:
    """Try a message once more because somebody asked for it.

    Raises:
        RuleError: it was sent, or it waits already, or its link is not kept.
    """
    if message.kind is MessageKind.SIGN_IN_LINK:
        raise RuleError("A sign-in link is not kept, so it cannot be sent again. They can ask for a new one.")
    if message.state not in (MessageState.FAILED, MessageState.SKIPPED):
        raise RuleError(f"This mail is {message.state.value}. Only one that failed or was skipped can be tried again.")
    message.state = MessageState.PENDING
    message.attempts = 0
    message.last_error = ""
    message.run_after = now


def record_bounce(message: Message, *, reason: str) -> None:
    """A mail that a server had taken came back.

    Raises:
        RuleError: it was not sent.
    """
    if message.state is not MessageState.SENT:
        raise RuleError(f"Mail {message.id} is {message.state.value}: what was not sent cannot come back.")
    message.state = MessageState.FAILED
    message.last_error = f"It came back{': ' + reason if reason else ''}. Check {message.recipient.name}'s address."


def count_waiting() -> int:
    """How many messages wait to be sent."""
    return session.scalar(select(func.count()).where(Message.state.in_(WAITING))) or 0
