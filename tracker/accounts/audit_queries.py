"""Reads of the audit log, one page at a time or all that fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import joinedload

from tracker.accounts.queries import Part, escaped, part_of
from tracker.db import session
from tracker.models import AuditEntry, Person

AT_ONCE = 1000


@dataclass(frozen=True)
class AuditFilter:
    """What of the log to show; nothing chosen is everything. Days are of UTC, both ends included."""

    action: str = ""
    person_id: int | None = None
    text: str = ""
    since: date | None = None
    until: date | None = None


def audit_entries(wanted: AuditFilter, *, number: int) -> Part[AuditEntry]:
    """What was changed, newest first."""
    return part_of(_chosen(wanted), number=number)


def every_audit_entry(wanted: AuditFilter) -> Iterator[AuditEntry]:
    """The same from the first to the last, for a file."""
    yield from session.scalars(_chosen(wanted).execution_options(yield_per=AT_ONCE))


def audited_actions() -> Sequence[str]:
    return session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def audited_people() -> Sequence[Person]:
    """Who changed anything."""
    return session.scalars(
        select(Person).where(Person.id.in_(select(AuditEntry.person_id))).order_by(Person.name, Person.id)
    ).all()


def _chosen(wanted: AuditFilter) -> Select[Any]:
    statement = (
        select(AuditEntry).options(joinedload(AuditEntry.person)).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    if wanted.action:
        statement = statement.where(AuditEntry.action == wanted.action)
    if wanted.person_id is not None:
        statement = statement.where(AuditEntry.person_id == wanted.person_id)
    if wanted.text:
        like = f"%{escaped(wanted.text)}%"
        detail = cast(AuditEntry.detail, String)
        statement = statement.where(or_(AuditEntry.subject.ilike(like, escape="\\"), detail.ilike(like, escape="\\")))
    if wanted.since is not None:
        statement = statement.where(AuditEntry.at >= _midnight(wanted.since))
    if wanted.until is not None and wanted.until < date.max:
        statement = statement.where(AuditEntry.at < _midnight(wanted.until + timedelta(days=1)))
    return statement


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
