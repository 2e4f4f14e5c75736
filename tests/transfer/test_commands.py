"""`followthrough import` and `export`: what they say, what they leave, and that one undoes the other."""

import json
import os
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.transfer.conftest import Run
from tracker.db import session
from tracker.models import AuditEntry, Incident

OUTAGE = "# Outage\n\n## Timeline\n\nTimes in UTC.\n\n- 2026-03-01 10:00 Alert\n\n## Action items\n\n- [ ] Fix it\n"


def count() -> int:
    session.rollback()
    return session.scalar(select(func.count(Incident.id))) or 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "postmortems"
    path.mkdir()
    return path


def test_a_folder_is_taken_and_every_file_is_told_of(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)
    (folder / "README.md").write_text("# About these\n")
    (folder / "graph.png").write_bytes(b"\x89PNG")
    (folder / "wiki.html").write_text("<h1>Outage</h1>")

    result, alone = run("import", folder), run("import", folder / "wiki.html")

    assert (result.exit_code, alone.exit_code) == (0, 1)
    for output in (result.output, alone.output):
        assert "is no Markdown or text file; save or export it as Markdown (or text) where it comes from." in output
    assert "postmortems/outage.md: taken. INC-1: 1 timeline row, 1 item" in result.output
    assert "postmortems/README.md: not read. It is about the collection, no postmortem." in result.output
    assert "postmortems/graph.png: not read. It is no Markdown or text file." in result.output
    assert "1 incident taken, 0 not taken, 3 other files not read." in result.output


def test_a_second_run_changes_nothing(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)
    run("import", folder)

    result = run("import", folder)

    assert result.exit_code == 0
    assert "not taken. It is here already as INC-1. Nothing was changed." in result.output
    assert count() == 1


def test_a_dry_run_says_the_same_and_changes_nothing(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)
    (folder / "copy.md").write_text(OUTAGE)

    result = run("import", folder, "--dry-run")

    assert "    Timeline: 1 line" in result.output
    assert "copy.md: would be taken. 1 timeline row, 1 item" in result.output
    assert "outage.md: not taken. It says the same as postmortems/copy.md. One of them is enough." in result.output
    assert "1 incident would be taken" in result.output
    assert count() == 0
    assert session.scalar(select(func.count(AuditEntry.id))) == 0


def test_what_cannot_be_taken_stops_nothing_else_and_fails_in_one_line(app: Flask, run: Run, folder: Path) -> None:
    (folder / "a.md").write_bytes(b"\0\1\2\3")
    (folder / "b.md").write_text("")
    (folder / "c.md").write_text(OUTAGE)

    result = run("import", folder)

    assert result.exit_code == 1
    assert "a.md: not taken. postmortems/a.md is not a text file. Give a Markdown file." in result.output
    assert "b.md: not taken. postmortems/b.md is empty. There is nothing to import." in result.output
    assert result.stderr == "followthrough: 2 files could not be taken; the reasons stand above.\n"
    assert count() == 1


def test_json_is_for_programs(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)

    found = json.loads(run("import", folder, "--json").stdout)

    assert found["dry_run"] is False
    assert [(one["name"], one["fate"], one["ref"]) for one in found["documents"]] == [
        ("postmortems/outage.md", "imported", "INC-1")
    ]


def test_the_service_must_be_there(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)

    missing = run("import", folder, "--service", "checkout")
    make.service("Checkout")
    found = run("import", folder, "--service", "checkout")

    assert missing.exit_code == 1
    assert missing.stderr == (
        "followthrough: There is no service checkout. Add it under Services first, or leave it out.\n"
    )
    assert found.exit_code == 0
    assert [service.slug for service in session.scalars(select(Incident)).one().services] == ["checkout"]


def test_wrong_usage_is_2(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)

    assert run("import").exit_code == 2
    assert run("import", folder / "missing.md").exit_code == 2
    assert run("import", folder, "--zone", "Nowhere/Atall").exit_code == 2
    assert run("export").exit_code == 2


def test_a_folder_without_documents_says_so(app: Flask, run: Run, folder: Path) -> None:
    result = run("import", folder)

    assert (result.exit_code, result.stderr) == (
        1,
        "followthrough: No Markdown or text file was found there. Give a .md file, or a folder that holds some.\n",
    )


def test_links_in_a_folder_are_not_followed(app: Flask, run: Run, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text(OUTAGE)
    (folder / "linked.md").symlink_to(secret)
    (folder / "round").symlink_to(folder)
    (folder / "broken.md").symlink_to(tmp_path / "gone.md")

    result = run("import", folder)

    assert "linked.md: not read. It is a link to another place; name it yourself to import it." in result.output
    assert count() == 0


def test_a_pipe_that_nobody_writes_to_does_not_hold_the_import_up(app: Flask, run: Run, folder: Path) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "outage.md").write_text(OUTAGE)

    result = run("import", folder)

    assert "pipe.md: not read. It is no ordinary file." in result.output
    assert count() == 1


def test_names_that_are_no_words_are_shown_harmless(app: Flask, run: Run, folder: Path) -> None:
    (folder / "a\x1b[2Jb.md").write_text(OUTAGE)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text(OUTAGE + "more\n")

    result = run("import", folder)

    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert count() == 2


def test_an_import_is_noted(app: Flask, run: Run, folder: Path) -> None:
    (folder / "outage.md").write_text(OUTAGE)
    run("import", folder)

    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("import_documents", "1 document")
