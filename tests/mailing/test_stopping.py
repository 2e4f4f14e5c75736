"""Mails that come by themselves can be stopped: with one click, without signing in, and only by their reader."""

from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.mailing.conftest import Post, deliver, message
from tracker.db import session, transaction
from tracker.mailing.envelope import outgoing
from tracker.models import Message, MessageKind, MessageState, Person
from tracker.stopped_mails import STOPPABLE, choose_mails, read_stop_link, stop_mails, stop_url, stopped_kinds
from tracker.wiring import settings


def path_of(person: Person, kind: MessageKind = MessageKind.REMINDER) -> str:
    return stop_url(kind, person_id=person.id, settings=settings()).removeprefix(settings().base_url)


def stopped(person: Person) -> set[MessageKind]:
    session.rollback()
    return stopped_kinds(person)


def test_a_mail_program_stops_a_kind_of_mail_with_one_post_and_no_cookie(app: Flask, anonymous: Browser) -> None:
    ana, bo = make.person("Ana"), make.person("Bo")

    for _twice in range(2):
        page = anonymous.post(path_of(ana), {"List-Unsubscribe": "One-Click"})

    assert (page.status, page.heading) == (200, "Stopped")
    assert (stopped(ana), stopped(bo)) == ({MessageKind.REMINDER}, set())


def test_looking_at_the_address_stops_nothing(app: Flask, anonymous: Browser) -> None:
    ana = make.person("Ana")

    page = anonymous.get(path_of(ana))

    assert page.heading == "Stop these mails?"
    assert stopped(ana) == set()
    assert page.submit("Stop reminders").heading == "Stopped"
    assert stopped(ana) == {MessageKind.REMINDER}


def test_an_address_that_we_did_not_write_stops_nothing(app: Flask, anonymous: Browser) -> None:
    ana, bo = make.person("Ana"), make.person("Bo")
    forged = path_of(ana).replace(path_of(ana)[-6:], path_of(bo)[-6:])

    assert anonymous.get(forged).status == 410
    assert anonymous.post(forged).status == 404
    other = replace(settings(), secret_key="another key of another installation")
    assert read_stop_link(path_of(ana).rpartition("/")[2], settings=other) is None
    assert (stopped(ana), stopped(bo)) == (set(), set())


@pytest.mark.parametrize("kind", STOPPABLE)
def test_a_stopped_mail_is_skipped_and_the_mail_page_says_why(
    app: Flask, admin_browser: Browser, post: Post, now: datetime, kind: MessageKind
) -> None:
    ana = make.person("Ana")
    row = message(ana, kind=kind, about="recurrence:0" if kind is MessageKind.RECURRENCE_ALERT else "day")
    with transaction():
        stop_mails(ana.id, kind=kind)

    deliver(now)

    session.rollback()
    assert (post.sent, session.get_one(Message, row.id, populate_existing=True).state) == ([], MessageState.SKIPPED)
    assert "Ana stopped these mails." in admin_browser.get("/settings/mail").text


def test_a_sign_in_link_cannot_be_stopped(app: Flask, post: Post, now: datetime) -> None:
    ana = make.person("Ana")
    with transaction():
        choose_mails(ana, wanted=set())
    row = message(ana, kind=MessageKind.SIGN_IN_LINK)

    deliver(now)

    assert [mail.subject for mail in post.sent] == [row.subject]
    assert "List-Unsubscribe" not in post.sent[0].headers


def test_each_mail_that_comes_by_itself_says_how_to_stop_it_to_the_mail_program(app: Flask) -> None:
    ana = make.person("Ana")
    row = message(ana, kind=MessageKind.REMINDER)

    plain = outgoing(row, settings=settings()).headers
    safe = outgoing(row, settings=replace(settings(), base_url="https://followthrough.example.com")).headers

    assert plain["List-Unsubscribe"] == f"<http://localhost{path_of(ana)}>"
    assert "List-Unsubscribe-Post" not in plain
    assert safe["List-Unsubscribe"].startswith("<https://followthrough.example.com/mail/stop/")
    assert safe["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_person_chooses_on_their_profile_and_changes_their_mind(browser: Browser, responder: Person) -> None:
    page = browser.get("/profile").click("Choose which mails you get")

    page = page.submit("Save", reminder=None)

    assert "Saved." in page.flashes
    assert stopped(responder) == {MessageKind.REMINDER}
    page.submit("Save", reminder="y")
    assert stopped(responder) == set()
