"""What can go wrong when we talk to a tracker. Every message is a sentence for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar


class ClientError(Exception):
    """The tracker could not do what we asked. `permanent` means: trying again changes nothing."""

    permanent: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class NotReached(ClientError):
    """Certainly nothing was sent: no such host, connection refused, no connection in time."""


class AnswerLost(ClientError):
    """We sent a write and do not know what became of it. Look for the ticket before writing again."""


class Unavailable(ClientError):
    """The tracker broke off, failed or took too long while we only wanted to read."""


class StrangeAnswer(ClientError):
    """The tracker answered, but not in a way we can use: HTML, wrong types, far too much."""


class Redirected(StrangeAnswer):
    """The tracker sends us elsewhere, where we do not go by ourselves; nothing was done."""


class RateLimited(ClientError):
    """The tracker asks us to slow down; nothing was done. `retry_after` if it said how long."""


class AddressRefused(ClientError):
    """The address leads where we must not go: into this machine or a private network."""

    permanent = True


class BadCredentials(ClientError):
    """The token is wrong, expired or withdrawn."""

    permanent = True


class NoAccess(ClientError):
    """We are known, but may not do this here, or the place does not exist for us."""

    permanent = True


class TicketGone(ClientError):
    """The ticket was deleted or is hidden from us."""

    permanent = True


class Refused(ClientError):
    """The tracker understood and said no; the message repeats its reasons."""

    permanent = True


class NotAssigned(Refused):
    """The tracker does not let that person have tickets there, or left them out without a word."""


class TransitionMissing(Refused):
    """Jira's workflow has no way we can take from here to there; the message says which ways exist."""
