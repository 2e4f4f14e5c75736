"""Markdown: a plain line takes a short way, which must lead to the same place."""

import pytest
from bs4 import BeautifulSoup
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


AS_TYPED = (
    "got <nil> from List<String>, a < b",
    "pod <pod-name> is <none>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='data:text/html,x' onclick=alert(1)>x</a>",
    "<svg/onload=alert(1)>",
    "<!-- what was meant -->",
    "line<br>line <sup>2</sup> <details>more</details>",
    "<![CDATA[x]]> <?php x ?> <!DOCTYPE html>",
    "if (a < b && c > d) { return vector<int>(); }",
    "<div>\n\n</div>",
    "AT&T R&D",
)


@pytest.mark.parametrize("text", AS_TYPED)
def test_what_looks_like_html_is_shown_as_it_was_typed(text: str) -> None:
    shown = BeautifulSoup(markdown.to_html(text), "html.parser")

    assert shown.get_text().split() == text.split()
    assert {tag.name for tag in shown.find_all()} <= {"p"}


@pytest.mark.parametrize("text", AS_TYPED)
def test_code_shows_it_as_it_was_typed_too(text: str) -> None:
    block = BeautifulSoup(markdown.to_html(f"```\n{text}\n```"), "html.parser")

    assert block.get_text().strip() == text
    assert [tag.name for tag in block.find_all()] == ["pre", "code"]


def test_a_word_in_code_is_escaped_once() -> None:
    shown = BeautifulSoup(markdown.to_html("returned `<nil> & more`"), "html.parser")

    assert shown.get_text() == "returned <nil> & more"


@given(st.lists(PIECES | st.sampled_from(["<b>", "</b>", "<a href=x onclick=y>", "<!--", "-->", "&lt;"])).map("".join))
def test_no_text_makes_an_element_that_markdown_has_not(text: str) -> None:
    shown = BeautifulSoup(markdown.to_html(text), "html.parser")

    for tag in shown.find_all():
        assert tag.name in markdown.TAGS
        assert set(tag.attrs) <= {"href", "title", "rel", "align", "start"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see <https://x.example/?a=1&b=2>", "https://x.example/?a=1&b=2"),
        ("ask <ana@x.example>", "mailto:ana@x.example"),
    ],
)
def test_an_address_between_angle_brackets_is_a_link(text: str, address: str) -> None:
    [link] = BeautifulSoup(markdown.to_html(text), "html.parser").find_all("a")

    assert link["href"] == address


def test_a_picture_is_a_link_with_its_words() -> None:
    shown = BeautifulSoup(markdown.to_html("![the graph](https://x.example/g.png)"), "html.parser")

    assert [link["href"] for link in shown.find_all("a")] == ["https://x.example/g.png"]
    assert shown.get_text() == "the graph"
    assert not shown.find_all("img")


def test_an_escaped_bracket_needs_no_sign_before_it() -> None:
    assert markdown.to_html(r"\<nil>") == "<p>&lt;nil&gt;</p>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("got <nil> from List<String>, a -> b", "got <nil> from List<String>, a -> b"),
        ("> quoted\n\n## Why\n\n- **one** `two_three`", "quoted Why one two_three"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("see #12, ~5 ref-updates\n---\n_now_", "see #12, ~5 ref-updates now"),
        ("x" + "_" * 100_000 + "x", "x" + "_" * 198 + "…"),
    ],
)
def test_an_excerpt_leaves_out_the_signs_and_keeps_the_words(text: str, words: str) -> None:
    assert markdown.excerpt(text) == words
