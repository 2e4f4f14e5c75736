"""Looking for the cause: suspects are cleared one by one, hypotheses say what would show them wrong."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.db import session, transaction
from tracker.incidents import investigation_operations as operations
from tracker.incidents.investigation_operations import HypothesisDraft, SettleDraft
from tracker.incidents.learning import propose_cause
from tracker.incidents.suspects import USUAL, rows_of
from tracker.models import (
    CauseCategory,
    Hypothesis,
    HypothesisState,
    Incident,
    Person,
    Phase,
    Postmortem,
    TimelineEntry,
)

ROOM = "/incidents/INC-1"
INVESTIGATION = f"{ROOM}/investigation"


def entries() -> list[str]:
    session.rollback()
    return list(session.scalars(select(TimelineEntry.text).order_by(TimelineEntry.id)))


def look(browser: Browser, verdict: str, finding: str) -> Page:
    typed = {"suspect": "recent deploy", "verdict": verdict, "finding": finding, "csrf_token": browser.token()}
    return browser.post(f"{INVESTIGATION}/suspects", typed)


def confirmed(incident: Incident, by: Person, suspect: CauseCategory, claim: str = "4.2 drops the cache") -> None:
    """In a transaction that is open."""
    hypothesis = operations.raise_hypothesis(incident, HypothesisDraft(suspect, claim), by=by, now=make.NOW)
    settled = SettleDraft(HypothesisState.CONFIRMED, "A rollback ended it", hypothesis.version)
    operations.settle(hypothesis, settled, by=by, now=make.NOW)


def test_a_suspect_is_cleared_with_what_was_found(browser: Browser, responder: Person) -> None:
    make.incident(phase=Phase.STABILISED)

    page = look(browser, "ruled out", "Nothing went out since Monday.")

    assert "Ruled out: recent deploy." in page.flashes
    assert "Recent deploy Ruled out Nothing went out since Monday." in page.text
    assert entries() == ["Ruled out (recent deploy): A recent deploy set it off. Nothing went out since Monday."]


def test_a_suspect_in_mind_becomes_a_hypothesis_that_says_what_would_clear_it(browser: Browser) -> None:
    make.incident(phase=Phase.STABILISED)

    page = look(browser, "may be", "4.2 at 13:50")
    again = look(browser, "ruled out", "Also on 4.1")

    assert "It would be ruled out by: It began before the deploy" in page.text
    assert "Speaks for it, other" in page.text
    assert "Ruled out by" in again.text
    assert [len(entry) > 0 for entry in entries()] == [True] * 3
    assert len(session.scalars(select(Hypothesis)).all()) == 1


def test_a_hypothesis_gathers_evidence_and_is_settled_with_a_reason(browser: Browser) -> None:
    make.incident(phase=Phase.STABILISED)
    page = browser.get(INVESTIGATION).submit("Suspect it", claim="The cache is cold", disproof="The hit rate is up")
    page = page.submit("Note it", text="Hit rate is [2 %](https://graphs.example/1)", kind="metric")

    refused = page.submit("Confirm it", finding="")
    page = refused.submit("Confirm it", finding="Warming it ended it")

    assert refused.status == 422
    assert refused.errors == ["Enter how you know."]
    assert "Confirmed by" in page.text
    assert entries() == [
        "Suspected (other): The cache is cold. It would be ruled out by: The hit rate is up",
        "Speaks for “The cache is cold” (metric): Hit rate is [2 %](https://graphs.example/1)",
        "Confirmed (other): The cache is cold. Warming it ended it",
    ]


def test_two_who_settle_differently_do_not_overwrite_each_other(browser: Browser, responder: Person) -> None:
    incident = make.incident(phase=Phase.STABILISED)
    with transaction():
        row = session.get_one(Incident, incident.id)
        operations.raise_hypothesis(row, HypothesisDraft(CauseCategory.OTHER, "Cold"), by=responder, now=make.NOW)
    stale = browser.get(INVESTIGATION)
    browser.get(INVESTIGATION).submit("Rule it out", finding="It is warm")

    page = stale.submit("Confirm it", finding="It is cold")

    assert page.status == 422
    assert page.errors == ["“Cold” is ruled out by now. Read why, then change it if need be."]


def test_a_confirmed_suspect_becomes_the_cause_that_the_postmortem_begins_with(
    browser: Browser, responder: Person
) -> None:
    incident = make.incident(phase=Phase.STABILISED, stabilised_at=make.NOW)
    with transaction():
        confirmed(session.get_one(Incident, incident.id), responder, CauseCategory.RECENT_DEPLOY)

    browser.get(ROOM).submit("Resolved", reason="It is over")

    session.rollback()
    assert session.scalars(select(Postmortem.cause_category)).all() == [CauseCategory.RECENT_DEPLOY]
    page = browser.get(f"{ROOM}/postmortem/edit/why")
    assert "Confirmed while it went on: recent deploy." in page.text
    suggested = browser.get(f"{ROOM}/postmortem/edit/why?use=root_causes")
    assert "- 4.2 drops the cache. A rollback ended it." in suggested.body


def test_no_cause_is_proposed_when_two_are_confirmed_or_somebody_chose_one(app: Flask, responder: Person) -> None:
    both, chosen = make.incident(), make.incident()
    make.postmortem(both)
    make.postmortem(chosen, cause_category=CauseCategory.OTHER)

    with transaction():
        confirmed(session.get_one(Incident, chosen.id), responder, CauseCategory.DATA_ISSUE)
        row = session.get_one(Incident, both.id)
        for suspect in (CauseCategory.DATA_ISSUE, CauseCategory.TRAFFIC_SPIKE):
            hypothesis = operations.raise_hypothesis(row, HypothesisDraft(suspect, "So"), by=responder, now=make.NOW)
            hypothesis.state, hypothesis.settled_at = HypothesisState.CONFIRMED, make.NOW
        session.flush()
        propose_cause(row, now=make.NOW + timedelta(minutes=1))

    session.rollback()
    found = session.scalars(select(Postmortem.cause_category).order_by(Postmortem.id)).all()
    assert found == [None, CauseCategory.OTHER]


def test_the_room_shows_the_suspects_and_where_to_go_on(browser: Browser) -> None:
    make.incident(phase=Phase.DECLARED)
    look(browser, "may be", "4.2 at 13:50")

    card = browser.get(INVESTIGATION, htmx=True)

    assert "Recent deploy suspected" in card.text
    assert "Data issue not yet" in card.text
    assert "What caused INC-1?" in browser.get(ROOM).text
    assert "Stabilise before you diagnose" in browser.get(INVESTIGATION).text


def test_many_hypotheses_take_no_more_statements(browser: Browser) -> None:
    incident = make.incident()
    for number in range(12):
        make.save(
            Hypothesis(incident_id=incident.id, suspect=CauseCategory.OTHER, claim=f"{number}", raised_at=make.NOW)
        )

    assert len(browser.get(INVESTIGATION).queries) <= 8


def test_a_suspect_is_as_far_as_the_furthest_of_its_hypotheses() -> None:
    deploy, other = CauseCategory.RECENT_DEPLOY, CauseCategory.OTHER
    rows = rows_of(
        [
            Hypothesis(suspect=deploy, claim="a", state=HypothesisState.RULED_OUT, finding="No"),
            Hypothesis(suspect=deploy, claim="b", state=HypothesisState.OPEN, finding=""),
            Hypothesis(suspect=other, claim="c", state=HypothesisState.CONFIRMED, finding="Yes"),
        ]
    )

    assert [row.suspect for row in rows] == list(USUAL)
    assert [(row.state, row.finding) for row in rows][:2] == [(HypothesisState.OPEN, "No"), (None, "")]
