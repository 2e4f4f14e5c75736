"""Webhooks: making their secret, noting what was told, and marking it as looked at."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from tracker import audit
from tracker.db import session
from tracker.models import ActionTicket, HookDelivery, HookRefusals, Person, Ticket, Tracker, TrackerHook
from tracker.security import Vault, new_token
from tracker.sync.hooks.reading import Told

TOO_OLD = timedelta(days=7)
"""What happened longer ago is not news: somebody plays a delivery again that he once saw."""
KEPT = timedelta(days=30)
"""How long a delivery is remembered, so that it counts once; far longer than ``TOO_OLD``."""
NOWHERE = ""


def make_hook(tracker: Tracker, *, vault: Vault, by: Person, now: datetime) -> str:
    """A new secret for the tracker's webhook, in the clear for this once; the one before it ends."""
    secret = new_token()
    hook = session.get(TrackerHook, tracker.id) or TrackerHook(tracker_id=tracker.id)
    hook.sealed_secret, hook.made_at, hook.heard_at, hook.refused_at = vault.seal(secret), now, None, None
    session.add(hook)
    audit.note("make_webhook", tracker.name, by=by, now=now)
    return secret


def remove_hook(tracker: Tracker, *, by: Person, now: datetime) -> None:
    hook = session.get(TrackerHook, tracker.id)
    if hook is not None:
        session.delete(hook)
        audit.note("remove_webhook", tracker.name, by=by, now=now)


def note_refusal(slug: str, *, now: datetime) -> None:
    """Count a delivery that was not let in. How many may come from one address is limited before."""
    tracker = session.scalar(select(Tracker).where(Tracker.slug == slug))
    place = tracker.slug if tracker else NOWHERE
    row = session.get(HookRefusals, place, with_for_update=True) or _first_refusal(place, now=now)
    row.number, row.last_at = row.number + 1, now
    hook = session.get(TrackerHook, tracker.id, with_for_update=True) if tracker else None
    if hook is not None:
        hook.refused_at = now


def _first_refusal(place: str, *, now: datetime) -> HookRefusals:
    """Two may knock for the first time at once."""
    try:
        with session.begin_nested():
            session.add(HookRefusals(place=place, number=0, last_at=now))
    except IntegrityError:
        pass  # the other one was first, and its row is counted on
    return session.get_one(HookRefusals, place, with_for_update=True)


def note_delivery(hook: TrackerHook, told: Told | None, *, fingerprint: str, now: datetime) -> bool:
    """Take down what a tracker told, signed by it; whether that is a reason to look at a ticket again.

    A ticket that no item follows, what was told before, and what is long over are no reason.
    """
    hook.heard_at = now
    if told is None or (told.at is not None and told.at < now - TOO_OLD):
        return False
    is_followed = exists().where(ActionTicket.ticket_id == Ticket.id)
    known = select(Ticket.id).where(
        Ticket.tracker_id == hook.tracker_id, Ticket.remote_id == told.remote_id, is_followed
    )
    told_before = select(HookDelivery.id).where(
        HookDelivery.tracker_id == hook.tracker_id, HookDelivery.fingerprint == fingerprint
    )
    if session.scalar(known) is None or session.scalar(told_before) is not None:
        return False
    row = HookDelivery(tracker_id=hook.tracker_id, fingerprint=fingerprint, remote_id=told.remote_id, received_at=now)
    session.add(row)
    session.execute(delete(HookDelivery).where(HookDelivery.received_at < now - KEPT))
    return True


def mark_looked_at(delivery_ids: Sequence[int], *, now: datetime) -> None:
    rows = update(HookDelivery).where(HookDelivery.id.in_(delivery_ids), HookDelivery.looked_at.is_(None))
    session.execute(rows.values(looked_at=now))


def forget_unfollowed(tracker_id: int, *, now: datetime) -> None:
    """Deliveries whose ticket is gone from our rows (merged, or its tracker's history ended) wait for nothing."""
    there = exists().where(Ticket.tracker_id == HookDelivery.tracker_id, Ticket.remote_id == HookDelivery.remote_id)
    rows = update(HookDelivery).where(HookDelivery.tracker_id == tracker_id, HookDelivery.looked_at.is_(None), ~there)
    session.execute(rows.values(looked_at=now))
