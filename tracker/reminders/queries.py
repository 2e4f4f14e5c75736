"""What waits for one person: seven reads, however much it is. Only what that person may see."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, case, exists, or_, select, union
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.deadlines import MOST_BEFORE
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Reminder,
    Service,
    Team,
    TeamMember,
    may_see,
    may_see_action,
)
from tracker.reminders.ladder import DECIDE_WITHIN, DECISIONS, ITEMS, POSTMORTEMS, Part, Rungs, step_reached
from tracker.reminders.readiness import grown_old
from tracker.reminders.reviews import reviews_waiting
from tracker.reminders.waiting import Matter, Waiting
from tracker.working_days import WorkCalendar

MATTERS = {ActionState.DONE: Matter.VERIFY, ActionState.DECLINED: Matter.LOOK_AGAIN}
UNWRITTEN = (PostmortemState.DRAFT, PostmortemState.IN_REVIEW)


def waiting_for(person: Person, *, day: date, calendar: WorkCalendar) -> list[Waiting]:
    """What the clock has to tell this person on that day, and has not told them yet."""
    reached = [
        *_items(person, day=day),
        *_postmortems(person, day=day),
        *reviews_waiting(person, day=day, calendar=calendar),
        *_decisions(person, day=day),
        *grown_old(person, day=day),
    ]
    told = _told(person, [one.about for one in reached])
    return [one for one in reached if (one.about, one.step, one.period) not in told]


def _told(person: Person, about: Sequence[str]) -> set[tuple[str, object, str]]:
    if not about:
        return set()
    query = select(Reminder.about, Reminder.step, Reminder.period).where(Reminder.person_id == person.id)
    return {(row.about, row.step, row.period) for row in session.execute(query)}


def _items(person: Person, *, day: date) -> Iterator[Waiting]:
    for row in session.execute(_item_rows(person, day=day)):
        matter = MATTERS.get(row.state, Matter.ITEM)
        is_item = matter is Matter.ITEM
        yield from _reached(
            row,
            ITEMS.of_team(row.reminder_days) if is_item else DECISIONS,
            day=day,
            about=f"item:{row.id}",
            matter=matter,
            period=_period(row),
            snoozed_until=row.snoozed_until if is_item else None,
            ref=f"AI-{row.number}",
            path=f"/actions/AI-{row.number}",
            action_id=row.id,
        )


def _item_rows(person: Person, *, day: date) -> Executable:
    owner, lead = aliased(Person), aliased(Person)
    due_on = case(
        (ActionItem.state == ActionState.DONE, ActionItem.watch_until),
        (ActionItem.state == ActionState.DECLINED, ActionItem.look_again_on),
        else_=ActionItem.due_on,
    )
    return (
        select(
            ActionItem.id,
            ActionItem.number,
            ActionItem.title,
            ActionItem.state,
            ActionItem.did_not_hold_at,
            ActionItem.snoozed_until,
            Team.reminder_days,
            due_on.label("due_on"),
            _owes(person, owner=owner, lead=lead).label("owes"),
            (Team.lead_id == person.id).label("leads"),
            ActionItem.id.in_(_items_of_services(person)).label("owns"),
            owner.name.label("who"),
        )
        .outerjoin(owner, owner.id == ActionItem.owner_id)
        .outerjoin(Team, Team.id == ActionItem.team_id)
        .outerjoin(lead, lead.id == Team.lead_id)
        .where(_concerns(person), _is_up(day=day), may_see_action(person))
        .order_by(due_on, ActionItem.id)
    )


def _period(row: Any) -> str:
    failed = f" failed {row.did_not_hold_at:%Y-%m-%d}" if row.state is ActionState.DID_NOT_HOLD else ""
    return f"{MATTERS.get(row.state, Matter.ITEM).name.lower()} {row.due_on}{failed}"


def _is_up(*, day: date) -> ColumnElement[bool]:
    return or_(
        and_(ActionItem.state.in_(OPEN_STATES), ActionItem.due_on <= day + timedelta(days=MOST_BEFORE)),
        and_(ActionItem.state == ActionState.DONE, ActionItem.watch_until <= day),
        and_(ActionItem.state == ActionState.DECLINED, ActionItem.look_again_on <= day),
    )


def _owes(person: Person, *, owner: type[Person], lead: type[Person]) -> ColumnElement[bool]:
    """It is theirs; or of nobody who is still here, and they are the next to see that somebody takes it."""
    nobodys, unled = owner.is_active.is_not(True), lead.is_active.is_not(True)
    ways = [
        ActionItem.owner_id == person.id,
        and_(ActionItem.state == ActionState.DECLINED, ActionItem.risk_accepted_by_id == person.id),
        and_(nobodys, Team.lead_id == person.id),
        and_(nobodys, unled, ActionItem.team_id.in_(_teams_of(person))),
    ]
    if person.is_admin:
        ways.append(and_(nobodys, unled, _has_no_members()))
    return or_(*ways)


def _has_no_members() -> ColumnElement[bool]:
    members = exists().where(
        TeamMember.team_id == ActionItem.team_id, Person.id == TeamMember.person_id, Person.is_active
    )
    return ~members.correlate(ActionItem)


def _concerns(person: Person) -> ColumnElement[bool]:
    """Begins with what an index finds: SQLite would walk through all items for conditions given together."""
    led = select(Team.id).where(Team.lead_id == person.id)
    parts: list[Select[Any]] = [
        select(ActionItem.id).where(ActionItem.owner_id == person.id),
        select(ActionItem.id).where(ActionItem.risk_accepted_by_id == person.id),
        select(ActionItem.id).where(ActionItem.team_id.in_(union(led, _teams_of(person)))),
        _items_of_services(person),
    ]
    if person.is_admin:
        gone = ActionItem.owner_id.in_(select(Person.id).where(Person.is_active.is_(False)))
        parts += [select(ActionItem.id).where(one, _has_no_members()) for one in (ActionItem.owner_id.is_(None), gone)]
    return ActionItem.id.in_(union(*parts))


def _items_of_services(person: Person) -> Select[Any]:
    return (
        select(IncidentAction.action_id)
        .join(IncidentService, IncidentService.incident_id == IncidentAction.incident_id)
        .join(Service, Service.id == IncidentService.service_id)
        .where(Service.owner_id == person.id)
    )


def _postmortems(person: Person, *, day: date) -> Iterator[Waiting]:
    for row in session.execute(_postmortem_rows(person, day=day)):
        yield from _reached(
            row,
            POSTMORTEMS.further_up(row.reminder_days),
            day=day,
            about=f"postmortem:{row.id}",
            matter=Matter.POSTMORTEM,
            period=str(row.due_on),
            ref=f"INC-{row.number}",
            path=f"/incidents/INC-{row.number}/postmortem",
        )


def _postmortem_rows(person: Person, *, day: date) -> Executable:
    lead = aliased(Person)
    theirs = Incident.declared_by_id == person.id
    owes = or_(Postmortem.lead_id == person.id, and_(lead.is_active.is_not(True), theirs))
    leads, owns = _leads_team_of(person, incident_id=Incident.id), _owns_service_of(person, incident_id=Incident.id)
    return (
        select(
            Postmortem.id,
            Postmortem.due_on,
            _days_of_team(Incident.id).label("reminder_days"),
            Incident.number,
            Incident.title,
            owes.label("owes"),
            and_(leads, Postmortem.is_required).label("leads"),
            and_(owns, Postmortem.is_required).label("owns"),
            lead.name.label("who"),
        )
        .join(Incident, Incident.id == Postmortem.incident_id)
        .outerjoin(lead, lead.id == Postmortem.lead_id)
        .where(
            Postmortem.state.in_(UNWRITTEN),
            Postmortem.due_on <= day + timedelta(days=POSTMORTEMS.before),
            Incident.is_drill.is_(False),
            or_(owes, leads, owns),
            may_see(person),
        )
        .order_by(Postmortem.due_on, Postmortem.id)
    )


def _decisions(person: Person, *, day: date) -> Iterator[Waiting]:
    """Suspected pairs that wait for longer than they should."""
    for row in session.execute(_decision_rows(person)) if person.can_respond else ():
        due_on = row.found_at.date() + timedelta(days=DECIDE_WITHIN)
        yield from _reached(
            row,
            DECISIONS.further_up(row.reminder_days),
            day=day,
            due_on=due_on,
            about=f"recurrence:{row.id}",
            matter=Matter.DECISION,
            period=str(due_on),
            ref=f"INC-{row.number}",
            path=f"/recurrences/{row.id}",
            who="",
        )


def _decision_rows(person: Person) -> Executable:
    """Imported incidents wait on the page and wake nobody; a practice is no recurrence."""
    later, both = aliased(Incident), [Recurrence.later_id, Recurrence.earlier_id]
    lead_id = select(Postmortem.lead_id).where(Postmortem.incident_id == later.id).scalar_subquery()
    owes = or_(later.declared_by_id == person.id, lead_id == person.id)
    leads, owns = _leads_team_of(person, incident_id=later.id), _owns_service_of(person, incident_id=later.id)
    return (
        select(
            Recurrence.id,
            Recurrence.found_at,
            _days_of_team(later.id).label("reminder_days"),
            later.number,
            later.title,
            owes.label("owes"),
            leads.label("leads"),
            owns.label("owns"),
        )
        .join(later, later.id == Recurrence.later_id)
        .where(
            Recurrence.state == RecurrenceState.SUSPECTED,
            later.imported_text.is_(None),
            ~exists().where(Incident.id.in_(both), Incident.is_drill.is_(True)).correlate(Recurrence),
            or_(owes, leads, owns),
            exists().where(Incident.id == Recurrence.later_id, may_see(person)),
            exists().where(Incident.id == Recurrence.earlier_id, may_see(person)),
        )
        .order_by(Recurrence.found_at, Recurrence.id)
    )


def _reached(row: Any, rungs: Rungs, *, day: date, **values: Any) -> Iterator[Waiting]:
    """The one thing to tell of this row: as the one who owes it, else who leads, else who owns the service."""
    due_on = values.pop("due_on", None) or row.due_on
    snoozed_until, period, who = values.pop("snoozed_until", None), values.pop("period"), values.pop("who", None)
    parts = ((row.owes, Part.OWES), (row.leads, Part.LEADS), (row.owns, Part.OWNS_SERVICE))
    for is_so, part in parts:
        step = step_reached(due_on, rungs=rungs, part=part, day=day) if is_so else None
        if part is Part.OWES and snoozed_until is not None:
            # Who owes it hears again on that day, also of a step they were told of; who leads or owns hears as ever.
            step, period = (None, period) if day < snoozed_until else (step, f"{period} snoozed {snoozed_until}")
        if step is not None:
            name = (row.who or "") if who is None else who
            yield Waiting(part=part, step=step, due_on=due_on, title=row.title, who=name, period=period, **values)
            return


def _teams_of(person: Person) -> Select[Any]:
    return select(TeamMember.team_id).where(TeamMember.person_id == person.id)


def _days_of_team(incident_id: Any) -> ColumnElement[Any]:
    """When the team of an incident's first service chose to be reminded."""
    first = select(Team.reminder_days).join(Service, Service.team_id == Team.id)
    first = first.join(IncidentService, IncidentService.service_id == Service.id)
    return first.where(IncidentService.incident_id == incident_id).order_by(Service.id).limit(1).scalar_subquery()


def _leads_team_of(person: Person, *, incident_id: Any) -> ColumnElement[bool]:
    return exists().where(
        IncidentService.incident_id == incident_id,
        Service.id == IncidentService.service_id,
        Team.id == Service.team_id,
        Team.lead_id == person.id,
    )


def _owns_service_of(person: Person, *, incident_id: Any) -> ColumnElement[bool]:
    return exists().where(
        IncidentService.incident_id == incident_id,
        Service.id == IncidentService.service_id,
        Service.owner_id == person.id,
    )
