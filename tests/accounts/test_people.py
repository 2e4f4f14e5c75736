"""What administrators do with accounts."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import AuditEntry, Message, Person, Role


def fresh(person: Person) -> Person:
    session.expire_all()
    found = session.get(Person, person.id)
    assert found is not None
    return found


def noted() -> list[tuple[str, str]]:
    session.rollback()
    return [(entry.action, entry.subject) for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_person_is_added_and_can_be_sent_a_link(admin_browser: Browser) -> None:
    page = admin_browser.get("/settings/people/new").submit(
        "Add person", email=" Ana.Berg@Example.com", name="", role="viewer"
    )

    added = session.scalars(select(Person).where(Person.email == "ana.berg@example.com")).one()
    assert (added.name, added.role) == ("Ana Berg", Role.VIEWER)
    assert page.url == f"/settings/people/{added.id}"
    page.submit("Mail a link")
    assert session.scalars(select(Message.person_id)).all() == [added.id]
    assert noted() == [("add_person", "ana.berg@example.com"), ("mail_sign_in_link", "ana.berg@example.com")]


def test_an_address_that_has_an_account_is_refused_and_what_was_typed_is_kept(admin_browser: Browser) -> None:
    make.person("Ana")

    page = admin_browser.get("/settings/people/new").submit("Add person", email="ANA@example.com", name="Another Ana")

    assert page.status == 422
    assert "has an account already" in page.errors[0]
    assert page.select("input[name=name]")[0]["value"] == "Another Ana"


@pytest.mark.parametrize("address", ["ana", "ana@", "ana berg@example.com", "ana@example.com, bo@example.com"])
def test_what_is_no_address_is_refused(admin_browser: Browser, address: str) -> None:
    page = admin_browser.get("/settings/people/new").submit("Add person", email=address)

    assert page.status == 422
    assert "not an e-mail address" in page.errors[0]


def test_a_role_is_changed_and_noted(admin_browser: Browser) -> None:
    ana = make.person("Ana", role=Role.VIEWER)

    admin_browser.get(f"/settings/people/{ana.id}").submit("Save", role="responder")

    assert fresh(ana).role is Role.RESPONDER
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.detail) == (
        "change_role",
        "ana@example.com",
        {"before": "viewer", "after": "responder"},
    )


def test_a_new_role_counts_at_once(app: Flask, admin_browser: Browser) -> None:
    ana = make.person("Ana", role=Role.ADMIN)
    her = Browser(app, person=ana)

    admin_browser.get(f"/settings/people/{ana.id}").submit("Save", role="viewer")

    assert her.get("/settings/people").status == 403


@pytest.mark.parametrize("role", ["viewer", "responder"])
def test_the_last_administrator_stays_one(admin_browser: Browser, admin: Person, role: str) -> None:
    make.person("Ana", role=Role.ADMIN, is_active=False)

    page = admin_browser.get(f"/settings/people/{admin.id}").submit("Save", role=role)

    assert page.status == 422
    assert "last administrator" in page.errors[0]
    assert fresh(admin).role is Role.ADMIN


def test_the_last_administrator_cannot_be_switched_off(admin_browser: Browser, admin: Person) -> None:
    page = admin_browser.get(f"/settings/people/{admin.id}").submit("Switch off")

    assert page.status == 422
    assert "last administrator" in page.errors[0]
    assert fresh(admin).is_active


def test_an_administrator_can_go_when_there_is_another(admin_browser: Browser, admin: Person) -> None:
    make.person("Ana", role=Role.ADMIN)

    admin_browser.get(f"/settings/people/{admin.id}").submit("Save", role="viewer")

    assert fresh(admin).role is Role.VIEWER


def test_switching_off_and_on_is_noted(admin_browser: Browser) -> None:
    ana = make.person("Ana")

    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch off")
    admin_browser.get(f"/settings/people/{ana.id}").submit("Switch on again")

    assert fresh(ana).is_active
    assert noted() == [("deactivate_person", "ana@example.com"), ("reactivate_person", "ana@example.com")]


def test_a_link_is_shown_once_and_noted_without_it(app: Flask, admin_browser: Browser) -> None:
    ana = make.person("Ana")

    page = admin_browser.get(f"/settings/people/{ana.id}").submit("Show a link")

    address = page.select("pre code")[0].get_text()
    hers = Browser(app, person=None)
    hers.get(address.removeprefix("http://localhost")).submit("Sign in")
    assert hers.get("/profile").status == 200
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject, entry.detail) == ("make_sign_in_link", "ana@example.com", {})


def test_people_are_found_by_part_of_a_name_and_a_percent_sign_is_no_pattern(admin_browser: Browser) -> None:
    make.person("Ana")
    make.person("Bo")

    assert "Bo" not in admin_browser.get("/settings/people", query={"q": "AN"}).text
    assert "Nobody by that name" in admin_browser.get("/settings/people", query={"q": "%"}).text


@pytest.mark.once
def test_a_long_list_of_people_comes_in_parts_with_the_same_number_of_queries(admin_browser: Browser) -> None:
    few = admin_browser.get("/settings/people")
    for number in range(60):
        make.person(f"Person {number:02}")

    first = admin_browser.get("/settings/people")

    assert len(first.queries) == len(few.queries)
    assert "Person 59" not in first.text
    assert "Person 59" in first.click("Further").text


def test_an_unknown_person_is_not_found(admin_browser: Browser) -> None:
    assert admin_browser.get("/settings/people/4711").status == 404


@pytest.mark.parametrize("path", ["/settings", "/settings/people", "/settings/people/new", "/settings/audit"])
def test_the_settings_are_for_administrators(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 403


def test_the_overview_leads_to_every_part_of_the_settings(admin_browser: Browser) -> None:
    links = admin_browser.get("/settings").links()

    assert set(links) >= {
        "/settings/people",
        "/teams",
        "/services",
        "/settings/trackers",
        "/settings/sync",
        "/settings/mail",
        "/settings/audit",
        "/settings/transfer",
    }
