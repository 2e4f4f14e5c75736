"""A whole year with a moving clock, compared with a second, slow way to know who should have heard of what."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import make
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import ActionState, Incident, Message, Person, Reminder, ReminderStep, Service
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
    "Ana": {0: "due", 7: "lead", 14: "owner", 30: "front"},
    "Lena": {7: "lead"},
    "Otto": {14: "owner"},
}
BEFORE = 3
"""Days before its due date on which Ana hears of an item; nobody else does, and of a postmortem it is one day."""
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
        promised = promise_through_the_year()

        for day in days_looked_at():
            for look in LOOKS:
                jobs.write_reminders(datetime.combine(day, look, UTC))

        assert told() == expected(promised)
        assert mails_of_one_day() <= 1
        session.remove()
        database.engine.dispose()


@dataclass(frozen=True)
class Promised:
    """What Ana has to do by a day; ``before``: so many days earlier she hears of it first, 0: she does not."""

    due_on: date
    before: int = 0
    is_hidden: bool = False


def promise_through_the_year() -> dict[str, Promised]:
    """Everything that has a clock, on the days on which calendars go wrong; some of it is hidden from Lena and Otto."""
    ana, lena, otto = (make.person(name, timezone=zone) for name, zone in ZONES.items())
    team = make.team(lead_id=lena.id)
    service = make.service(owner_id=otto.id, team_id=team.id)
    public = make.incident(services=[service], declared_by_id=ana.id)
    secret = make.incident("quokka", is_private=True, named=(ana,), services=[service])
    own: dict[str, Any] = {"owner_id": ana.id, "team_id": team.id}
    found = {}
    for day in DUE_DATES:
        action = make.action(f"By {day}", incidents=(public,), due_on=day, **own)
        found[f"item:{action.id}"] = Promised(day, BEFORE)
    hidden = make.action("quokka item", incidents=(secret,), due_on=HIDDEN, **own)
    found[f"item:{hidden.id}"] = Promised(HIDDEN, BEFORE, is_hidden=True)
    for incident, day in ((public, DUE_DATES[1]), (secret, HIDDEN)):
        paper = make.postmortem(incident, lead_id=ana.id, due_on=day, is_required=True)
        found[f"postmortem:{paper.id}"] = Promised(day, 1, is_hidden=incident is secret)
    return found | decide_through_the_year(public, service=service, own=own)


def decide_through_the_year(asked_by: Incident, *, service: Service, own: dict[str, Any]) -> dict[str, Promised]:
    """A watch window that ends, a declined item that comes back, and a suspected recurrence."""
    noon = datetime.combine(FIRST, time(12), UTC)
    watched = make.action(
        "Watched", incidents=(asked_by,), state=ActionState.DONE, done_at=noon, watch_until=DUE_DATES[2], **own
    )
    declined: dict[str, Any] = {"declined_reason": "Too dear", "declined_at": noon, "look_again_on": DUE_DATES[1]}
    regret = make.action("Declined", incidents=(asked_by,), state=ActionState.DECLINED, **declined, **own)
    again = make.incident("It came back", services=[service], declared_by_id=asked_by.declared_by_id)
    found_at = datetime.combine(DUE_DATES[4] - timedelta(days=3), time(12), UTC)
    pair = make.recurrence(again, asked_by, found_at=found_at)
    return {
        f"item:{watched.id}": Promised(DUE_DATES[2]),
        f"item:{regret.id}": Promised(DUE_DATES[1]),
        f"recurrence:{pair.id}": Promised(DUE_DATES[4]),
    }


def days_looked_at() -> Iterator[date]:
    """Every day on which a step may go or has just gone, and one of thirty quiet ones."""
    offsets = sorted({-BEFORE, *(offset for of_one in OFFSETS.values() for offset in of_one)})
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


def expected(promised: dict[str, Promised]) -> dict[tuple[str, str, str], date]:
    """Day by day, offset by offset: the first day at work on or after each, unless a later one came as well by then."""
    found = {}
    for about, one in promised.items():
        for name, later_offsets in OFFSETS.items():
            if one.is_hidden and name != "Ana":
                continue
            early = {-one.before: "before"} if one.before and name == "Ana" else {}
            offsets = early | later_offsets
            days = {offset: next_day_at_work(one.due_on + timedelta(days=offset)) for offset in offsets}
            for offset, day in days.items():
                is_passed = any(one.due_on + timedelta(days=later) <= day for later in offsets if later > offset)
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
