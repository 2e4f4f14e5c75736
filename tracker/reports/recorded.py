"""The records of weeks that are over: who gets one, which one a reader is shown, and writing them (decision 017)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.exc import IntegrityError

from tracker.db import session
from tracker.models import Incident, IncidentPerson, Person, ReportSubscription, Role, Team, WeekRecord
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.told import Recorded, Told

EVERYBODY, ADMINISTRATORS = "everybody", "administrators"


def find_recorded(week: Week, *, scope: Scope) -> Recorded | None:
    """What readers of this kind were told; ``None`` when nothing was recorded for them.

    Somebody who is named on a private incident now, and had no record of their own then, is not shown the others':
    what they see beyond it would look like a correction.
    """
    viewer = scope.viewer
    names = _is_named(viewer) if viewer is not None and not viewer.is_admin else literal(value=False)
    query = select(WeekRecord.key, WeekRecord.figures, WeekRecord.recorded_at, names.label("is_named"))
    rows = {row.key: row for row in session.execute(query.where(WeekRecord.key.in_(_keys(week, scope=scope))))}
    is_named = any(row.is_named for row in rows.values())
    row = rows.get(key_of(week, scope=scope, is_named=is_named))
    return None if row is None else Recorded(Told.from_json(row.figures), row.recorded_at)


def key_of(week: Week, *, scope: Scope, is_named: bool) -> str:
    """The record of readers of this kind. ``is_named``: on some private incident."""
    viewer = scope.viewer
    if viewer is not None and viewer.is_admin:
        reader = ADMINISTRATORS
    else:
        reader = f"person-{viewer.id}" if viewer is not None and is_named else EVERYBODY
    about = f"team-{scope.team.id}" if scope.team else "all"
    return f"{week.name}/{about}/{reader}"


def _keys(week: Week, *, scope: Scope) -> set[str]:
    return {key_of(week, scope=scope, is_named=is_named) for is_named in (True, False)}


def _is_named(person: Person) -> ColumnElement[bool]:
    named = select(IncidentPerson.person_id).join(Incident, Incident.id == IncidentPerson.incident_id)
    return named.where(Incident.is_private, IncidentPerson.person_id == person.id).exists()


def missing_records(week: Week) -> Iterator[tuple[str, Scope]]:
    """The keys and scopes of every record that the week does not have yet."""
    there = set(session.scalars(select(WeekRecord.key).where(WeekRecord.week == week.name)))
    for scope, is_named in _scopes():
        key = key_of(week, scope=scope, is_named=is_named)
        if key not in there:
            there.add(key)
            yield key, scope


def _scopes() -> list[tuple[Scope, bool]]:
    """Everything and each team, as everybody and as administrators see it, and what each named person gets."""
    abouts: list[Team | None] = [None, *session.scalars(select(Team).order_by(Team.id))]
    administrators = select(Person).where(Person.role == Role.ADMIN, Person.is_active).order_by(Person.id).limit(1)
    readers: list[Person | None] = [None, *session.scalars(administrators)]
    named = _named_people()
    return [
        *((Scope(reader, about), False) for reader in readers for about in abouts),
        *((Scope(person), True) for person in named),
        *((Scope(person, team), True) for person, team in _subscribed(named)),
    ]


def _named_people() -> list[Person]:
    others = select(Person).where(Person.is_active, Person.role != Role.ADMIN)
    named = select(IncidentPerson.person_id).join(Incident, Incident.id == IncidentPerson.incident_id)
    return list(session.scalars(others.where(Person.id.in_(named.where(Incident.is_private))).order_by(Person.id)))


def _subscribed(people: list[Person]) -> list[tuple[Person, Team]]:
    """The teams whose report these people get."""
    query: Any = select(Person, Team).select_from(ReportSubscription).join(ReportSubscription.person)
    mine = ReportSubscription.person_id.in_([person.id for person in people])
    rows = session.execute(query.join(ReportSubscription.team).where(mine).order_by(ReportSubscription.id))
    return [(person, team) for person, team in rows]


def record(told: Told, *, key: str, week: Week, scope: Scope, now: datetime) -> bool:
    """Write down what was told, once; ``False`` when another worker did so meanwhile."""
    person = scope.viewer if key.rsplit("/", 1)[1].startswith("person-") else None
    row = WeekRecord(
        key=key,
        week=week.name,
        team_id=scope.team.id if scope.team else None,
        person_id=person.id if person else None,
        figures=told.as_json(),
        recorded_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True
