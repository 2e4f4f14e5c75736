"""What the clock told whom about an incident: its updates, its postmortem, its recurrences and its items."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from tracker.db import session
from tracker.messages import Writer
from tracker.models import (
    ActionItem,
    Incident,
    IncidentAction,
    MessageKind,
    Person,
    Postmortem,
    Recurrence,
    Reminder,
    ReminderStep,
    may_see,
)
from tracker.stopped_mails import is_stopped

NEWEST = 200
"""Steps that one page shows."""


@dataclass(frozen=True)
class Matter:
    """What somebody was reminded of."""

    name: str
    url: str


@dataclass(frozen=True)
class Told:
    """One step that one person was told of."""

    at: datetime
    person: str
    step: ReminderStep
    matter: Matter


def note(person: Person, *, about: str, step: ReminderStep, period: str, now: datetime) -> None:
    session.add(Reminder(person_id=person.id, about=about, step=step, period=period, told_at=now))


def tell_at_once(
    writer: Writer,
    template: str,
    *,
    to: Person,
    about: str,
    step: ReminderStep,
    period: str,
    now: datetime,
    **told: Any,
) -> bool:
    """Write a mail that waits for no morning, and note the step; whether there was anything to tell.

    Who stopped such mails is not told, and the mail page says why: so no step is noted of them either.
    """
    kind = MessageKind.REMINDER
    message = writer.write(template, kind=kind, to=to, about=about, period=period, now=now, step=step, **told)
    if message is not None and not is_stopped(to, kind):
        note(to, about=about, step=step, period=period, now=now)
    return message is not None


def told_about(incident: Incident, *, viewer: Person) -> list[Told]:
    """The steps about an incident that the viewer may see, the newest first."""
    matters = dict(_matters(incident, viewer=viewer))
    rows = session.execute(
        select(Reminder.told_at, Person.name, Reminder.step, Reminder.about)
        .join(Person, Person.id == Reminder.person_id)
        .where(Reminder.about.in_(matters))
        .order_by(Reminder.told_at.desc(), Reminder.id.desc())
        .limit(NEWEST)
    )
    return [Told(at, name, step, matters[about]) for at, name, step, about in rows]


def _matters(incident: Incident, *, viewer: Person) -> Iterator[tuple[str, Matter]]:
    """What may be told of, by the name under which it is noted."""
    home = f"/incidents/{incident.ref}"
    yield f"update:{incident.id}", Matter("An update was late", home)
    yield f"verify:{incident.id}", Matter("Did it stay quiet?", home)
    for key in session.scalars(select(Postmortem.id).where(Postmortem.incident_id == incident.id)):
        yield f"postmortem:{key}", Matter("The postmortem", f"{home}/postmortem")
        yield f"review:{key}", Matter("The postmortem, to read", f"{home}/postmortem/review")
    for key, number in session.execute(_pairs(incident, viewer=viewer)):
        yield f"recurrence:{key}", Matter(f"Is it the same as INC-{number}?", f"/recurrences/{key}")
    items = select(ActionItem.id, ActionItem.number, ActionItem.title).join(
        IncidentAction, IncidentAction.action_id == ActionItem.id
    )
    for row in session.execute(items.where(IncidentAction.incident_id == incident.id)):
        yield f"item:{row.id}", Matter(f"AI-{row.number} {row.title}", f"/actions/AI-{row.number}")


def _pairs(incident: Incident, *, viewer: Person) -> Select[int, int]:
    """The pairs with another incident that may be seen too, and the number of the other."""
    pair = aliased(Recurrence)
    is_other = or_(
        and_(pair.later_id == incident.id, pair.earlier_id == Incident.id),
        and_(pair.earlier_id == incident.id, pair.later_id == Incident.id),
    )
    return select(pair.id, Incident.number).join(Incident, is_other).where(may_see(viewer))
