"""The mail page: for administrators, and nobody else."""

from datetime import datetime

import pytest

from tests import make
from tests.browser import Browser
from tests.mailing.conftest import Post, message
from tracker.db import session
from tracker.mailing import jobs
from tracker.models import Message, MessageKind, MessageState


def test_the_page_says_what_was_sent_to_whom_and_why(admin_browser: Browser, post: Post, now: datetime) -> None:
    message(make.person("Ana"), kind=MessageKind.RECURRENCE_ALERT, about="report", state=MessageState.SENT, sent_at=now)

    page = admin_browser.get("/settings/mail")

    assert "Ana" in page.text
    assert "The week in one page" in page.text
    assert "looks like an earlier one" in page.text


def test_an_empty_page_says_what_will_come(admin_browser: Browser) -> None:
    assert "No mail here yet." in admin_browser.get("/settings/mail").text


@pytest.mark.parametrize("path", ["", "/outbox/1", "/outbox/1/html"])
def test_only_administrators_read_mails(browser: Browser, path: str) -> None:
    message()

    assert browser.get("/settings/mail" + path).status == 403


def test_a_failed_mail_is_tried_again_at_a_press(admin_browser: Browser, post: Post, now: datetime) -> None:
    row = message(state=MessageState.FAILED, last_error="550 No such mailbox.", attempts=8)

    page = admin_browser.get("/settings/mail").submit("Try again")
    jobs.deliver_due(now)

    assert "tried again" in page.flashes
    assert len(post.sent) == 1
    session.rollback()
    assert session.get_one(Message, row.id, populate_existing=True).state is MessageState.SENT


def test_a_mail_that_was_sent_cannot_be_sent_again(admin_browser: Browser, now: datetime) -> None:
    row = message(state=MessageState.SENT, sent_at=now)
    token = admin_browser.token()

    page = admin_browser.post(f"/settings/mail/{row.id}/again", {"csrf_token": token})

    assert page.status == 422
    assert "Only one that failed or was skipped" in page.text


def test_a_filter_shows_one_state(admin_browser: Browser, now: datetime) -> None:
    message(subject="Gone out", state=MessageState.SENT, sent_at=now)
    message(make.person("Bo"), subject="Kept back", state=MessageState.FAILED)

    page = admin_browser.get("/settings/mail?state=failed")

    assert "Kept back" in page.text
    assert "Gone out" not in page.text


def test_a_mail_in_the_outbox_can_be_read(admin_browser: Browser) -> None:
    row = message()

    page = admin_browser.get(f"/settings/mail/outbox/{row.id}")

    assert "Two items slipped." in page.text
    (frame,) = page.select("iframe")
    assert frame["src"] == f"/settings/mail/outbox/{row.id}/html"
    assert 'sandbox=""' in str(frame)


def test_the_html_of_a_mail_runs_and_loads_nothing(admin_browser: Browser) -> None:
    """Opened past the Browser's rules: a mail has inline styles, and its own stricter policy."""
    row = message()

    answer = admin_browser.client.get(f"/settings/mail/outbox/{row.id}/html")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script" not in policy
    assert b"Two items slipped." in answer.data


def test_a_mail_that_is_not_there_says_so(admin_browser: Browser) -> None:
    assert admin_browser.get("/settings/mail/outbox/77").status == 404


def test_the_page_asks_as_often_for_many_mails_as_for_one(admin_browser: Browser) -> None:
    message(make.person("Bo"))
    few = len(admin_browser.get("/settings/mail").queries)
    for number in range(60):
        message(make.person(f"Person {number}"))

    page = admin_browser.get("/settings/mail")

    assert len(page.queries) == few <= 12
    assert "Older" in page.body


def test_mails_are_found_by_kind_and_by_whom_they_went_to(admin_browser: Browser) -> None:
    message(make.person("Ana"), subject="For Ana", kind=MessageKind.REMINDER)
    message(make.person("Bo"), subject="For Bo")
    message_to = make.channel("#payments")
    make.save(
        Message(
            kind=MessageKind.REMINDER,
            about="day",
            channel_id=message_to.id,
            subject="For the channel",
            text="x",
            html="",
            run_after=make.NOW,
            created_at=make.NOW,
        )
    )

    found = {
        query: [name for name in ("For Ana", "For Bo", "For the channel") if name in page.text]
        for query in ("kind=reminder", "to=ANA", "to=bo%40example", "kind=reminder&to=%23pay", "to=%25")
        if (page := admin_browser.get(f"/settings/mail?{query}"))
    }

    assert found == {
        "kind=reminder": ["For Ana", "For the channel"],
        "to=ANA": ["For Ana"],
        "to=bo%40example": ["For Bo"],
        "kind=reminder&to=%23pay": ["For the channel"],
        "to=%25": [],
    }
