"""Markdown: a plain line takes a short way, which must lead to the same place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import markdown

CHARACTERS = [*"aZé9 .,;:!?'\"()/%–-*_`#<>&[]|\\+=~\n\t\u00a0"]
PIECES = st.sampled_from([*CHARACTERS, "  ", "1. ", "- ", "INC-42", "http://x.example"])
TEXTS = st.lists(PIECES, max_size=30).map("".join) | st.from_regex(markdown.PLAIN, fullmatch=True)


@given(TEXTS)
def test_a_plain_line_is_what_the_converter_makes_of_it(text: str) -> None:
    assert markdown.to_html(text) == markdown.convert(text)


@pytest.mark.parametrize("text", ["Deploy finished.", "Who: Ana (on call), see INC-42/AI-7 - at 10:05", "É"])
def test_ordinary_lines_take_the_short_way(text: str) -> None:
    assert markdown.PLAIN.fullmatch(text)


def test_one_text_leaves_nothing_behind_in_the_next() -> None:
    first = markdown.to_html("[one]: https://one.example\n\nsee [one]")
    second = markdown.to_html("see [one]")

    assert "one.example" in first
    assert "one.example" not in second
