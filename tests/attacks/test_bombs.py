"""Small things that grow: texts that take long to read, archives and backups that unpack to more than there is."""

import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from tracker.errors import FollowthroughError, RuleError
from tracker.markdown import MOST_STEPS, TEXT_LIMIT, bracket_steps, to_html
from tracker.transfer import backup_files, uploads
from tracker.transfer.backup_files import opened

pytestmark = pytest.mark.once

N = 20_000
BOMBS = (
    "[" * N, "![" * N, "[a](" * N, "[a](()" * N, "[a][" * N, "](" * N, "[](" * N, "*" * N,
    "**a" * N, "_a" * N, "*a_" * N, "`" * N, "> " * N, "|a" * N + "\n" + "|-" * N, "- " * N, "\\" * N,
    "<a " * N, "<http://" * N, "&amp;" * N,
    "".join("  " * deep + "- a\n" for deep in range(400)), "\n".join(">" * deep + " a" for deep in range(1, 400)),
    '[a](b "' + '"' * N, " " * N + "a", "\t" * N,
)  # fmt: skip
SECONDS = 4.0
"""Of processor, for all of them: one alone took minutes. What is large and harmless takes a tenth of a second."""


def test_no_text_takes_long_to_read() -> None:
    began = time.process_time()

    for bomb in BOMBS:
        to_html(bomb[:N])

    assert time.process_time() - began < SECONDS


def test_what_would_take_long_is_shown_as_it_was_typed() -> None:
    assert to_html("[" * 5_000) == f"<pre>{'[' * 5_000}</pre>"


def test_long_texts_as_people_write_them_are_far_from_the_limit() -> None:
    link = "See [the graph](https://graphs.example/d/1?from=(now)) (and [INC-42]). "
    log = "2026-11-23 14:02:31 [ERROR] checkout[712]: pool (size 20) exhausted [retry 3\n"

    assert bracket_steps("\n\n".join([link * 20] * 100)) < MOST_STEPS / 2
    assert bracket_steps("\n\n".join([log * 40] * 40)) < MOST_STEPS
    assert "<a href" in to_html(link * 100)
    assert "too long to show" in to_html("a" * (TEXT_LIMIT + 1))


def archive_of(folder: Path, **parts: bytes) -> Path:
    path = folder / "b.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_backup_whose_small_parts_are_large_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_files, "LARGEST_BESIDE", 1000)
    path = archive_of(tmp_path, **{"manifest.json": b" " * 1001})

    with pytest.raises(FollowthroughError, match=r"manifest\.json .* Nothing was changed"), opened(path):
        pass


def test_a_backup_that_is_larger_than_the_disk_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_files, "free_bytes", lambda: 1000)
    path = archive_of(tmp_path, **{"followthrough.db": b" " * 1001})

    with pytest.raises(FollowthroughError, match="Make room"), opened(path):
        pass


def test_a_bomb_in_an_import_is_unpacked_to_its_limit_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_TOTAL", 1000)
    bomb = archive_of(tmp_path, **{"a.md": b" " * 20_000_000}).read_bytes()

    tracemalloc.start()
    try:
        with pytest.raises(RuleError, match="too much for the browser"):
            uploads.unpack([("b.zip", bomb)])
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 2_000_000
