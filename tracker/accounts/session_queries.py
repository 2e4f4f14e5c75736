"""Reads of the browsers in which people are signed in."""

from datetime import datetime

from sqlalchemy import select

from tracker.accounts.queries import Part, part_of
from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import Identity, Person, PersonSession
from tracker.sessions import LONGEST_LIFE, SESSION_LIFE


def live_sessions(person: Person, *, number: int, now: datetime) -> Part[PersonSession]:
    """Where somebody is signed in, the one used last first."""
    return part_of(
        select(PersonSession)
        .where(PersonSession.person_id == person.id, PersonSession.ended_at.is_(None))
        .where(PersonSession.last_seen_at > now - SESSION_LIFE, PersonSession.created_at > now - LONGEST_LIFE)
        .order_by(PersonSession.last_seen_at.desc(), PersonSession.id.desc()),
        number=number,
    )


def get_session(session_id: int, *, owner: Person) -> PersonSession:
    """Raises: NotFoundError: this person has no such session."""
    found = session.scalar(
        select(PersonSession).where(PersonSession.id == session_id, PersonSession.person_id == owner.id)
    )
    if found is None:
        raise NotFoundError("There is no such session. Look in the list of your sessions.")
    return found


def has_identity(person: Person) -> bool:
    """Whether somebody has come in through single sign-on."""
    return session.scalar(select(Identity.id).where(Identity.person_id == person.id).limit(1)) is not None
