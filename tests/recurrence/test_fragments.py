"""What the pages about incidents and families show of recurrences."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import SUMMARY, TITLE, Ask, family_of, read_by_index
from tracker.db import session, transaction
from tracker.models import (
    Incident,
    Person,
    Phase,
    Recurrence,
    Service,
)
from tracker.recurrence import jobs


def test_a_family_is_told_from_its_first_time_on(
    browser: Browser, earlier: Incident, later: Incident, others: list[Incident]
) -> None:
    make.action("Lock in small batches", incidents=(earlier,))
    family = family_of(others[0], earlier, later)

    page = browser.get(f"/families/{family.id}")

    assert page.heading == earlier.title
    assert "Happened 3 times since 23 Sep 2026" in page.text
    assert "1 item was not finished when it came back." in page.text
    assert [tag["id"] for tag in page.select("main .card > header > h3")] == [earlier.ref, others[0].ref, later.ref]


@pytest.mark.once
def test_a_large_family_has_a_fixed_number_of_queries(browser: Browser, now: datetime) -> None:
    incidents = [make.incident(f"Time {n}", declared_at=now - timedelta(days=9 * n)) for n in range(12)]
    for one in incidents:
        make.action(incidents=(one,))
    small, large = family_of(*incidents[:2]), family_of(*incidents[2:])

    counts = [len(browser.get(f"/families/{family.id}").queries) for family in (small, large)]

    assert counts[0] == counts[1] <= 12


def test_the_incident_shows_what_it_looks_like(browser: Browser, pair: Recurrence, later: Incident) -> None:
    page = browser.get(f"/incidents/{later.ref}/recurrences")
    fragment = browser.get(f"/incidents/{later.ref}/recurrences", htmx=True)

    assert page.heading == "Earlier incidents like INC-7"
    assert "INC-6" in fragment.text
    assert fragment.select("h1") == []
    assert len(fragment.queries) <= 12


def test_the_incident_says_how_far_its_comparison_has_got(
    browser: Browser, others: list[Incident], ask: Ask, now: datetime
) -> None:
    said = []
    for step in (lambda: None, lambda: ask(others[0]), lambda: jobs.compare_due(now)):
        step()
        said.append(browser.get(f"/incidents/{others[0].ref}/recurrences", htmx=True).text)

    assert ["Not compared yet." in said[0], "Being compared now." in said[1]] == [True, True]
    assert "Nothing resembles this; compared with 4 incidents." in said[2]


def test_a_drill_says_that_it_is_compared_with_nothing(browser: Browser) -> None:
    drill = make.incident("Game day", is_drill=True)

    assert "A drill is compared with nothing." in browser.get(f"/incidents/{drill.ref}/recurrences").text


def test_the_incident_page_asks_for_both_fragments(browser: Browser, later: Incident) -> None:
    room, declaring = browser.get(f"/incidents/{later.ref}"), browser.get("/incidents/new")

    assert room.select(f'[hx-get="/incidents/{later.ref}/recurrences"]')
    assert declaring.select('[hx-get="/recurrences/seen-before"]')


def test_while_somebody_declares_the_card_tells_what_fixed_it_then(
    browser: Browser, earlier: Incident, ana: Person, now: datetime
) -> None:
    make.answer(make.postmortem(earlier), "resolution", "Killed the migration and raised the lock limit.")
    make.action("Lock in small batches", incidents=(earlier,), owner_id=ana.id)
    with transaction():
        row = session.get_one(Incident, earlier.id)
        row.phase = Phase.CLOSED
        row.started_at, row.resolved_at = now - timedelta(days=61), now - timedelta(days=61) + timedelta(minutes=47)

    query = {"title": "checkout 503, ledger migration locks?", "service": "checkout"}
    card = browser.get("/recurrences/seen-before", query=query, htmx=True)

    assert "INC-6" in card.text
    assert "Killed the migration and raised the lock limit." in card.text
    assert "47 min" in card.text
    assert "Lock in small batches" in card.text


@pytest.mark.parametrize("title", ["", "the", "Zebra grazes", "%' OR 1=1", "x" * 5000])
def test_the_card_is_empty_when_nothing_is_worth_reading(title: str, browser: Browser, earlier: Incident) -> None:
    card = browser.get("/recurrences/seen-before", query={"title": title}, htmx=True)
    page = browser.get("/recurrences/seen-before", query={"title": title})

    assert card.body.strip() == ""
    assert "Nothing known looks like this." in page.text


def test_the_card_shows_a_family_once_and_three_at_most(
    browser: Browser, earlier: Incident, checkout: Service, now: datetime
) -> None:
    members = [
        make.incident(TITLE, summary=SUMMARY, services=[checkout], declared_at=now - timedelta(days=30 + n))
        for n in range(3)
    ]
    family_of(earlier, *members)
    for n in range(4):
        make.incident(TITLE, summary=SUMMARY, services=[checkout], declared_at=now - timedelta(days=80 + n))
    read_by_index()

    card = browser.get("/recurrences/seen-before", query={"title": TITLE, "service": "checkout"}, htmx=True)

    assert len(card.select(".card-list > li")) == 3
    assert card.text.count("happened 4 times") == 1


def test_the_card_says_that_it_is_going_on_already(browser: Browser, earlier: Incident) -> None:
    card = browser.get("/recurrences/seen-before", query={"title": TITLE, "service": "checkout"}, htmx=True)

    assert "going on now: look there first" in card.text


@pytest.mark.once
def test_the_card_has_a_fixed_number_of_queries_however_many_services_and_times(
    app: Flask, viewer: Person, earlier: Incident, checkout: Service, now: datetime
) -> None:
    named = [checkout, make.service("Ledger"), make.service("Basket")]
    query = {"title": TITLE, "service": ["checkout", "ledger", "basket"]}
    browser = Browser(app, person=viewer)
    few = browser.get("/recurrences/seen-before", query=query, htmx=True)
    again, secret = (
        make.incident(
            TITLE, summary=SUMMARY, services=named, declared_at=now - timedelta(days=9), is_private=is_private
        )
        for is_private in (False, True)
    )
    family_of(earlier, again, secret)
    read_by_index()

    card = browser.get("/recurrences/seen-before", query=query, htmx=True)

    assert "INC-6" in few.text
    assert "happened 2 times" in card.text  # the private one is not counted for who may not see it
    assert len(card.queries) == len(few.queries) <= 12


def test_drills_are_on_no_page_of_recurrences(browser: Browser, earlier: Incident, checkout: Service) -> None:
    make.incident(TITLE, summary=SUMMARY, services=[checkout], is_drill=True)
    read_by_index()

    card = browser.get("/recurrences/seen-before", query={"title": TITLE, "service": "checkout"})

    assert "INC-7" not in card.text


def test_what_is_only_similar_is_listed_on_the_page_without_an_alarm_and_never_what_is_hidden(
    browser: Browser, earlier: Incident, later: Incident
) -> None:
    secret = make.incident(TITLE, summary=SUMMARY, is_private=True, declared_at=earlier.declared_at)
    read_by_index()

    page = browser.get(f"/incidents/{later.ref}/recurrences")

    assert "The nearest earlier incidents" in page.text
    assert page.select(f'button[aria-label="{later.ref} is the same as {earlier.ref}"]')
    assert secret.ref not in page.body
