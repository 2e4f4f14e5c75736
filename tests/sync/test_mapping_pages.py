"""Who is who in a tracker, and what new tickets are filled with: set by administrators, checked with the tracker."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.clients.failures import NotReached, Refused
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import NewTicket, RemotePerson, TicketField
from tracker.db import session
from tracker.models import FieldMapping, Person, Priority, RemoteAccount, Tracker, TrackerKind
from tracker.sync import jobs
from tracker.sync.making.ticket_writing import write_ticket

TEAM = TicketField(name="customfield_1", shown="Team", is_required=True, kind="option", choices=("Platform", "Shop"))
PRIORITY = TicketField(name="priority", shown="Priority", is_required=False, kind="priority", choices=("High", "Low"))


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(make.NOW)


@pytest.fixture
def ana() -> Person:
    return make.person("Ana Owner", email="ana.owner@example.com")


@pytest.fixture
def jira(app: Flask) -> Tracker:
    return make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")


def found_by(tickets: MemoryClient, *people: RemotePerson) -> None:
    tickets.people_there.extend(people)


def written(action_columns: dict[str, Any], tracker: Tracker, *, target: str) -> NewTicket:
    action = make.action("Warm the cache", **action_columns)
    push = make.push(action, tracker, target=target)
    ticket = write_ticket(push.id, base_url="http://localhost")
    session.rollback()
    return ticket


def accounts() -> list[tuple[int, str]]:
    return [(row.person_id, row.name) for row in session.scalars(select(RemoteAccount).order_by(RemoteAccount.name))]


def test_who_is_found_by_e_mail_is_only_a_suggestion(
    app: Flask, admin_browser: Browser, tickets: MemoryClient, ana: Person
) -> None:
    tracker = make.tracker()
    found_by(tickets, RemotePerson(name="ana-codes", shown="Ana C.", email="ana.owner@example.com"))

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/people").click("Find")
    page = admin_browser.get(f"/settings/trackers/{tracker.id}/people/{ana.id}")

    assert "Ana C." in page.text
    assert accounts() == []
    page.submit("Ana C. is Ana Owner")
    assert accounts() == [(ana.id, "ana-codes")]
    assert written({"owner_id": ana.id}, tracker, target="acme/shop").assignee == "ana-codes"


def test_an_owner_without_an_account_gives_a_ticket_without_an_assignee(app: Flask, ana: Person) -> None:
    assert written({"owner_id": ana.id}, make.tracker(), target="acme/shop").assignee is None


def test_an_account_that_was_not_found_is_not_taken(admin_browser: Browser, tickets: MemoryClient, ana: Person) -> None:
    tracker = make.tracker()
    found_by(tickets, RemotePerson(name="ana-codes", shown="Ana C.", email="ana.owner@example.com"))
    page = admin_browser.get(f"/settings/trackers/{tracker.id}/people/{ana.id}")

    page = page.submit("Ana C. is Ana Owner", name="somebody-else")

    assert page.status == 422
    assert page.errors == ["That account is not found there any more. Look again."]
    assert accounts() == []


def test_one_account_is_one_person(admin_browser: Browser, tickets: MemoryClient, ana: Person) -> None:
    tracker = make.tracker()
    bo = make.person("Bo")
    found_by(tickets, RemotePerson(name="ana-codes", shown="Ana C."))
    path = f"/settings/trackers/{tracker.id}/people"
    admin_browser.get(f"{path}/{ana.id}?words=ana").submit("Ana C. is Ana Owner")

    page = admin_browser.get(f"{path}/{bo.id}?words=ana").submit("Ana C. is Bo")

    assert page.errors == ["Ana C. is Ana Owner already. Take it from Ana Owner first."]
    admin_browser.get(path).submit("Forget the account of Ana Owner")
    assert accounts() == []


def test_nobody_found_and_nobody_asked_are_told_apart(
    admin_browser: Browser, tickets: MemoryClient, ana: Person
) -> None:
    path = f"/settings/trackers/{make.tracker().id}/people/{ana.id}"

    assert "Nobody was found. Trackers often hide e-mail addresses" in admin_browser.get(path).text
    tickets.fail_with = NotReached("GitHub could not be reached.")
    page = admin_browser.get(path)

    assert "GitHub could not be reached." in page.text
    assert "Nobody was found" not in page.text


def test_people_are_looked_for_in_the_default_target(admin_browser: Browser, ana: Person) -> None:
    tracker = make.tracker(default_target="")

    page = admin_browser.get(f"/settings/trackers/{tracker.id}/people/{ana.id}")

    assert "Give the tracker a default repository or project first" in page.text


def add(browser: Browser, tracker: Tracker, **typed: str) -> list[str]:
    """The errors of a mapping that is saved so."""
    page = browser.get(f"/settings/trackers/{tracker.id}/fields/new").submit("Check and save", **typed)
    assert page.status == (422 if page.errors else 200)
    return page.errors


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "“Team” is required: one of Platform, Shop. Add a line “Team = ...”."),
        ({"fields": "Team = Backend"}, "“Team” does not take “Backend”. It takes: Platform, Shop."),
        ({"fields": "Colour = red"}, "Jira has no field “Colour” here. It has: Priority, Team."),
        ({"fields": "Team"}, "“Team” is not complete. Write the field, an equals sign and the value."),
        ({"fields": "Team = Shop", "p1": "Urgent"}, "P1: there is no priority “Urgent”. It takes: High, Low."),
        ({"target": "no project", "fields": "Team = Shop"}, '"no project" is not a project key.'),
        ({"labels": ",".join(map(str, range(21))), "fields": "Team = Shop"}, "Use at most 20 labels."),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_when_it_is_saved(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker, typed: dict[str, str], sentence: str
) -> None:
    tickets.fields_there.extend([TEAM, PRIORITY])

    errors = add(admin_browser, jira, **typed)

    assert len(errors) == 1
    assert errors[0].startswith(sentence)
    assert session.scalars(select(FieldMapping)).all() == []


def test_a_mapping_that_cannot_be_checked_is_not_saved(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker
) -> None:
    tickets.fail_with = NotReached("Jira could not be reached.")

    assert add(admin_browser, jira) == ["Jira could not be reached."]
    assert session.scalars(select(FieldMapping)).all() == []


def test_a_new_ticket_is_filled_as_the_mapping_says(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker
) -> None:
    tickets.fields_there.extend([TEAM, PRIORITY])
    add(admin_browser, jira, kind="Bug", labels="incident, sre", p1="High", p3="Low", fields="team = platform")

    ticket = written({"priority": Priority.P1}, jira, target="SHOP")
    elsewhere = written({"priority": Priority.P1}, jira, target="WEB")

    assert ticket.kind == "Bug"
    assert ticket.labels == ("followthrough", "incident", "sre")
    assert ticket.extra == {"customfield_1": {"value": "Platform"}, "priority": {"name": "High"}}
    assert (elsewhere.kind, elsewhere.labels, dict(elsewhere.extra)) == (None, ("followthrough",), {})


def test_a_mapping_for_a_repository_that_is_not_there_is_refused_beside_its_form(
    admin_browser: Browser, tickets: MemoryClient
) -> None:
    tracker = make.tracker()
    errors = add(admin_browser, tracker, target="acme/nowhere", labels="incident")

    assert any("We cannot see acme/nowhere." in error for error in errors)
    assert session.scalars(select(FieldMapping)).all() == []


def test_priorities_are_labels_on_github(app: Flask, admin_browser: Browser) -> None:
    tracker = make.tracker()
    too_long = add(admin_browser, tracker, labels="incident", p1="x" * 51)
    assert too_long == ["“xxxxxxxxxxxxxxxxxxxx…” is too long: GitHub’s labels have at most 50 letters."]
    add(admin_browser, tracker, labels="incident", p1="urgent")

    assert written({"priority": Priority.P1}, tracker, target="acme/shop").labels == (
        "followthrough",
        "incident",
        "urgent",
    )
    assert written({"priority": Priority.P2}, tracker, target="acme/shop").labels == ("followthrough", "incident")


def test_a_type_on_github_is_checked_and_given_to_new_tickets(
    app: Flask, admin_browser: Browser, tickets: MemoryClient
) -> None:
    tracker, tickets.kinds_there = make.tracker(), ["Bug"]

    assert add(admin_browser, tracker, kind="Epic") == ["There is no kind “Epic”."]
    assert add(admin_browser, tracker, kind="Bug", target="acme/nowhere") == ["We cannot see acme/nowhere."]
    assert add(admin_browser, tracker, kind="Bug") == []

    assert written({}, tracker, target="acme/shop").kind == "Bug"
    page = admin_browser.get(f"/settings/trackers/{tracker.id}/fields").click("acme/shop")
    assert page.select("#kind")[0]["value"] == "Bug"


def test_of_a_private_item_a_ticket_tells_neither_owner_nor_priority(
    app: Flask, admin_browser: Browser, tickets: MemoryClient, ana: Person
) -> None:
    tracker = make.tracker()
    found_by(tickets, RemotePerson(name="ana-codes", shown="Ana C."))
    admin_browser.get(f"/settings/trackers/{tracker.id}/people/{ana.id}?words=ana").submit("Ana C. is Ana Owner")
    add(admin_browser, tracker, p1="urgent")
    private = make.incident("Salaries were readable", is_private=True)

    ticket = written(
        {"owner_id": ana.id, "priority": Priority.P1, "incidents": (private,)}, tracker, target="acme/shop"
    )

    assert ticket.assignee is None
    assert ticket.labels == ("followthrough",)


def test_each_night_it_is_found_that_a_field_became_required(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker, worker: Worker
) -> None:
    add(admin_browser, jira, labels="incident")
    tickets.fields_there.append(TEAM)

    jobs.check_mappings(worker.now)
    assert session.scalars(select(FieldMapping.problems)).one() == ""
    worker.later(days=1)
    jobs.check_mappings(worker.now)

    session.rollback()
    assert "Something is missing" in admin_browser.get(f"/settings/trackers/{jira.id}/fields").text
    mapping = session.scalars(select(FieldMapping)).one()
    assert mapping.problems.startswith("“Team” is required: one of Platform, Shop.")
    assert mapping.checked_at == worker.now
    page = admin_browser.get(f"/settings/trackers/{jira.id}/fields/{mapping.id}")
    page.submit("Check and save", fields="Team = Shop")
    assert session.scalars(select(FieldMapping.problems)).one() == ""


def test_a_project_that_is_gone_is_named_and_one_that_did_not_answer_is_asked_again(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker, worker: Worker
) -> None:
    add(admin_browser, jira, labels="incident")
    worker.later(days=1)

    tickets.fail_with = NotReached("Jira could not be reached.")
    jobs.check_mappings(worker.now)
    session.rollback()
    assert session.scalars(select(FieldMapping.problems)).one() == ""
    tickets.fail_with = Refused("There is no project SHOP.")
    jobs.check_mappings(worker.now)

    session.rollback()
    assert session.scalars(select(FieldMapping.problems)).one() == "There is no project SHOP."


def test_a_mapping_is_taken_away(admin_browser: Browser, jira: Tracker) -> None:
    add(admin_browser, jira, labels="incident")

    page = admin_browser.get(f"/settings/trackers/{jira.id}/fields").submit("Remove the mapping of SHOP")

    assert "New tickets of SHOP get a title, a text and our label, and nothing else." in page.flashes
    assert session.scalars(select(FieldMapping)).all() == []


def test_the_item_says_when_its_owner_is_nobody_in_the_tracker(browser: Browser, ana: Person) -> None:
    tracker = make.tracker(read_at=make.NOW)
    action = make.action(owner_id=ana.id)
    make.ticket(tracker, action=action)

    page = browser.get(f"/actions/{action.ref}/tickets")

    assert "Nobody knows yet who Ana Owner is in GitHub, so its ticket has no assignee from us." in page.text


def test_the_check_knows_what_a_mapping_fills_and_where_services_send_their_tickets(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker
) -> None:
    tickets.fields_there = [TEAM]
    make.service("Search", tracker_id=jira.id, ticket_target="NOWHERE")
    before = admin_browser.get("/settings/trackers").submit("Check Jira now").flashes
    for target in ("SHOP", "NOWHERE"):
        row = FieldMapping(tracker_id=jira.id, target=target, checked_at=make.NOW)
        row.fields = [{"name": TEAM.name, "shown": "Team", "kind": "option", "text": "Shop"}]
        make.save(row)

    after = admin_browser.get("/settings/trackers").submit("Check Jira now").flashes

    assert "requires these fields: Team" in before
    assert "requires these fields" not in after
    assert "We cannot see NOWHERE" in after


def test_each_night_it_is_found_that_a_target_without_a_mapping_needs_one(
    admin_browser: Browser, tickets: MemoryClient, jira: Tracker, worker: Worker
) -> None:
    tickets.fields_there = [TEAM]
    worker.later(hours=24)
    session.rollback()

    jobs.check_mappings(worker.now)

    assert "New tickets of SHOP need “Team”. Make a mapping" in admin_browser.get("/settings/sync").text
