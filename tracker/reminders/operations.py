"""What the clock does for one person on one day, and for items whose owner has gone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tracker import action_life
from tracker.db import session
from tracker.lookup import may_read_action
from tracker.messages import Writer
from tracker.models import OPEN_STATES, ActionItem, MessageKind, Person, ReminderDay, Role, Team
from tracker.reminders.queries import waiting_for
from tracker.reminders.told import note
from tracker.reminders.waiting import Waiting, event_sentence, grouped, headline
from tracker.stopped_mails import is_stopped
from tracker.working_days import WorkCalendar

TEMPLATE = "reminders"


def remind(person: Person, *, day: date, calendar: WorkCalendar, writer: Writer, now: datetime) -> bool:
    """Look at what waits for a person, once a day, and write one mail if there is anything new to say.

    ``calendar`` says when the installation works; the person's own clocks count.
    """
    if is_stopped(person, MessageKind.REMINDER) or not _begin_day(person, day=day):
        return False
    own = calendar.moved_to(ZoneInfo(person.timezone)) if person.timezone else calendar
    found = waiting_for(person, day=day, calendar=own)
    if not found:
        return False
    writer.write(
        TEMPLATE,
        kind=MessageKind.REMINDER,
        to=person,
        about="day",
        period=day.isoformat(),
        now=now,
        headline=headline(found, day=day),
        groups=grouped(found, base_url=writer.url(""), day=day),
    )
    for one in found:
        _note(one, person=person, day=day, now=now)
    return True


def _begin_day(person: Person, *, day: date) -> bool:
    """Whether this worker is the one to look on that day. The person's row keeps a second worker waiting."""
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    begun = session.get(ReminderDay, person.id)
    if begun is None:
        session.add(ReminderDay(person_id=person.id, day=day))
        return True
    # A person who flies west has the same day twice, and is not told twice.
    is_new = begun.day < day
    begun.day = max(begun.day, day)
    return is_new


def _note(one: Waiting, *, person: Person, day: date, now: datetime) -> None:
    note(person, about=one.about, step=one.step, period=one.period, now=now)
    if one.action_id is None:
        return
    action = session.get_one(ActionItem, one.action_id)
    event = action_life.note(action, event_sentence(one, name=person.name, day=day), by=None, now=now)
    event.detail = {**event.detail, action_life.REMINDER: one.step.value}


def left_behind() -> list[int]:
    """The open items whose owner cannot do them any more."""
    query = select(ActionItem.id).join(Person, Person.id == ActionItem.owner_id)
    query = query.where(ActionItem.state.in_(OPEN_STATES), Person.is_active.is_(False))
    return list(session.scalars(query.order_by(ActionItem.id)))


def hand_over(action_id: int, *, writer: Writer, now: datetime) -> None:
    """Give an item to its team, and tell who leads it at once; without a lead, its members; without a team, admins."""
    action = session.get(ActionItem, action_id, with_for_update=True)
    owner = session.get(Person, action.owner_id) if action is not None and action.owner_id is not None else None
    if action is None or owner is None or owner.is_active or not action.state.is_open:
        return
    action_life.hand_over(action, now=now, sentence=f"{owner.name} is not here any more: it waits for a new owner.")
    for person in _next_in_charge(action):
        writer.write(
            "handed_over",
            kind=MessageKind.REMINDER,
            to=person,
            about=f"item:{action.id}",
            period=f"handed over {owner.id} {now:%Y-%m-%d %H:%M}",
            now=now,
            action=action,
            gone=owner.name,
        )


def _next_in_charge(action: ActionItem) -> list[Person]:
    """Who is told that an item has no owner any more, of those who may see it: never nobody."""
    team = session.get(Team, action.team_id) if action.team_id is not None else None
    admins = session.scalars(select(Person).where(Person.role == Role.ADMIN).order_by(Person.id)).all()
    lead = [team.lead] if team is not None and team.lead is not None else []
    for people in (lead, team.members if team is not None else [], admins):
        found = [one for one in people if one.is_active and may_read_action(action, person=one)]
        if found:
            return found
    return []
