"""What incidents like this one suggest: its main cause, and the service it is about."""

from datetime import timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import SUMMARY, TITLE, read_by_index
from tracker.db import session, transaction
from tracker.models import CauseCategory, EntryKind, Incident, Postmortem, Role, Service

SEEN = "/recurrences/seen-before"


@pytest.fixture
def causes(earlier: Incident, others: list[Incident]) -> None:
    """The earlier one was a data issue; the commonest cause of all is a recent deploy."""
    make.postmortem(earlier, cause_category=CauseCategory.DATA_ISSUE)
    read_by_index()
    for one in others[:3]:
        make.postmortem(one, cause_category=CauseCategory.RECENT_DEPLOY)
    make.postmortem(others[3], cause_category=CauseCategory.TRAFFIC_SPIKE)
    make.postmortem(others[4], cause_category=CauseCategory.OTHER)


@pytest.mark.usefixtures("causes")
def test_three_causes_are_suggested_that_of_the_likest_first(
    browser: Browser, earlier: Incident, later: Incident
) -> None:
    page = browser.get(f"/incidents/{later.ref}/recurrences/causes")

    rows = [row.get_text(" ", strip=True) for row in page.select(".card-list li")]
    assert (len(rows), rows[0].startswith(f"Data issue {earlier.ref}")) == (3, True)
    assert rows[1].startswith("Recent deploy")


@pytest.mark.usefixtures("causes")
def test_a_suggested_cause_is_chosen_with_one_click_from_the_postmortem(browser: Browser, later: Incident) -> None:
    postmortem = make.postmortem(later)

    step = browser.get(f"/incidents/{later.ref}/postmortem/edit/why")
    browser.get(f"/incidents/{later.ref}/recurrences/causes").submit("Choose data issue")

    assert step.select(f'[hx-get="/incidents/{later.ref}/recurrences/causes"]')
    session.rollback()
    assert session.get_one(Postmortem, postmortem.id).cause_category is CauseCategory.DATA_ISSUE


@pytest.mark.usefixtures("causes")
def test_the_cause_of_a_private_incident_is_suggested_to_nobody_else(
    app: Flask, browser: Browser, earlier: Incident, later: Incident
) -> None:
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True
    path = f"/incidents/{later.ref}/recurrences/causes"

    shown = [
        "Data issue" in one.get(path).text for one in (browser, Browser(app, person=make.person("A", role=Role.ADMIN)))
    ]

    assert shown == [False, True]


def test_without_any_cause_there_is_nothing_to_suggest(browser: Browser, later: Incident) -> None:
    path = f"/incidents/{later.ref}/recurrences/causes"

    assert "Nothing to suggest yet." in browser.get(path).text
    assert browser.get(path, htmx=True).body.strip() == ""


def test_the_service_is_guessed_from_what_is_typed_until_one_is_chosen(
    browser: Browser, earlier: Incident, checkout: Service
) -> None:
    typed = {"title": "Answers 503 while ledger migration holds locks"}

    read_by_index()
    guessed, chosen = (browser.get(SEEN, query=query, htmx=True) for query in (typed, typed | {"service": "checkout"}))

    assert "Probably about Checkout." in guessed.text
    assert "INC-6" in chosen.text
    assert "Probably" not in chosen.text


def test_a_service_that_is_named_in_the_title_goes_before_what_others_had(
    browser: Browser, earlier: Incident, checkout: Service
) -> None:
    make.service("Ledger")
    read_by_index()

    card = browser.get(SEEN, query={"title": "ledger migration holds locks, 503"}, htmx=True)

    assert "Probably about Ledger." in card.text


def test_the_service_of_a_private_incident_is_guessed_for_nobody_else(
    browser: Browser, admin_browser: Browser, earlier: Incident
) -> None:
    when = make.NOW - timedelta(days=62)
    vault = make.service("Vault")
    make.incident(TITLE, summary=SUMMARY, services=[vault], is_private=True, declared_at=when)
    read_by_index()
    query = {"title": "Answers 503 while ledger migration holds locks"}

    seen, by_admin = (one.get(SEEN, query=query, htmx=True) for one in (browser, admin_browser))

    assert ("INC-6" in seen.text, "Vault" in seen.body, "Vault" in by_admin.body) == (True, False, True)


def test_the_card_tells_what_to_check_first_and_the_rollback_of_then(browser: Browser, earlier: Incident) -> None:
    make.answer(make.postmortem(earlier), "root_causes", "- The migration held the ledger's locks.")
    make.entry(earlier, "We roll back: release 41.", kind=EntryKind.DECISION)
    make.entry(earlier, "Talked about a rollback", kind=EntryKind.EVENT)
    read_by_index()

    card = browser.get(SEEN, query={"title": TITLE, "service": "checkout"}, htmx=True)

    assert "Check first: The migration held the ledger's locks." in card.text
    assert "Rollback then: We roll back: release 41." in card.text
