"""From draft to published, skipping, reading, and who may see what."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tests.postmortems.written import begun, complete, edit_url, review, why
from tracker.db import session, transaction
from tracker.models import (
    ActionKind,
    AuditEntry,
    CauseCategory,
    Comparison,
    ContributingFactor,
    Incident,
    Person,
    Postmortem,
    PostmortemState,
    Severity,
    Stage,
    Tracker,
    WhyEnding,
)


def article(browser: Browser, incident: Incident) -> Page:
    return browser.get(f"/incidents/{incident.ref}/postmortem")


def state() -> PostmortemState:
    session.expire_all()
    return session.scalars(select(Postmortem)).one().state


def test_pages_of_a_postmortem_with_services_take_at_most_twelve_statements(admin_browser: Browser) -> None:
    incident, postmortem = begun(make.incident("Slow", services=[make.service("Cart"), make.service("Search")]))
    make.answer(postmortem, "summary", "@Ana saw what AI-1 and LIN-1 are about.")
    item = make.action("Limit retries", incidents=(incident, make.incident("Also slow")))
    for tracker in (make.tracker("One"), make.tracker("Two")):
        make.ticket(tracker, action=item)

    read, why = article(admin_browser, incident), admin_browser.get(edit_url(incident, "why"))

    assert "Cart, Search" in read.text
    assert (len(read.select(".ticket-link")), len(read.queries) <= 12, len(why.queries) <= 12) == (2, True, True)


def test_publishing_with_open_questions_is_refused_with_the_list(browser: Browser) -> None:
    incident, _ = begun()

    page = review(browser, incident).submit("Publish")

    assert page.status == 422
    for sentence in ("what happened", "why it happened", "what alerted us", "Add an action item, or say why"):
        assert sentence in page.errors[0]
    assert len(page.select("#open-questions a")) == 4
    assert state() is PostmortemState.DRAFT


def test_a_complete_postmortem_is_published_noted_and_compared(
    browser: Browser, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    incident, postmortem = begun()
    complete(postmortem)
    set_clock(now)

    page = review(browser, incident).submit("Publish")

    assert "is published" in page.flashes
    session.expire_all()
    row = session.scalars(select(Postmortem)).one()
    assert (row.state, row.published_at) == (PostmortemState.PUBLISHED, now)
    assert session.scalars(select(AuditEntry.action)).all() == ["publish_postmortem"]
    assert session.get(Comparison, (incident.id, Stage.POSTMORTEM)) is not None


def test_a_why_that_ends_and_an_action_item_answer_what_publishing_needs(browser: Browser) -> None:
    incident, postmortem = begun()
    make.answer(postmortem, "summary")
    make.answer(postmortem, "what_alerted_us")
    why(postmortem, "Retries held the pool.", ending=WhyEnding.CAN_ACT)
    make.action(incidents=(incident,))

    review(browser, incident).submit("Publish")

    assert state() is PostmortemState.PUBLISHED


def test_a_draft_goes_into_review_and_is_published_from_there(browser: Browser) -> None:
    incident, postmortem = begun()
    complete(postmortem)

    page = review(browser, incident).submit("Mark as in review")

    assert state() is PostmortemState.IN_REVIEW
    page.submit("Publish")
    assert state() is PostmortemState.PUBLISHED


def test_going_back_to_draft_needs_a_reason_and_is_noted(browser: Browser) -> None:
    incident, _ = begun(state=PostmortemState.PUBLISHED, published_at=make.NOW)

    refused = review(browser, incident).submit("Take it back to draft")
    done = review(browser, incident).submit("Take it back to draft", reason="The number of customers was wrong.")

    assert (refused.status, refused.errors) == (422, ["Enter a reason."])
    assert "draft again" in done.flashes
    assert state() is PostmortemState.DRAFT
    note = session.scalars(select(AuditEntry)).one()
    assert note.detail == {"reason": "The number of customers was wrong."}


def test_the_record_of_changes_keeps_no_reason_of_a_private_incident(admin_browser: Browser) -> None:
    incident, _ = begun(make.incident(is_private=True), state=PostmortemState.PUBLISHED, published_at=make.NOW)

    review(admin_browser, incident).submit("Take it back to draft", reason="A customer's name stood in it.")

    assert session.scalars(select(AuditEntry)).one().detail == {}


def test_skipping_needs_a_reason_which_is_shown(browser: Browser) -> None:
    incident = make.incident()

    refused = article(browser, incident).submit("Skip it", reason="  ")
    skipped = article(browser, incident).submit("Skip it", reason="Same as INC-1, see there.")

    assert (refused.status, refused.errors) == (422, ["Enter a reason."])
    assert "Same as INC-1, see there." in skipped.text
    assert state() is PostmortemState.SKIPPED


def test_a_skipped_postmortem_is_taken_up_again(browser: Browser) -> None:
    incident, _ = begun(state=PostmortemState.SKIPPED, skipped_reason="No time", skipped_at=make.NOW)

    page = article(browser, incident).submit("Write it after all")

    assert page.heading == "What happened?"
    assert state() is PostmortemState.DRAFT


def test_a_published_postmortem_is_not_skipped(browser: Browser) -> None:
    incident, _ = begun()
    page = article(browser, incident)
    with_published(incident)

    answer = page.submit("Skip it", reason="Too late")

    assert answer.status == 422
    assert state() is PostmortemState.PUBLISHED


def with_published(incident: Incident) -> None:
    with transaction():
        row = session.scalars(select(Postmortem).where(Postmortem.incident_id == incident.id)).one()
        row.state, row.published_at = PostmortemState.PUBLISHED, make.NOW


def test_the_owner_can_be_changed(browser: Browser) -> None:
    incident, _ = begun()
    ana = make.person("Ana Lund")

    page = review(browser, incident).submit("Change the owner", lead=str(ana.id))

    assert "Ana Lund owns this postmortem now." in page.flashes
    assert session.scalars(select(Postmortem)).one().lead_id == ana.id


def test_who_may_not_see_a_private_incident_cannot_own_its_postmortem(browser: Browser, responder: Person) -> None:
    incident, _ = begun(make.incident(is_private=True, named=(responder,)))
    ana = make.person("Ana Lund")

    page = review(browser, incident).submit("Change the owner", lead=str(ana.id))

    assert page.status == 422
    assert "Ana Lund may not see this private incident." in page.text
    assert session.scalars(select(Postmortem)).one().lead_id != ana.id


def test_a_bad_incident_without_prevention_gets_a_hint_and_no_gate(browser: Browser) -> None:
    incident, _ = begun(make.incident(severity=Severity.SEV1))
    make.action("Add an alert", kind=ActionKind.DETECT, incidents=(incident,))

    hinted = browser.get(edit_url(incident, "follow-through")).text
    make.action("Limit retries", kind=ActionKind.PREVENT, incidents=(incident,))
    quiet = browser.get(edit_url(incident, "follow-through")).text

    assert "keep it from happening again. What would?" in hinted
    assert "keep it from happening again" not in quiet


def test_the_follow_through_step_shows_live_states_and_leads_to_a_new_item(browser: Browser) -> None:
    incident, _ = begun()
    item = make.action("Limit retries", incidents=(incident,), due_on=make.NOW.date() - timedelta(days=33))
    make.ticket(action=item, key="acme/shop#7")

    page = browser.get(edit_url(incident, "follow-through"))

    assert "Limit retries" in page.text
    assert "acme/shop#7" in page.text
    assert "Overdue" in page.text
    assert page.click("Add an action item").status == 200


# Reading


def test_the_article_shows_what_was_answered_and_leaves_out_what_was_not(browser: Browser) -> None:
    start = make.NOW
    incident = make.incident(
        started_at=start,
        detected_at=start + timedelta(minutes=18),
        resolved_at=start + timedelta(minutes=52),
        services=[make.service("Checkout")],
    )
    _, postmortem = begun(incident, cause_category=CauseCategory.RESOURCE_EXHAUSTION, left_over=["A stray line"])
    make.answer(postmortem, "summary", "Orders **waited**.")
    make.entry(incident, "Rolled back")
    root = why(postmortem, "The pool was empty.")
    why(postmortem, "Retries held it.", parent_id=root.id, evidence="Graph", ending=WhyEnding.CAN_ACT)
    make.save(ContributingFactor(postmortem_id=postmortem.id, text="Four changes at once"))
    make.action("Limit retries", incidents=(incident,))

    page = article(browser, incident)

    for words in (
        "Orders waited .",
        "18 min to detect",
        "52 min to resolve",
        "not known",
        "Rolled back",
        "It ends here: we can act here.",
        "Four changes at once",
        "Limit retries",
        "A stray line",
        "Resource exhaustion",
        "Not published yet",
    ):
        assert words in page.text, words
    assert "Where we got lucky" not in page.text
    assert len(page.select("figure.axis .axis-point circle")) == 3


def test_reversed_moments_ask_for_a_look_and_are_never_drawn(browser: Browser) -> None:
    incident = make.incident(started_at=make.NOW, resolved_at=make.NOW - timedelta(hours=1))
    begun(incident)

    page = article(browser, incident)

    assert "check the times" in page.text
    assert not page.select("figure.axis")


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "<a href='data:text/html,x'>x</a>",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "<style>body{display:none}</style>",
    "</div></main><form action=//evil.example><input name=q>",
    "<p style='position:fixed' id=main class=x>x</p>",
    "> " * 300 + "deep",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_harmless_wherever_it_is_shown(browser: Browser, text: str) -> None:
    incident, postmortem = begun(left_over=[text])
    make.answer(postmortem, "summary", text)
    make.entry(incident, text)
    why(postmortem, text, evidence=text)
    make.save(ContributingFactor(postmortem_id=postmortem.id, text=text))

    pages = [article(browser, incident), browser.get(edit_url(incident)), browser.get(edit_url(incident, "why"))]

    for page in pages:
        assert page.status == 200
        main = page.select("main")[0]
        assert not main.select("script, iframe, img, style, [onerror], [onload], [style]")
        assert not main.select("a[href^='javascript'], a[href^='data'], form[action*=evil], svg[onload]")
    if text.startswith("<"):
        assert text in pages[0].text


# Who may see it


PATHS = (
    "postmortem",
    "postmortem.md",
    "postmortem.json",
    "postmortem/edit/what-happened",
    "postmortem/edit/why",
    "postmortem/whys",
    "postmortem/factors",
    "postmortem/answers/summary/history",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_private_postmortem_is_not_there_for_people_who_are_not_named(
    browser: Browser, admin_browser: Browser, path: str
) -> None:
    incident, postmortem = begun(make.incident("Secret leak", is_private=True))
    make.answer(postmortem, "summary", "Secret words")

    page = browser.get(f"/incidents/{incident.ref}/{path}")

    assert page.status == 404
    assert "Secret" not in page.body
    assert admin_browser.get(f"/incidents/{incident.ref}/{path}").status in (200, 303)


WRITES = (
    "postmortem",
    "postmortem/skip",
    "postmortem/take-up",
    "postmortem/lead",
    "postmortem/review",
    "postmortem/publish",
    "postmortem/unpublish",
    "postmortem/cause",
    "postmortem/edit/what-happened",
    "postmortem/answers/summary",
    "postmortem/answers/summary/settle",
    "postmortem/answers/summary/restore/1",
    "postmortem/preview",
    "postmortem/whys",
    "postmortem/whys/1",
    "postmortem/whys/1/move/up",
    "postmortem/whys/1/remove",
    "postmortem/factors",
    "postmortem/factors/1",
    "postmortem/factors/1/remove",
)


@pytest.mark.parametrize("path", WRITES)
def test_nothing_of_a_private_postmortem_is_changed_by_people_who_are_not_named(
    browser: Browser, responder: Person, path: str
) -> None:
    incident, postmortem = begun(make.incident("Secret leak", is_private=True))
    make.answer(postmortem, "summary", "Secret words")
    own, _ = begun()
    typed = {"csrf_token": browser.token(edit_url(own)), "reason": "x", "claim": "x", "factor": "x", "text": "x"}
    typed |= {"lead": str(responder.id), "cause_category": "other", "summary": "x", "version": "1"}

    page = browser.post(f"/incidents/{incident.ref}/{path}", typed)

    assert page.status == 404
    assert "Secret" not in page.body
    session.expire_all()
    assert session.get(Postmortem, postmortem.id).answer("summary") == "Secret words"  # type: ignore[union-attr]


def test_a_named_person_reads_and_writes_a_private_postmortem(browser: Browser, responder: Person) -> None:
    incident, _ = begun(make.incident(is_private=True, named=(responder,)))

    page = browser.get(edit_url(incident)).submit("Save", summary="Among us.")

    assert "Saved." in page.flashes
    assert "Among us." in article(browser, incident).text


def test_nobody_signed_in_sees_nothing(app: Flask, anonymous: Browser) -> None:
    incident, _ = begun()

    answer = article(anonymous, incident).response

    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"/sign-in?next=/incidents/{incident.ref}/postmortem",
    )


@pytest.mark.once
def test_a_page_takes_as_many_queries_for_sixty_rows_as_for_three(browser: Browser) -> None:
    few, many = filled(3), filled(60)

    for step in ("", "/review", "/edit/what-happened", "/edit/why", "/edit/response", "/edit/follow-through"):
        taken = [len(browser.get(f"/incidents/{one.ref}/postmortem{step}").queries) for one in (few, many)]
        assert taken[0] == taken[1], step
        assert taken[1] <= 12, step


def filled(number: int) -> Incident:
    """An incident with so many entries of different people, whys in a tree, and items with a ticket."""
    incident, postmortem = begun()
    parent = None
    for index in range(number):
        make.entry(incident, f"Entry {index}", author_id=make.person(f"P{number} {index}").id)
        row = why(postmortem, f"Why {index}", parent_id=parent)
        parent = row.id if index % 5 else None
        make.ticket(the_tracker(), action=make.action(f"Item {index}", incidents=(incident,)))
    return incident


def the_tracker() -> Tracker:
    return session.scalars(select(Tracker)).first() or make.tracker()
