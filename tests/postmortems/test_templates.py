"""What postmortems ask: changed by administrators, in versions; and the short form of a small incident."""

import pytest
from flask import Flask
from sqlalchemy import delete, select

from tests import make
from tests.browser import Browser
from tests.postmortems.written import autosave, begun, edit_url
from tracker.db import session, transaction
from tracker.documents import documents_of
from tracker.markdown_documents import to_json, to_markdown
from tracker.models import Answer, AuditEntry, Incident, Postmortem, PostmortemState, PostmortemTemplate, Severity
from tracker.postmortems.outline import BUILT_IN, Answered, Outline, open_questions
from tracker.postmortems.template_operations import own_key
from tracker.postmortems.templates import kept_questions, outline_from
from tracker.transfer.importing import Choices, read_outcomes, write_outcome

OWN = {"heading": "What did customers tell us", "guidance": "In their words.", "step": "detection", "is_asked": "y"}


def headings(browser: Browser, incident: Incident, step: str) -> list[str]:
    return [one.text.strip() for one in browser.get(edit_url(incident, step)).select("main .editor > label")]


def versions() -> list[int]:
    session.expire_all()
    return list(session.scalars(select(PostmortemTemplate.id).order_by(PostmortemTemplate.id)))


@pytest.mark.once
def test_what_a_version_keeps_is_the_outline_it_was_made_of() -> None:
    kept = kept_questions(BUILT_IN)

    assert outline_from(kept, number=None) == BUILT_IN
    assert outline_from(kept, number=3).number == 3


@pytest.mark.once
def test_a_question_that_followthrough_got_later_is_known_and_not_asked() -> None:
    older = [row for row in kept_questions(BUILT_IN) if row["key"] != "lucky"]

    assert outline_from(older, number=1).questions["lucky"].is_asked is False


@pytest.mark.once
def test_publishing_needs_what_the_severity_or_the_service_asks_for() -> None:
    rows = [row | {"severities": [], "services": []} for row in kept_questions(BUILT_IN)]
    chosen = {"lucky": {"severities": ["SEV1"]}, "information": {"services": ["checkout"]}}
    outline = outline_from([row | chosen.get(row["key"], {}) for row in rows], number=1)

    assert needed(outline, Severity.SEV1) == ["lucky"]
    assert needed(outline, Severity.SEV3, "checkout") == ["information"]
    assert needed(outline, Severity.SEV3, "search") == []


def needed(outline: Outline, severity: Severity, *services: str) -> list[str]:
    answered = Answered(texts={}, has_why_ending=False, items=0, severity=severity, services=frozenset(services))
    return [one.anchor for one in open_questions(outline, answered)]


@pytest.mark.once
def test_the_key_of_an_own_question_can_stand_in_an_export_and_is_taken_once() -> None:
    taken = {own_key("Was ist passiert, <b>genau</b>?" * 9, taken=set()), own_key("日本", taken=set())}

    assert {len(key) <= 40 and key.isascii() for key in taken} == {True}
    assert own_key("日本", taken=taken) == "own_question_2"


def test_a_postmortem_keeps_the_questions_it_was_started_with(browser: Browser, admin_browser: Browser) -> None:
    early, _ = begun()
    page = admin_browser.get("/settings/questions/what_alerted_us")

    page.submit("Save", heading="Who noticed first", guidance="A person, or a machine?")
    late, _ = begun(make.incident("Later"))
    admin_browser.get("/settings/questions/what_alerted_us").submit("Save", heading="Who knew first")
    latest, _ = begun(make.incident("Latest"))

    told = [headings(browser, one, "detection")[0] for one in (early, late, latest)]
    assert told == ["What alerted us", "Who noticed first", "Who knew first"]
    assert versions() == [1, 2]
    assert "A person, or a machine?" in browser.get(edit_url(late, "detection")).text
    assert session.scalars(select(AuditEntry.action).distinct()).all() == ["change_postmortem_questions"]


def test_changes_before_anybody_uses_them_are_one_version(admin_browser: Browser) -> None:
    admin_browser.get("/settings/questions/lucky").submit("Save", heading="Luck")
    page = admin_browser.get("/settings/questions/lucky").submit("Save", heading="Good luck")

    assert versions() == [1]
    assert "Good luck" in page.text
    assert "0 postmortems" in page.text


def test_two_administrators_do_not_overwrite_each_other(admin_browser: Browser) -> None:
    mine = admin_browser.get("/settings/questions/lucky")
    admin_browser.get("/settings/questions/lucky").submit("Save", heading="Theirs")

    refused = mine.submit("Save", heading="Mine")
    saved = refused.submit("Save")

    assert refused.status == 422
    assert "Theirs" in refused.text
    assert "Mine" in saved.text
    assert "Theirs" not in saved.text


def test_questions_move_and_stop_being_asked(browser: Browser, admin_browser: Browser) -> None:
    admin_browser.get("/settings/questions").submit("Up: How long until we knew")
    admin_browser.get("/settings/questions/right_people").submit("Save", is_asked=[])
    incident, postmortem = begun()

    assert headings(browser, incident, "detection") == ["How long until we knew", "What alerted us"]
    make.answer(postmortem, "right_people", "The imported document says yes.")
    assert len(headings(browser, incident, "detection")) == 3


def test_a_question_of_our_own_is_needed_answered_read_and_taken_elsewhere(
    app: Flask, browser: Browser, admin_browser: Browser
) -> None:
    added = admin_browser.get("/settings/questions/new").submit("Add the question", **OWN, severities=["SEV2"])
    incident, _ = begun()
    wanted = browser.get(edit_url(incident, "review-and-publish")).text
    answer = autosave(browser, incident, "own_what_did_customers_tell_us", "That it was *slow*.")

    assert "What did customers tell us" in added.text
    assert "Answer “What did customers tell us”." in wanted
    assert answer.status_code == 200
    assert "What did customers tell us" in browser.get(f"/incidents/{incident.ref}/postmortem").text
    document = documents_of([session.merge(incident)])[0]
    text = to_markdown(document)
    assert (to_json(document)["postmortem"] or {})["own_what_did_customers_tell_us"] == "That it was *slow*."

    with transaction():
        session.execute(delete(Incident))
        session.execute(delete(PostmortemTemplate))
    outcome = read_outcomes(text.encode(), name="INC-1.md", choices=Choices(), now=make.NOW)[0]
    taken = write_outcome(outcome, choices=Choices(), by=None, now=make.NOW)

    assert "What did customers tell us" in browser.get(f"/incidents/{taken.ref}/postmortem").text
    assert [(row.heading, row.text) for row in session.scalars(select(Answer).where(Answer.heading != ""))] == [
        ("What did customers tell us", "That it was *slow*.")
    ]


def test_only_administrators_change_what_is_asked(browser: Browser) -> None:
    assert browser.get("/settings/questions").status == 403


def test_the_short_form_is_a_page_and_grows_without_loss(browser: Browser) -> None:
    incident = make.incident(severity=Severity.SEV4)

    page = browser.get(f"/incidents/{incident.ref}/postmortem").submit("Start with the short form")
    saved = page.submit("Save", summary="It was slow.", root_causes="A cold cache.", what_alerted_us="A customer.")

    assert page.heading == saved.heading == "Short form"
    assert "It was slow." in browser.get(edit_url(incident)).text
    assert "A cold cache." in browser.get(edit_url(incident, "why")).text
    browser.get(edit_url(incident, "short-form")).submit("Save", no_items="It is switched off next week.")
    browser.get(edit_url(incident, "review-and-publish")).submit("Publish")
    assert session.scalars(select(Postmortem.state)).one() is PostmortemState.PUBLISHED
