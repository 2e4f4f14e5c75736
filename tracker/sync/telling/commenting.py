"""Telling tickets in words what happened to their items: claim, write or look, record."""

import logging

from tracker import clock
from tracker.clients.failures import BadCredentials, ClientError, NotReached, RateLimited
from tracker.clients.tickets import TicketClient
from tracker.db import transaction
from tracker.models import CommentKind
from tracker.sync.making.operations import leave_alone
from tracker.sync.pacing.breaking import count_answer, count_failed_write
from tracker.sync.pacing.pauses import FIRST_PAUSE
from tracker.sync.pacing.rounds import Round, may_have_happened
from tracker.sync.pacing.turns import await_turn
from tracker.sync.telling import comment_operations
from tracker.sync.telling.comment_operations import Comment
from tracker.wiring import settings

log = logging.getLogger(__name__)


def comment_next(tracker_id: int, client: TicketClient, round_: Round) -> bool:
    """One comment; whether another may follow."""
    with transaction():
        claim = comment_operations.claim_comment(tracker_id, now=clock.utcnow())
    if claim is None:
        return False
    try:
        _look(claim, client) if claim.is_look else _write(claim, client)
    except ClientError as error:
        _record_failure(claim, error)
        round_.problems.append(f"{claim.ref}: {error.message}")
        return not isinstance(error, (RateLimited, NotReached, BadCredentials))
    round_.told.append(claim.ref)
    return True


def _write(claim: Comment, client: TicketClient) -> None:
    await_turn(claim.tracker_id)
    client.comment(claim.handle, text=text_of(claim, base_url=settings().base_url), marker=claim.marker)
    with transaction():
        comment_operations.record_made(claim)
        count_answer(claim.tracker_id, now=clock.utcnow())


def _look(claim: Comment, client: TicketClient) -> None:
    is_there = client.has_comment(claim.handle, marker=claim.marker, since=claim.sent_at)
    with transaction():
        if is_there:
            comment_operations.record_made(claim)
        else:
            comment_operations.record_not_there(claim, now=clock.utcnow())


def text_of(claim: Comment, *, base_url: str) -> str:
    """Only references and links: what an incident is about can be read there by those who may."""
    link = f"{base_url}/actions/{claim.ref}"
    if claim.kind is CommentKind.ASKED_AGAIN:
        incident = f"{claim.incident_ref}: {base_url}/incidents/{claim.incident_ref}"
        return f"Another incident asks for this.\n\n{incident}\n\n{claim.ref}: {link}"
    return f"This did not hold: what it was to prevent came back. The work is owed again.\n\n{claim.ref}: {link}"


def _record_failure(claim: Comment, error: ClientError) -> None:
    log.warning("%s: %s", claim.ref, error)
    now = clock.utcnow()
    with transaction():
        count_failed_write(claim.tracker_id, error, now=now)
        if not claim.is_look and may_have_happened(error):
            comment_operations.record_unknown(claim, error.message, now=now)
            return
        comment_operations.record_unmade(
            claim, error.message, wait=error.retry_after, is_permanent=error.permanent, now=now
        )
        if isinstance(error, RateLimited):
            leave_alone(claim.tracker_id, error.message, wait=error.retry_after or FIRST_PAUSE, now=now)
