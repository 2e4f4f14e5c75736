"""Times that people type in front of what happened."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tracker.incidents.typed_times import TypedLine, read_line

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
        ("08:02:59 rollback started", utc(23, 8, 2), "rollback started"),
        ("23:50 disk full", utc(22, 23, 50), "disk full"),
        ("yesterday 08:02 deploy", utc(22, 8, 2), "deploy"),
        ("2026-11-20 14:02 deploy", utc(20, 14, 2), "deploy"),
        ("2026-11-20T14:02Z deploy", utc(20, 14, 2), "deploy"),
        ("-5m deploy finished", datetime(2026, 11, 23, 9, 0, 30, tzinfo=UTC), "deploy finished"),
        ("-2h: deploy finished", datetime(2026, 11, 23, 7, 5, 30, tzinfo=UTC), "deploy finished"),
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
    ],
)
def test_what_is_not_a_time_stays_text(typed: str) -> None:
    assert read_line(typed, now=NOW, zone=UTC) == TypedLine(None, typed)


def test_a_typed_time_is_in_the_readers_zone_unless_it_says_utc() -> None:
    assert read_line("09:30 restart", now=NOW, zone=COPENHAGEN).at == utc(23, 8, 30)
    assert read_line("09:00 UTC restart", now=NOW, zone=COPENHAGEN).at == utc(23, 9, 0)


def test_a_line_of_several_lines_keeps_them() -> None:
    assert read_line("08:02 one\ntwo", now=NOW, zone=UTC).text == "one\ntwo"
