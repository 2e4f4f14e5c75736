"""Nothing is lost, whatever the text, and reading takes work in proportion to its length."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tracker.transfer.containers import decode
from tracker.transfer.keeping import bare, find_lost_lines
from tracker.transfer.reading import read_documents, read_postmortem
from tracker.transfer.values import NotADocumentError, ReadPostmortem

DOCUMENT = """# Harbour down

## Summary

It broke.

## Timeline

| Time | Event |
|------|-------|
| 2021-06-22 08:29 | Alert |
| 2021-06-22 08:29 | Alert |

## Root cause

- A <pod name>

## Action items

- [ ] Deploy (owner: Ana)
"""


def read(text: str) -> ReadPostmortem:
    return read_postmortem(text.encode(), name="x.md")


def test_all_lines_of_a_document_are_found() -> None:
    assert find_lost_lines(DOCUMENT, read(DOCUMENT)) == ()


@pytest.mark.parametrize(
    ("lose", "lines"),
    [
        (lambda found: replace(found, answers={}), ("It broke.", "- A <pod name>")),
        (lambda found: replace(found, title=""), ()),
        (
            lambda found: replace(found, title="", placed=()),
            ("# Harbour down", "## Summary", "## Timeline", "| Time | Event |", "## Root cause", "## Action items"),
        ),
        (lambda found: replace(found, timeline=()), ("| 2021-06-22 08:29 | Alert |", "| 2021-06-22 08:29 | Alert |")),
        (
            lambda found: replace(found, timeline=found.timeline[:1]),
            ("| 2021-06-22 08:29 | Alert |", "| 2021-06-22 08:29 | Alert |"),
        ),
        (
            lambda found: replace(found, timeline=tuple(replace(row, text="") for row in found.timeline)),
            ("| 2021-06-22 08:29 | Alert |", "| 2021-06-22 08:29 | Alert |"),
        ),
        (lambda found: replace(found, actions=()), ("- [ ] Deploy (owner: Ana)",)),
        (
            lambda found: replace(found, actions=(replace(found.actions[0], title="Deploy"),)),
            ("- [ ] Deploy (owner: Ana)",),
        ),
    ],
)
def test_a_lost_line_is_noticed(lose: Callable[[ReadPostmortem], ReadPostmortem], lines: tuple[str, ...]) -> None:
    assert find_lost_lines(DOCUMENT, lose(read(DOCUMENT))) == lines


def test_what_follows_a_comment_is_found_in_a_place_of_its_own() -> None:
    text = "# Title\n\n<!-- Say what users saw -->Carts were empty.\n"
    read = read_postmortem(text.encode(), name="x.md")

    assert find_lost_lines(text, read) == ()
    assert find_lost_lines(text, replace(read, left_over=())) == ("<!-- Say what users saw -->Carts were empty.",)


def test_only_the_signs_of_markdown_do_not_count() -> None:
    assert bare("  - [x] **A** ~9:00? | b,") == "A~900?b,"
    assert bare("### 1) A") == "A"
    assert bare("---") == bare("```") == bare("|:--|--:|") == ""


PIECES = st.sampled_from(
    [
        "# T",
        "## Timeline",
        "## Action items",
        "### 16:30",
        "## Impact",
        "Impact",
        "======",
        "---",
        "**Summary**",
        "**Impact:** all",
        "- 2021-01-01 10:00 it broke",
        "- 10:05: worse",
        "* [???] x",
        "10/20/2022 - y",
        "2021-01-01",
        "_4/21/23_",
        "All times in CET.",
        "- [x] done",
        "- [ ] open @ana",
        "1. one (DONE)",
        "  - nested",
        "    code",
        "| a | b |",
        "|---|---|",
        "| 10:00 | c |",
        "| Time | Event |",
        "```",
        "~~~ py",
        "<!--",
        "-->",
        "<!-- a -->",
        "> quote",
        "[a]: http://x.y/z",
        "see [a]",
        "N/A",
        "{{ summary }}",
        "+++",
        "followthrough: 1",
        "- Severity: 1",
        "## Five whys",
        "- why",
        "",
        "",
        "  ",
        "\t- tab",
        "Root cause:",
        "## Corrective actions",
        "| Action | Owner |",
        "- | -",
        "#",
        "##  ##",
        "<!-- ft:summary -->",
        "<!-- /ft -->",
    ]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=30).map("\n".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example("<!-->AA")
def test_any_text_is_read_without_loss_or_refused_with_a_sentence(text: str) -> None:
    content = text.encode("utf-8", errors="replace")
    try:
        found = read_postmortem(content, name="x.md")
    except NotADocumentError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return

    assert find_lost_lines(decode(content, name="x.md"), found) == ()
    assert all(row.at is None or row.at.tzinfo is not None for row in found.timeline)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_incidents_read_apart_lose_nothing_either(text: str) -> None:
    content = text.encode("utf-8", errors="replace")
    try:
        found = read_documents(content, name="x.md")
    except NotADocumentError:
        return

    if len(found) > 1:
        for line in decode(content, name="x.md").split("\n"):
            wanted = bare(line)
            assert not wanted or any(line not in find_lost_lines(line, one) for one in found)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    try:
        read_postmortem(content, name="x.md")
    except NotADocumentError as error:
        assert str(error).endswith(".")  # noqa: PT017


@contextmanager
def counting_lines() -> Iterator[list[int]]:
    """Counts the lines of our own code that run: a measure of work that no busy machine can disturb."""
    count = [0]
    ours = str(Path(re.sub(r"tests[/\\].*", "", __file__)) / "tracker")

    def trace(frame: FrameType, event: str, _: object) -> object:
        if not frame.f_code.co_filename.startswith(ours):
            return None
        count[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        yield count
    finally:
        sys.settrace(before)


GROWING: dict[str, Callable[[int], str]] = {
    "rows of a table": lambda n: "# T\n## Timeline\n| Time | Event |\n|---|---|\n" + "| 2021-01-01 10:00 | x |\n" * n,
    "bullets with times": lambda n: "# T\n## Timeline\n" + "- 10:00 x\n" * n,
    "headings with times": lambda n: "# T\n## Timeline\n" + "### 10:00\nx\n" * n,
    "paragraphs of a timeline": lambda n: "# T\n## Timeline\n- 10:00 x\n" + "\nparagraph\n" * n,
    "lists nested ever deeper": lambda n: (
        "# T\n## Action items\n" + "".join("  " * (i % 400) + "- x\n" for i in range(n))
    ),
    "whys nested ever deeper": lambda n: "# T\n## Five whys\n" + "".join("  " * (i % 400) + "- x\n" for i in range(n)),
    "items": lambda n: "# T\n## Action items\n" + "- [ ] x @ana #1\n" * n,
    "one item of many lines": lambda n: "# T\n## Action items\n- x\n" + "  more\n" * n,
    "unknown headings": lambda n: "".join(f"# Part {n} {i}\ntext\n" for i in range(n)),
    "known headings": lambda n: "# T\n" + "## Summary\ntext\n" * n,
    "headings without words": lambda n: "# T\n" + "##\ntext\n" * n,
    "labels below a question": lambda n: "# T\n## Summary\n" + "**Impact**\n\ntext\n" * n,
    "fences": lambda n: "# T\n" + "```\ncode\n```\n" * n,
    "comments that open": lambda n: "# Title\n" + "<!--\n" * n,
    "link definitions": lambda n: "# T\n## Summary\nx\n" + "".join(f"[a{i}]: http://x.y/{i}\n" for i in range(n)),
    "blank lines": lambda n: "# T\n## Timeline\n- 10:00 x\n" + "\n" * n,
}


@pytest.mark.parametrize("shape", GROWING, ids=str)
def test_twice_the_lines_are_twice_the_work(shape: str) -> None:
    work = []
    for count in (400, 800, 1600):
        text = GROWING[shape](count)
        with counting_lines() as lines:
            read(text)
        work.append(lines[0])

    assert work[2] - work[1] <= 2.6 * (work[1] - work[0]) + 200


LONG_LINES: dict[str, str] = {
    "pipes": "|" * 300_000,
    "pipes and dashes": "|-" * 150_000,
    "stars": "*" * 300_000,
    "stars and spaces": "* " * 150_000,
    "hashes": "#" * 300_000,
    "hash and spaces": "## a" + " #" * 150_000,
    "brackets": "- " + "[" * 300_000,
    "links without end": "- " + "[a](" * 75_000,
    "braces": "- " + "{{" * 150_000,
    "digits": "- " + "1" * 300_000,
    "digits and colons": "- " + "1:" * 150_000,
    "times": "- " + "10:00 - " * 40_000,
    "backticks": "`" * 300_000,
    "quotes": ">" * 300_000,
    "spaces": "- a" + " " * 300_000 + "b",
    "spaces before": " " * 300_000 + "- a",
    "words": "- " + "a " * 150_000,
    "question marks": "- " + "?" * 300_000,
    "backslashes": "|" + "\\" * 300_000,
    "owners": "- " + "owner: " * 40_000,
    "handles": "- " + "@a " * 100_000,
    "tildes": "~" * 300_000,
    "capital letters": "- " + "AB-" * 100_000,
    "addresses": "- " + "https://" * 40_000,
    "label": "**" + "a" * 300_000 + "**",
}


@pytest.mark.parametrize("kind", LONG_LINES, ids=str)
@pytest.mark.parametrize("heading", ["## Timeline", "## Action items", "## Summary", "## Attendees", "## Five whys"])
@pytest.mark.timeout(20)
def test_a_very_long_line_is_read_without_loss(kind: str, heading: str) -> None:
    text = f"# T\n\n{heading}\n\n{LONG_LINES[kind]}\n"

    assert find_lost_lines(text, read(text)) == ()


@pytest.mark.timeout(60)
def test_ten_thousand_rows_are_all_read() -> None:
    lines = "".join(f"| 2021-01-01 {i // 60 % 24:02}:{i % 60:02} | event {i} |\n" for i in range(10_000))
    text = f"# T\n## Timeline (UTC)\n| Time | Event |\n|---|---|\n{lines}"

    found = read(text)

    assert len(found.timeline) == 10_000
    assert find_lost_lines(text, found) == ()
