"""Tickets that a question about many left out: why, told with as few calls as can tell it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.clients.failures import BadCredentials, ClientError, NotReached, RateLimited
from tracker.clients.singly import Singly
from tracker.clients.tickets import Gone, TicketHandle, TicketSnapshot, WhyGone

log = logging.getLogger(__name__)

Reading = TicketSnapshot | Gone
STOPS_ALL = (RateLimited, BadCredentials, NotReached)
"""What would meet every other ticket too."""


@dataclass(frozen=True)
class Found:
    """What one question about many told: tickets by `remote_id`, and the ids of those that could not be read."""

    tickets: dict[str, TicketSnapshot]
    unreadable: frozenset[str]


@dataclass
class LeftOut:
    """Asks about them: once for each place whether we may read it, and singly only for what that leaves open."""

    is_readable: Callable[[str], bool]
    """Whether a repository or project can be read."""
    read: Callable[[TicketHandle, LeftOut], Reading]
    """A single strong read."""
    singly: Singly
    _readable: set[str] = field(default_factory=set)

    def look(self, ticket: TicketHandle, *, target: str, is_absent: bool, is_proof: bool = False) -> dict[str, Reading]:
        """By its `remote_id`; empty when it is not known this time.

        `is_absent`: the tracker answered, and has no such ticket that we could see. `is_proof`: it leaves none out
        that is there and may be read, wherever it has moved.
        """
        try:
            seen = self._known(ticket, target=target, is_proof=is_proof) if is_absent else None
            if seen is None and self.singly.take():
                return {ticket.remote_id: self.read(ticket, self)}
        except STOPS_ALL:
            raise
        except ClientError as error:  # left out of the answer: not known this time
            log.warning("Left out %s: %s", ticket.key, error)
            return {}
        why = seen or (ticket.lost if is_absent else None)
        return {ticket.remote_id: Gone(remote_id=ticket.remote_id, why=why)} if why else {}

    def why(self, target: str) -> WhyGone:
        """Of a ticket that is not found: where we may read everything else, it was deleted."""
        if target not in self._readable | self.singly.hidden:
            (self._readable if self.is_readable(target) else self.singly.hidden).add(target)
        return WhyGone.NO_ACCESS if target in self.singly.hidden else WhyGone.DELETED

    def _known(self, ticket: TicketHandle, *, target: str, is_proof: bool) -> WhyGone | None:
        """What its absence tells without a call of its own."""
        if ticket.lost is WhyGone.DELETED:
            return WhyGone.DELETED
        why = self.why(target)
        return why if is_proof or why is WhyGone.NO_ACCESS else None
