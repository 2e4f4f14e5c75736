"""The rows of who is writing where."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.models import Person, Postmortem, Presence

OFTEN = timedelta(seconds=15)
"""A row that is younger says enough: a page that asks more often writes nothing."""
KEPT = timedelta(days=1)


def is_to_be_noted(postmortem: Postmortem, *, step: str, by: Person, now: datetime) -> bool:
    row = session.get(Presence, (postmortem.id, by.id))
    return row is None or row.step != step or row.seen_at < now - OFTEN


def note(postmortem: Postmortem, *, step: str, by: Person, now: datetime) -> None:
    """This person is at this step now. What is long over goes."""
    session.execute(delete(Presence).where(Presence.seen_at < now - KEPT))
    session.merge(Presence(postmortem_id=postmortem.id, person_id=by.id, step=step, seen_at=now))


def others(postmortem: Postmortem, *, than: Person, since: datetime) -> list[Presence]:
    rows = (
        select(Presence)
        .where(Presence.postmortem_id == postmortem.id, Presence.person_id != than.id, Presence.seen_at >= since)
        .options(joinedload(Presence.person))
        .order_by(Presence.seen_at.desc(), Presence.person_id)
        .limit(10)
    )
    return list(session.scalars(rows))
