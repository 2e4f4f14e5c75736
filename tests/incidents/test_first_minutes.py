"""The first ten minutes: each check is noted with who and when, in the list and on the timeline."""

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.db import session
from tracker.incidents.first_minutes import CHECKS
from tracker.models import Person, Phase, Tick, TimelineEntry

ROOM = "/incidents/INC-1"


def entries() -> list[str]:
    session.rollback()
    return list(session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)))


def note(browser: Browser, key: str, words: str, *, htmx: bool = False) -> Page:
    typed = {"key": key, "note": words, "csrf_token": browser.token()}
    return browser.post(f"{ROOM}/checks", typed, htmx=htmx)


def test_what_was_found_stands_in_the_list_and_on_the_timeline(browser: Browser, responder: Person) -> None:
    make.incident(phase=Phase.TRIAGED)

    note(browser, "users", "About 300")

    assert entries() == ["Users affected: About 300"]
    page = browser.get(ROOM)
    assert f"How many users are affected? About 300 {responder.name}" in page.text


def test_a_check_may_be_noted_without_words(browser: Browser) -> None:
    make.incident()

    note(browser, "deploys", "")

    assert entries() == ["Looked at recent deploys."]


def test_the_same_person_notes_once(browser: Browser) -> None:
    make.incident()
    for _ in range(2):
        note(browser, "upstream", "All green")

    assert entries() == ["Looked at upstream dependencies: All green"]


def test_another_answer_overwrites_nobody(browser: Browser) -> None:
    incident = make.incident()
    ana = make.person("Bo")
    make.save(Tick(incident_id=incident.id, item="first: users", note="300", ticked_by_id=ana.id, ticked_at=make.NOW))

    pages = [note(browser, "users", "5,000", htmx=htmx) for htmx in (False, True)]

    for page in pages:
        assert page.status == 422
        assert "“How many users are affected?” is noted already: 300. Take it back first" in page.text
        assert "You wrote: 5,000." in page.text
    assert [tick.note for tick in session.scalars(select(Tick))] == ["300"]


def test_it_is_taken_back_and_the_timeline_keeps_both(browser: Browser) -> None:
    make.incident(phase=Phase.TRIAGED)
    note(browser, "regions", "Europe")

    browser.get(ROOM).submit("Take back: Which regions?")

    assert entries() == ["Regions affected: Europe", "Taken back: Regions affected: Europe"]
    assert session.scalars(select(Tick)).all() == []


def test_an_unknown_check_is_refused_with_a_sentence(browser: Browser) -> None:
    make.incident()

    page = note(browser, "moon", "")

    assert page.status == 422
    assert "There is no such check." in page.text


def test_the_list_is_in_the_way_only_while_it_helps(browser: Browser) -> None:
    make.incident(phase=Phase.TRIAGED)
    make.incident(phase=Phase.STABILISED)

    assert "First ten minutes: 0 of 7 noted" in browser.get(ROOM).text
    assert "First ten minutes" not in browser.get("/incidents/INC-2").text


def test_a_viewer_reads_what_was_looked_at(app: Flask, viewer: Person) -> None:
    make.incident(phase=Phase.TRIAGED)

    page = Browser(app, person=viewer).get(ROOM)

    assert page.text.count("not looked at yet") == len(CHECKS)
