"""Correcting what is known of an incident."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.models import (
    AuditEntry,
    Comparison,
    Incident,
    Person,
    Phase,
    Postmortem,
    Role,
    RoleAssignment,
    Severity,
    Stage,
)


def the_incident() -> Incident:
    session.rollback()
    return session.scalars(select(Incident)).one()


def test_facts_are_corrected_and_stand_on_the_timeline(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    make.service("Checkout")
    make.incident("Chekout is down")

    page = browser.get("/incidents/INC-1/edit").submit(
        "Save", title="Checkout is down", severity="SEV1", service="checkout", detected_at="2026-11-23T09:00"
    )

    assert page.heading == "INC-1 Checkout is down"
    assert "Corrected: title; severity from SEV2 to SEV1; services; the time it was detected." in page.text
    incident = the_incident()
    assert incident.detected_at == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert incident.started_at == now


def test_nothing_changed_writes_nothing(browser: Browser, now: datetime) -> None:
    make.incident(started_at=now.replace(microsecond=5), resolved_at=now)
    before = the_incident().version

    page = browser.get("/incidents/INC-1/edit").submit("Save")

    assert "Nothing was changed." in page.flashes
    assert the_incident().version == before
    assert the_incident().started_at == now.replace(microsecond=5)


def test_a_changed_text_is_compared_again_and_a_changed_severity_is_not(browser: Browser, now: datetime) -> None:
    incident = make.incident("Checkout is down")
    make.service("Ledger")
    make.save(Comparison(incident_id=incident.id, stage=Stage.DECLARED, asked_at=now, run_after=now, done_at=now))

    def is_due_after(**fields: object) -> bool:
        browser.get("/incidents/INC-1/edit").submit("Save", **fields)
        with transaction():
            row = session.scalars(select(Comparison)).one()
            was_done, row.done_at = row.done_at, now
        return was_done is None

    assert not is_due_after(severity="SEV1")
    assert is_due_after(alert_name="CheckoutDown")
    assert is_due_after(title="Checkout answers 503")
    assert is_due_after(summary="The ledger holds locks.")
    assert is_due_after(service=["ledger"])
    assert not is_due_after(service=["ledger"])


def test_odd_times_are_saved_with_a_warning_and_future_ones_are_refused(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    make.incident(started_at=now)
    form = browser.get("/incidents/INC-1/edit")

    future = form.submit("Save", resolved_at="2026-11-23T12:00", title="Kept words")
    odd = form.submit("Save", resolved_at="2026-11-23T08:00")

    assert future.errors == ["That is in the future. Enter a time up to now."]
    assert future.select("#title")[0]["value"] == "Kept words"
    assert "It was resolved (08:00) before" in odd.flashes
    assert the_incident().time_to_resolve is None


def test_two_who_edit_one_incident_see_both_and_lose_nothing(browser: Browser, app: Flask) -> None:
    make.incident("Checkout is down")
    mine = browser.get("/incidents/INC-1/edit")
    Browser(app, person=make.person("Cleo")).get("/incidents/INC-1/edit").submit("Save", summary="The cache is cold.")

    clash = mine.submit("Save", title="Checkout answers 503")

    assert clash.status == 409
    assert "Title: Checkout answers 503" in clash.text
    assert "Summary: The cache is cold." in clash.text
    assert clash.select("#title")[0]["value"] == "Checkout answers 503"
    assert the_incident().title == "Checkout is down"
    clash.submit("Save", summary="The cache is cold.")
    assert (the_incident().title, the_incident().summary) == ("Checkout answers 503", "The cache is cold.")


def test_a_change_of_services_alone_counts_as_a_change(browser: Browser, app: Flask) -> None:
    make.service("Checkout")
    make.incident()
    mine = browser.get("/incidents/INC-1/edit")
    Browser(app, person=make.person("Cleo")).get("/incidents/INC-1/edit").submit("Save", service="checkout")

    assert mine.submit("Save", title="Mine").status == 409


def test_bad_input_is_told_beside_the_field(browser: Browser) -> None:
    make.incident("Checkout is down")
    form = browser.get("/incidents/INC-1/edit")

    assert form.submit("Save", title="x" * 301).errors == ["That is too long: use at most 300 characters."]
    assert form.submit("Save", title="").errors == ["Enter a few words on what is wrong."]
    assert form.submit("Save", severity="SEV9").errors == ["Choose one of the list."]
    token = browser.token("/incidents/INC-1/edit")
    hostile = {"csrf_token": token, "title": "x", "severity": "SEV1", "service": "nope", "version": "1"}
    assert browser.post("/incidents/INC-1/edit", hostile).errors == [
        "There is no nope to choose here. Choose from the list."
    ]
    assert the_incident().title == "Checkout is down"


def test_the_postmortems_due_date_follows_severity_and_resolution(
    browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    incident = make.incident(severity=Severity.SEV3, phase=Phase.RESOLVED, resolved_at=now)
    make.postmortem(incident, due_on=date(2026, 12, 7))

    browser.get("/incidents/INC-1/edit").submit("Save", severity="SEV1", resolved_at="2026-11-20T12:00")

    session.rollback()
    postmortem = session.scalars(select(Postmortem)).one()
    assert (postmortem.is_required, postmortem.due_on) == (True, date(2026, 11, 25))


def test_the_due_date_counts_by_the_clocks_of_the_team_and_leaves_out_holidays(
    app: Flask, settings: Settings, admin_browser: Browser, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(now)
    team = make.team("Tokyo")
    page = admin_browser.get("/teams/tokyo/edit")
    wrong = page.submit("Save", timezone="Middle/Earth")
    page.submit("Save", timezone="Asia/Tokyo")
    service = make.service("Checkout", team_id=team.id)
    incident = make.incident(severity=Severity.SEV3, phase=Phase.RESOLVED, resolved_at=now, services=[service])
    make.postmortem(incident)
    app.extensions["followthrough.settings"] = replace(settings, holidays=frozenset({date(2026, 11, 25)}))

    admin_browser.get("/incidents/INC-1/edit").submit("Save", severity="SEV1", resolved_at="2026-11-22T23:30")

    session.rollback()
    assert "We know no such time zone" in wrong.text
    assert session.scalars(select(Postmortem.due_on)).one() == date(2026, 11, 27)


def test_only_who_declared_it_a_named_person_or_an_administrator_changes_who_sees_it(
    browser: Browser, admin_browser: Browser, responder: Person
) -> None:
    make.incident("Somebody else's")
    token = browser.token("/incidents/INC-1/edit")
    forced = {"csrf_token": token, "title": "Somebody else's", "severity": "SEV2", "version": "1", "is_private": "y"}

    assert browser.get("/incidents/INC-1/edit").select("#is_private") == []
    refused = browser.post("/incidents/INC-1/edit", forced)
    assert refused.status == 403
    assert the_incident().is_private is False
    admin_browser.get("/incidents/INC-1/edit").submit("Save", is_private="y", named_people=[str(responder.id)])
    assert the_incident().is_private is True
    assert browser.get("/incidents/INC-1").heading == "INC-1 Somebody else's"
    assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["change_privacy"]


def test_nobody_locks_themselves_or_a_role_holder_out(browser: Browser, responder: Person, now: datetime) -> None:
    cleo = make.person("Cleo")
    incident = make.incident(declared_by_id=responder.id)
    make.save(RoleAssignment(incident_id=incident.id, role="scribe", person_id=cleo.id, since=now))

    page = browser.get("/incidents/INC-1/edit").submit("Save", is_private="y")

    assert page.status == 200
    assert [person.name for person in the_incident().named_people] == ["Bob", "Cleo"]
    page = browser.get("/incidents/INC-1/edit").submit("Save", named_people=[])
    assert [person.name for person in the_incident().named_people] == ["Bob", "Cleo"]


def test_a_private_incident_can_be_opened_to_all(browser: Browser, responder: Person, app: Flask) -> None:
    make.incident("Keys were leaked", is_private=True, named=(responder,))
    other = Browser(app, person=make.person("Vic", role=Role.VIEWER))
    assert other.get("/incidents/INC-1").status == 404

    browser.get("/incidents/INC-1/edit").submit("Save", is_private=None)

    assert other.get("/incidents/INC-1").status == 200
    assert the_incident().named_people == []


def test_an_edit_long_after_still_shows_an_archived_service(browser: Browser, now: datetime) -> None:
    make.incident(services=[make.service("Old shop", is_archived=True)], declared_at=now - timedelta(days=300))

    form = browser.get("/incidents/INC-1/edit")

    assert [box["value"] for box in form.select("input[name=service][checked]")] == ["old-shop"]
