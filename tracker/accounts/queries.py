"""Reads of people and tokens."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ApiToken, Person, Role, SignInLink
from tracker.security import password_fits, token_hash

ROWS = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Part(Generic[Row]):
    """One page of a long list."""

    rows: Sequence[Row]
    number: int
    has_more: bool


def find_person_by_email(email: str) -> Person | None:
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def find_person_by_password(email: str, *, password: str) -> Person | None:
    """Who may sign in with these; takes as long when nobody has the address or the account is switched off."""
    person = find_person_by_email(email)
    fits = password_fits(person.password_hash if person else None, password)
    return person if person is not None and fits and person.is_active else None


def get_person(person_id: int) -> Person:
    """Raises: NotFoundError: nobody has this number."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFoundError("There is no such person. Look in the list of people.")
    return person


def get_person_by_email(email: str) -> Person:
    """Raises: NotFoundError: nobody has this address."""
    person = find_person_by_email(email)
    if person is None:
        raise NotFoundError(f"Nobody has the address {email}. Add them with `followthrough user add {email}`.")
    return person


def find_first_admin() -> Person | None:
    return session.scalar(
        select(Person).where(Person.role == Role.ADMIN, Person.is_active).order_by(Person.id).limit(1)
    )


def has_an_admin_been_here() -> bool:
    """Whether any administrator ever signed in."""
    been = select(Person.id).where(Person.role == Role.ADMIN, Person.is_active, Person.signed_in_at.is_not(None))
    return session.scalar(been.limit(1)) is not None


def find_link(token: str) -> SignInLink | None:
    return session.scalar(
        select(SignInLink).where(SignInLink.token_hash == token_hash(token)).options(joinedload(SignInLink.person))
    )


def people(*, text: str, number: int) -> Part[Person]:
    """People by name, those who can sign in first."""
    statement = select(Person).order_by(Person.is_active.desc(), Person.name, Person.id)
    if text:
        like = f"%{escaped(text.lower())}%"
        statement = statement.where(or_(Person.email.like(like, escape="\\"), Person.name.ilike(like, escape="\\")))
    return part_of(statement, number=number)


def tokens_of(person: Person) -> Sequence[ApiToken]:
    """A person's tokens, those that work first, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.person_id == person.id)
        .order_by(ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc(), ApiToken.id.desc())
    ).all()


def get_token(token_id: int, *, owner: Person) -> ApiToken:
    """Raises: NotFoundError: this person has no such token."""
    token = session.scalar(
        select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == owner.id)
        .options(joinedload(ApiToken.person))
    )
    if token is None:
        raise NotFoundError("You have no such token. Look in the list of your tokens.")
    return token


def names_of(numbers: Collection[int]) -> dict[int, str]:
    """The names of people by their number, in one query."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(numbers)).order_by(Person.id))
    return {row.id: row.name for row in rows}


def every_name() -> dict[int, str]:
    """The names of all people by their number, for a long file."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name).order_by(Person.id))}


def escaped(text: str) -> str:
    """A typed text for LIKE, in which nothing is a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def part_of(statement: Select[Any], *, number: int) -> Part[Any]:
    """One page of the rows; one more is asked for, to know whether there is another page."""
    rows = session.scalars(statement.limit(ROWS + 1).offset((number - 1) * ROWS)).all()
    return Part(rows=rows[:ROWS], number=number, has_more=len(rows) > ROWS)
