"""Numbers of imported rows: the next ones, or in an empty installation those they had before."""

import hashlib

from sqlalchemy import select

from tracker.db import session
from tracker.models import ACTIONS, INCIDENTS, ActionItem, Counter, Incident, next_number


def number_for(name: str, wanted: int | None) -> int:
    """The wanted number if it is free, after which counting goes on, or else the next one."""
    if wanted is None or _is_taken(name, wanted):
        return next_number(session(), name)
    counter = session.execute(select(Counter).where(Counter.name == name).with_for_update()).scalar_one()
    counter.last = max(counter.last, wanted)
    return wanted


def _is_taken(name: str, number: int) -> bool:
    column = {INCIDENTS: Incident.number, ACTIONS: ActionItem.number}[name]
    return session.scalar(select(column).where(column == number)) is not None


def item_key(ref_number: int, *, title: str) -> str:
    """By this an item that several exported incidents share is known as one."""
    return f"AI-{ref_number}:{hashlib.sha256(title.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
