"""What our own export writes comes back the same, whatever people typed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.transfer.containers import decode
from tracker.transfer.dialect_writing import write_dialect
from tracker.transfer.keeping import find_lost_lines
from tracker.transfer.reading import read_postmortem
from tracker.transfer.values import (
    QUESTION_KEYS,
    ActionPromise,
    NotADocumentError,
    ReadPostmortem,
    ReadWhy,
    TimelineRow,
)

DATA = Path(__file__).parents[1] / "data" / "postmortems" / "dfds__postmortems"
EXAMPLE = """---
followthrough: 1
title: "Harbour API down"
ref: "INC-42"
zone: "UTC"
severity: "SEV2"
---

# Harbour API down

## Summary
<!-- ft:summary -->
It broke.

## Timeline of our own
- 09:00 no entry
<!-- /ft -->

## Timeline
<!-- ft:timeline -->
- 2026-11-23 09:05 UTC | detection | The alert fires.
  A second line.
- 2026-11-23 19:30 UTC "~19:30" {approximate} | event | a | b
- "2026-11-?? HH:mm" {unknown parts} | event | Some day
<!-- /ft -->

## Action items
<!-- ft:actions -->
- [x] Renew certificates by machine
  - ref: AI-7
  - owner: Ana Lund <ana@example.org>
  - due: 2026-12-01
  - kind: prevent
  - ticket: https://github.com/octo/harbour/issues/7
  > Detail
  > - with a list
<!-- /ft -->
"""


def back(found: ReadPostmortem) -> ReadPostmortem:
    return read_postmortem(write_dialect(found).encode(), name=found.name)


def content(found: ReadPostmortem) -> ReadPostmortem:
    """All that people wrote: without the traces of the file it came from."""
    return replace(
        found,
        front={},
        front_text="",
        placed=(),
        warnings=(),
        zone_text="",
        time_to_detect_text="",
        time_to_recover_text="",
    )


def test_the_example_is_read_as_it_says() -> None:
    found = read_postmortem(EXAMPLE.encode(), name="INC-42.md")

    assert (found.title, found.front["ref"], found.severity_text, found.zone) == (
        "Harbour API down",
        "INC-42",
        "SEV2",
        "UTC",
    )
    assert found.answers == {"summary": "It broke.\n\n## Timeline of our own\n- 09:00 no entry"}
    assert found.timeline[0] == TimelineRow(
        text="The alert fires.\nA second line.",
        at_text="2026-11-23 09:05 UTC",
        at=datetime(2026, 11, 23, 9, 5, tzinfo=UTC),
        local_at=datetime(2026, 11, 23, 9, 5),  # noqa: DTZ001
        on=date(2026, 11, 23),
        kind_hint="detection",
    )
    assert [(row.at_text, row.text, row.flags) for row in found.timeline[1:]] == [
        ("~19:30", "a | b", ("approximate",)),
        ("2026-11-?? HH:mm", "Some day", ("unknown parts",)),
    ]
    assert found.actions == (
        ActionPromise(
            title="Renew certificates by machine",
            detail="Detail\n- with a list",
            is_done=True,
            owner_text="Ana Lund <ana@example.org>",
            due_text="2026-12-01",
            due_on=date(2026, 12, 1),
            ticket_refs=("https://github.com/octo/harbour/issues/7",),
            kind_hint="prevent",
            extras=(("ref", "AI-7"),),
        ),
    )
    assert find_lost_lines(EXAMPLE, found) == ()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.md")), ids=lambda path: str(path.name)[:10])
def test_a_real_document_comes_back_the_same(path: Path) -> None:
    found = read_postmortem(path.read_bytes(), name=path.name)

    assert content(back(found)) == content(found)
    assert write_dialect(back(found)) == write_dialect(found)


LINES = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs", "Cc"]), max_size=25)
WORDS = LINES.map(str.strip).filter(bool)
TRICKS = st.sampled_from(
    [
        "<!-- ft:summary -->",
        "<!-- /ft -->",
        "\\<!-- /ft -->",
        "\\\\<!-- ft",
        "---",
        "# A",
        "  ",
        "- x",
        "  - owner: b",
        "  > c",
        "- [ ] d",
        '"e"',
        '"',
        "| f |",
        "- 2021-01-01 10:00 UTC | event | g",
        "{h}",
    ]
)
TEXTS = st.lists(st.one_of(TRICKS, LINES), min_size=1, max_size=5).map("\n".join)
MOMENTS = st.one_of(
    st.none(),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
)


@st.composite
def entries(draw: st.DrawFn) -> TimelineRow:
    at = draw(MOMENTS)
    hours = draw(st.sampled_from([0, 2, -8, 5.5]))
    local = at.replace(tzinfo=None) + timedelta(hours=hours) if at else None
    return TimelineRow(
        text=draw(TEXTS),
        at_text=draw(st.one_of(TRICKS, LINES)),
        at=at,
        local_at=local,
        on=local.date() if local else None,
        kind_hint=draw(st.sampled_from(["", "event", "decision"])),
        flags=tuple(draw(st.lists(st.sampled_from(["approximate", "no zone", "day or month first"]), unique=True))),
    )


ITEMS = st.builds(
    ActionPromise,
    title=st.one_of(TRICKS.filter(str.strip), WORDS),
    detail=st.one_of(st.just(""), TEXTS),
    is_done=st.booleans(),
    owner_text=st.one_of(st.just(""), TRICKS, WORDS),
    ticket_refs=st.lists(WORDS, max_size=2).map(tuple),
    kind_hint=st.sampled_from(["", "prevent"]),
    state_text=st.sampled_from(["", "in progress"]),
    priority_text=st.sampled_from(["", "P1"]),
    extras=st.lists(st.tuples(st.sampled_from(["ref", "lever"]), WORDS), max_size=2).map(tuple),
)
POSTMORTEMS = st.builds(
    ReadPostmortem,
    title=WORDS,
    name=st.just("INC-42.md"),
    severity_text=st.sampled_from(["", "SEV1"]),
    started_text=LINES,
    answers=st.dictionaries(st.sampled_from(QUESTION_KEYS), TEXTS, max_size=4),
    timeline=st.lists(entries(), max_size=3).map(tuple),
    actions=st.lists(ITEMS, max_size=3).map(tuple),
    whys=st.lists(
        st.builds(ReadWhy, text=st.one_of(TRICKS.filter(str.strip), WORDS), depth=st.integers(0, 3)), max_size=3
    ).map(tuple),
    contributing_factors=st.lists(WORDS, max_size=2).map(tuple),
    attendees=st.lists(WORDS, max_size=2).map(tuple),
    notes=st.lists(st.tuples(LINES, TEXTS), max_size=2).map(tuple),
)


@settings(max_examples=200, deadline=None)
@given(POSTMORTEMS)
def test_any_words_come_back_the_same(found: ReadPostmortem) -> None:
    assert content(back(found)) == content(found)


@settings(max_examples=100, deadline=None)
@given(POSTMORTEMS)
def test_no_line_of_an_export_is_lost(found: ReadPostmortem) -> None:
    text = write_dialect(found)

    assert find_lost_lines(decode(text.encode(), name="x"), read_postmortem(text.encode(), name="x")) == ()


def test_an_export_that_was_cut_off_is_refused() -> None:
    with pytest.raises(NotADocumentError, match="middle of a block"):
        read_postmortem(EXAMPLE[: EXAMPLE.index("- [x]")].encode(), name="INC-42.md")


def test_what_somebody_adds_by_hand_is_kept() -> None:
    found = read_postmortem((EXAMPLE + "\nAn afterthought.\n").encode(), name="INC-42.md")

    assert "An afterthought." in found.left_over
