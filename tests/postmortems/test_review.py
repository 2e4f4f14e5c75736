"""Reading with others before publishing, and the editions that were published."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tests.postmortems.written import autosave, begun, complete, review, why
from tracker.db import session, transaction
from tracker.models import Edition, Message, Postmortem, PostmortemState, ReviewComment, Reviewer
from tracker.postmortems.editions import readable
from tracker.reminders.jobs import write_reminders


def test_a_reader_is_asked_comments_and_approves_and_a_later_change_shows(
    app: Flask, browser: Browser, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    incident, postmortem = begun()
    complete(postmortem)
    bo = make.person("Bo Reader")
    why(postmortem, "The pool was empty.")
    make.entry(incident, "Orders wait")
    make.action("Limit retries", incidents=(incident,))
    set_clock(now)

    asked = browser.get(f"/incidents/{incident.ref}/postmortem/review").submit("Ask to read it", person=str(bo.id))
    write_reminders(now)
    write_reminders(now + timedelta(days=1))
    theirs = Browser(app, person=bo)
    waiting = theirs.get("/")
    commented = comment_on(theirs.get(f"/incidents/{incident.ref}/postmortem/review"), "summary", "How many *exactly*?")
    step = review(browser, incident).text
    resolved = browser.get(f"/incidents/{incident.ref}/postmortem/review").submit("Resolve: How many *exactly*?")
    approved = theirs.get(f"/incidents/{incident.ref}/postmortem/review").submit("Approve it")
    set_clock(now + timedelta(minutes=5))
    autosave(browser, incident, "summary", "214 customers.", version=1)

    assert "Bo Reader asked" in asked.text
    assert session.scalars(select(Postmortem.state)).one() is PostmortemState.IN_REVIEW
    mail = session.scalars(select(Message).where(Message.person_id == bo.id)).one()
    assert mail.subject == f"Bob asks you to read the postmortem of {incident.ref}: Checkout answers 503"
    assert "Postmortems to read" in waiting.text
    assert f"/incidents/{incident.ref}/postmortem/review" in waiting.links()
    assert "Postmortems to read" not in theirs.get("/").text
    assert f"/incidents/{incident.ref}/postmortem/review" in mail.text
    assert "How many exactly ?" in commented.text
    for part in ("Orders wait", "The pool was empty.", "Limit retries"):
        assert part in commented.text
    assert "1 comment is not resolved" in step
    assert "Resolved by Bob" in resolved.text
    assert "before the last change" not in approved.text
    assert "before the last change" in browser.get(f"/incidents/{incident.ref}/postmortem/review").text
    assert "Open again: How many *exactly*?" in browser.get(f"/incidents/{incident.ref}/postmortem/review").body
    browser.get(f"/incidents/{incident.ref}/postmortem/review").submit("Open again: How many *exactly*?")
    session.expire_all()
    assert session.scalars(select(ReviewComment)).one().resolved_at is None


def comment_on(page: Page, question: str, text: str) -> Page:
    (form,) = page.select(f"#comment-on-{question}")
    fields = {str(tag["name"]): tag.get("value", "") for tag in form.select("input[name]")} | {"text": text}
    return page.browser.post(str(form["action"]), fields)


def test_an_empty_comment_is_not_taken_and_only_people_who_may_see_it_are_asked(
    app: Flask, admin_browser: Browser
) -> None:
    incident, postmortem = begun(make.incident(is_private=True))
    make.answer(postmortem, "summary")
    otto = make.person("Otto")
    page = admin_browser.get(f"/incidents/{incident.ref}/postmortem/review")

    empty = comment_on(page, "summary", "  ")
    nobody = page.submit("Ask to read it")
    refused = page.submit("Ask to read it", person=str(otto.id))

    assert empty.status == 422
    assert nobody.errors == ["Choose a person."]
    assert refused.status == 422
    assert "may not see this private incident" in refused.text
    assert session.scalars(select(Reviewer)).all() == []
    assert Browser(app, person=otto).get(f"/incidents/{incident.ref}/postmortem/review").status == 404


@pytest.mark.once
def test_an_edition_is_read_without_its_signs_and_with_all_that_was_typed() -> None:
    document = "---\nfollowthrough: 1\n---\n# T\n\n<!-- ft:summary -->\n\\<!-- ft:x -->\n---\nwords\n<!-- /ft -->\n"

    assert readable(document) == "# T\n\n<!-- ft:x -->\n---\nwords\n"


def test_every_edition_is_kept_with_why_it_was_taken_back(browser: Browser) -> None:
    incident, postmortem = begun()
    complete(postmortem)
    review(browser, incident).submit("Publish")
    review(browser, incident).submit("Take it back to draft", reason="The number was wrong.")
    autosave(browser, incident, "summary", "Words for everybody", version=1)

    review(browser, incident).submit("Publish")

    listed = browser.get(f"/incidents/{incident.ref}/postmortem").click("Editions")
    second = listed.click("Edition 2")
    assert "The number was wrong." in listed.text
    assert [one.get_text() for one in second.select("ins")][:1] != []
    assert "everybody" in " ".join(one.get_text() for one in second.select("ins"))
    first = listed.click("Edition 1").text
    assert "Words for summary" in first
    assert "ft:" not in first
    assert "followthrough:" not in second.text
    with transaction():
        kept = session.scalars(select(Edition.number).order_by(Edition.number)).all()
    assert kept == [1, 2]
    assert browser.get(f"/incidents/{incident.ref}/postmortem/editions/9").status == 404
