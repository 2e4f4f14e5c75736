"""`followthrough similar` and `followthrough recurrence evaluate`."""

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests import make
from tests.recurrence.conftest import TITLE
from tracker.cli import main
from tracker.models import Incident


def run(app: Flask, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), obj=lambda: app)


def report(number: int, title: str, **columns: Any) -> dict[str, Any]:
    created = f"2026-01-{number:02}T09:00:00Z"
    return {"id": f"R-{number}", "created_at": created, "title": title, "description": ""} | columns


ROWS = [
    report(1, "pgbouncer pool exhausted by ledger migration", group="g1"),
    report(2, "Newsletter went out twice"),
    report(3, "Images do not load from the CDN", group="g2"),
    report(4, "pgbouncer pool exhausted by ledger migration", group="g1", duplicate_of="R-1"),
    report(5, "Payslips are late"),
    report(6, "Images do not load: CDN", group="g2", duplicate_of="R-3"),
]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    return write(tmp_path / "labelled.jsonl", ROWS)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_similar_tells_what_an_incident_resembles_and_why(app: Flask, earlier: Incident, later: Incident) -> None:
    result = run(app, "similar", "--incident", later.ref)

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{earlier.ref}  {TITLE}")
    assert "    same service: Checkout" in result.stdout


def test_similar_takes_a_text_and_answers_programs(app: Flask, earlier: Incident) -> None:
    result = run(app, "similar", "ledger migration locks, checkout 503", "--json")

    found = json.loads(result.stdout)
    assert (found["compared_with"], found["matches"][0]["ref"]) == (6, earlier.ref)
    assert {"term": "ledger", "incidents": 1} in found["matches"][0]["shared_terms"]


def test_similar_says_when_there_is_nothing(app: Flask, earlier: Incident) -> None:
    result = run(app, "similar", "zebra")

    assert (result.exit_code, result.stdout) == (0, "Nothing resembles this; compared with 6 incidents.\n")


def test_similar_tells_one_incident_as_one(app: Flask) -> None:
    make.incident("Checkout answers 503", declared_at=make.NOW - timedelta(days=9))

    assert run(app, "similar", "zebra").stdout == "Nothing resembles this; compared with 1 incident.\n"


@pytest.mark.parametrize("arguments", [(), ("--incident", "INC-1", "a text")])
def test_similar_wants_one_of_both(app: Flask, arguments: tuple[str, ...]) -> None:
    assert run(app, "similar", *arguments).exit_code == 2


@pytest.mark.parametrize("ref", ["INC-99", "AI-1", "nonsense", ""])
def test_similar_names_an_incident_that_is_not_there(app: Flask, ref: str) -> None:
    result = run(app, "similar", "--incident", ref)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"There is no incident {ref}" in result.stderr


def test_the_evaluation_gives_the_promised_figures(app: Flask, labelled: Path) -> None:
    result = run(app, "recurrence", "evaluate", str(labelled), "--test-from", "0", "--json")

    figures = json.loads(result.stdout)
    assert (figures["queries"], figures["recall"], figures["mrr"]) == (2, dict.fromkeys(("1", "5", "10", "20"), 1), 1)
    assert figures.keys() >= {"recall_10_over_180_days", "alerts_per_100", "precision"}


def test_only_the_queries_after_the_share_are_scored(app: Flask, labelled: Path) -> None:
    figures = json.loads(run(app, "recurrence", "evaluate", str(labelled), "--test-from", "0.5", "--json").stdout)

    assert figures["queries"] == 1


def test_members_of_a_group_count_once_in_the_ranking(app: Flask, tmp_path: Path) -> None:
    crowd = [report(n, "pgbouncer pool dry", group="crowd") for n in range(2, 9)]
    rows = [report(1, "pgbouncer ledger", group="g"), *crowd, report(9, "pgbouncer pool dry", group="g")]
    rows[-1]["duplicate_of"] = "R-1"
    rows[0]["created_at"] = "2025-12-31T00:00:00Z"

    path = write(tmp_path / "crowd.jsonl", rows)
    figures = json.loads(run(app, "recurrence", "evaluate", str(path), "--test-from", "0", "--json").stdout)

    assert (figures["recall"]["1"], figures["mrr"]) == (0.0, 0.5)


def test_a_share_of_nothing_is_not_known(app: Flask, labelled: Path) -> None:
    result = run(app, "recurrence", "evaluate", str(labelled), "--test-from", "0")

    assert "older than 180 days (0), first 10 not known" in " ".join(result.stdout.split())


def test_a_packed_file_is_read_too(app: Flask, labelled: Path, tmp_path: Path) -> None:
    packed = tmp_path / "labelled.jsonl.gz"
    packed.write_bytes(gzip.compress(labelled.read_bytes()))

    results = [run(app, "recurrence", "evaluate", str(path), "--test-from", "0") for path in (labelled, packed)]

    assert results[0].stdout == results[1].stdout != ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "there is not one row"),
        (b"not json\n", "line 1: this is not JSON"),
        (b"[1]\n", "line 1: a row is an object in braces"),
        (b'{"id": "1"}\n', "line 1: created_at is missing"),
        (b'{"id": "1", "created_at": "yesterday"}\n', "not a time like"),
        (b'{"id": "1", "created_at": "2026-01-01", "duplicate_of": "0"}\n', "duplicate_of but no group"),
        (b'{"id": "1", "created_at": "2026-01-01", "title": ["x"]}\n', "title is to be text"),
        (b'{"id": "1", "created_at": "2026-01-01"}\n', "no row after 60% of the queries has duplicate_of"),
        (
            b'{"id": "1", "created_at": "2026-01-01"}\n' * 2,
            "line 2: 1 is the id of another row too (odd.jsonl, line 1)",
        ),
        (b"\xff\xfe\x00binary", "not UTF-8"),
        (b'{"id": 1' + b"0" * 5_000 + b"}\n", "line 1: this is not JSON"),
        (b'{"id": "1", "created_at": "0001-01-01T00:00:00+14:00"}\n', "line 1: created_at"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_in_one_line(
    app: Flask, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)

    result = run(app, "recurrence", "evaluate", str(path))

    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_rows_in_a_wrong_order_are_refused(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.jsonl", ROWS[::-1])
    path.write_text("\n" + path.read_text())

    result = run(app, "recurrence", "evaluate", str(path))

    assert "odd.jsonl, line 3: " in result.stderr
    assert "is earlier than the row above" in result.stderr


def test_a_repeat_of_which_nothing_is_earlier_counts_as_not_found_and_is_named(app: Flask, tmp_path: Path) -> None:
    path = write(tmp_path / "cut.jsonl", ROWS[1:])

    result = run(app, "recurrence", "evaluate", str(path), "--test-from", "0", "--json")

    assert (result.exit_code, json.loads(result.stdout)["recall"]["20"]) == (0, 0.5)
    assert result.stderr == "cut.jsonl, line 3: no earlier row is of its group. Counted as not found: 1 report.\n"


@pytest.mark.parametrize("name", ["missing.jsonl", "cut.jsonl.gz"])
def test_a_file_that_cannot_be_read_is_named(app: Flask, tmp_path: Path, name: str) -> None:
    if name.startswith("cut"):
        (tmp_path / name).write_bytes(gzip.compress(b"{}\n" * 1000)[:-12])

    result = run(app, "recurrence", "evaluate", str(tmp_path / name))

    assert result.exit_code == 1
    assert name in result.stderr
