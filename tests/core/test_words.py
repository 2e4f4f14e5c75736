"""Ages in words: the same on pages, in mails and on the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker import words

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=26), "26 h ago"),
        (timedelta(hours=47, minutes=59), "47 h ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=364), "364 days ago"),
        (timedelta(days=365), "1 year ago"),
        (-timedelta(hours=26), "in 26 h"),
    ],
)
def test_hours_are_told_up_to_two_days_then_whole_days(age: timedelta, said: str) -> None:
    assert words.relative(NOW - age, NOW) == said
