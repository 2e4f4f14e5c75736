"""What the filter of the list offers."""

from sqlalchemy import select

from tracker.db import session
from tracker.models import Person, TeamMember


def people() -> list[tuple[int, str]]:
    """Everybody, by name, also who is not active any more: a filter looks for what was theirs."""
    found = [(key, name) for key, name in session.execute(select(Person.id, Person.name))]
    return sorted(found, key=lambda row: row[1].casefold())


def has_team(person: Person) -> bool:
    return session.scalar(select(TeamMember.team_id).where(TeamMember.person_id == person.id).limit(1)) is not None
