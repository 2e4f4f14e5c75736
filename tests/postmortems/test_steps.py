"""The guided form: steps, saving, autosave, clashes, history."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.postmortems.written import KEYS, autosave, begun, edit_url
from tracker.db import session, transaction
from tracker.models import (
    Answer,
    AnswerRevision,
    Comparison,
    EntryKind,
    IncidentRole,
    Person,
    Postmortem,
    PostmortemState,
    RoleAssignment,
    Severity,
    Stage,
)
from tracker.postmortems.outline import BUILT_IN, STEPS


def answers() -> dict[str, str]:
    return {row.question: row.text for row in session.scalars(select(Answer))}


def revisions(question: str) -> list[str]:
    rows = select(AnswerRevision.text).join(Answer, Answer.id == AnswerRevision.answer_id)
    return list(session.scalars(rows.where(Answer.question == question).order_by(AnswerRevision.version)))


def test_the_form_asks_every_question_that_imports_know_and_each_in_one_step() -> None:
    asked = [question.key for step in STEPS for question in step.questions]

    assert sorted(asked) == sorted(KEYS)
    assert all(question.example and question.prompts and question.guidance for question in BUILT_IN.questions.values())


def test_starting_makes_the_starter_the_owner_and_opens_the_first_step(browser: Browser, responder: Person) -> None:
    incident = make.incident(severity=Severity.SEV1, resolved_at=make.NOW)

    page = browser.get(f"/incidents/{incident.ref}/postmortem").submit("Start the postmortem")

    assert (page.status, page.heading) == (200, "What happened?")
    row = session.scalars(select(Postmortem)).one()
    assert (row.lead_id, row.state, row.is_required) == (responder.id, PostmortemState.DRAFT, True)
    assert str(row.due_on) == "2026-11-26"


def test_starting_twice_keeps_the_one_postmortem(browser: Browser) -> None:
    incident = make.incident()
    page = browser.get(f"/incidents/{incident.ref}/postmortem")

    page.submit("Start the postmortem")
    page.submit("Start the postmortem")

    assert len(session.scalars(select(Postmortem)).all()) == 1


def test_every_step_opens_and_leads_to_the_next(browser: Browser) -> None:
    incident, _ = begun()

    for step in STEPS:
        page = browser.get(edit_url(incident, step.key))
        assert (page.status, page.heading) == (200, step.label)


def test_a_step_is_saved_without_javascript(browser: Browser) -> None:
    incident, _ = begun()

    page = browser.get(edit_url(incident)).submit("Save", summary="The cache was cold.", what_broke="Checkout")

    assert "Saved." in page.flashes
    assert answers() == {"summary": "The cache was cold.", "what_broke": "Checkout"}


def test_save_and_go_on_opens_the_next_step(browser: Browser) -> None:
    incident, _ = begun()

    page = browser.get(edit_url(incident)).submit("Save and go on", summary="The cache was cold.")
    below = page.select(".stack:has(> #whys) ~ .buttons button")
    after = page.submit("Save and go on", root_causes="Nothing warms it.")

    assert page.heading == "Why did it happen?"
    assert [button.get_text(strip=True) for button in below] == ["Save and go on", "Save"]
    assert after.heading == "How did we detect it?"
    assert after.select("#site-nav [aria-current]")[0].get_text() == "Incidents"


def test_the_steps_at_the_side_say_how_far_each_is(browser: Browser) -> None:
    incident, postmortem = begun()
    make.answer(postmortem, "worked_well", "The rollback.")
    for question in ("what_alerted_us", "time_to_know", "right_people"):
        make.answer(postmortem, question)

    side = browser.get(edit_url(incident)).select(".stepper")[0].get_text(" ", strip=True)

    assert "How did we respond? 1 of 4 answered" in side
    assert "How did we detect it? Answered" in side
    assert "Follow-through No action items yet" in side


def test_known_facts_stand_on_the_page_and_are_never_saved_as_answers(browser: Browser, responder: Person) -> None:
    incident = make.incident(
        started_at=make.NOW, detected_at=make.NOW + timedelta(minutes=18), services=[make.service("Checkout")]
    )
    begun(incident)
    make.entry(incident, "Support calls", kind=EntryKind.DETECTION)
    make.save(
        RoleAssignment(incident_id=incident.id, role=IncidentRole.COMMANDER, person_id=responder.id, since=make.NOW)
    )

    page = browser.get(edit_url(incident, "detection"))

    assert "18 min to detect" in page.text
    assert "Support calls" in page.text
    assert "18 min: it began at Mon 23 Nov 2026, 09:05 UTC" in page.text
    assert "Bob incident commander" in page.text
    assert answers() == {}


def test_what_was_starred_in_the_room_stands_beside_every_step_of_the_story(browser: Browser) -> None:
    incident = make.incident()
    begun(incident)
    make.entry(incident, "Nobody knew the number", is_starred=True)
    make.entry(incident, "Lunch")

    page = browser.get(edit_url(incident, "detection"))

    assert "★ starred" in page.text
    assert "Nobody knew the number" in page.text
    assert "Lunch" not in page.text


def test_a_suggestion_begins_the_answer_only_when_asked_for(browser: Browser) -> None:
    incident = make.incident(started_at=make.NOW, detected_at=make.NOW + timedelta(minutes=18))
    begun(incident)
    page = browser.get(edit_url(incident, "detection"))

    used = page.submit("Use this as a start", what_alerted_us="A call")

    assert used.select("#time_to_know")[0].get_text(strip=True).startswith("18 min: it began")
    assert answers() == {"what_alerted_us": "A call"}


def test_an_unknown_step_or_question_is_not_there(browser: Browser) -> None:
    incident, _ = begun()

    assert browser.get(edit_url(incident, "blame")).status == 404
    assert browser.get(f"/incidents/{incident.ref}/postmortem/answers/blame/history").status == 404
    assert browser.get(f"/incidents/{make.incident().ref}/postmortem/edit/why").status == 404


def test_a_viewer_reads_and_does_not_write(app: Flask, viewer: Person) -> None:
    incident, postmortem = begun()
    make.answer(postmortem, text="The cache was cold.")
    vera = Browser(app, person=viewer)

    assert "The cache was cold." in vera.get(f"/incidents/{incident.ref}/postmortem").text
    assert vera.get(edit_url(incident)).status == 403


# Autosave


def test_autosave_answers_the_new_version(browser: Browser) -> None:
    incident, _ = begun()

    first = autosave(browser, incident, "summary", "The cache")
    second = autosave(browser, incident, "summary", "The cache was cold.", version=1)

    assert (first.status_code, first.headers["X-Version"]) == (200, "1")
    assert (second.status_code, second.headers["X-Version"]) == (200, "2")
    assert revisions("summary") == ["The cache", "The cache was cold."]


def test_autosave_of_the_same_text_adds_no_version(browser: Browser) -> None:
    incident, _ = begun()
    autosave(browser, incident, "summary", "The cache was cold.")

    again = autosave(browser, incident, "summary", " The cache was cold.\r\n", version=1)

    assert again.headers["X-Version"] == "1"
    assert revisions("summary") == ["The cache was cold."]


def test_autosave_of_too_much_text_says_so_in_one_line(browser: Browser) -> None:
    incident, _ = begun()

    answer = autosave(browser, incident, "summary", "x" * 200_001)

    assert answer.status_code == 422
    assert answer.get_data(as_text=True) == "That is too long: use at most 200,000 characters."
    assert answers() == {}


def test_autosave_into_a_published_postmortem_is_refused_in_one_line(browser: Browser) -> None:
    incident, _ = begun(state=PostmortemState.PUBLISHED, published_at=make.NOW)

    answer = autosave(browser, incident, "summary", "Later words")

    assert answer.status_code == 422
    assert answer.get_data(as_text=True) == "This postmortem is published. Take it back to draft to change it."


def test_a_published_postmortem_is_read_and_leads_to_the_one_way_to_correct_it(browser: Browser) -> None:
    incident, postmortem = begun(state=PostmortemState.PUBLISHED, published_at=make.NOW)
    make.answer(postmortem, "summary", "The cache was **cold**.")

    for step in STEPS[:-1]:
        page = browser.get(edit_url(incident, step.key))
        assert page.select("main textarea, main [data-editor], main select") == []
        assert "for reading only" in page.text

    first = browser.get(edit_url(incident))
    assert [mark.text for mark in first.select("#q-summary strong")] == ["cold"]
    assert "Not answered." in first.select("#q-what_broke")[0].text
    assert first.click("Correct it").select("main textarea[name=reason]")


def test_words_that_came_after_publishing_are_shown_and_not_lost(browser: Browser) -> None:
    incident, postmortem = begun()
    page = browser.get(edit_url(incident))
    with transaction():
        postmortem.state, postmortem.published_at = PostmortemState.PUBLISHED, make.NOW

    refused = page.submit("Save", summary="The words of an hour.")

    assert refused.status == 422
    assert "The words of an hour." in refused.select("#q-summary pre")[0].text
    assert answers() == {}


def test_why_there_are_no_items_is_asked_only_where_there_are_none(browser: Browser) -> None:
    incident, postmortem = begun()
    bare = browser.get(edit_url(incident, "follow-through"))
    make.action("Limit retries", incidents=(incident,))
    promised = browser.get(edit_url(incident, "follow-through"))

    promised.submit("Save", notes="See the board.")

    assert bare.select("textarea[name=no_items]")
    assert not promised.select("textarea[name=no_items]")
    make.answer(postmortem, "no_items", "It was said once.")
    assert browser.get(edit_url(incident, "follow-through")).select("textarea[name=no_items]")


def test_a_question_that_the_page_did_not_ask_keeps_its_answer(browser: Browser) -> None:
    incident, postmortem = begun()
    make.action("Limit retries", incidents=(incident,))
    page = browser.get(edit_url(incident, "follow-through"))
    make.answer(postmortem, "no_items", "Said by somebody else meanwhile.")

    saved = page.submit("Save", notes="See the board.")

    assert saved.status == 200
    assert answers() == {"no_items": "Said by somebody else meanwhile.", "notes": "See the board."}


def test_the_preview_shows_what_the_page_will_show_and_nothing_harmful(browser: Browser) -> None:
    incident, _ = begun()
    token = browser.token(edit_url(incident))
    ana, item = make.person("Ana Lund"), make.action(incidents=(incident,))
    ticket = make.ticket(action=item, key="acme/shop#7", url="https://github.com/acme/shop/issues/7")

    page = browser.post(
        f"/incidents/{incident.ref}/postmortem/preview",
        {"text": "**cold** <script>alert(1)</script> @Ana Lund INC-1 acme/shop#7", "csrf_token": token},
        htmx=True,
    )

    assert "<strong>cold</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in page.body
    assert not page.select("script")
    assert [str(tag["href"]) for tag in page.select("a")] == [
        f"/actions?owner={ana.id}",
        "/incidents/INC-1",
        ticket.url,
    ]


# Two people


def test_two_people_in_one_answer_keep_both_texts_and_every_other_answer(
    app: Flask, browser: Browser, admin: Person
) -> None:
    incident, _ = begun()
    alice = Browser(app, person=admin)
    hers, his = alice.get(edit_url(incident)), browser.get(edit_url(incident))
    hers.submit("Save", summary="Alice saw a cold cache.", what_broke="Checkout")

    clash = his.submit("Save", summary="Bob saw a slow database.", who_was_affected="214 customers")

    assert clash.status == 409
    assert "Alice saw a cold cache." in clash.text
    assert "Bob saw a slow database." in clash.text
    assert "Alice saved this while you were writing." in clash.text
    assert answers() == {
        "summary": "Alice saw a cold cache.",
        "what_broke": "Checkout",
        "who_was_affected": "214 customers",
    }


def test_a_clash_is_settled_with_one_text_of_both(app: Flask, browser: Browser, admin: Person) -> None:
    incident, _ = begun()
    alice = Browser(app, person=admin)
    his = browser.get(edit_url(incident))
    alice.get(edit_url(incident)).submit("Save", summary="Cold cache.")
    clash = his.submit("Save", summary="Slow database.")
    proposed = clash.select("textarea")[0].get_text().strip()

    done = clash.submit("Save this text", text=proposed)

    assert proposed == "Cold cache.\nSlow database."
    assert done.heading == "What happened?"
    assert answers() == {"summary": "Cold cache.\nSlow database."}
    assert revisions("summary") == ["Cold cache.", "Cold cache.\nSlow database."]


def test_keeping_mine_leaves_theirs_in_the_history(app: Flask, browser: Browser, admin: Person) -> None:
    incident, _ = begun()
    his = browser.get(edit_url(incident))
    Browser(app, person=admin).get(edit_url(incident)).submit("Save", summary="Cold cache.")

    his.submit("Save", summary="Slow database.").submit("Keep mine")

    assert answers() == {"summary": "Slow database."}
    assert revisions("summary") == ["Cold cache.", "Slow database."]


def test_a_clash_while_settling_a_clash_keeps_all_three_texts(app: Flask, browser: Browser, admin: Person) -> None:
    incident, _ = begun()
    his, alice = browser.get(edit_url(incident)), Browser(app, person=admin)
    alice.get(edit_url(incident)).submit("Save", summary="Cold cache.")
    clash = his.submit("Save", summary="Slow database.")
    alice.get(edit_url(incident)).submit("Save", summary="Very cold cache.")

    again = clash.submit("Keep mine")

    assert again.status == 409
    assert "Very cold cache." in again.text
    assert "Slow database." in again.text
    assert revisions("summary") == ["Cold cache.", "Very cold cache."]


def test_autosave_over_a_newer_text_answers_both(app: Flask, browser: Browser, admin: Person) -> None:
    incident, _ = begun()
    autosave(Browser(app, person=admin), incident, "summary", "Cold cache.")

    answer = autosave(browser, incident, "summary", "Slow database.", version=0)

    words = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Cold cache." in words
    assert "Slow database." in words
    assert answers() == {"summary": "Cold cache."}


def test_an_autosave_that_is_not_newer_but_equal_is_no_clash(app: Flask, browser: Browser, admin: Person) -> None:
    incident, _ = begun()
    autosave(Browser(app, person=admin), incident, "summary", "Cold cache.")

    answer = autosave(browser, incident, "summary", "Cold cache.", version=0)

    assert (answer.status_code, answer.headers["X-Version"]) == (200, "1")


# History


def test_every_version_is_shown_with_its_changes_and_can_be_brought_back(browser: Browser) -> None:
    incident, _ = begun()
    autosave(browser, incident, "summary", "The cache was cold.")
    autosave(browser, incident, "summary", "The cache was very cold.", version=1)
    history = browser.get(f"/incidents/{incident.ref}/postmortem/answers/summary/history")

    back = history.submit("Bring this text back")

    assert [tag.get_text(strip=True) for tag in history.select("article:first-of-type ins")] == ["very"]
    assert answers() == {"summary": "The cache was cold."}
    assert revisions("summary") == ["The cache was cold.", "The cache was very cold.", "The cache was cold."]
    assert "The earlier text is back." in back.flashes


def test_hostile_words_in_the_history_are_shown_as_words(browser: Browser) -> None:
    incident, _ = begun()
    autosave(browser, incident, "summary", "<script>alert(1)</script>")

    page = browser.get(f"/incidents/{incident.ref}/postmortem/answers/summary/history")

    assert "<script>alert(1)</script>" in page.text
    assert not page.select("main script")


def test_a_saved_root_cause_asks_for_a_comparison(
    browser: Browser, set_clock: Callable[[datetime], None], now: datetime
) -> None:
    incident, _ = begun()
    set_clock(now)

    answer = autosave(browser, incident, "root_causes", "A shorter time-out.")

    assert answer.status_code == 200
    due = session.get(Comparison, (incident.id, Stage.POSTMORTEM))
    assert due is not None
    assert (due.run_after, due.done_at) == (now, None)


def test_a_drill_is_not_compared(browser: Browser) -> None:
    incident, _ = begun(make.incident(is_drill=True))

    answer = autosave(browser, incident, "root_causes", "We pulled the plug.")

    assert answer.status_code == 200
    assert session.scalars(select(Comparison)).all() == []


def test_an_imported_text_that_was_never_saved_here_stays_in_the_history(browser: Browser) -> None:
    incident, postmortem = begun()
    make.answer(postmortem, "summary", "As imported.")
    url = f"/incidents/{incident.ref}/postmortem/answers/summary/history"
    before = browser.get(url)

    browser.get(edit_url(incident)).submit("Save", summary="In our words.")

    assert "As imported." in before.text
    assert revisions("summary") == ["As imported.", "In our words."]
    assert browser.get(url).submit("Bring this text back").status == 200
    assert revisions("summary") == ["As imported.", "In our words.", "As imported."]
