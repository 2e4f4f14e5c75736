"""Which step a promise has reached, and when a person may be written to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.models import ReminderStep
from tracker.reminders.ladder import DECISIONS, ITEMS, POSTMORTEMS, Part, step_reached
from tracker.reminders.working_hours import working_day

DUE = date(2026, 11, 23)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("days", "owes", "leads", "owns"),
    [
        (-4, None, None, None),
        (-3, ReminderStep.BEFORE, None, None),
        (-1, ReminderStep.BEFORE, None, None),
        (0, ReminderStep.DUE, None, None),
        (6, ReminderStep.DUE, None, None),
        (7, ReminderStep.LEAD, ReminderStep.LEAD, None),
        (13, ReminderStep.LEAD, ReminderStep.LEAD, None),
        (14, ReminderStep.OWNER, ReminderStep.LEAD, ReminderStep.OWNER),
        (30, ReminderStep.FRONT, ReminderStep.LEAD, ReminderStep.OWNER),
        (400, ReminderStep.FRONT, ReminderStep.LEAD, ReminderStep.OWNER),
    ],
)
def test_each_step_comes_on_its_day_and_to_its_person(
    days: int, owes: ReminderStep | None, leads: ReminderStep | None, owns: ReminderStep | None
) -> None:
    day = DUE + timedelta(days=days)

    reached = [step_reached(DUE, rungs=ITEMS, part=part, day=day) for part in Part]

    assert reached == [owes, leads, owns]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), None),
        (datetime(2026, 11, 21, 10, 0, tzinfo=UTC), None),
        (datetime(2026, 12, 25, 10, 0, tzinfo=UTC), None),
        (datetime(2027, 3, 29, 7, 0, tzinfo=UTC), date(2027, 3, 29)),
        (datetime(2027, 3, 26, 7, 0, tzinfo=UTC), None),
        (datetime(2028, 2, 29, 9, 0, tzinfo=UTC), date(2028, 2, 29)),
    ],
    ids=["too early", "nine", "before five", "five", "Saturday", "holiday", "summer time", "winter time", "leap day"],
)
def test_people_are_written_to_in_their_working_hours(moment: datetime, day: date | None) -> None:
    assert working_day(moment, zone=BERLIN, holidays=frozenset({date(2026, 12, 25)})) == day


def test_the_day_is_the_persons_own() -> None:
    moment = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)

    days = [
        working_day(moment, zone=ZoneInfo(name), holidays=frozenset())
        for name in ("Pacific/Auckland", "America/Los_Angeles")
    ]

    assert days == [date(2026, 11, 24), date(2026, 11, 23)]


def test_a_team_that_chose_its_days_is_told_of_postmortems_after_the_same_but_before_them_as_everybody() -> None:
    assert POSTMORTEMS.further_up({"before": 9, "lead": 2}) == replace(POSTMORTEMS, lead=2)
    assert DECISIONS.further_up({}) == DECISIONS.further_up(None) == DECISIONS
