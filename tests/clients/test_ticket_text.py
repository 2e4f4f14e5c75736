"""Texts as they are sent to trackers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.clients.ticket_text import (
    checked_marker,
    defused,
    due_line,
    marker_comment,
    marker_label,
    new_marker,
    ticket_body,
    ticket_title,
    unlinked,
    with_due_line,
)

pytestmark = pytest.mark.once

LIMIT = 300
ANY_TEXT = st.text(max_size=2000)


@given(ANY_TEXT)
def test_a_title_is_one_line_and_fits(text: str) -> None:
    title = ticket_title(text, limit=LIMIT)

    assert len(title) <= LIMIT
    assert len(title.splitlines()) <= 1


@given(ANY_TEXT)
def test_a_body_fits_and_keeps_its_ending(text: str) -> None:
    ending = marker_comment("AI-7:0123456789abcdef")

    body = ticket_body(text, limit=LIMIT, ending=ending)

    assert len(body) <= LIMIT
    assert body.endswith(ending)
    assert body.count("<!-- followthrough:") == 1


def test_a_cut_is_told_where_it_happens() -> None:
    assert "too long for the tracker" in ticket_body("x" * 301, limit=LIMIT)
    assert ticket_body("x" * 300, limit=LIMIT) == "x" * 300


@pytest.mark.parametrize(
    "text", ["@ana", "(@acme/team)", "hi @ana, @bo", "[~ana]", "[~accountid:5b10]", "_@ana_", ".@ana", "é@ana"]
)
def test_mentions_are_harmless_and_look_the_same(text: str) -> None:
    safe = defused(text)

    assert safe != text
    assert safe.replace("\u200b", "") == text


@pytest.mark.parametrize("text", ["ana@example.com", "a @ b", "[link|https://x]", "50% @", "git@github.com:acme/shop"])
def test_what_is_no_mention_stays(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("see #12", "see #|12"),
        ("acme/shop#12 and GH-7", "acme/shop#|12 and GH-|7"),
        ("https://example.com/wiki#12 and # 12 and #heading", "https://example.com/wiki#12 and # 12 and #heading"),
    ],
)
def test_a_number_links_to_no_issue_by_accident_and_addresses_stay(text: str, reads: str) -> None:
    assert unlinked(text) == reads.replace("|", "\u200b")


def test_markers_differ_and_fit_where_they_go() -> None:
    first, second = new_marker("AI-7"), new_marker("AI-7")

    assert first != second
    assert len(first) <= 64
    assert marker_comment(first) == f"<!-- followthrough:{first} -->"
    assert marker_label(first) == "followthrough-" + first.partition(":")[2]


@pytest.mark.parametrize("text", ["", "AI-7", "AI-7:short", "AI-7:0123456789abcdef -->", "AI-7:0123 456789abcdef"])
def test_what_is_not_a_marker_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Not a marker"):
        checked_marker(text)


MARKER = "AI-7:0123456789abcdef"
ENDING = f"{due_line(date(2026, 12, 24))}\n{marker_comment(MARKER)}"


@pytest.mark.parametrize("before", ["", "Why.\n\n", "**Due:** 1 Dec 2026, says Ana\r\n\r\n", "@ana #12 \u200b\n\n\n"])
@pytest.mark.parametrize("after", ["", "\nA person wrote on.\n**Due:** 1 Dec 2026"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_due_date_changes_its_own_line_and_no_other_letter(before: str, after: str, newline: str) -> None:
    text = before + ENDING.replace("\n", newline) + after

    later = with_due_line(text, marker=MARKER, day=date(2027, 1, 1))
    none = with_due_line(text, marker=MARKER, day=None)

    assert later == text.replace("24 Dec 2026", "1 Jan 2027")
    assert none == text.replace("24 Dec 2026", "no date")
    assert with_due_line(none, marker=MARKER, day=date(2026, 12, 24)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        marker_comment(MARKER),
        ENDING.replace("24 Dec 2026", "24 Dec 2026, or later"),
        ENDING.replace("24 Dec 2026", "before Christmas"),
        ENDING.replace("\n", "\n\n"),
        ENDING.replace("AI-7", "AI-8"),
        f"{ENDING}\n{ENDING}",
    ],
)
def test_what_people_made_of_the_line_is_theirs(text: str) -> None:
    assert with_due_line(text, marker=MARKER, day=date(2027, 1, 1)) is None
