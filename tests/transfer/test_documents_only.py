"""Only documents are taken: no backup, no secret key, no program, no file without a word."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.browser import Browser, Page
from tests.transfer.conftest import Run
from tracker.db import session
from tracker.models import Answer, Incident
from tracker.transfer.backing_up import back_up
from tracker.transfer.importing import Choices, Fate, read_outcomes
from tracker.transfer.sources import PassedOver, find_sources
from tracker.wiring import settings

OUTAGE = b"# Outage\n\n## Timeline\n\nTimes in UTC.\n\n- 2026-03-01 10:00 Alert\n"
NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
REFUSED = "This is a backup; use `followthrough restore`."


def give(browser: Browser, *files: tuple[str, bytes]) -> Page:
    given = [(io.BytesIO(content), name) for name, content in files]
    return browser.get("/settings/transfer").submit("See what is found", files=given)


def zipped(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def backed_up(folder: Path) -> Path:
    path = folder / "backup.zip"
    (settings().instance_path / "secret_key").write_text(settings().secret_key, encoding="ascii")
    back_up(path, settings=settings(), now=NOW)
    return path


def count(table: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_backup_given_in_the_browser_is_refused_whole(admin_browser: Browser, tmp_path: Path) -> None:
    content = backed_up(tmp_path).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "secret_key" in archive.namelist()

    page = give(admin_browser, ("backup.zip", content), ("outage.md", OUTAGE))

    assert page.status == 422
    assert REFUSED in page.errors
    assert settings().secret_key not in page.text


@pytest.mark.parametrize(
    "names",
    [
        ("secret_key", "notes.md"),
        ("old/instance/followthrough.db", "old/notes.md"),
        ("instance\\secret_key", "notes.md"),
        ("manifest.json", "tables/incidents", "notes.md"),
    ],
)
def test_an_archive_that_holds_an_instance_is_refused_whole(admin_browser: Browser, names: tuple[str, ...]) -> None:
    page = give(admin_browser, ("any.zip", zipped(*((name, OUTAGE) for name in names))))

    assert page.status == 422
    assert REFUSED in page.errors


def test_an_export_is_no_backup(admin_browser: Browser) -> None:
    content = zipped(("followthrough.json", b"{}"), ("tables/incidents.json", b"[]"), ("incidents/a.md", OUTAGE))

    assert "1 incident can be taken in" in give(admin_browser, ("export.zip", content)).text


def test_a_backup_on_the_command_line_is_refused_packed_or_not(run: Run, tmp_path: Path) -> None:
    packed = backed_up(tmp_path)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    (folder / "notes.md").write_bytes(OUTAGE)

    parts = [path for path in folder.iterdir() if path.name in ("secret_key", "followthrough.db")]
    assert parts
    for path in (packed, folder, *parts):
        result = run("import", path)
        assert result.exit_code == 1
        assert REFUSED in result.output + result.stderr
    assert count(Incident) == 0
    assert count(Answer) == 0


def test_an_instance_inside_a_folder_is_passed_over_with_everything_in_it(tmp_path: Path) -> None:
    (tmp_path / "all" / "instance" / "outbox").mkdir(parents=True)
    (tmp_path / "all" / "instance" / "secret_key").write_text("secret")
    (tmp_path / "all" / "instance" / "outbox" / "mail.txt").write_text("a mail")
    (tmp_path / "all" / "outage.md").write_bytes(OUTAGE)

    found = list(find_sources([tmp_path / "all"]))

    assert [one.path.name for one in found if not isinstance(one, PassedOver)] == ["outage.md"]
    assert [one.why for one in found if isinstance(one, PassedOver)] == [
        "is a backup or an instance; use `followthrough restore` for a backup"
    ]


@pytest.mark.parametrize("name", ["notmd.exe", "2026-03-01-outage", "a.json", ".md", "a.md.bak", "x.html"])
def test_what_does_not_end_like_a_text_is_no_document_wherever_it_comes_from(
    admin_browser: Browser, run: Run, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / name).write_bytes(OUTAGE)

    shown = [give(admin_browser, (name, OUTAGE)), give(admin_browser, ("a.zip", zipped((name, OUTAGE))))]
    results = [run("import", folder / name), run("import", folder)]

    assert all("Nothing here can be taken in" in page.text for page in shown)
    assert [result.exit_code for result in results] == [1, 1]
    assert "is no Markdown or text file" in results[0].output
    assert count(Incident) == 0


@pytest.mark.parametrize("name", ["a.md", "A.MD", "a.markdown", "a.mdx", "a.txt", "a.qmd", "a.text", "a.mdown"])
def test_what_ends_like_a_text_is_a_document(run: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / name).write_bytes(OUTAGE)

    result = run("import", folder, "--dry-run")

    assert result.exit_code == 0, result.output
    assert "1 incident would be taken" in result.output


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x12\x34",
        b"\xfe\xff\x9a\x01",
        b"\xff\xfe" + bytes(range(216, 250)),
        b"2026-03-01 10:00\n---\n",
        b"# 1\n\n- 2\n",
        "\U0001f525\U0001f525\U0001f525".encode(),
    ],
)
def test_a_file_without_a_word_is_no_document(app: Flask, content: bytes) -> None:
    [outcome] = read_outcomes(content, name="random.md", choices=Choices(), now=NOW)

    assert outcome.fate is Fate.REFUSED
    assert outcome.sentence.startswith("random.md ")


@pytest.mark.parametrize("text", ["# Výpadek", "# 障害報告", "# Up"])
def test_words_of_any_language_in_any_encoding_are_a_document(app: Flask, text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        [outcome] = read_outcomes(text.encode(encoding), name="a.md", choices=Choices(), now=NOW)
        assert outcome.fate is Fate.READ
