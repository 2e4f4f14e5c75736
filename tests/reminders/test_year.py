"""A whole year with a moving clock, compared with a second, slow way to know who should have heard of what."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import make
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Message, Person, Reminder, ReminderStep
from tracker.reminders import jobs
from tracker.wiring import Wiring

pytestmark = pytest.mark.once  # the calendar is the same on both

FIRST, LAST = date(2027, 12, 27), date(2028, 12, 31)
HOLIDAYS = frozenset({date(2028, 1, 3), date(2028, 4, 17), date(2028, 12, 25), date(2028, 12, 26)})
DUE_DATES = (
    date(2028, 1, 2),  # a Sunday before a holiday
    date(2028, 2, 29),
    date(2028, 3, 26),  # summer time begins in Europe, a week before it ends in New Zealand
    date(2028, 4, 15),  # a Saturday before a holiday
    date(2028, 10, 29),  # summer time ends in Europe, a week before it does in America
    date(2028, 12, 24),
)
HIDDEN = date(2028, 6, 1)
ZONES = {"Ana": "Europe/Copenhagen", "Lena": "America/Los_Angeles", "Otto": "Pacific/Auckland"}
LOOKS = (time(8, 30), time(17, 30), time(21, 30))
"""When the clock looks, in UTC: each person is at work at one of these at least, in summer and winter."""
OFFSETS = {
    "Ana": {-3: "before", 0: "due", 7: "lead", 14: "owner", 30: "front"},
    "Lena": {7: "lead"},
    "Otto": {14: "owner"},
}
STEPS = {
    ReminderStep.BEFORE: "before",
    ReminderStep.DUE: "due",
    ReminderStep.LEAD: "lead",
    ReminderStep.OWNER: "owner",
    ReminderStep.FRONT: "front",
}


def test_in_a_year_every_step_goes_once_to_the_right_person_on_the_first_day_they_work(
    settings: Settings, wiring: Wiring
) -> None:
    app = create_app(replace(settings, holidays=HOLIDAYS), wiring)
    with app.app_context():
        due_dates = promise_through_the_year()

        for day in days_looked_at():
            for look in LOOKS:
                jobs.write_reminders(datetime.combine(day, look, UTC))

        assert told() == expected(due_dates)
        assert mails_of_one_day() <= 1
        session.remove()
        database.engine.dispose()


def promise_through_the_year() -> dict[str, date]:
    """Items on the days on which calendars go wrong; one is hidden from Lena and Otto."""
    ana, lena, otto = (make.person(name, timezone=zone) for name, zone in ZONES.items())
    team = make.team(lead_id=lena.id)
    service = make.service(owner_id=otto.id, team_id=team.id)
    public = make.incident(services=[service])
    found = {}
    for day in DUE_DATES:
        action = make.action(f"By {day}", incidents=(public,), owner_id=ana.id, team_id=team.id, due_on=day)
        found[f"item:{action.id}"] = day
    secret = make.incident("quokka", is_private=True, named=(ana,), services=[service])
    hidden = make.action("quokka item", incidents=(secret,), owner_id=ana.id, team_id=team.id, due_on=HIDDEN)
    return found | {f"item:{hidden.id} hidden": HIDDEN}


def days_looked_at() -> Iterator[date]:
    """Every day on which a step may go or has just gone, and one of thirty quiet ones."""
    offsets = sorted({offset for of_one in OFFSETS.values() for offset in of_one})
    steps = {due + timedelta(days=offset) for due in (*DUE_DATES, HIDDEN) for offset in offsets}
    busy = {step + timedelta(days=after) for step in steps for after in range(-1, 5)}
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        if day in busy or number % 30 == 0:
            yield day


def told() -> dict[tuple[str, str, str], date]:
    """Who was told what, with the day it was for them."""
    query = select(Person.name, Reminder.about, Reminder.step, Reminder.told_at).join(
        Person, Person.id == Reminder.person_id
    )
    return {
        (name, about, STEPS[step]): at.astimezone(ZoneInfo(ZONES[name])).date()
        for name, about, step, at in session.execute(query)
    }


def expected(due_dates: dict[str, date]) -> dict[tuple[str, str, str], date]:
    """Day by day, offset by offset: the first day at work on or after each, unless a later one came as well by then."""
    found = {}
    for key, due_on in due_dates.items():
        about, _, hidden = key.partition(" ")
        for name, offsets in OFFSETS.items():
            if hidden and name != "Ana":
                continue
            days = {offset: next_day_at_work(due_on + timedelta(days=offset)) for offset in offsets}
            for offset, day in days.items():
                is_passed = any(due_on + timedelta(days=later) <= day for later in offsets if later > offset)
                if day <= LAST and not is_passed:
                    found[name, about, offsets[offset]] = day
    return found


def next_day_at_work(day: date) -> date:
    while day.isoweekday() > 5 or day in HOLIDAYS:
        day += timedelta(days=1)
    return day


def mails_of_one_day() -> int:
    """The most reminders that anybody got in one day of theirs."""
    days = [(person_id, period) for person_id, period in session.execute(select(Message.person_id, Message.period))]
    return max(days.count(one) for one in days)
