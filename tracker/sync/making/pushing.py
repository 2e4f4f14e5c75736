"""Making tickets: claim, call, record. The call stands between two transactions, never inside one."""

import logging
from contextlib import ExitStack

from tracker import clock
from tracker.clients.failures import (
    BadCredentials,
    ClientError,
    NotReached,
    RateLimited,
)
from tracker.clients.tickets import TicketClient, TicketSnapshot
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import Tracker
from tracker.sync.access import client_for_round
from tracker.sync.making import operations as push_operations
from tracker.sync.making.operations import Claim
from tracker.sync.making.ticket_writing import write_ticket
from tracker.sync.pacing.breaking import count_answer, count_failed_write
from tracker.sync.pacing.pauses import FIRST_PAUSE
from tracker.sync.pacing.rounds import Round, may_have_happened
from tracker.sync.pacing.turns import await_turn
from tracker.sync.reading import operations as pull_operations
from tracker.sync.telling import comment_operations
from tracker.sync.telling import operations as writing_operations
from tracker.sync.telling.commenting import comment_next
from tracker.sync.telling.writing import write_next
from tracker.wiring import settings

log = logging.getLogger(__name__)


def push_to(tracker_id: int, round_: Round) -> None:
    """Do every push of a tracker that is due, then tell its tickets what changed here, one after the other."""
    with transaction():
        tracker = session.get_one(Tracker, tracker_id, with_for_update=True)
        now = clock.utcnow()
        writing_operations.clear_settled(tracker, now=now)
        comment_operations.note_reasons(tracker, now=now)
    with ExitStack() as stack:
        try:
            client = stack.enter_context(client_for_round(tracker_id))
        except (RuleError, ClientError) as error:  # no client could be made: nothing was sent
            _fail(tracker_id, str(error), round_)
            return
        for do_next in (_push_next, write_next, comment_next):
            while do_next(tracker_id, client, round_):
                pass


def _push_next(tracker_id: int, client: TicketClient, round_: Round) -> bool:
    """One push; whether another may follow."""
    with transaction():
        claim = push_operations.claim_push(tracker_id, now=clock.utcnow())
    if claim is None:
        return False
    return _look(claim, client, round_) if claim.is_look else _make(claim, client, round_)


def _make(claim: Claim, client: TicketClient, round_: Round) -> bool:
    await_turn(claim.tracker_id)
    new = write_ticket(claim.push_id, base_url=settings().base_url)
    session.rollback()
    try:
        made = client.create(new)
    except ClientError as error:
        _record_failed_make(claim, error, round_)
        return not isinstance(error, (RateLimited, NotReached, BadCredentials))
    _record_ticket(claim, made, round_)
    return True


def _record_failed_make(claim: Claim, error: ClientError, round_: Round) -> None:
    now = clock.utcnow()
    log.warning("%s: %s", claim.ref, error)
    with transaction():
        if may_have_happened(error):
            push_operations.record_unknown(claim, error.message, now=now)
            round_.unknown.append(claim.ref)
        elif isinstance(error, (RateLimited, NotReached)):
            push_operations.record_unsent(claim, error.message, wait=error.retry_after, now=now)
            _respect(error, claim)
        else:
            push_operations.record_refusal(claim, error.message, now=now)
        count_failed_write(claim.tracker_id, error, now=now)
    round_.problems.append(f"{claim.ref}: {error.message}")


def _look(claim: Claim, client: TicketClient, round_: Round) -> bool:
    try:
        found = client.find_by_marker(claim.target, marker=claim.marker, since=claim.sent_at)
    except ClientError as error:
        _record_failed_look(claim, error, round_)
        return not isinstance(error, (RateLimited, NotReached, BadCredentials))
    if found is not None:
        _record_ticket(claim, found, round_)
        return True
    with transaction():
        push_operations.record_not_found(claim, now=clock.utcnow(), zone=settings().timezone)
    round_.unknown.append(claim.ref)
    return True


def _record_failed_look(claim: Claim, error: ClientError, round_: Round) -> None:
    wait = None if error.permanent else error.retry_after or FIRST_PAUSE
    with transaction():
        push_operations.record_failed_look(claim, error.message, wait=wait, now=clock.utcnow())
        _respect(error, claim)
        count_failed_write(claim.tracker_id, error, now=clock.utcnow())
    round_.problems.append(f"{claim.ref}: {error.message}")


def _respect(error: ClientError, claim: Claim) -> None:
    """A tracker that asks us to slow down is left alone altogether."""
    if isinstance(error, RateLimited):
        wait = error.retry_after or FIRST_PAUSE
        push_operations.leave_alone(claim.tracker_id, error.message, wait=wait, now=clock.utcnow())


def _record_ticket(claim: Claim, made: TicketSnapshot, round_: Round) -> None:
    with transaction():
        push_operations.record_ticket(claim, made, now=clock.utcnow())
        count_answer(claim.tracker_id, now=clock.utcnow())
    round_.made.append(f"{claim.ref} {made.key}")


def _fail(tracker_id: int, sentence: str, round_: Round) -> None:
    with transaction():
        pull_operations.record_failure(tracker_id, sentence, now=clock.utcnow())
    round_.problems.append(sentence)
