"""The 38 documents of DFDS are read exactly as their answers say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tracker.transfer.containers import decode
from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.reading import read_documents, read_postmortem

DATA = Path(__file__).parents[1] / "data" / "postmortems"
GOLD = [json.loads(line) for line in (DATA / "gold_dfds.jsonl").read_text(encoding="utf-8").splitlines()]
_UNITS = {
    "minute": 1,
    "min": 1,
    "m": 1,
    "hour": 60,
    "hr": 60,
    "h": 60,
    "day": 1440,
    "d": 1440,
    "week": 10080,
    "second": 0,
    "sec": 0,
}
_DURATION = re.compile(
    r"(\d{1,6}(?:\.\d{1,2})?)\s{0,3}(weeks?|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?)\b", re.IGNORECASE
)


def stated_minutes(text: str) -> int | None:
    """Minutes of `19 hours 43 minutes`; None for `?`, `N/A` and anything that states no duration."""
    parts = _DURATION.findall(text[:200])
    if not parts:
        return None
    return round(sum(float(number) * _UNITS.get(unit.lower().rstrip("s") or "s", 0) for number, unit in parts))


def name_of(answer: dict[str, Any]) -> str:
    return str(answer["path"]).split("/")[-1][:10]


def test_all_38_documents_lie_beside_the_tests() -> None:
    assert len(GOLD) == 38
    assert all((DATA / answer["path"]).is_file() for answer in GOLD)


@pytest.mark.parametrize("answer", GOLD, ids=name_of)
def test_a_document_is_read_as_its_answers_say(answer: dict[str, Any]) -> None:
    read = read_postmortem((DATA / answer["path"]).read_bytes(), name=answer["path"])

    stated = [row.local_at.isoformat()[:16] for row in read.timeline if row.local_at]
    assert read.title == answer["title"]
    assert read.zone == answer["timezone"]
    assert len(read.timeline) == answer["timeline_rows"]
    assert len(stated) == answer["timeline_rows_with_full_timestamp"]
    assert (stated[:1], stated[-1:]) == ([answer["first"]], [answer["last"]]) or (
        not stated and answer["first"] is None
    )
    assert (stated == sorted(stated)) == answer["sorted"]
    assert len(read.actions) == answer["action_items"]
    assert (read.category_text or None) == answer["category"]
    assert list(read.attendees) == answer["attendees"]


@pytest.mark.parametrize("answer", GOLD, ids=name_of)
def test_stated_minutes_are_understood(answer: dict[str, Any]) -> None:
    read = read_postmortem((DATA / answer["path"]).read_bytes(), name=answer["path"])

    assert stated_minutes(read.time_to_detect_text) == answer["ttd_min"]
    assert stated_minutes(read.time_to_recover_text) == answer["ttr_min"]


@pytest.mark.parametrize("answer", GOLD, ids=name_of)
def test_no_line_of_a_document_is_lost(answer: dict[str, Any]) -> None:
    content = (DATA / answer["path"]).read_bytes()

    assert find_lost_lines(decode(content, name="x"), read_postmortem(content, name=answer["path"])) == ()


@pytest.mark.parametrize("answer", GOLD, ids=name_of)
def test_every_row_with_a_time_is_placed_in_utc(answer: dict[str, Any]) -> None:
    read = read_postmortem((DATA / answer["path"]).read_bytes(), name=answer["path"])

    hours = {"CET": 1, "UTC": 0}[answer["timezone"]]
    placed = [row for row in read.timeline if row.local_at]
    assert [row for row in read.timeline if row.at] == placed
    for row in placed:
        assert row.at is not None
        assert row.local_at is not None
        assert (row.local_at - row.at.replace(tzinfo=None)).total_seconds() == hours * 3600


def test_one_document_is_one_incident() -> None:
    for answer in GOLD:
        assert len(read_documents((DATA / answer["path"]).read_bytes(), name=answer["path"])) == 1
