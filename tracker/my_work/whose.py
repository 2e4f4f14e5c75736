"""Whose an item is, as conditions that begin with what an index finds."""

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import aliased

from tracker.models import ActionItem, AnyReader, Person, Team, TeamMember


def in_any(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Items of which one of the conditions holds.

    Each is a read of its own: given together, SQLite would walk through all items instead.
    """
    return ActionItem.id.in_(union_all(*(select(ActionItem.id).where(condition) for condition in conditions)))


def are_nobodys(*conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Those without an owner, and those whose owner has gone: two reads, so that each can begin with the owner."""
    gone = select(Person.id).where(Person.is_active.is_(False))
    return and_(ActionItem.owner_id.is_(None), *conditions), and_(ActionItem.owner_id.in_(gone), *conditions)


def teams_to_see_to(person: Person | AnyReader) -> Select[int]:
    """Whose items without an owner are this person's to give to somebody: those they lead, or are in without a lead."""
    lead = aliased(Person)
    leaderless = and_(Team.id.in_(teams_of(person)), lead.is_active.is_not(True))
    return select(Team.id).outerjoin(lead, lead.id == Team.lead_id).where(or_(Team.lead_id == person.id, leaderless))


def teams_of(person: Person | AnyReader) -> Select[int]:
    return select(TeamMember.team_id).where(TeamMember.person_id == person.id)
