"""Texts as they are sent to trackers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.clients.ticket_text import (
    checked_marker,
    defused,
    marker_comment,
    marker_label,
    new_marker,
    ticket_body,
    ticket_title,
    unlinked,
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
