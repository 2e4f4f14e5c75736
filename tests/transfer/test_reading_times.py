"""Times are read as they are written, and never made up."""

from datetime import UTC, date, datetime

import pytest

from tracker.transfer.reading import read_postmortem
from tracker.transfer.times import read_time, read_whole_date
from tracker.transfer.values import TimelineRow


def rows(text: str, *, zone: str | None = None, day_first: bool | None = None) -> tuple[TimelineRow, ...]:
    return read_postmortem(text.encode(), name="x.md", zone=zone, day_first=day_first).timeline


def row(line: str, *, heading: str = "## Timeline") -> TimelineRow:
    (only,) = rows(f"# Title\n\n{heading}\n\n{line}\n")
    return only


VERBATIM = [
    (
        "| 2022-08-03 12:26-12:?? | Fix deployed |",
        "2022-08-03 12:26-12:??",
        "2022-08-03T12:26",
        "Fix deployed",
        ["range"],
    ),
    ("| 2021/22-??-?? HH:mm | was run manually", "2021/22-??-?? HH:mm", None, "was run manually", ["unknown parts"]),
    ("| 2024-03-13 HH:mm | Short event.", "2024-03-13 HH:mm", None, "Short event.", ["unknown parts"]),
    ("### 2018-07-30 ca. 11:20", "2018-07-30 ca. 11:20", "2018-07-30T11:20", "", ["approximate"]),
    ("### 2X:XX (not sure exact time)", "2X:XX", None, "(not sure exact time)", ["unknown parts", "no date"]),
    ("### 2018-01-17 17:14pm", "2018-01-17 17:14pm", "2018-01-17T17:14", "", ["odd am or pm"]),
    ("### {{ 07:53 }}", "07:53", None, "", ["no date"]),
    ("### 2018-06-11 9:02a", "2018-06-11 9:02a", "2018-06-11T09:02", "", []),
    ("### March 18, 16:30 ##", "March 18, 16:30", None, "", ["no year"]),
    (
        "- [03-26 23:04] The node is drained. (**outage starts**)",
        "03-26 23:04",
        None,
        "The node is drained. (**outage starts**)",
        ["no year"],
    ),
    ("* [???] IOPS reached a critical point", "???", None, "IOPS reached a critical point", ["unknown parts"]),
    ("- 04:49 PM UTC Site repo branch Master", "04:49 PM UTC", None, "Site repo branch Master", ["no date"]),
    (
        "14:17 PM PST Saturday Oct 30th: First wave",
        "14:17 PM PST Saturday Oct 30th",
        None,
        "First wave",
        ["odd am or pm", "no year"],
    ),
    ("10/14/2022 - A researcher submitted", "10/14/2022", None, "A researcher submitted", ["no time"]),
    ("11/03/202 - Version 1.6.1", "11/03/202", None, "Version 1.6.1", ["impossible", "no time"]),
    (
        "- 10:22 EDT (14:22 UTC): Admins post an [initial report](x)",
        "10:22 EDT (14:22 UTC)",
        None,
        "Admins post an [initial report](x)",
        ["range", "no date"],
    ),
    ("- **18:53** `@nova` First report", "18:53", None, "`@nova` First report", ["no date"]),
    ("2018-08-22, 03:26pm: first noticed that", "2018-08-22, 03:26pm", "2018-08-22T15:26", "first noticed that", []),
    ("| 20202-01-16 12:00 | Cake |", "20202-01-16 12:00", None, "Cake", ["impossible"]),
    ("| 2019-12-03 --:-- | Surge |", "2019-12-03 --:--", None, "Surge", ["unknown parts"]),
    ("| ~2025-03-03 19:30 | Investigated |", "~2025-03-03 19:30", "2025-03-03T19:30", "Investigated", ["approximate"]),
    ("- 2021-02-30 10:00 no such day", "2021-02-30 10:00", None, "no such day", ["impossible"]),
    ("- 2021-02-28 25:61 no such hour", "2021-02-28 25:61", None, "no such hour", ["impossible"]),
    ("- Dec 17th 2022 **24:XX** still", "Dec 17th 2022 **24:XX", None, "still", ["unknown parts"]),
]


@pytest.mark.parametrize(("line", "at_text", "local_at", "text", "flags"), VERBATIM, ids=[case[1] for case in VERBATIM])
def test_a_time_is_kept_as_written(line: str, at_text: str, local_at: str | None, text: str, flags: list[str]) -> None:
    read = row(line)

    assert (read.at_text, read.text) == (at_text, text)
    assert (read.local_at.isoformat()[:16] if read.local_at else None) == local_at
    assert [flag for flag in read.flags if flag != "no zone"] == flags
    assert read.at is None


def test_a_stated_zone_places_the_times() -> None:
    for heading, hour in (
        ("## Timeline (all times UTC)", 8),
        ("## Timeline (times in CEST)", 6),
        ("## Timeline (UTC+2)", 6),
    ):
        assert row("- 2021-06-22 08:29 Alert", heading=heading).at == datetime(2021, 6, 22, hour, 29, tzinfo=UTC)


def test_a_line_above_the_entries_states_the_zone_and_is_kept() -> None:
    read = read_postmortem(b"# T\n## Timeline\n\nAll times in CET.\n\n- 2021-01-05 11:25 Deployed\n", name="x")

    assert (read.zone, read.zone_text, read.notes) == ("CET", "All times in CET.", ())
    assert read.timeline[0].at == datetime(2021, 1, 5, 10, 25, tzinfo=UTC)


def test_the_zone_of_an_entry_wins_over_the_zone_of_all() -> None:
    assert row("- 2021-06-22 10:22 EDT: posted", heading="## Timeline (UTC)").at == datetime(
        2021, 6, 22, 14, 22, tzinfo=UTC
    )


def test_without_a_stated_zone_nothing_is_placed_unless_the_caller_gives_one() -> None:
    text = "# T\n## Timeline\n- 2021-07-05 11:25 Deployed\n"

    (as_written,) = rows(text)
    (placed,) = rows(text, zone="Europe/Copenhagen")

    assert (as_written.at, as_written.local_at, as_written.flags) == (None, datetime(2021, 7, 5, 11, 25), ("no zone",))  # noqa: DTZ001
    assert placed.at == datetime(2021, 7, 5, 9, 25, tzinfo=UTC)


def test_the_callers_zone_never_overrules_the_document() -> None:
    (read,) = rows("# T\n## Timeline\nAll times in UTC\n\n- 2021-07-05 11:25 Deployed\n", zone="America/New_York")

    assert read.at == datetime(2021, 7, 5, 11, 25, tzinfo=UTC)


def test_a_zone_that_could_be_two_is_not_decided() -> None:
    read = read_postmortem(b"# T\n## Timeline\nAll times in IST\n\n- 2021-07-05 11:25 Deployed\n", name="x")

    assert read.timeline[0].at is None
    assert "IST" in read.warnings[0]


def test_a_time_of_day_inherits_the_date_above() -> None:
    read = rows("# T\n## Timeline\n### 2018-02-22 16:30\n\nOne\n\n### 16:32\n\nTwo\n")

    assert [str(one.local_at) for one in read] == ["2018-02-22 16:30:00", "2018-02-22 16:32:00"]
    assert [one.text for one in read] == ["One", "Two"]


def test_a_date_of_its_own_line_stands_for_all_below() -> None:
    read = rows("# T\n## Timeline\n\n_4/21/23_\n\n11:12 AM: Mail\n\n1:31 PM: Off\n\n_4/24/23_\n\n~9:00 AM: Reset\n")

    assert [str(one.local_at) for one in read] == ["2023-04-21 11:12:00", "2023-04-21 13:31:00", "2023-04-24 09:00:00"]


def test_evening_to_morning_passes_midnight_and_says_so() -> None:
    read = rows("# T\n## Timeline\n- 2018-02-22 23:30 a\n- 00:40 b\n- 00:50 c\n")

    assert [str(one.on) for one in read] == ["2018-02-22", "2018-02-23", "2018-02-23"]
    assert "after midnight" in read[1].flags


@pytest.mark.parametrize(("first", "then"), [("15:50", "14:30"), ("11:50", "01:20"), ("22:10", "21:50")])
def test_hours_that_go_back_in_the_day_are_flagged_and_stay_on_their_day(first: str, then: str) -> None:
    read = rows(f"# T\n## Timeline\n- 2018-02-22 {first} a user called\n- {then} b\n")

    assert read[1].on == date(2018, 2, 22)
    assert "out of order" in read[1].flags


def test_an_unknown_date_is_not_inherited_further() -> None:
    read = rows("# T\n## Timeline\n- 2018-02-22 15:50 a\n- 2018-02-?? 14:30 b\n- 14:40 c\n")

    assert [one.local_at is None for one in read] == [False, True, True]


def test_a_date_that_could_be_either_is_asked() -> None:
    text = "# T\n## Timeline (UTC)\n- 10/11/2022 12:00 a\n"

    assert rows(text)[0].local_at is None
    assert "day or month first" in rows(text)[0].flags
    assert rows(text, day_first=True)[0].on == date(2022, 11, 10)
    assert rows(text, day_first=False)[0].on == date(2022, 10, 11)


def test_another_date_of_the_document_settles_the_order() -> None:
    assert [one.on for one in rows("# T\n## Timeline\n- 10/11/2022 12:00 a\n- 10/20/2022 13:00 b\n")] == [
        date(2022, 10, 11),
        date(2022, 10, 20),
    ]


def test_four_columns_and_the_year_in_the_header() -> None:
    table = (
        "| Day | Date (2021) | Time (PT) | Event |\n|---|---|---|---|\n| Sun | Oct 31 | 21:34 | An employee starts |\n"
    )
    (read,) = rows(f"# T\n## Timeline\n\n{table}")

    assert (read.at_text, read.text) == ("Sun Oct 31 21:34", "An employee starts")
    assert read.at == datetime(2021, 11, 1, 4, 34, tzinfo=UTC)


def test_the_time_may_stand_in_any_column() -> None:
    (read,) = rows(
        "# T\n## Timeline\n\n| Event | Who | When (UTC) |\n|---|---|---|\n| Fixed | Ana | 2021-10-31 21:34 |\n"
    )

    assert (read.at_text, read.text, read.at) == (
        "2021-10-31 21:34",
        "Fixed | Ana",
        datetime(2021, 10, 31, 21, 34, tzinfo=UTC),
    )


def test_an_entry_holds_code_lists_and_paragraphs() -> None:
    (read, other) = rows(
        "# T\n## Timeline\n### 2018-02-22 16:30\nOne\n\n```\n### 17:00\n- x\n```\n\n- a\n  - b\n### 19:00\nTwo\n"
    )

    assert read.text == "One\n\n```\n### 17:00\n- x\n```\n\n- a\n  - b"
    assert other.text == "Two"


def test_a_timeline_without_times_keeps_its_entries_untimed() -> None:
    read = rows("# T\n## Timeline\n- It broke\n- We looked\n  closely\n")

    assert [(one.text, one.at_text, one.flags) for one in read] == [
        ("It broke", "", ("no time",)),
        ("We looked\nclosely", "", ("no time",)),
    ]


@pytest.mark.parametrize(
    "text",
    ["3 replicas died", "10.12.8.27 was down", "2.2.0 released", "May be late", "1. Look", "Monday we met", "2018"],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Jul 17, 2023", date(2023, 7, 17)),
        ("2026-12-01", date(2026, 12, 1)),
        ("10/11/2022", None),
        ("soon", None),
        ("March 3", None),
    ],
)
def test_a_due_date_is_read_only_without_doubt(text: str, day: date | None) -> None:
    assert read_whole_date(text) == day
