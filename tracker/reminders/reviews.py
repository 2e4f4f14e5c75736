"""Postmortems that somebody was asked to read and has not approved yet."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from tracker.db import session
from tracker.models import Incident, Person, Postmortem, PostmortemState, Reviewer, may_see
from tracker.reminders.ladder import READ_WITHIN, REVIEWS, Part, step_reached
from tracker.reminders.waiting import Matter, Waiting
from tracker.working_days import WorkCalendar


def reviews_waiting(person: Person, *, day: date, calendar: WorkCalendar) -> Iterator[Waiting]:
    """Asked again after a change, it is told again. ``calendar`` is by the clocks of the person."""
    rows = (
        select(Reviewer.asked_at, Postmortem.id, Incident.number, Incident.title)
        .join(Postmortem, Postmortem.id == Reviewer.postmortem_id)
        .join(Incident, Incident.id == Postmortem.incident_id)
        .where(
            Reviewer.person_id == person.id,
            Reviewer.approved_at.is_(None),
            Postmortem.state == PostmortemState.IN_REVIEW,
            may_see(person),
        )
        .order_by(Reviewer.asked_at, Postmortem.id)
    )
    for row in session.execute(rows):
        due_on = calendar.later(calendar.day_of(row.asked_at), working_days=READ_WITHIN)
        step = step_reached(due_on, rungs=REVIEWS, part=Part.OWES, day=day)
        if step is not None:
            yield Waiting(
                about=f"review:{row.id}",
                matter=Matter.REVIEW,
                part=Part.OWES,
                step=step,
                due_on=due_on,
                period=f"{row.asked_at:%Y-%m-%d %H:%M}",
                ref=f"INC-{row.number}",
                title=row.title,
                path=f"/incidents/INC-{row.number}/postmortem/review",
                who="",
            )
