"""The same promise made another time, and how near a promise is to the new cause."""

from datetime import date, timedelta

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tests.recurrence.conftest import address, family_of, letters
from tracker.db import session, transaction
from tracker.models import ActionKind, ActionState, Incident, IncidentPerson, Person, Recurrence, RecurrenceState
from tracker.recurrence import jobs
from tracker.recurrence.repeated import is_same_promise
from tracker.recurrence.terms import terms_of

ONE, AGAIN = "Alert when a migration holds ledger locks", "Add an alert for migrations that hold ledger locks"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (ONE, AGAIN, True),
        ("Isolate migration workloads", "Isolate the migration workload", True),
        ("Set memory limits for Prometheus", "Add memory limits to Prometheus", True),
        ("Set memory limits for Prometheus", "Write a runbook for Prometheus", False),
        ("Add alerts", "Add tests", False),
        ("Restart the pods", "Move the database to its own disk", False),
        ("", "", False),
    ],
)
def test_the_same_promise_is_known_in_other_words(one: str, other: str, is_same: bool) -> None:
    assert is_same_promise(frozenset(terms_of(one)), frozenset(terms_of(other))) is is_same


def test_a_promise_that_was_made_before_in_the_family_says_so(
    browser: Browser, pair: Recurrence, earlier: Incident, others: list[Incident], now: object
) -> None:
    family_of(others[0], earlier)
    make.action(ONE, incidents=(others[0],))
    make.action(AGAIN, incidents=(earlier,), owner_text="Ana")

    page = browser.get(address(pair))

    assert "Ana (the same promise as AI-1)" in page.text


def test_a_promise_of_an_incident_that_is_not_of_the_family_is_no_repeat(
    browser: Browser, pair: Recurrence, earlier: Incident, others: list[Incident]
) -> None:
    make.action(ONE, incidents=(others[0],))
    make.action(AGAIN, incidents=(earlier,))

    assert "the same promise" not in browser.get(address(pair)).text


def test_a_repeat_of_a_private_promise_is_told_only_to_who_may_see_it_and_never_by_mail(
    app: Flask, pair: Recurrence, earlier: Incident, later: Incident, others: list[Incident], responder: Person
) -> None:
    nora = make.person("Nora")
    family_of(others[0], earlier)
    make.action(ONE, incidents=(others[0],))
    make.action(AGAIN, incidents=(earlier,), owner_id=responder.id)
    make.save(IncidentPerson(incident_id=others[0].id, person_id=nora.id))
    with transaction():
        session.get_one(Incident, others[0].id).is_private = True
        session.get_one(Incident, later.id).declared_by_id = nora.id

    shown = ["AI-1" in Browser(app, person=one).get(address(pair)).body for one in (nora, responder)]
    jobs.alert_due(make.NOW)

    assert shown == [True, False]
    assert [(one.person_id, "AI-1" in one.text, "AI-2" in one.text) for one in letters()] == [
        (responder.id, False, True),
        (nora.id, False, True),
    ]


def test_of_two_as_late_the_one_nearer_to_the_new_cause_comes_first(
    browser: Browser, pair: Recurrence, earlier: Incident, later: Incident
) -> None:
    for title in ("Warm the image cache", "Cap the pgbouncer pool"):
        make.action(title, incidents=(earlier,), kind=ActionKind.PREVENT, due_on=date(2026, 11, 1))
    make.answer(make.postmortem(later), "root_causes", "The pool of pgbouncer was never capped.")

    shown = browser.get(address(pair)).text

    assert shown.index("AI-2 Cap the pgbouncer pool") < shown.index("AI-1 Warm the image cache")


def test_what_was_done_after_the_incident_began_is_not_asked_whether_it_held(
    browser: Browser, pair: Recurrence, earlier: Incident, later: Incident
) -> None:
    with transaction():
        session.get_one(Incident, later.id).started_at = make.NOW - timedelta(hours=2)
        session.get_one(Recurrence, pair.id).state = RecurrenceState.SAME
        session.get_one(Recurrence, pair.id).decided_at = make.NOW
    make.action("Too late", incidents=(earlier,), state=ActionState.DONE, done_at=make.NOW - timedelta(hours=1))

    page = browser.get(address(pair))
    data = {"csrf_token": browser.token(), "action": "AI-1", "verdict": "was bypassed"}
    answer = browser.post(f"{address(pair)}/verdict", data)

    assert "Should these have held?" not in page.text
    assert "Done since" in page.text
    assert "could not have held yet" in answer.text
