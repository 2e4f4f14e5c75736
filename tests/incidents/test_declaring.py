"""Declaring an incident in one screen."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session, transaction
from tracker.incidents import queries
from tracker.models import Comparison, Incident, Person, RoleAssignment, Stage, TeamMember


def declared() -> Incident:
    return session.scalars(select(Incident)).one()


def test_a_title_is_enough(browser: Browser, responder: Person) -> None:
    page = browser.get("/incidents/new").submit("Declare incident", title="Checkout answers 503")

    assert page.heading == "INC-1 Checkout answers 503"
    assert "INC-1 is declared." in page.flashes
    assert "We have an incident. Checkout answers 503. I'm investigating." in page.text
    assert "Incident declared: Checkout answers 503 (SEV2)" in page.text
    incident = declared()
    assert incident.started_at is None, "a time nobody gave is not known"
    assert incident.detected_at is None
    commander = session.scalars(select(RoleAssignment)).one()
    assert (commander.role.value, commander.person_id) == ("incident commander", responder.id)


def test_a_double_submit_makes_one_incident(browser: Browser) -> None:
    form = browser.get("/incidents/new")

    form.submit("Declare incident", title="Checkout answers 503")
    again = form.submit("Declare incident", title="Checkout answers 503")

    assert again.heading == "INC-1 Checkout answers 503"
    assert session.scalars(select(Incident.number)).all() == [1]
    make.incident("Another one")
    assert session.scalars(select(Incident.number).order_by(Incident.number)).all() == [1, 2]


def test_it_is_compared_with_earlier_ones_soon(browser: Browser) -> None:
    browser.get("/incidents/new").submit("Declare incident", title="Checkout answers 503")

    comparison = session.scalars(select(Comparison)).one()
    assert (comparison.stage, comparison.done_at) == (Stage.DECLARED, None)


def test_a_drill_is_never_compared(browser: Browser) -> None:
    page = browser.get("/incidents/new").submit("Declare incident", title="Game day", is_drill="y")

    assert "Drill" in page.text
    assert session.scalars(select(Comparison)).all() == []


def test_services_and_more_can_be_given(browser: Browser, set_clock: Callable[[datetime], None]) -> None:
    set_clock(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    make.service("Checkout")

    page = browser.get("/incidents/new").submit(
        "Declare incident",
        title="Checkout answers 503",
        severity="SEV1",
        service="checkout",
        summary="All payments fail.",
        alert_name="CheckoutDown",
        started="at",
        started_at="2026-11-23T08:40",
        detected="now",
    )

    incident = declared()
    assert [service.slug for service in incident.services] == ["checkout"]
    assert incident.started_at == datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
    assert incident.detected_at == datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert "All payments fail." in page.text
    assert "25 min" in page.text


def test_of_very_many_services_those_of_ones_teams_are_shown_and_another_is_typed(
    browser: Browser, responder: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make.team("Payments")
    with transaction():
        session.add(TeamMember(team_id=team.id, person_id=responder.id))
    make.service("Checkout", team_id=team.id)
    make.service("Ledger of cards")
    make.service("Ledger of debts")
    assert "Another service" not in browser.get("/incidents/new").text

    monkeypatch.setattr(queries, "FEW_SERVICES", 2)
    form = browser.get("/incidents/new")
    wrong = form.submit("Declare incident", title="Down", service=["checkout"], other_service="ledger")
    hostile = form.submit("Declare incident", title="Down", other_service="<b>nothing</b>")
    done = wrong.submit("Declare incident", other_service="ledger OF debts")

    assert [box["value"] for box in form.select("input[name=service]")] == ["checkout"]
    assert "There is no service “ledger”. Did you mean Ledger of cards, Ledger of debts?" in wrong.text
    assert "There is no service “<b>nothing</b>”. The page “Readiness” lists them all." in hostile.text
    assert done.heading == "INC-1 Down"
    assert [service.slug for service in declared().services] == ["checkout", "ledger-of-debts"]


def test_the_name_of_several_services_asks_which(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW_SERVICES", 1)
    for slug in ("ledger", "ledger-2"):
        make.service("Ledger", slug=slug)

    page = browser.get("/incidents/new").submit("Declare incident", title="Down", other_service="Ledger")
    known = page.submit("Declare incident", other_service="ledger")

    assert "Several services are called that. Write one of ledger, ledger-2." in page.text
    assert known.heading == "INC-1 Down"
    assert [service.slug for service in declared().services] == ["ledger"]


def test_the_declarer_of_a_private_incident_is_named_on_it(browser: Browser, responder: Person) -> None:
    page = browser.get("/incidents/new").submit("Declare incident", title="Keys were leaked", is_private="y")

    assert page.heading == "INC-1 Keys were leaked"
    assert [person.id for person in declared().named_people] == [responder.id]


def test_what_cannot_be_taken_is_told_beside_the_field_and_nothing_typed_is_lost(
    browser: Browser, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    make.service("Checkout")
    form = browser.get("/incidents/new")

    future = form.submit("Declare incident", title="Down", started="at", started_at="2026-11-23T10:00")
    reversed_times = form.submit(
        "Declare incident",
        title="Down",
        started="at",
        started_at="2026-11-23T09:00",
        detected="at",
        detected_at="2026-11-23T08:00",
    )
    unknown = form.submit("Declare incident", title="Down", service="no-such")
    long = form.submit("Declare incident", title="x" * 301)
    empty = form.submit("Declare incident", title="  ")
    ancient = form.submit("Declare incident", title="Down", started="at", started_at="0001-01-01T00:00")
    nonsense = form.submit("Declare incident", title="Down", started_at="half past nine")
    without_time = form.submit("Declare incident", title="Down", started="at")

    assert future.status == 422
    assert future.errors == ["That is in the future. Enter a time up to now."]
    assert future.select("#title")[0]["value"] == "Down"
    assert str(future.select("#started_at")[0]["value"]).startswith("2026-11-23T10:00")
    assert reversed_times.errors == ["That is before it started. Check both times."]
    assert unknown.errors == ["There is no no-such to choose here. Choose from the list."]
    assert long.errors == ["That is too long: use at most 300 characters."]
    assert long.select("#title")[0]["value"] == "x" * 301
    assert empty.errors == ["Enter a few words on what is wrong."]
    assert without_time.errors == ["Enter the day and time, or choose “Not known yet”."]
    assert ancient.errors == ["That year cannot be right. Check it."]
    assert nonsense.errors == ["Write the day and time like 2026-11-23 14:05."]
    assert nonsense.select("#started_at")[0]["value"] == "half past nine"
    assert session.scalars(select(Incident)).all() == []


def test_a_viewer_cannot_declare(app: Flask, viewer: Person) -> None:
    theirs = Browser(app, person=viewer)

    assert theirs.get("/incidents/new").status == 403
    assert theirs.post("/incidents/new", {"csrf_token": theirs.token("/incidents"), "title": "Down"}).status == 403


def test_two_submits_at_the_same_moment_make_one_incident_and_leave_no_gap(app: Flask, responder: Person) -> None:
    browsers = [Browser(app, person=responder) for _ in range(4)]
    typed = {"title": "Checkout answers 503", "severity": "SEV1", "form_key": "the same key"}
    bodies = [{**typed, "csrf_token": one.token("/incidents/new")} for one in browsers]

    def submit(number: int) -> int:
        client, body = browsers[number].client, bodies[number]
        return contextvars.Context().run(lambda: client.post("/incidents/new", data=body).status_code)

    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(submit, range(4)))

    assert statuses == [303, 303, 303, 303]
    session.rollback()
    assert session.scalars(select(Incident.number)).all() == [1]
    make.incident("The next one")
    assert session.scalars(select(Incident.number).order_by(Incident.number)).all() == [1, 2]
