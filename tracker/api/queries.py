"""The lists of the API, each from where its cursor stands. Every one obeys the same conditions as the pages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from tracker.db import session
from tracker.incidents.filters import Filter
from tracker.incidents.queries import conditions
from tracker.models import Incident, Person, may_see


def incidents(chosen: Filter, *, viewer: Person, after: tuple[datetime, int] | None, limit: int) -> Sequence[Incident]:
    """Newest first, after the one that was declared then and has this number; one more than asked for."""
    statement = (
        select(Incident)
        .where(may_see(viewer), *conditions(chosen))
        .options(selectinload(Incident.services))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        at, key = after
        statement = statement.where(or_(Incident.declared_at < at, and_(Incident.declared_at == at, Incident.id < key)))
    return session.scalars(statement).all()


def lock_incident(number: int | None) -> None:
    """Let nobody else change it until the transaction ends."""
    session.execute(select(Incident.id).where(Incident.number == number).with_for_update())


def people_by_email(emails: Sequence[str]) -> dict[str, Person]:
    """People who can sign in, by their addresses."""
    wanted = {email.lower() for email in emails}
    rows = session.scalars(select(Person).where(Person.email.in_(wanted), Person.is_active))
    return {person.email: person for person in rows}
