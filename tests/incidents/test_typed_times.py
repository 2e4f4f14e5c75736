"""Times that people type in front of what happened."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.incidents.typed_times import EXAMPLES, TypedLine, read_line

NOW = datetime(2026, 11, 23, 9, 5, 30, tzinfo=UTC)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def utc(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "at", "text"),
    [
        ("08:02 rollback started", utc(23, 8, 2), "rollback started"),
        ("8:02: rollback started", utc(23, 8, 2), "rollback started"),
        ("08:02 - rollback started", utc(23, 8, 2), "rollback started"),
        ("08:02:59 rollback started", datetime(2026, 11, 23, 8, 2, 59, tzinfo=UTC), "rollback started"),
        ("[08:02] rollback started", utc(23, 8, 2), "rollback started"),
        ("(08:02) rollback started", utc(23, 8, 2), "rollback started"),
        ("@08:02 rollback started", utc(23, 8, 2), "rollback started"),
        ("at 8:02 rollback started", utc(23, 8, 2), "rollback started"),
        ("08:02 | rollback started", utc(23, 8, 2), "rollback started"),
        ("08:02 – rollback started", utc(23, 8, 2), "rollback started"),
        ("8:02 am rollback started", utc(23, 8, 2), "rollback started"),
        ("8:02AM: rollback started", utc(23, 8, 2), "rollback started"),
        ("2:02 p.m. rollback started", utc(22, 14, 2), "rollback started"),
        ("8am rollback started", utc(23, 8, 0), "rollback started"),
        ("12am rollback started", utc(23, 0, 0), "rollback started"),
        ("12:30 pm rollback started", utc(22, 12, 30), "rollback started"),
        ("0802Z rollback started", utc(23, 8, 2), "rollback started"),
        ("0802 UTC rollback started", utc(23, 8, 2), "rollback started"),
        ("08:02 GMT rollback started", utc(23, 8, 2), "rollback started"),
        ("09:02 CET rollback started", utc(23, 8, 2), "rollback started"),
        ("03:02 EST rollback started", utc(23, 8, 2), "rollback started"),
        ("10:02 +02:00 rollback started", utc(23, 8, 2), "rollback started"),
        ("10:02 UTC+2 rollback started", utc(23, 8, 2), "rollback started"),
        ("09:02 Europe/Copenhagen rollback started", utc(23, 8, 2), "rollback started"),
        ("2026-11-23T09:02:00+01:00 rollback started", utc(23, 8, 2), "rollback started"),
        ("2026-11-23T03:02-05:00 rollback started", utc(23, 8, 2), "rollback started"),
        ("2026-11-23T08:02:00.123Z rollback started", utc(23, 8, 2), "rollback started"),
        ("today 08:02 rollback started", utc(23, 8, 2), "rollback started"),
        ("Yesterday at 23:50 rollback started", utc(22, 23, 50), "rollback started"),
        ("Fri 14:02 rollback started", utc(20, 14, 2), "rollback started"),
        ("Monday 14:02 rollback started", utc(16, 14, 2), "rollback started"),
        ("Monday 08:02 rollback started", utc(23, 8, 2), "rollback started"),
        ("20 Nov 14:02 rollback started", utc(20, 14, 2), "rollback started"),
        ("20. November 2026, 14:02 rollback started", utc(20, 14, 2), "rollback started"),
        ("Nov 20, 2026 14:02 rollback started", utc(20, 14, 2), "rollback started"),
        ("20 Dec 14:02 rollback started", datetime(2025, 12, 20, 14, 2, tzinfo=UTC), "rollback started"),
        ("08:02-08:10 database away", utc(23, 8, 2), "until 08:10: database away"),
        ("08:02 - 08:10: database away", utc(23, 8, 2), "until 08:10: database away"),
        ("08:02 Checkout/API restarted", utc(23, 8, 2), "Checkout/API restarted"),
        ("08:02 est. 300 users affected", utc(23, 8, 2), "est. 300 users affected"),
        ("09:06 clocks differ", utc(23, 9, 6), "clocks differ"),
        ("23:50 disk full", utc(22, 23, 50), "disk full"),
        ("yesterday 08:02 deploy", utc(22, 8, 2), "deploy"),
        ("2026-11-20 14:02 deploy", utc(20, 14, 2), "deploy"),
        ("2026-11-20T14:02Z deploy", utc(20, 14, 2), "deploy"),
        ("-5m deploy finished", datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC), "deploy finished"),
        ("-2h: deploy finished", datetime(2026, 11, 23, 7, 5, 30, tzinfo=UTC), "deploy finished"),
        ("-90s deploy finished", datetime(2026, 11, 23, 9, 4, tzinfo=UTC), "deploy finished"),
        ("-1h30m deploy finished", datetime(2026, 11, 23, 7, 35, 30, tzinfo=UTC), "deploy finished"),
        ("5m ago deploy finished", datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC), "deploy finished"),
        ("5 minutes ago: deploy finished", datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC), "deploy finished"),
        ("2 hours ago, deploy finished", datetime(2026, 11, 23, 7, 5, 30, tzinfo=UTC), "deploy finished"),
        ("an hour ago deploy finished", datetime(2026, 11, 23, 8, 5, 30, tzinfo=UTC), "deploy finished"),
    ],
)
def test_a_time_in_front_is_taken_off(typed: str, at: datetime, text: str) -> None:
    assert read_line(typed, now=NOW, zone=UTC) == TypedLine(at, text)


@pytest.mark.parametrize(
    "typed",
    [
        "0001-01-01 00:10 long ago",
        "rollback started",
        "25:61 is no time",
        "08:02",
        "-5m",
        "2026-02-31 10:00 no such day",
        "- five items",
        "3 users",
        "- 3 servers down",
        "5 minutes of errors",
        "08:02 IST could be three zones",
        "10/11 08:02 could be two days",
        "13:02 pm is odd",
        "1402 errors in a minute",
        "4.20 is out",
        "23:59:61 no such second",
        "a minute later it was back",
        "at last it works",
        "Nov 31 10:00 no such day",
        "Monday we deployed",
        "9999-12-31 23:59 -14:00 the end of all time",
    ],
)
def test_what_is_not_a_time_stays_text(typed: str) -> None:
    assert read_line(typed, now=NOW, zone=UTC) == TypedLine(None, typed)


def test_a_typed_time_is_in_the_readers_zone_unless_it_says_utc() -> None:
    assert read_line("09:30 restart", now=NOW, zone=COPENHAGEN).at == utc(23, 8, 30)
    assert read_line("09:00 UTC restart", now=NOW, zone=COPENHAGEN).at == utc(23, 9, 0)


def test_the_help_beside_the_field_says_what_is_so() -> None:
    for line, _ in EXAMPLES:
        assert read_line(line, now=NOW, zone=COPENHAGEN).at is not None, line


def test_a_year_that_ends_between_two_zones_stops_nothing() -> None:
    assert read_line("9999-12-31 23:30 late", now=NOW, zone=ZoneInfo("America/New_York")).at is None


def test_the_hour_that_comes_twice_is_the_one_that_is_now() -> None:
    """On 25 October 2026 clocks in Copenhagen went from 03:00 back to 02:00, at 01:00 UTC."""
    after = datetime(2026, 10, 25, 1, 40, tzinfo=UTC)

    assert read_line("02:30 restart", now=after, zone=COPENHAGEN).at == after.replace(minute=30)


def test_a_line_of_several_lines_keeps_them() -> None:
    assert read_line("08:02 one\ntwo", now=NOW, zone=UTC).text == "one\ntwo"
