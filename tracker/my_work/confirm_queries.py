"""What somebody is asked to confirm: that it stayed quiet, that a contact answers, that a runbook is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Select, String, and_, bindparam, cast, exists, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.grown_old import is_stale_contact, is_stale_runbook
from tracker.models import (
    READER,
    AnyReader,
    Incident,
    IncidentRole,
    Person,
    Phase,
    RoleAssignment,
    Runbook,
    Service,
    Team,
    may_see,
)

ROWS = 30
NOW = bindparam("now", type_=Incident.quiet_until.type)
ASKED = (IncidentRole.COMMUNICATIONS_LEAD, IncidentRole.COMMANDER)
"""Who is asked whether an incident stayed quiet; without them, who declared it."""


class Kind(StrEnum):
    QUIET = "quiet"
    CONTACT = "contact"
    RUNBOOK = "runbook"


@dataclass(frozen=True)
class ToConfirm:
    """One thing that is right unless somebody says otherwise, and nobody has said so lately."""

    kind: Kind
    key: str
    """What its address ends with: the number of the incident, the slug of the service, the id of the runbook."""
    title: str
    contact: str
    quiet_until: datetime | None
    looked_on: date | None


def things_to_confirm(person: Person, *, today: date, now: datetime) -> Sequence[ToConfirm]:
    """Only for those who may say it: incidents first, then what nobody looked at for longest."""
    if not person.can_respond:
        return ()
    reader = AnyReader(person.is_admin)
    rows = session.execute(_asked(reader, today=today), {READER: person.id, NOW.key: now})
    return [ToConfirm(Kind(row.kind), row.key, row.title, row.contact, row.quiet_until, row.looked_on) for row in rows]


@lru_cache(maxsize=4)
def _asked(reader: AnyReader, *, today: date) -> Select[Any]:
    """Put together once a day for all readers."""
    parts = (_quiet(reader), _contacts(reader, today=today), _runbooks(reader, today=today))
    found = union_all(*parts).subquery()
    order = (found.c.quiet_until.is_(None), found.c.quiet_until, found.c.looked_on.is_not(None), found.c.looked_on)
    return select(found).order_by(*order, found.c.kind, found.c.title, found.c.key).limit(ROWS)


def _quiet(person: AnyReader) -> Any:
    """Incidents that stayed quiet for as long as was wanted."""
    holding = and_(
        RoleAssignment.incident_id == Incident.id, RoleAssignment.role.in_(ASKED), RoleAssignment.until.is_(None)
    )
    nobody_holds = ~exists().where(holding, Person.id == RoleAssignment.person_id, Person.is_active)
    theirs = or_(
        exists().where(holding, RoleAssignment.person_id == person.id),
        and_(Incident.declared_by_id == person.id, nobody_holds),
    )
    return select(
        literal(Kind.QUIET.value, String).label("kind"),
        cast(Incident.number, String).label("key"),
        Incident.title.label("title"),
        literal("", String).label("contact"),
        Incident.quiet_until.label("quiet_until"),
        cast(null(), Date).label("looked_on"),
    ).where(
        Incident.phase == Phase.RESOLVED,
        Incident.quiet_until <= NOW,
        Incident.is_drill.is_(False),
        theirs,
        may_see(person),
    )


def _contacts(person: AnyReader, *, today: date) -> Any:
    """Of the services that they own; of those that nobody here owns, in a team that they lead."""
    owner = aliased(Person)
    theirs = or_(Service.owner_id == person.id, and_(Team.lead_id == person.id, owner.is_active.is_not(True)))
    return (
        select(
            literal(Kind.CONTACT.value, String),
            Service.slug,
            Service.name,
            Service.escalation_contact,
            cast(null(), Incident.quiet_until.type),
            Service.escalation_verified_on,
        )
        .outerjoin(owner, owner.id == Service.owner_id)
        .outerjoin(Team, Team.id == Service.team_id)
        .where(theirs, is_stale_contact(day=today))
    )


def _runbooks(person: AnyReader, *, today: date) -> Any:
    return select(
        literal(Kind.RUNBOOK.value, String),
        cast(Runbook.id, String),
        Runbook.title,
        literal("", String),
        cast(null(), Incident.quiet_until.type),
        Runbook.reviewed_on,
    ).where(Runbook.owner_id == person.id, is_stale_runbook(day=today))
