"""A template that breaks: what it was for is told all the same, once, and administrators see what is wrong."""

from datetime import date, datetime

import jinja2
import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.mailing.conftest import Post, deliver
from tracker import messages
from tracker.db import transaction
from tracker.mail_rendering import MailTemplateError, mail_environment
from tracker.messages import Writer
from tracker.models import MessageKind
from tracker.paths import TEMPLATES
from tracker.reminders.jobs import write_reminders
from tracker.wiring import settings


def break_template(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """These templates show a value that nobody gives."""
    environment = mail_environment(TEMPLATES)
    broken = jinja2.DictLoader({f"mail/{name}": "{{ what_nobody_gives }}" for name in names})
    environment.loader = jinja2.ChoiceLoader([broken, jinja2.FileSystemLoader(TEMPLATES)])
    monkeypatch.setattr(messages, "_environment", lambda: environment)


@pytest.mark.parametrize(
    ("broken", "told"),
    [("body.mjml", "* AI-1 Warm the cache"), ("body.txt", "What waits for you stands here:\nhttp")],
)
def test_a_broken_template_keeps_no_mail_back_and_stands_on_the_mail_page(
    admin_browser: Browser, post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch, broken: str, told: str
) -> None:
    for name in ("Ana", "Bo"):
        make.action("Warm the cache", owner_id=make.person(name).id, due_on=date(2026, 11, 20))
    break_template(monkeypatch, f"reminders/{broken}")

    assert [write_reminders(now), write_reminders(now)] == [2, 0]
    deliver(now)

    assert [mail.to.name for mail in post.sent] == ["Ana", "Bo"]
    assert told in post.sent[0].text
    assert told in BeautifulSoup(post.sent[0].html, "html.parser").get_text()
    page = admin_browser.get("/settings/mail")
    assert page.text.count("It goes without its layout. The mail “reminders” could not be written: 'what_nobody") == 2


def test_a_link_that_cannot_be_told_is_not_said_to_be_on_its_way(
    app: Flask, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    break_template(monkeypatch, "sign_in_link/body.txt")

    with pytest.raises(MailTemplateError), transaction():
        Writer(settings()).write(
            "sign_in_link", kind=MessageKind.SIGN_IN_LINK, to=make.person("Ana"), about="link", now=now
        )
