"""Markdown to HTML that is safe to show, whoever wrote it."""

import re

import nh3
from markdown import Markdown
from markupsafe import Markup

TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "del", "details", "dl", "dt", "em", "h2", "h3", "h4", "h5", "h6",
    "hr", "kbd", "li", "ol", "p", "pre", "s", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}, "abbr": {"title"}}
SCHEMES = {"http", "https", "mailto"}
TEXT_LIMIT = 400_000
"""Characters that are rendered; the longest real postmortem has 26,000."""

REFERENCE = re.compile(r"(?<![\w/-])(INC|AI)-([1-9]\d{0,8})(?![\w-])")
TAG_OR_TEXT = re.compile(r"(<[^>]*>)")


def to_html(text: str) -> Markup:
    """Cleaned HTML of a Markdown text, with ``INC-42`` and ``AI-7`` as links. Never raises, whatever the text."""
    if len(text) > TEXT_LIMIT:
        return Markup("<pre>{}</pre>").format(text[:TEXT_LIMIT] + "\n… (the rest is too long to show)")
    try:
        raw = Markdown(extensions=["tables", "fenced_code", "sane_lists", "nl2br"], output_format="html").convert(text)
    except (RecursionError, ValueError, AttributeError, IndexError, AssertionError):
        # Python-Markdown is recursive and gives up on some hostile nesting: show the words as they were typed.
        return Markup("<pre>{}</pre>").format(text)
    cleaned = nh3.clean(
        _demote_headings(raw),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(_link_references(cleaned))  # noqa: S704  nh3 has cleaned it


def _demote_headings(html: str) -> str:
    """A page has one ``h1``, its own: a written ``#`` becomes ``h3``."""
    return re.sub(r"(</?)h([1-6])(?=[ >])", lambda m: f"{m[1]}h{min(int(m[2]) + 2, 6)}", html)


def _link_references(html: str) -> str:
    parts = TAG_OR_TEXT.split(html)
    inside = 0  # how deep in links or code, where references stay as they are
    for number, part in enumerate(parts):
        if part.startswith("<"):
            if re.match(r"<(a|code|pre)[ >]", part):
                inside += 1
            elif re.match(r"</(a|code|pre)>", part):
                inside -= 1
        elif not inside:
            parts[number] = REFERENCE.sub(_reference_link, part)
    return "".join(parts)


def _reference_link(match: re.Match[str]) -> str:
    folder = "incidents" if match[1] == "INC" else "actions"
    return f'<a href="/{folder}/{match[0]}">{match[0]}</a>'


def excerpt(text: str, length: int = 200) -> str:
    """The first words of a Markdown text, as plain text."""
    plain = " ".join(re.sub(r"[#*_`>|~-]+", " ", text).split())
    return plain if len(plain) <= length else plain[: length - 1].rsplit(" ", 1)[0] + "…"
