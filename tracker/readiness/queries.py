"""Runbooks, and where they were followed. A runbook is for everybody here; an incident is looked up for its reader."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import (
    Incident,
    IncidentService,
    Person,
    Role,
    Runbook,
    RunbookRun,
    RunbookService,
    RunbookStepDone,
    Service,
    may_see,
)

OFFERED = 5


def runbooks() -> list[Runbook]:
    """All of them, what is archived last."""
    statement = select(Runbook).options(selectinload(Runbook.services), joinedload(Runbook.reviewed_by))
    return list(session.scalars(statement.order_by(Runbook.is_archived, Runbook.title, Runbook.id)))


def last_used(viewer: Person) -> dict[int, datetime]:
    """When each was last followed in an incident that this reader may see."""
    statement = (
        select(RunbookRun.runbook_id, func.max(RunbookRun.started_at))
        .join(Incident, Incident.id == RunbookRun.incident_id)
        .where(may_see(viewer))
        .group_by(RunbookRun.runbook_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def get_runbook(runbook_id: int) -> Runbook:
    """One runbook.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Runbook, runbook_id)
    if found is None:
        raise NotFoundError("There is no such runbook. Choose one of the list.")
    return found


def uses_of(runbook: Runbook, *, viewer: Person) -> list[tuple[Incident, datetime]]:
    """The last incidents in which it was followed, newest first."""
    statement = (
        select(Incident, RunbookRun.started_at)
        .join(RunbookRun, RunbookRun.incident_id == Incident.id)
        .where(RunbookRun.runbook_id == runbook.id, may_see(viewer))
        .order_by(RunbookRun.started_at.desc(), RunbookRun.id.desc())
        .limit(20)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def runs_of(incident: Incident) -> list[RunbookRun]:
    statement = (
        select(RunbookRun)
        .where(RunbookRun.incident_id == incident.id)
        .options(
            joinedload(RunbookRun.runbook),
            joinedload(RunbookRun.started_by).load_only(Person.name),
            selectinload(RunbookRun.done).joinedload(RunbookStepDone.done_by).load_only(Person.name),
        )
        .order_by(RunbookRun.id)
    )
    return list(session.scalars(statement))


def get_run(incident: Incident, run_id: int) -> RunbookRun:
    found = session.scalar(
        select(RunbookRun).where(RunbookRun.id == run_id, RunbookRun.incident_id == incident.id).with_for_update()
    )
    if found is None:
        raise NotFoundError(f"{incident.ref} follows no such runbook.")
    return found


def offered_to(incident: Incident) -> list[Runbook]:
    """Those of its services, and those that are for every service; not those that are followed already."""
    of_services = select(RunbookService.runbook_id).join(
        IncidentService, IncidentService.service_id == RunbookService.service_id
    )
    of_none = ~select(RunbookService.runbook_id).where(RunbookService.runbook_id == Runbook.id).exists()
    followed = select(RunbookRun.runbook_id).where(RunbookRun.incident_id == incident.id)
    statement = select(Runbook).where(
        Runbook.is_archived.is_(False),
        or_(Runbook.id.in_(of_services.where(IncidentService.incident_id == incident.id)), of_none),
        Runbook.id.not_in(followed),
    )
    return list(session.scalars(statement.order_by(of_none, Runbook.title, Runbook.id).limit(OFFERED)))


def pickable_services(runbook: Runbook | None) -> list[Service]:
    there = {service.id for service in runbook.services} if runbook else set()
    statement = select(Service).where(or_(Service.is_archived.is_(False), Service.id.in_(there)))
    return list(session.scalars(statement.order_by(Service.name)))


def pickable_owners(runbook: Runbook | None) -> list[Person]:
    """Who may keep it right: everybody here who takes part, and whoever does so now."""
    able = [role for role in Role if role.covers(Role.RESPONDER)]
    now = runbook.owner_id if runbook else None
    statement = select(Person).where(or_(Person.is_active.is_(True) & Person.role.in_(able), Person.id == now))
    return list(session.scalars(statement.options(load_only(Person.name)).order_by(Person.name, Person.id)))
