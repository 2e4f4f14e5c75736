"""From a message's three templates and its values to subject, text and HTML. Reads nothing else, sends nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import escape
from mjml import mjml2html
from sqlalchemy.exc import SQLAlchemyError

from tracker import words

MAX_HTML_BYTES = 100_000  # Gmail clips a mail at 102 kB and hides the rest, the footer's links with it
MAX_POST = 3_000
"""Characters of a message in a channel; the strictest service takes 2,000 and is given what fits."""
FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


class MailTemplateError(Exception):
    """A template is missing or broken, or was not given a value it shows. Nothing is sent half."""


@dataclass(frozen=True)
class RenderedMail:
    """What a person reads. `subject` is one line; `html` is whole and loads nothing from anywhere."""

    subject: str
    text: str
    html: str


def mail_environment(templates: Path) -> jinja2.Environment:
    """The Jinja environment for mails: `templates` is the folder that holds `mail/`.

    Values are escaped in MJML and left as they are in text, and a value that is missing is an error, not a gap.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=_is_markup,  # noqa: S701  it escapes all but .txt; the rule knows no function of ours
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=words.day_text, duration=words.duration)
    environment.globals.update(count=words.count, share=words.share)
    return environment


def render_mail(environment: jinja2.Environment, message: str, /, **context: object) -> RenderedMail:
    """Render `mail/<message>/{subject.txt,body.txt,body.mjml}`. Raises MailTemplateError."""
    _refuse_unescaped(environment)
    subject, text, mjml = _filled(environment, message, "subject.txt", "body.txt", "body.mjml", context=context)
    return RenderedMail(subject=_one_line(subject), text=_tidy(text), html=_html(mjml, message=message))


def render_plainly(environment: jinja2.Environment, message: str, /, **context: object) -> RenderedMail | None:
    """What goes when `render_mail` cannot make the mail: its text alone; ``None`` when that is broken too."""
    try:
        subject, text = _filled(environment, message, "subject.txt", "body.txt", context=context)
    except MailTemplateError:
        return None
    return plain_mail(_one_line(subject), _tidy(text))


def plain_mail(subject: str, text: str) -> RenderedMail:
    """A mail without any layout; programs make links of the addresses in it."""
    return RenderedMail(subject, text, f'<pre style="white-space: pre-wrap; font: inherit">{escape(text)}</pre>\n')


def render_post(environment: jinja2.Environment, message: str, /, **context: object) -> tuple[str, str]:
    """Render `mail/<message>/{subject.txt,chat.txt}`: the title and the plain text for a chat channel.

    What people typed calls nobody there ("@channel") and loads no picture. Raises MailTemplateError.
    """
    _refuse_unescaped(environment)
    subject, text = _filled(environment, message, "subject.txt", "chat.txt", context=context)
    return _harmless(_one_line(subject)), _harmless(_tidy(text))[:MAX_POST]


def _filled(
    environment: jinja2.Environment, message: str, *names: str, context: Mapping[str, object]
) -> tuple[str, ...]:
    try:
        return tuple(environment.get_template(f"mail/{message}/{name}").render(context) for name in names)
    except SQLAlchemyError:
        raise  # the database's fault, not the template's: nothing is written, and the next round begins again
    except Exception as error:  # a template calls what it is given: anything may go wrong in it
        raise MailTemplateError(f"The mail “{message}” could not be written: {error}.") from error


def _harmless(text: str) -> str:
    return text.replace("@", "@\u200b").replace("](", "] (")


def _is_markup(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")


def _refuse_unescaped(environment: jinja2.Environment) -> None:
    escapes = environment.autoescape
    is_escaped, is_plain = (escapes("x.mjml"), not escapes("x.txt")) if callable(escapes) else (escapes, not escapes)
    if not (is_escaped and is_plain):
        raise ValueError("Mails need an environment that escapes in .mjml and not in .txt: see mail_environment().")


def _html(mjml: str, *, message: str) -> str:
    try:
        html = mjml2html(FORBIDDEN_IN_XML.sub(REPLACEMENT, mjml), fonts={})  # else Roboto is loaded from the web
    except ValueError as error:
        raise MailTemplateError(f"The layout of the mail “{message}” is broken: {error}.") from error
    left_over = re.search(r"</?(mj-?[a-z]*)", html)
    if left_over:
        raise MailTemplateError(f"The layout of the mail “{message}” uses <{left_over[1]}> where it means nothing.")
    size = len(html.encode())
    if size > MAX_HTML_BYTES:
        raise MailTemplateError(f"The mail “{message}” has {size:,} bytes of HTML; mail programs cut it off there.")
    return html


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _tidy(text: str) -> str:
    """No more than one empty line in a row, none at the ends; the signature's `-- ` keeps its space."""
    lines = (line if line == "-- " else line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
