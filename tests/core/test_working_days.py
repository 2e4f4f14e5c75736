"""Which days count, and when a postmortem is due by them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.deadlines import postmortem_due_on
from tracker.models import Severity
from tracker.working_days import WorkCalendar

pytestmark = pytest.mark.once

CHRISTMAS = frozenset(date(2026, 12, day) for day in (24, 25, 28))
LATE_ON_WEDNESDAY = datetime(2026, 12, 23, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "zone", "due_on"),
    [
        (Severity.SEV1, "UTC", date(2026, 12, 31)),
        (Severity.SEV2, "UTC", date(2027, 1, 4)),
        (Severity.SEV1, "Asia/Tokyo", date(2026, 12, 31)),
        (Severity.SEV3, "UTC", date(2027, 1, 11)),
        (Severity.SEV4, "America/Los_Angeles", date(2027, 1, 11)),
    ],
)
def test_weekends_and_holidays_do_not_count(severity: Severity, zone: str, due_on: date) -> None:
    calendar = WorkCalendar(ZoneInfo(zone), CHRISTMAS)

    assert postmortem_due_on(severity, LATE_ON_WEDNESDAY, calendar=calendar) == due_on


def test_the_day_of_resolution_is_the_one_of_the_teams_clocks() -> None:
    calendar = WorkCalendar(ZoneInfo("UTC"))
    late_on_sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    days = [
        postmortem_due_on(Severity.SEV1, late_on_sunday, calendar=calendar.moved_to(ZoneInfo(zone)))
        for zone in ("UTC", "Asia/Tokyo")
    ]

    assert days == [date(2026, 11, 25), date(2026, 11, 26)]
