"""Runbooks: written, kept fresh, and followed in an incident with who and when."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.make import NOW
from tracker.db import session
from tracker.models import Person, Phase, Runbook, RunbookRun, RunbookService, TimelineEntry
from tracker.readiness.steps import is_stale, steps_of

TEXT = "For when it answers 503.\n\n1. Look at the pool\n   - its graph\n2) Restart the worker\n- [ ] Tell support"


def runbook(title: str = "Empty the pool", **columns: object) -> Runbook:
    return make.save(Runbook(**{"title": title, "text": TEXT, "saved_at": NOW} | columns))


def entries() -> list[str]:
    session.rollback()
    return list(session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)))


def test_numbered_lines_and_boxes_are_the_steps() -> None:
    assert steps_of(TEXT) == ["Look at the pool", "Restart the worker", "Tell support"]
    assert steps_of("1.no space\n2021 was a year\n- a point") == []


@pytest.mark.parametrize(("days", "stale"), [(None, True), (0, False), (180, False), (181, True)])
def test_what_nobody_looked_at_for_half_a_year_is_stale(days: int | None, *, stale: bool) -> None:
    reviewed = None if days is None else NOW.date() - timedelta(days=days)

    assert is_stale(reviewed, today=NOW.date()) is stale


def test_one_is_written_read_and_said_to_be_right(browser: Browser) -> None:
    make.service("Checkout")
    page = browser.get("/runbooks").click("Write a runbook")

    page = page.submit("Save", title="Empty the pool", text=TEXT, service=["checkout"])
    old = runbook("Old one")

    assert (page.heading, "Steps 3" in page.text) == ("Empty the pool", True)
    assert "Kept right by B Bob" in page.text
    listed = browser.get("/runbooks")
    assert "Old one every service never Look at it again never" in listed.text
    reviewed = browser.get(f"/runbooks/{old.id}").submit("I read it: it is right")
    assert "Nobody has looked at it" not in reviewed.text
    assert len(listed.queries) <= 8


def test_it_is_followed_in_an_incident_and_each_step_stands_on_the_timeline(browser: Browser) -> None:
    checkout = make.service("Checkout")
    make.incident(phase=Phase.TRIAGED, services=[checkout])
    fits, other = runbook(), runbook("Only for search")
    for one, service in ((fits, checkout), (other, make.service("Search"))):
        make.save(RunbookService(runbook_id=one.id, service_id=service.id))

    page = browser.get("/incidents/INC-1/runbooks").submit("Follow it: Empty the pool")
    page = page.submit("Done: Restart the worker", note="Twice.")
    again = browser.post(
        "/incidents/INC-1/runbooks/1", {"position": 1, "note": "Thrice.", "csrf_token": browser.token()}
    )

    assert "Restart the worker Twice. Bob" in page.text
    assert "Only for search" not in page.text
    assert "Thrice" not in again.text
    assert entries() == ["Runbook begun: Empty the pool.", "Empty the pool, step 2: Restart the worker Twice."]
    assert "look twice" in page.text
    assert "1 of 3 done" in browser.get("/incidents/INC-1/runbooks", htmx=True).text
    assert "INC-1" in browser.get(f"/runbooks/{fits.id}").text


def test_it_is_not_told_in_which_private_incident_it_was_used(browser: Browser) -> None:
    secret = make.incident("Layoffs leaked", is_private=True)
    used = runbook()
    make.save(RunbookRun(runbook_id=used.id, incident_id=secret.id, steps=["Look"], started_at=NOW))

    page = browser.get(f"/runbooks/{used.id}")

    assert "In no incident yet." in page.text
    assert "just now" not in browser.get("/runbooks").text
    assert browser.get("/incidents/INC-1/runbooks").status == 404


def test_what_has_no_steps_or_is_not_there_is_refused_in_words(browser: Browser) -> None:
    make.incident()
    empty = runbook(text="Stay calm.")
    page = browser.get("/incidents/INC-1/runbooks").submit("Follow it: Empty the pool")
    token = browser.token()

    missing = browser.post("/incidents/INC-1/runbooks", {"runbook": 99, "csrf_token": token})

    assert page.status == 422
    assert "has no steps to follow" in page.errors[0]
    assert missing.status == 404
    assert empty.title in browser.get("/runbooks").text


def test_two_who_write_at_once_both_keep_their_words(browser: Browser, responder: Person) -> None:
    row = runbook()
    mine, theirs = browser.get(f"/runbooks/{row.id}/edit"), browser.get(f"/runbooks/{row.id}/edit")
    theirs.submit("Save", text="1. Theirs")

    clash = mine.submit("Save", text="1. Mine")

    assert clash.status == 409
    assert "1. Theirs" in clash.text
    assert clash.submit("Save", text="1. Both").status == 200
    session.rollback()
    assert session.scalars(select(Runbook.text)).all() == ["1. Both"]
