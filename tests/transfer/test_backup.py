"""A backup is whole while others write, and a restore replaces only what it was told to."""

import json
import sqlite3
import stat
import threading
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.rules.walk import make_drill, make_run
from tests.transfer.conftest import Run
from tests.transfer.test_exporting import full_incident
from tracker import create_app
from tracker.cli import main
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Base, Incident
from tracker.queue import immediate_queue
from tracker.transfer.backing_up import back_up
from tracker.wiring import Wiring


def titles() -> list[str]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Incident.title).order_by(Incident.number)))


def row_counts() -> dict[str, int]:
    session.rollback()
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_what_was_backed_up_comes_back_row_by_row(app: Flask, run: Run, tmp_path: Path) -> None:
    full_incident()
    make.push()
    incident = session.scalars(select(Incident)).first() or make.incident()
    make_drill(incident, "", lead=make.person("Lea"))
    make_run(incident, "")
    before = row_counts()
    saved = run("backup", tmp_path / "b.zip")
    make.incident("Made after the backup")
    make.action("Also after")

    restored = run("restore", tmp_path / "b.zip", "--replace")

    assert (saved.exit_code, restored.exit_code) == (0, 0), saved.output + restored.output
    noted = {"audit_entries": before["audit_entries"] + 1}  # that it was put back
    assert row_counts() == before | noted
    assert titles() == ['Checkout: "503" <b>']
    assert "Restored as of 20" in restored.output


def test_numbers_and_keys_go_on_where_the_backup_stood(app: Flask, run: Run, tmp_path: Path) -> None:
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    make.incident("Second")
    run("restore", tmp_path / "b.zip", "--replace")

    assert make.incident("Second again").ref == "INC-2"
    assert make.person("New").id > 0
    assert titles() == ["First", "Second again"]


def test_a_restore_replaces_nothing_that_nobody_gave_up(app: Flask, run: Run, tmp_path: Path) -> None:
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    make.incident("Second")

    result = run("restore", tmp_path / "b.zip")

    assert result.exit_code == 1
    assert result.stderr.startswith("followthrough: There are incidents or items here already.")
    assert "--replace" in result.stderr
    assert titles() == ["First", "Second"]


def test_a_backup_does_not_write_over_another_file(app: Flask, run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("precious")

    refused = run("backup", tmp_path / "b.zip")
    told = run("backup", tmp_path / "b.zip", "--replace")

    assert refused.exit_code == 1
    assert "is there already. Choose another name, or say --replace." in refused.stderr
    assert told.exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "b.zip")


def test_the_file_is_for_its_owner_only_and_no_half_one_stays(app: Flask, run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    run("backup", tmp_path / "out" / "b.zip")

    assert stat.S_IMODE((tmp_path / "out" / "b.zip").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.zip"]


def test_a_place_that_is_not_there_is_told(app: Flask, run: Run, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "nowhere" / "b.zip")

    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "cannot be written" in result.stderr
    assert run("restore", tmp_path / "missing.zip").exit_code == 2


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "cut":
        content = content[: len(content) // 2]
    elif how == "a byte turned":
        with zipfile.ZipFile(path) as archive:
            largest = max(archive.infolist(), key=lambda member: member.compress_size)
        place = largest.header_offset + 30 + len(largest.filename) + largest.compress_size // 2
        content = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
    else:
        content = {"empty": b"", "text": b"# No backup\n"}[how]
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["cut", "a byte turned", "empty", "text"])
def test_a_damaged_file_changes_nothing(app: Flask, run: Run, tmp_path: Path, how: str) -> None:
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    make.incident("Second")
    damage(tmp_path / "b.zip", how)

    result = run("restore", tmp_path / "b.zip", "--replace")

    assert result.exit_code == 1
    assert result.stderr.endswith("Nothing was changed.\n")
    assert titles() == ["First", "Second"]


def rewritten(path: Path, **parts: bytes | None) -> None:
    """The archive with other parts: ``None`` takes one out."""
    with zipfile.ZipFile(path) as archive:
        content: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in {**content, **parts}.items():
            if part is not None:
                archive.writestr(name, part)


def test_a_backup_of_another_program_or_version_is_refused(app: Flask, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    other, refusal = {
        "sqlite": ("postgresql", "is a backup of postgresql"),
        "postgresql": ("sqlite", "lacks followthrough.db"),  # which may move here, but this is none
    }[manifest["database"]]
    cases = {
        "was made by a newer Followthrough": {"revision": "9999"},
        refusal: {"database": other},
        "is no backup of Followthrough": {"something": "else"},
    }
    for sentence, change in cases.items():
        rewritten(tmp_path / "b.zip", **{"manifest.json": json.dumps(manifest | change).encode()})
        result = run("restore", tmp_path / "b.zip", "--replace")
        assert result.exit_code == 1
        assert sentence in result.stderr


def test_an_archive_without_the_database_is_refused(app: Flask, run: Run, tmp_path: Path) -> None:
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    rewritten(tmp_path / "b.zip", **{"followthrough.db": None, "tables/incidents": None})

    result = run("restore", tmp_path / "b.zip", "--replace")

    assert result.exit_code == 1
    assert "lacks" in result.stderr
    assert titles() == ["First"]


def test_names_that_lead_elsewhere_are_passed_over(app: Flask, run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "b.zip")
    evil = {"outbox/../../evil.eml": b"x", "outbox/a/b.eml": b"x", "/evil.eml": b"x", "outbox/kept.eml": b"mail"}
    rewritten(tmp_path / "b.zip", **evil)

    run("restore", tmp_path / "b.zip", "--replace")

    assert [path.name for path in (tmp_path / "outbox").iterdir()] == ["kept.eml"]
    assert not list(tmp_path.parent.glob("evil*"))


def test_the_secret_key_comes_back_with_the_database(
    app: Flask, run: Run, settings: Settings, wiring: Wiring, tmp_path: Path
) -> None:
    (tmp_path / "secret_key").write_text(settings.secret_key)
    saved = run("backup", tmp_path / "b.zip")
    (tmp_path / "secret_key").write_text("another key of another day")
    later = create_app(
        replace(settings, secret_key="another key of another day"), replace(wiring, queue=immediate_queue())
    )

    result = CliRunner().invoke(main, ["restore", str(tmp_path / "b.zip"), "--replace"], obj=lambda: later)

    assert "SECRET_KEY is set from outside" not in saved.output
    assert "Restart the program" in result.output
    assert (tmp_path / "secret_key").read_text() == settings.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    with later.app_context():
        session.remove()
        database.engine.dispose()


def test_a_key_from_outside_is_not_in_the_file_and_that_is_told(app: Flask, run: Run, tmp_path: Path) -> None:
    result = run("backup", tmp_path / "b.zip")

    assert "SECRET_KEY is set from outside and not in the file" in result.output
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "secret_key" not in archive.namelist()


def test_an_installation_without_tables_takes_a_backup(
    app: Flask, run: Run, settings: Settings, wiring: Wiring, tmp_path: Path
) -> None:
    if not settings.is_sqlite:
        pytest.skip("A PostgreSQL database without tables is brought up to date by the same line.")
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    fresh = create_app(
        replace(settings, database_url=f"sqlite:///{tmp_path / 'fresh.db'}"), replace(wiring, queue=immediate_queue())
    )

    result = CliRunner().invoke(main, ["restore", str(tmp_path / "b.zip")], obj=lambda: fresh)

    assert result.exit_code == 0, result.output
    with fresh.app_context():
        assert titles() == ["First"]
        session.remove()
        database.engine.dispose()


def test_a_backup_taken_while_others_write_is_of_one_moment(app: Flask, settings: Settings, tmp_path: Path) -> None:
    """An incident and its item are always written together: no backup holds one without the other."""
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                make.action("Pair", incidents=(make_pair(),))
                written.set()
            session.remove()

    def make_pair() -> Incident:
        return make.incident("Pair")

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(30)
    for number in range(3):
        back_up(tmp_path / f"{number}.zip", settings=settings, now=make.NOW)
    stop.set()
    writer.join(30)

    for number in range(3):
        incidents, links = counts_in(tmp_path / f"{number}.zip", tmp_path)
        assert incidents > 0
        assert incidents - links in (0, 1), "an item stood without its incident"


def counts_in(path: Path, folder: Path) -> tuple[int, int]:
    with zipfile.ZipFile(path) as archive:
        if "followthrough.db" not in archive.namelist():
            return archive.read("tables/incidents").count(b"\n"), archive.read("tables/incident_actions").count(b"\n")
        archive.extract("followthrough.db", folder / path.stem)
    with closing(sqlite3.connect(folder / path.stem / "followthrough.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        return tuple(
            copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("incidents", "incident_actions")
        )


def test_a_page_that_is_open_reads_the_restored_rows(app: Flask, run: Run, tmp_path: Path) -> None:
    """Other connections of the running program go on, and see what was put back."""
    make.incident("First")
    run("backup", tmp_path / "b.zip")
    make.incident("Second")
    with database.engine.connect() as other:
        assert len(other.execute(select(Incident.id)).all()) == 2
        other.rollback()
        result = run("restore", tmp_path / "b.zip", "--replace")
        seen = [row.title for row in other.execute(select(Incident.title))]

    assert result.exit_code == 0, result.output
    assert seen == ["First"]
