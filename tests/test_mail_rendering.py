"""Every mail: one line of subject, a text that says it all, HTML that is safe, whole and loads nothing."""

import re
from pathlib import Path

import jinja2
import pytest
from bs4 import BeautifulSoup
from sqlalchemy.exc import OperationalError

from tracker.mail_rendering import MailTemplateError, RenderedMail, mail_environment, render_mail
from tracker.paths import TEMPLATES

SIGN_IN = {
    "person_name": "Ana",
    "email": "ana@example.org",
    "sign_in_url": "https://followthrough.example.org/sign-in/link/abc?next=%2Factions&x=1",
    "valid_for": "30 minutes",
    "base_url": "https://followthrough.example.org",
}
NASTY = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> {{ 7 * 7 }} </mj-text> & 'so' &lt;"

SUBJECT = "{{ subject }}"
PARTS = "item_rows, facts, figures, quoted, subheading, button, paragraph"
BODY = """
{%- block heading %}{{ heading }}{% endblock %}
{%- block body %}
{% call paragraph() %}{{ lead }}{% endcall %}

{{ subheading("Not finished then") }}
{{ item_rows(rows) }}
{{ facts(pairs) }}
{{ subheading("Last week") }}
{{ figures(heads, figure_rows) }}
{{ quoted(words, who) }}
{% endblock %}
{% block button %}{{ button("Open the incident", href) }}{% endblock %}
{% block reason %}{{ reason }}{% endblock %}
"""
EVERYTHING = {
    "mail/everything/subject.txt": SUBJECT,
    "mail/everything/body.txt": (
        '{% extends "mail/_layout.txt" %}{% from "mail/_parts.txt" import ' + PARTS + " %}" + BODY
    ),
    "mail/everything/body.mjml": (
        '{% extends "mail/_layout.mjml" %}{% from "mail/_parts.mjml" import ' + PARTS + " %}"
        "{% block preheader %}{{ lead }}{% endblock %}" + BODY
    ),
}
ROWS = [
    {
        "ref": "AI-7",
        "title": "Alert when the queue is older than five minutes",
        "href": "https://followthrough.example.org/actions/AI-7",
        "detail": "Overdue by 33 days, Ana Lindqvist",
        "is_urgent": True,
    },
    {
        "ref": "AI-9",
        "title": "Bound the number of retries in payment-gateway-reconciliation-worker",
        "href": "https://followthrough.example.org/actions/AI-9",
        "detail": "Done, not verified yet",
        "is_urgent": False,
    },
]
CONTEXT = {
    "subject": "INC-61 looks like INC-42",
    "heading": "INC-61 looks like INC-42, 61 days ago",
    "lead": "Checkout is slow again. Of the five items of the last time, two are verified.",
    "rows": ROWS,
    "pairs": [("Service", "checkout"), ("Severity", "SEV2"), ("Declared", "23 Nov 2026, 09:12 UTC")],
    "heads": ["Team", "Due", "On time", "Overdue"],
    "figure_rows": [["Payments", "12", "9 of 12", "3"], ["Search and recommendations", "8", "8 of 8", "0"]],
    "words": "The queue was full because the retries had no bound.\nWe promised a limit.",
    "who": "Bo, postmortem of INC-42",
    "href": "https://followthrough.example.org/incidents/INC-61",
    "reason": "You get this because you own AI-7.",
    "preferences_url": "https://followthrough.example.org/preferences",
    "unsubscribe_url": "https://followthrough.example.org/unsubscribe/xyz",
}


@pytest.fixture(scope="module")
def environment() -> jinja2.Environment:
    """The environment of the application, with one message more that uses every part."""
    environment = mail_environment(TEMPLATES)
    assert environment.loader
    environment.loader = jinja2.ChoiceLoader([jinja2.DictLoader(EVERYTHING), environment.loader])
    return environment


def everything(environment: jinja2.Environment, **changes: object) -> RenderedMail:
    return render_mail(environment, "everything", **{**CONTEXT, **changes})


def page(mail: RenderedMail) -> BeautifulSoup:
    return BeautifulSoup(mail.html, "html.parser")


def test_a_sign_in_mail_says_who_what_and_how_long(environment: jinja2.Environment) -> None:
    mail = render_mail(environment, "sign_in_link", **SIGN_IN)

    assert mail.subject == "Your sign-in link for Followthrough"
    for part in (mail.text, page(mail).get_text(" ", strip=True)):
        assert "Hello Ana, here is the link you asked for. It works once and for 30 minutes." in part
        assert "for ana@example.org" in part
        assert SIGN_IN["sign_in_url"] in part


def test_a_sign_in_mail_greets_a_person_without_a_name(environment: jinja2.Environment) -> None:
    mail = render_mail(environment, "sign_in_link", **{**SIGN_IN, "person_name": ""})

    assert "Hello, here is the link" in mail.text


def test_the_button_leads_where_it_says(environment: jinja2.Environment) -> None:
    links = page(render_mail(environment, "sign_in_link", **SIGN_IN)).find_all("a")

    assert [(link.get_text(strip=True), link["href"]) for link in links] == [("Sign in", SIGN_IN["sign_in_url"])]


def test_what_people_wrote_stays_text(environment: jinja2.Environment) -> None:
    row = {**ROWS[0], "title": NASTY, "detail": NASTY, "href": 'https://x.example/"><script>'}

    mail = everything(
        environment,
        **dict.fromkeys(("subject", "heading", "lead", "words", "who", "reason", "href"), NASTY),
        rows=[row],
        pairs=[(NASTY, NASTY)],
        heads=[NASTY, NASTY],
        figure_rows=[[NASTY, NASTY]],
        preferences_url=NASTY,
        unsubscribe_url=NASTY,
    )

    assert not page(mail).find_all(["script", "img"])
    assert not [tag for tag in page(mail).find_all() if any(name.startswith("on") for name in tag.attrs)]
    assert page(mail).get_text().count("<script>alert(1)</script>") >= 10
    assert NASTY in mail.text
    assert NASTY in mail.subject


@pytest.mark.parametrize("space", ["\n", "\r\n", "\u2028", "\x0b", "\x85", "\x00"])
def test_a_subject_is_one_line_whatever_is_in_it(environment: jinja2.Environment, space: str) -> None:
    mail = everything(environment, subject=f"Hello{space}Bcc: everyone@example.org\n\n")

    assert mail.subject == "Hello Bcc: everyone@example.org"


def test_control_characters_from_a_log_do_not_break_a_mail(environment: jinja2.Environment) -> None:
    mail = everything(environment, words="before\x00\x0b\x1b[31m\ufffeafter \U0001f6a8")

    assert "after \U0001f6a8" in page(mail).get_text()


def test_nothing_is_loaded_and_nothing_runs(environment: jinja2.Environment) -> None:
    mail = everything(environment)

    assert not page(mail).find_all(["img", "link", "script", "iframe", "object", "form"])
    assert not re.search(r"@import|@font-face|url\(", mail.html)
    assert mail.html.count("https://") == len(page(mail).find_all("a"))


def test_the_page_is_told_in_words_and_roles(environment: jinja2.Environment) -> None:
    html = page(everything(environment))

    assert html.html
    assert html.html["lang"] == "en"
    assert [heading.get_text() for heading in html.find_all("h1")] == [CONTEXT["heading"]]
    assert html.title
    assert html.title.get_text() == CONTEXT["heading"]
    assert {th["scope"] for th in html.find_all("th")} == {"row", "col"}
    for table in html.find_all("table"):
        assert table.get("role") == "presentation" or table.find("th")


def test_both_themes_are_declared(environment: jinja2.Environment) -> None:
    mail = everything(environment)

    assert '<meta name="color-scheme" content="light dark"' in mail.html
    assert "prefers-color-scheme: dark" in mail.html


def test_the_text_says_all_that_the_html_says(environment: jinja2.Environment) -> None:
    mail = everything(environment)

    said = [
        *(str(CONTEXT[name]) for name in ("heading", "lead", "href", "reason", "preferences_url", "unsubscribe_url")),
        *(str(row[name]) for row in ROWS for name in ("ref", "title", "detail", "href")),
        *("Service: checkout", "* Payments: 12 (Due), 9 of 12 (On time), 3 (Overdue)", "> We promised a limit."),
    ]
    assert [words for words in said if words not in mail.text] == []
    assert "\n\n\n" not in mail.text
    assert mail.text.endswith("\n")


def test_a_mail_that_nobody_can_turn_off_offers_no_way_to(environment: jinja2.Environment) -> None:
    assert "Stop these mails" in everything(environment).html
    assert "Stop these mails" not in render_mail(environment, "sign_in_link", **SIGN_IN).html


def test_a_hundred_items_fit_and_what_would_be_cut_off_is_refused(environment: jinja2.Environment) -> None:
    assert len(everything(environment, rows=ROWS * 50).html.encode()) < 100_000
    with pytest.raises(MailTemplateError, match="bytes of HTML"):
        everything(environment, rows=ROWS * 150)


def test_a_value_that_is_missing_is_an_error_and_not_a_gap(environment: jinja2.Environment) -> None:
    with pytest.raises(MailTemplateError, match=r"sign_in_link.*valid_for"):
        render_mail(environment, "sign_in_link", **{k: v for k, v in SIGN_IN.items() if k != "valid_for"})


def test_what_goes_wrong_in_the_database_is_not_said_to_be_the_templates_fault() -> None:
    def read() -> str:
        raise OperationalError("SELECT 1", {}, Exception("the connection was lost"))

    reading = mail_environment(TEMPLATES)
    reading.loader = jinja2.DictLoader({"mail/m/subject.txt": "{{ read() }}"})

    with pytest.raises(OperationalError):
        render_mail(reading, "m", read=read)


def test_a_message_that_does_not_exist_is_said(environment: jinja2.Environment) -> None:
    with pytest.raises(MailTemplateError, match=r"mail/no_such/subject\.txt"):
        render_mail(environment, "no_such")


@pytest.mark.parametrize("body", ["<mjml><mj-body><mj-text>", "<mjml><mj-body><mj-nope></mj-nope></mj-body></mjml>"])
def test_a_broken_layout_is_an_error(body: str) -> None:
    broken = mail_environment(TEMPLATES)
    broken.loader = jinja2.DictLoader({"mail/m/subject.txt": "s", "mail/m/body.txt": "t", "mail/m/body.mjml": body})

    with pytest.raises(MailTemplateError, match="layout of the mail “m”"):
        render_mail(broken, "m")


@pytest.mark.parametrize("autoescape", [False, True, jinja2.select_autoescape()])
def test_an_environment_that_does_not_escape_mails_is_refused(autoescape: object) -> None:
    with pytest.raises(ValueError, match="mail_environment"):
        render_mail(jinja2.Environment(autoescape=autoescape), "sign_in_link", **SIGN_IN)  # type: ignore[arg-type]  # noqa: S701


@pytest.mark.parametrize(
    "folder", sorted(path for path in (TEMPLATES / "mail").iterdir() if path.is_dir()), ids=lambda p: p.name
)
def test_every_message_has_its_templates_and_they_compile(folder: Path, environment: jinja2.Environment) -> None:
    names = {path.name for path in folder.iterdir()}

    assert {"subject.txt", "body.txt", "body.mjml"} <= names or names == {"subject.txt", "chat.txt"}
    for name in names:
        environment.get_template(f"mail/{folder.name}/{name}")
