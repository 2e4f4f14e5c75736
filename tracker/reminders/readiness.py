"""What grows old while nothing is wrong: escalation contacts that nobody tried, runbooks that nobody read."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.deadlines import CONTACT_GOOD_FOR, RUNBOOK_GOOD_FOR
from tracker.grown_old import is_stale_contact, is_stale_runbook
from tracker.models import Person, Runbook, Service, Team
from tracker.reminders.ladder import STALE, Part, step_reached
from tracker.reminders.waiting import NEVER, Matter, Waiting


def grown_old(person: Person, *, day: date) -> Iterator[Waiting]:
    yield from stale_contacts(person, day=day)
    yield from stale_runbooks(person, day=day)


def stale_contacts(person: Person, *, day: date) -> Iterator[Waiting]:
    """Of the services that they own; of those that nobody owns, or who lets it lie, in a team that they lead."""
    owner = aliased(Person)
    leads, owns = Team.lead_id == person.id, Service.owner_id == person.id
    columns = (Service.id, Service.slug, Service.name, Service.escalation_contact, Service.escalation_verified_on)
    who = owner.name.label("who")
    rows = (
        select(*columns, who, or_(owns, and_(leads, owner.is_active.is_not(True))).label("owes"), leads.label("leads"))
        .outerjoin(owner, owner.id == Service.owner_id)
        .outerjoin(Team, Team.id == Service.team_id)
        .where(
            is_stale_contact(day=day),
            or_(owns, leads),
        )
        .order_by(Service.name)
    )
    for row in session.execute(rows):
        told = {"about": f"contact:{row.id}", "matter": Matter.CONTACT, "ref": row.name}
        told |= {"title": row.escalation_contact, "path": f"/services/{row.slug}", "who": row.who or ""}
        part = Part.OWES if row.owes else Part.LEADS
        yield from _told(row.escalation_verified_on, good_for=CONTACT_GOOD_FOR, part=part, day=day, **told)


def stale_runbooks(person: Person, *, day: date) -> Iterator[Waiting]:
    """Those that they keep right."""
    rows = (
        select(Runbook.id, Runbook.title, Runbook.reviewed_on)
        .where(Runbook.owner_id == person.id, is_stale_runbook(day=day))
        .order_by(Runbook.title, Runbook.id)
    )
    for row in session.execute(rows):
        told = {"about": f"runbook:{row.id}", "matter": Matter.RUNBOOK, "ref": "Runbook", "title": row.title}
        told |= {"path": f"/runbooks/{row.id}", "who": ""}
        yield from _told(row.reviewed_on, good_for=RUNBOOK_GOOD_FOR, part=Part.OWES, day=day, **told)


def _told(looked_on: date | None, *, good_for: timedelta, part: Part, day: date, **told: Any) -> Iterator[Waiting]:
    """One thing to look at again. What nobody ever looked at is told of once: no day is known to count from."""
    due_on = looked_on + good_for + timedelta(days=1) if looked_on is not None else day
    step = step_reached(due_on, rungs=STALE, part=part, day=day)
    if step is not None:
        since = str(looked_on or NEVER)
        yield Waiting(part=part, step=step, due_on=due_on, period=since, **told)
