"""Delivering messages: taken in one transaction, sent with none open, and recorded in another."""

from dataclasses import dataclass
from datetime import datetime

from tracker import clock
from tracker.clients.chat import OutgoingPost
from tracker.clients.mail import MailError, MailSettingError, OutgoingMail
from tracker.config import Settings
from tracker.db import transaction
from tracker.errors import RuleError
from tracker.mailing import operations
from tracker.mailing.envelope import outgoing
from tracker.mailing.operations import Taken
from tracker.models import Channel, Message
from tracker.queue import Job
from tracker.wiring import Wiring, settings, wiring


@dataclass
class Delivered:
    """What one round came to."""

    sent: int = 0
    failed: int = 0
    problem: str = ""
    """Why the round stopped before its end; empty when it did not."""


def deliver_due(_now: datetime) -> Delivered:
    """Send every message that is due, one after the other. The clock is read for each: a round may outlast a lease."""
    round_ = Delivered()
    while (taken := _take(settings(), now=clock.utcnow())) is not None:
        try:
            _send(taken, wiring())
        except MailSettingError as error:
            round_.problem = str(error)
            break
        except MailError:
            round_.failed += 1
        else:
            round_.sent += 1
    return round_


@dataclass(frozen=True)
class _Ready:
    """A message of ours and what leaves for it; or why nothing can."""

    taken: Taken
    what: OutgoingMail | OutgoingPost | MailError


def _take(installation: Settings, *, now: datetime) -> _Ready | None:
    with transaction():
        message = operations.claim_message(now=now, repeats_unknown=installation.mail_repeats_unknown)
        if message is None:
            return None
        taken = Taken(message.id, message.attempts)
        try:
            return _Ready(taken, _leaving(message, installation=installation))
        except (ValueError, RuleError) as error:
            return _Ready(taken, MailError(str(error), permanent=True))


def _leaving(message: Message, *, installation: Settings) -> OutgoingMail | OutgoingPost:
    to = message.recipient
    if isinstance(to, Channel):
        return OutgoingPost(wiring().vault.open(to.sealed_address), title=message.subject, text=message.text)
    return outgoing(message, settings=installation)


def _send(ready: _Ready, plugged: Wiring) -> None:
    """Hand one message over and keep what came of it.

    Raises:
        MailError: it was not sent; that is recorded already.
    """
    try:
        if isinstance(ready.what, MailError):
            raise ready.what
        if isinstance(ready.what, OutgoingPost):
            plugged.chat.send(ready.what)
        else:
            plugged.mail.send(ready.what, now=clock.utcnow())
    except MailError as error:
        with transaction():
            repeats = settings().mail_repeats_unknown
            operations.record_failure(ready.taken, error, now=clock.utcnow(), repeats_unknown=repeats)
        raise
    with transaction():
        operations.record_sent(ready.taken, now=clock.utcnow())


JOBS: tuple[Job, ...] = (Job("mailing.deliver", deliver_due, minutes=1),)
"""The background jobs of this feature."""
