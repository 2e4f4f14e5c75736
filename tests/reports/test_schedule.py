"""Weeks: which one a day is in, and when it begins and ends, with changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tracker.errors import NotFoundError
from tracker.reports.schedule import Week

pytestmark = pytest.mark.once

UTC_ZONE = ZoneInfo("UTC")
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def test_the_first_days_of_a_year_may_belong_to_the_last_week_of_the_year_before() -> None:
    assert Week.of(date(2027, 1, 1), zone=UTC_ZONE).name == "2026-W53"


def test_a_week_begins_at_midnight_here() -> None:
    week = Week.parse("2026-W48", zone=COPENHAGEN)

    assert week.starts_at == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(("name", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W48", 168)])
def test_a_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer(name: str, hours: int) -> None:
    week = Week.parse(name, zone=COPENHAGEN)

    assert week.ends_at - week.starts_at == timedelta(hours=hours)


@pytest.mark.parametrize(("name", "hour_in_utc"), [("2026-W13", 6), ("2026-W43", 7), ("2026-W48", 7)])
def test_eight_on_sunday_is_eight_by_the_clock_here_also_when_the_clocks_changed_that_night(
    name: str, hour_in_utc: int
) -> None:
    week = Week.parse(name, zone=COPENHAGEN)

    goes_at = week.moment(6, hour=8)

    assert goes_at == datetime.combine(week.last_day, time(hour_in_utc), UTC)


def test_weeks_follow_each_other_over_the_turn_of_the_year() -> None:
    week = Week.parse("2026-W53", zone=UTC_ZONE)

    assert (week.after.name, week.after.before.name) == ("2027-W01", "2026-W53")


@pytest.mark.parametrize("text", ["", "2026", "2026-W00", "2026-W54", "0000-W01", "2026-W1", "x" * 500])
def test_a_week_that_is_none_is_told_in_words(text: str) -> None:
    with pytest.raises(NotFoundError, match="Write it like 2026-W47"):
        Week.parse(text, zone=UTC_ZONE)


@pytest.mark.parametrize("text", ["0001-W01", "1969-W52", "9999-W01", "9999-W52"])
def test_a_week_at_the_end_of_the_calendar_has_no_report(text: str) -> None:
    with pytest.raises(NotFoundError, match="Write it like 2026-W47"):
        Week.parse(text, zone=UTC_ZONE)
