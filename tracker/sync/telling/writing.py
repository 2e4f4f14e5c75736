"""Telling tickets what changed here: read the ticket once more, write what is left, record what it answers."""

import logging

from tracker import clock
from tracker.clients.failures import (
    BadCredentials,
    ClientError,
    NotAssigned,
    NotReached,
    RateLimited,
    Refused,
)
from tracker.clients.tickets import TicketClient, TicketEdit, TicketSnapshot, TicketState
from tracker.db import transaction
from tracker.models import TicketState as OurState
from tracker.sync.making.operations import leave_alone
from tracker.sync.pacing.breaking import count_answer, count_failed_write
from tracker.sync.pacing.pauses import FIRST_PAUSE
from tracker.sync.pacing.rounds import Round, may_have_happened
from tracker.sync.pacing.turns import await_turn
from tracker.sync.telling import operations as writing_operations
from tracker.sync.telling.operations import Plan, Write

log = logging.getLogger(__name__)


def write_next(tracker_id: int, client: TicketClient, round_: Round) -> bool:
    """One ticket; whether another may follow."""
    with transaction():
        write = writing_operations.claim_write(tracker_id, now=clock.utcnow())
    if write is None:
        return False
    is_sent = False
    try:
        plan = _read(write, client)
        if plan is not None:
            await_turn(write.tracker_id)
            is_sent = True
            _send(write, plan, client=client)
            round_.told.append(write.ref)
            with transaction():
                count_answer(write.tracker_id, now=clock.utcnow())
    except ClientError as error:
        _record_failure(write, error, is_sent=is_sent)
        round_.problems.append(f"{write.ref}: {error.message}")
        return not isinstance(error, (RateLimited, NotReached, BadCredentials))
    return True


def _read(write: Write, client: TicketClient) -> Plan | None:
    """What was changed there since we last looked is taken over before anything is written over it."""
    asked_at = clock.utcnow()
    found = client.read_many([write.handle])
    seen = found.get(write.handle.remote_id)
    with transaction():
        if seen is None:
            writing_operations.postpone(write, now=clock.utcnow())
            return None
        return writing_operations.plan_write(write, seen, asked_at=asked_at, now=clock.utcnow())


def _send(write: Write, plan: Plan, *, client: TicketClient) -> None:
    if plan.edit is not None:
        edited = client.edit(write.handle, changes=plan.edit)
        with transaction():
            writing_operations.record_edit(write, plan, edited, now=clock.utcnow())
    if plan.state is not None:
        moved = _move(write, plan, state=plan.state, client=client)
        with transaction():
            writing_operations.record_state(write, plan, moved, asked=plan.state, now=clock.utcnow())
    if plan.assignee is not None:
        _assign(write, plan, client=client)


def _assign(write: Write, plan: Plan, *, client: TicketClient) -> None:
    """Apart from the rest, as trackers refuse people who may not work there, or leave them out without a word."""
    changes = TicketEdit(assignee=plan.assignee or None, instead_of=plan.assignee_before)
    try:
        given = client.edit(write.handle, changes=changes)
    except Refused as error:
        raise NotAssigned(error.message) from error
    if plan.assignee and plan.assignee not in (given.assignee, *given.helpers):
        raise NotAssigned(f"{plan.assignee} was not assigned: they may not work on tickets there.")
    with transaction():
        writing_operations.record_assignee(write, plan, given, now=clock.utcnow())


def _move(write: Write, plan: Plan, *, state: OurState, client: TicketClient) -> TicketSnapshot:
    if state is OurState.OPEN:
        return client.reopen(write.handle, names=plan.names)
    return client.close(write.handle, state=TicketState(state.value), names=plan.names)


def _record_failure(write: Write, error: ClientError, *, is_sent: bool) -> None:
    log.warning("%s: %s", write.ref, error)
    now = clock.utcnow()
    with transaction():
        if isinstance(error, RateLimited):
            writing_operations.release(write)
            leave_alone(write.tracker_id, error.message, wait=error.retry_after or FIRST_PAUSE, now=now)
            return
        is_unknown = is_sent and may_have_happened(error)
        writing_operations.record_failed_write(write, error, may_have_happened=is_unknown, now=now)
        count_failed_write(write.tracker_id, error, now=now)
