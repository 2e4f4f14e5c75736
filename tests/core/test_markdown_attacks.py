"""Markdown that attacks its readers: whatever somebody writes, a page of ours runs nothing and asks no other server."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.markdown import ATTRIBUTES, OWN_PICTURE, TAGS, to_html, with_links

pytestmark = pytest.mark.once
ATTACKS: list[str] = json.loads((Path(__file__).parents[1] / "data" / "attacks.json").read_text(encoding="utf-8"))
PICTURE = f"/incidents/INC-42/pictures/{'0123456789abcdef' * 2}"
LINKS = {"@Ana": "/actions?owner=1", "acme/shop#12": "https://tickets.example/12?a=1&b=2", "<img": "/x"}


def dangers(html: str) -> list[str]:
    """What in a piece of HTML could run, load or lead somewhere that it should not."""
    found = []
    for tag in BeautifulSoup(html, "html5lib").find_all(True):
        if tag.name in ("html", "head", "body"):
            continue
        if tag.name not in TAGS:
            found.append(f"<{tag.name}>")
        for name, value in tag.attrs.items():
            text = " ".join(value) if isinstance(value, list) else str(value)
            if name not in ATTRIBUTES.get(tag.name, set()) | {"rel"}:
                found.append(f"{tag.name} {name}")
            if name == "href" and urlsplit(text.strip()).scheme not in ("", "http", "https", "mailto"):
                found.append(f"{tag.name} {name} {text}")
            if name == "src" and not OWN_PICTURE.fullmatch(text):
                found.append(f"{tag.name} {name} {text}")
    return found


def test_no_attack_of_a_hundred_survives() -> None:
    survivors = {text: found for text in ATTACKS if (found := dangers(with_links(to_html(text), LINKS)))}

    assert len(set(ATTACKS)) >= 100
    assert survivors == {}


def test_the_check_itself_sees_what_it_looks_for() -> None:
    for html in (
        "<script>x</script>",
        "<p onclick=x>",
        "<a href='javascript:x'>",
        "<img src='https://evil.example/x'>",
    ):
        assert dangers(html)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=30)), max_size=4).map("".join))
def test_attacks_put_together_and_any_text_between_them_are_safe(text: str) -> None:
    assert dangers(with_links(to_html(text), LINKS)) == []


def test_only_our_own_pictures_are_shown() -> None:
    shown = BeautifulSoup(to_html(f"![The graph]({PICTURE})"), "html5lib").img
    other = to_html("![The graph](https://elsewhere.example/x.png)")

    assert shown is not None
    assert (shown["src"], shown["alt"], shown["loading"]) == (PICTURE, "The graph", "lazy")
    assert "<img" not in other
    assert ">The graph</a>" in other


def test_people_and_tickets_become_links_in_text_and_nowhere_else() -> None:
    html = with_links(
        to_html("@Ana closed acme/shop#12, not `@Ana`, [@Ana](https://a.example), x@Ana or acme/shop#123."), LINKS
    )

    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', html)
    assert links == [
        ("/actions?owner=1", "@Ana"),
        ("https://tickets.example/12?a=1&amp;b=2", "acme/shop#12"),
        ("https://a.example", "@Ana"),
    ]
