"""Drills that a reader may see, what is known of the past that one replays, and when each service was last drilled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from tracker.db import session
from tracker.drills.outcome_operations import TESTABLE
from tracker.drills.replay import Past, Told
from tracker.errors import NotFoundError
from tracker.models import (
    ActionItem,
    Answer,
    ContributingFactor,
    Drill,
    DrillCheck,
    DrillGap,
    DrillInject,
    DrillPerson,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Postmortem,
    PostmortemState,
    Role,
    Service,
    TimelineEntry,
    Why,
    may_see,
    may_see_action,
    may_see_drill,
)

PAGE = 50
OFFERED = 100
"""Past incidents to choose from; the newest."""
LONGEST_AGO = 12
TESTED = 10
"""Items to choose from that a drill may test."""
TELLING = ("root_causes", "contributing_factors", "resolution")
"""The answers of a postmortem that say what it was and what helped."""


@dataclass(frozen=True)
class Listed:
    """One part of the list of drills."""

    drills: Sequence[Drill]
    has_more: bool


def drills_page(*, viewer: Person, number: int) -> Listed:
    """What goes on first, then what is planned, the next one first, then the past, the newest first."""
    is_over, is_planned = Drill.ended_at.is_not(None), Drill.started_at.is_(None)
    statement = (
        select(Drill)
        .where(may_see_drill(viewer))
        .options(
            joinedload(Drill.lead).load_only(Person.name),
            joinedload(Drill.incident).load_only(Incident.number),
            selectinload(Drill.services).load_only(Service.name),
            selectinload(Drill.people),
        )
        .order_by(
            is_over,
            is_planned,
            case((is_planned, Drill.planned_on), else_=None).is_(None),
            case((is_planned, Drill.planned_on), else_=None),
            Drill.started_at.desc(),
            Drill.id.desc(),
        )
    )
    found = session.scalars(statement.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    return Listed(found[:PAGE], has_more=len(found) > PAGE)


def get_drill(drill_id: int, *, viewer: Person) -> Drill:
    """One drill, with all that belongs to it.

    Raises:
        NotFoundError: there is none, or this reader may not see it.
    """
    statement = select(Drill).where(Drill.id == drill_id, may_see_drill(viewer))
    found = session.scalar(_whole(statement))
    if found is None:
        raise NotFoundError("There is no such drill, or it is not shown to you. Choose one of the list.")
    return found


def lock_drill(drill_id: int, *, viewer: Person) -> Drill:
    """The same to be changed: whoever else changes it waits."""
    session.execute(select(Drill.id).where(Drill.id == drill_id).with_for_update())
    return get_drill(drill_id, viewer=viewer)


def find_drill_of(incident: Incident, *, viewer: Person) -> Drill | None:
    """The plan that an incident follows; a drill that was declared on the spot has none.

    Every open room of a drill asks for it again and again, so only what the room shows is read.
    """
    statement = select(Drill).where(Drill.incident_id == incident.id, may_see_drill(viewer))
    shown = (selectinload(Drill.people), selectinload(Drill.injects).joinedload(DrillInject.done_by))
    return session.scalar(statement.options(*shown))


def _whole(statement: Select[Drill]) -> Select[Drill]:
    return statement.options(
        joinedload(Drill.lead),
        joinedload(Drill.incident),
        joinedload(Drill.replays),
        selectinload(Drill.services),
        selectinload(Drill.people).joinedload(DrillPerson.person),
        selectinload(Drill.injects).joinedload(DrillInject.done_by),
        selectinload(Drill.gaps).joinedload(DrillGap.noted_by),
        selectinload(Drill.checks).options(joinedload(DrillCheck.action), joinedload(DrillCheck.noted_by)),
    )


def items_of_gaps(drill: Drill, *, viewer: Person) -> dict[int, ActionItem]:
    """The items that were made of gaps, by their id."""
    ids = [gap.action_id for gap in drill.gaps if gap.action_id is not None]
    if not ids:
        return {}
    return {
        one.id: one for one in session.scalars(select(ActionItem).where(ActionItem.id.in_(ids), may_see_action(viewer)))
    }


def visible_checks(drill: Drill, *, viewer: Person) -> list[DrillCheck]:
    """The tested items that this reader may see."""
    ids = [one.action_id for one in drill.checks]
    seen = (
        set(session.scalars(select(ActionItem.id).where(ActionItem.id.in_(ids), may_see_action(viewer))))
        if ids
        else set()
    )
    return [one for one in drill.checks if one.action_id in seen]


def testable_items(drill: Drill, *, viewer: Person) -> Sequence[ActionItem]:
    """What was done for its services or for the incident that it replays, and waits to be shown to work first."""
    of_services = select(IncidentService.incident_id).where(
        IncidentService.service_id.in_([service.id for service in drill.services])
    )
    statement = (
        select(ActionItem)
        .where(
            ActionItem.id.in_(
                select(IncidentAction.action_id)
                .join(Incident, Incident.id == IncidentAction.incident_id)
                .where(or_(Incident.id == drill.replays_id, Incident.id.in_(of_services)), may_see(viewer))
            ),
            ActionItem.state.in_(TESTABLE),
            ActionItem.id.not_in([one.action_id for one in drill.checks]),
            may_see_action(viewer),
        )
        .order_by(ActionItem.state, ActionItem.done_at.desc(), ActionItem.id.desc())
    )
    if drill.ended_at is not None:  # what was done later is for the next one
        statement = statement.where(ActionItem.done_at <= drill.ended_at)
    return session.scalars(statement.limit(TESTED)).all()


def past_incidents() -> Sequence[Incident]:
    """What can happen again: published, for everybody here, and no drill itself."""
    statement = (
        select(Incident)
        .join(Postmortem, Postmortem.incident_id == Incident.id)
        .where(Postmortem.state == PostmortemState.PUBLISHED, Incident.is_drill.is_(False), may_see(None))
        .options(load_only(Incident.number, Incident.title, Incident.severity))
        .order_by(Incident.declared_at.desc(), Incident.id.desc())
    )
    return session.scalars(statement.limit(OFFERED)).all()


def past_of(incident: Incident) -> Past:
    """What is known of an incident that is to happen again, its answer included."""
    entries = session.execute(
        select(TimelineEntry.at, TimelineEntry.kind, TimelineEntry.text)
        .where(TimelineEntry.incident_id == incident.id, TimelineEntry.removed_at.is_(None))
        .order_by(TimelineEntry.at.is_(None), TimelineEntry.at, TimelineEntry.position, TimelineEntry.id)
    )
    of_it = Postmortem.incident_id == incident.id
    answers = select(Answer.text).join(Postmortem).where(of_it, Answer.question.in_(TELLING))
    whys = select(Why.claim).join(Postmortem).where(of_it)
    factors = select(ContributingFactor.text).join(Postmortem).where(of_it)
    return Past(
        entries=[Told(row.at, row.kind, row.text) for row in entries],
        answers=[text for query in (answers, whys, factors) for text in session.scalars(query)],
        known=[service.name for service in incident.services],
        noticed_at=incident.detected_at,
        safe_at=incident.stabilised_at or incident.resolved_at,
    )


def causes_of(incident: Incident) -> str:
    """What the postmortem says it was; empty when it does not say."""
    statement = select(Answer.text).join(Postmortem).where(Postmortem.incident_id == incident.id)
    return session.scalar(statement.where(Answer.question == TELLING[0])) or ""


def longest_ago(*, viewer: Person) -> list[tuple[Service, datetime | None]]:
    """The services that were not drilled for the longest time, those that never were first."""
    last = (
        select(IncidentService.service_id, func.max(Incident.declared_at).label("at"))
        .join(Incident, Incident.id == IncidentService.incident_id)
        .where(Incident.is_drill, may_see(viewer))
        .group_by(IncidentService.service_id)
        .subquery()
    )
    statement = (
        select(Service, last.c.at)
        .outerjoin(last, last.c.service_id == Service.id)
        .where(Service.is_archived.is_(False))
        .order_by(last.c.at.is_not(None), last.c.at, Service.name)
    )
    return [(row[0], row[1]) for row in session.execute(statement.limit(LONGEST_AGO))]


def responders() -> list[Person]:
    """Who may lead a drill or take part."""
    able = [role for role in Role if role.covers(Role.RESPONDER)]
    statement = select(Person).where(Person.is_active.is_(True), Person.role.in_(able))
    return list(session.scalars(statement.options(load_only(Person.name)).order_by(Person.name, Person.id)))


def pickable_services(drill: Drill | None) -> list[Service]:
    there = {service.id for service in drill.services} if drill else set()
    statement = select(Service).where(or_(Service.is_archived.is_(False), Service.id.in_(there)))
    return list(session.scalars(statement.order_by(Service.name)))
