"""Markdown to HTML that is safe to show, whoever wrote it.

Ours takes no HTML: ``<nil>``, ``List<String>`` and ``<pod-name>`` are words that engineers type, and a tag that
somebody pastes is evidence. They are shown as they were typed. What comes out is cleaned all the same: two fences.
"""

import re
import threading
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

import nh3
from markdown import Markdown, inlinepatterns
from markupsafe import Markup, escape

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
"""What Markdown makes; of pictures only our own, for others would tell their server who reads."""
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "loading"},
    "th": {"align"},
    "td": {"align"},
    "ol": {"start"},
}
SCHEMES = {"http", "https", "mailto"}
OWN_PICTURE = re.compile(r"/incidents/INC-[1-9]\d{0,8}/pictures/[0-9a-f]{32}")
"""The address of a picture that we keep; who may not see its incident does not see it either."""


class PictureProcessor(inlinepatterns.LinkInlineProcessor):
    """A picture of ours is shown; any other becomes a link with its words."""

    def handleMatch(  # type: ignore[override]  # noqa: N802  Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | str | None, int | None, int | None]:
        link, start, end = super().handleMatch(m, data)
        address = "" if link is None or isinstance(link, str) else link.get("href") or ""
        if link is None or isinstance(link, str) or not OWN_PICTURE.fullmatch(address):
            return link, start, end
        return Element("img", src=address, alt=self.unescape(link.text or ""), loading="lazy"), start, end


PICTURES = (
    ("image_link", PictureProcessor, inlinepatterns.IMAGE_LINK_RE, 150),
    ("image_reference", inlinepatterns.ReferenceInlineProcessor, inlinepatterns.IMAGE_REFERENCE_RE, 140),
    ("short_image_ref", inlinepatterns.ShortReferenceInlineProcessor, inlinepatterns.IMAGE_REFERENCE_RE, 125),
)
"""How Python-Markdown reads a picture, with the processors it has for links: name, processor, pattern, priority."""
TEXT_LIMIT = 400_000
"""Characters that are rendered; the longest real postmortem has 26,000."""

MOST_STEPS = 3_000_000
"""Python-Markdown looks from each bracket for the one that closes it, a second for so many characters. Ten thousand
brackets that nothing closes would take minutes."""

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
BRACKET = re.compile(r"\[|\]\(?|[()]")
TAG_OR_TEXT = re.compile(r"(<[^>]*>)")


def to_html(text: str) -> Markup:
    """Cleaned HTML of a Markdown text, with ``INC-42`` and ``AI-7`` as links. Never raises, whatever the text.

    A line that was ended stays ended, as in GitHub's comments, and an empty line begins a paragraph: what was typed at
    three in the morning as lines must not run into one.
    """
    if len(text) > TEXT_LIMIT:
        return Markup("<pre>{}</pre>").format(text[:TEXT_LIMIT] + "\n… (the rest is too long to show)")
    if bracket_steps(text) > MOST_STEPS:
        return Markup("<pre>{}</pre>").format(text)
    if PLAIN.fullmatch(text):
        return Markup(_link_references(f"<p>{text}</p>"))  # noqa: S704  there is nothing in it to clean
    return convert(text)


def bracket_steps(text: str) -> int:
    """How many characters are looked at to find where brackets close: to the end of the paragraph, if they do not."""
    return sum(map(_steps, text.split("\n\n"))) if "[" in text else 0


def _steps(paragraph: str) -> int:
    steps, length = 0, len(paragraph)
    words: list[int] = []
    addresses: list[int] = []
    for match in BRACKET.finditer(paragraph):
        sign, place = match[0], match.start()
        if sign == "[":
            words.append(place)
        elif sign == "(":
            addresses.append(length)  # of an aside: nobody looks for its end
        elif sign == ")":
            steps += max(0, place - addresses.pop()) if addresses else 0
        else:
            steps += place - words.pop() if words else 0
            if sign == "](":
                addresses.append(place)
    return steps + sum(length - start for start in (*words, *addresses))


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
        attribute_filter=_only_own_pictures,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(_link_references(cleaned))  # noqa: S704  nh3 has cleaned it


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        return value if OWN_PICTURE.fullmatch(value) else None
    return value


def with_links(html: Markup, links: Mapping[str, str]) -> Markup:
    """The same with each of these words as a link to its address, where it stands in text and in no link or code."""
    if not links:
        return html
    written = {str(escape(word)): address for word, address in links.items()}
    longest_first = sorted(map(re.escape, written), key=len, reverse=True)
    words = re.compile(rf"(?<![\w@/#-])(?:{'|'.join(longest_first)})(?![\w-])")

    def link(match: re.Match[str]) -> str:
        return f'<a href="{escape(written[match[0]])}" rel="noopener noreferrer nofollow">{match[0]}</a>'

    return Markup(_in_text(html, words, link))  # noqa: S704  it was clean, and what is added is escaped


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
    return _in_text(html, REFERENCE, _reference_link)


def _in_text(html: str, words: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> str:
    parts = TAG_OR_TEXT.split(html)
    inside = 0  # how deep in links or code, where references stay as they are
    for number, part in enumerate(parts):
        if part.startswith("<"):
            if re.match(r"<(a|code|pre)[ >]", part):
                inside += 1
            elif re.match(r"</(a|code|pre)>", part):
                inside -= 1
        elif not inside:
            parts[number] = words.sub(replace, part)
    return "".join(parts)


def _reference_link(match: re.Match[str]) -> str:
    folder = "incidents" if match[1] == "INC" else "actions"
    return f'<a href="/{folder}/{match[0]}">{match[0]}</a>'


def excerpt(text: str, length: int = 200) -> str:
    """The first words of a Markdown text, as plain text. ``lock_timeout``, ``a-b`` and ``<nil>`` stay as they are."""
    plain = " ".join(SIGNS.sub(" ", text).split())
    return plain if len(plain) <= length else plain[: length - 1].rsplit(" ", 1)[0] + "…"
