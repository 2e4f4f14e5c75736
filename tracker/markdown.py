"""Markdown to HTML that is safe to show, whoever wrote it.

Ours takes no HTML: ``<nil>``, ``List<String>`` and ``<pod-name>`` are words that engineers type, and a tag that
somebody pastes is evidence. They are shown as they were typed. What comes out is cleaned all the same: two fences.
"""

import re
import threading

import nh3
from markdown import Markdown, inlinepatterns
from markupsafe import Markup

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
"""What Markdown makes; pictures are left out, for they would tell their server who reads."""
ATTRIBUTES = {"a": {"href", "title"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
PICTURES = (
    ("image_link", inlinepatterns.LinkInlineProcessor, inlinepatterns.IMAGE_LINK_RE, 150),
    ("image_reference", inlinepatterns.ReferenceInlineProcessor, inlinepatterns.IMAGE_REFERENCE_RE, 140),
    ("short_image_ref", inlinepatterns.ShortReferenceInlineProcessor, inlinepatterns.IMAGE_REFERENCE_RE, 125),
)
"""How Python-Markdown reads a picture, with the processors it has for links: name, processor, pattern, priority."""
TEXT_LIMIT = 400_000
"""Characters that are rendered; the longest real postmortem has 26,000."""

PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ .,;:!?'\"()/%–-])*(?<! )")
"""One line in which nothing can mean anything to Markdown or HTML: most timeline entries are one."""

REFERENCE = re.compile(r"(?<![\w/-])(INC|AI)-([1-9]\d{0,8})(?![\w-])")
SIGNS = re.compile(
    r"^[ \t>|:*=_-]+$"  # a rule, an underlined heading, the line below a table's head
    r"|^(?:[ \t>]|(?:#{1,6}|[-+*])[ \t])+"  # a quotation, a heading, a list
    r"|[*`|]+|~~+|(?<!\w)_+|(?<!_)_++(?!\w)",
    re.MULTILINE,
)
"""What Markdown means something by, for an excerpt to leave out."""
TAG_OR_TEXT = re.compile(r"(<[^>]*>)")


def to_html(text: str) -> Markup:
    """Cleaned HTML of a Markdown text, with ``INC-42`` and ``AI-7`` as links. Never raises, whatever the text.

    A line that was ended stays ended, as in GitHub's comments, and an empty line begins a paragraph: what was typed at
    three in the morning as lines must not run into one.
    """
    if len(text) > TEXT_LIMIT:
        return Markup("<pre>{}</pre>").format(text[:TEXT_LIMIT] + "\n… (the rest is too long to show)")
    if PLAIN.fullmatch(text):
        return Markup(_link_references(f"<p>{text}</p>"))  # noqa: S704  there is nothing in it to clean
    return convert(text)


def convert(text: str) -> Markup:
    """The long way, for texts in which something may mean something."""
    try:
        raw = _convert(text)
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


_mine = threading.local()
"""A converter takes longer to make than most texts to convert, and serves one thread at a time."""


def _convert(text: str) -> str:
    # Taken out while it works: one that failed in the middle is not used again.
    converter = _mine.__dict__.pop("converter", None) or _new_converter()
    html: str = converter.reset().convert(text)
    _mine.converter = converter
    return html


def _new_converter() -> Markdown:
    converter = Markdown(extensions=["tables", "fenced_code", "sane_lists", "nl2br"], output_format="html")
    # Without the two that look for HTML, "<" and "&" are text like any other and are escaped when it is written out.
    converter.preprocessors.deregister("html_block")
    converter.inlinePatterns.deregister("html")
    converter.ESCAPED_CHARS.append("<")
    # A picture becomes a link with its words: nothing is loaded from elsewhere, and nothing is lost.
    for name, kind, pattern, priority in PICTURES:
        converter.inlinePatterns.register(kind(pattern, converter), name, priority)
    return converter


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
    """The first words of a Markdown text, as plain text. ``lock_timeout``, ``a-b`` and ``<nil>`` stay as they are."""
    plain = " ".join(SIGNS.sub(" ", text).split())
    return plain if len(plain) <= length else plain[: length - 1].rsplit(" ", 1)[0] + "…"
