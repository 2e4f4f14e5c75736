"""The lists of the API, each from where its cursor stands. Every one obeys the same conditions as the pages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.actions.filters import ActionFilter, narrowing, state_condition
from tracker.db import session
from tracker.incidents.filters import Filter
from tracker.incidents.queries import conditions
from tracker.models import (
    ActionItem,
    Incident,
    Person,
    Recurrence,
    Service,
    Team,
    Tracker,
    may_see,
    may_see_first_actions,
)
from tracker.recurrence.queries import may_see_pair
from tracker.references import number_of


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


def recurrences(asked: dict[str, Any], *, viewer: Person, before: int | None) -> Sequence[Recurrence]:
    """Pairs of which this reader may see both, the newest first; one more than asked for."""
    statement = (
        select(Recurrence)
        .where(may_see_pair(viewer))
        .options(joinedload(Recurrence.later), joinedload(Recurrence.earlier), joinedload(Recurrence.decided_by))
        .order_by(Recurrence.id.desc())
        .limit(asked["limit"] + 1)
    )
    if before is not None:
        statement = statement.where(Recurrence.id < before)
    if "state" in asked:
        statement = statement.where(Recurrence.state == asked["state"])
    if "incident" in asked:
        numbered = select(Incident.id).where(Incident.number == number_of(asked["incident"], prefix="INC"))
        statement = statement.where(or_(Recurrence.later_id.in_(numbered), Recurrence.earlier_id.in_(numbered)))
    return session.scalars(statement).all()


def services(*, after: str, limit: int) -> Sequence[Service]:
    """By slug; one more than asked for."""
    statement = select(Service).where(Service.slug > after).options(joinedload(Service.team))
    return session.scalars(statement.order_by(Service.slug).limit(limit + 1)).all()


def actions(
    chosen: ActionFilter, *, viewer: Person, today: date, before: int | None, limit: int
) -> Sequence[ActionItem]:
    """Items, the newest first; one more than asked for."""
    statement = (
        select(ActionItem)
        .where(*narrowing(chosen, viewer=viewer, today=today), *state_condition(chosen), may_see_first_actions(viewer))
        .options(joinedload(ActionItem.owner), joinedload(ActionItem.team), joinedload(ActionItem.risk_accepted_by))
        .order_by(ActionItem.number.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(ActionItem.number < before)
    return session.scalars(statement).all()


def lock_action(number: int | None) -> None:
    """Let nobody else change it until the transaction ends."""
    session.execute(select(ActionItem.id).where(ActionItem.number == number).with_for_update())


def find_team(slug: str) -> Team | None:
    return session.scalar(select(Team).where(Team.slug == slug))


def find_tracker(slug: str) -> Tracker | None:
    return session.scalar(select(Tracker).where(Tracker.slug == slug, Tracker.is_active))
