"""A private incident in a pair or a family: for everybody who is not named, it is not there."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import SUMMARY, TITLE, address, family_of, pairs, read_by_index
from tracker.db import session, transaction
from tracker.models import (
    ActionState,
    Incident,
    IncidentPerson,
    Person,
    Recurrence,
    RecurrenceState,
    Role,
    Service,
)
from tracker.recurrence.card import seen_before
from tracker.recurrence.described import described_incidents
from tracker.recurrence.known import known_incidents
from tracker.recurrence.similarity import Band, Described, Match, prepare


@pytest.fixture
def hidden(pair: Recurrence, earlier: Incident) -> Recurrence:
    """The pair, of which the earlier incident is private."""
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True
    return pair


def test_the_item_says_of_which_incident_it_did_not_hold_only_to_who_may_see_it(
    app: Flask, pair: Recurrence, earlier: Incident, later: Incident
) -> None:
    named, outsider = make.person("Nora"), make.person("Otto")
    with transaction():
        session.get_one(Incident, later.id).is_private = True
        session.add(IncidentPerson(incident_id=later.id, person_id=named.id))
    make.action(incidents=(earlier,), state=ActionState.DONE, done_at=make.NOW)
    Browser(app, person=named).get(address(pair)).submit("Same").submit("AI-1: Was bypassed")

    of_named, of_outsider = (Browser(app, person=one).get("/actions/AI-1") for one in (named, outsider))

    assert ("INC-7" in of_named.text, "INC-7" in of_outsider.body) == (True, False)
    assert "was bypassed" in of_outsider.text


@pytest.mark.parametrize("secret", ["earlier", "later"])
def test_a_pair_with_a_private_incident_is_not_there_for_others(
    secret: str, app: Flask, browser: Browser, admin: Person, pair: Recurrence, request: pytest.FixtureRequest
) -> None:
    incident: Incident = request.getfixturevalue(secret)
    other: Incident = request.getfixturevalue("later" if secret == "earlier" else "earlier")
    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    shown = [browser.get(path).body for path in ("/recurrences", f"/incidents/{other.ref}/recurrences")]

    assert browser.get(address(pair)).status == 404
    assert not [body for body in shown if incident.ref in body or incident.title in body or address(pair) in body]
    assert incident.ref in Browser(app, person=admin).get("/recurrences").text


@pytest.mark.parametrize("step", ["decide", "undo", "verdict", "link"])
def test_a_hidden_pair_is_changed_by_nobody_else(step: str, browser: Browser, hidden: Recurrence) -> None:
    data = {"csrf_token": browser.token(), "decision": "same", "action": "AI-1", "verdict": "not relevant"}

    page = browser.post(f"{address(hidden)}/{step}", data)

    assert page.status == 404
    assert pairs()[0].state is RecurrenceState.SUSPECTED


def test_an_item_of_a_private_incident_is_judged_by_nobody_else(app: Flask, browser: Browser, pair: Recurrence) -> None:
    secret = make.incident("Zanzibar", is_private=True)
    make.action(incidents=(secret,), state=ActionState.DONE, done_at=make.NOW)
    browser.get(address(pair)).submit("Same")
    data = {"csrf_token": browser.token(), "action": "AI-1", "verdict": "not relevant"}

    assert browser.post(f"{address(pair)}/verdict", data).status == 404


def test_a_family_shows_only_what_its_reader_may_see_and_is_named_after_that(
    app: Flask, browser: Browser, admin: Person, earlier: Incident, later: Incident, others: list[Incident]
) -> None:
    family = family_of(others[0], earlier, later)
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True

    page = browser.get(f"/families/{family.id}")

    assert (page.heading, earlier.ref in page.body, "Secret name" in page.body) == (others[0].title, False, False)
    assert "Happened 2 times" in page.text
    assert "Happened 3 times" in Browser(app, person=admin).get(f"/families/{family.id}").text


def test_that_an_incident_has_a_hidden_relative_is_told_to_nobody_else(
    app: Flask, browser: Browser, admin: Person, earlier: Incident, later: Incident
) -> None:
    family_of(earlier, later)
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True

    shown = [
        "Every time this happened" in one.get(f"/incidents/{later.ref}/recurrences").text
        for one in (browser, Browser(app, person=admin))
    ]

    assert shown == [False, True]


def test_a_family_all_of_which_is_hidden_is_not_there(browser: Browser, earlier: Incident) -> None:
    family = family_of(earlier)
    with transaction():
        session.get_one(Incident, earlier.id).is_private = True

    assert browser.get(f"/families/{family.id}").status == 404


def test_the_card_never_shows_a_private_incident_or_counts_it(
    app: Flask, browser: Browser, admin: Person, earlier: Incident, checkout: Service, now: datetime
) -> None:
    secret = make.incident(
        TITLE, summary=SUMMARY, services=[checkout], is_private=True, declared_at=now - timedelta(days=3)
    )
    family_of(earlier, secret)
    read_by_index()
    path, query = "/recurrences/seen-before", {"title": TITLE, "service": "checkout"}

    seen, by_admin = (one.get(path, query=query) for one in (browser, Browser(app, person=admin)))

    assert ("INC-6" in seen.text, secret.ref in seen.body, "happened 2 times" in seen.text) == (True, False, False)
    assert "happened 2 times" in by_admin.text


def test_only_administrators_and_named_people_see_the_whole_of_a_hidden_pair(
    app: Flask, hidden: Recurrence, earlier: Incident
) -> None:
    named = make.person("Nora")
    make.save(IncidentPerson(incident_id=earlier.id, person_id=named.id))
    people = [named, make.person("Alice", role=Role.ADMIN), make.person("Otto")]

    statuses = [Browser(app, person=person).get(address(hidden)).status for person in people]

    assert statuses == [200, 200, 404]


def test_no_figure_counts_an_incident_that_is_hidden_from_others(
    browser: Browser, earlier: Incident, later: Incident, now: datetime
) -> None:
    secret = make.incident(TITLE, summary=SUMMARY, is_private=True, declared_at=now - timedelta(days=3))
    read_by_index()
    asking, library = prepare(next(iter(described_incidents([later.id])))), known_incidents()

    counts = {match.incident_id: {count for _, count in match.shared_terms} for match in library.match(asking)}
    page = browser.get(f"/incidents/{later.ref}/recurrences")

    assert library.count_before(asking) == 6  # the five others and the earlier one
    assert (counts[earlier.id], counts[secret.id]) == ({1}, {1})
    assert "in 1 of 6 earlier incidents" in page.text


def test_that_something_hidden_is_alike_brings_nothing_else_onto_the_card(
    responder: Person, admin: Person, earlier: Incident, now: datetime
) -> None:
    secret = make.incident(TITLE, is_private=True)
    hidden = Match(
        incident_id=secret.id,
        score=0.5,
        uncalibrated=0.5,
        closeness=1.0,
        band=Band.BELOW,
        reasons=(),
        differs=(),
        shared_terms=(("ledger", 1),),
    )
    unlikely = replace(hidden, incident_id=earlier.id, score=0.05, closeness=0.8)
    typed = Described(id=0, moment=now, title=TITLE)

    seen = [
        [one.incident.ref for one in seen_before(typed, [hidden, unlikely], viewer=person, today=now.date())]
        for person in (responder, admin)
    ]

    assert seen == [[], [secret.ref, earlier.ref]]
