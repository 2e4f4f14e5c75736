"""Services: who owns them, whom to wake, what is owed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser, Page
from tracker.catalog import queries
from tracker.db import session
from tracker.models import ActionState, Person, Role, Service, TrackerKind

SetClock = Callable[[datetime], None]


def cells(page: Page, service: str) -> list[str]:
    for row in page.select("tbody tr"):
        texts = [" ".join(cell.get_text(" ").split()) for cell in row.select("td")]
        if texts[0].startswith(service):
            return texts
    raise AssertionError(f"No row for {service}.")


def test_an_empty_catalog_teaches(browser: Browser) -> None:
    page = browser.get("/services")

    assert "No services yet" in page.text
    assert page.click("Add a service").heading == "Add a service"


def test_a_service_is_added_with_owner_team_and_tickets(browser: Browser, responder: Person) -> None:
    team, tracker = make.team("Payments"), make.tracker("GitHub")

    page = browser.get("/services/new").submit(
        "Add service",
        name="Checkout API",
        description="Takes the money.",
        team_id=str(team.id),
        owner_id=str(responder.id),
        escalation_contact="Payments rota, +45 1234",
        tracker_id=str(tracker.id),
        ticket_target="acme/checkout",
    )

    assert page.heading == "Checkout API"
    assert page.url == "/services/checkout-api"
    for words in ("Takes the money.", "Bob", "Payments", "+45 1234", "GitHub, acme/checkout", "Never tried"):
        assert words in page.text
    assert "New tickets of its items go to acme/checkout in GitHub." in page.flashes
    page = page.click("Edit").submit("Save", ticket_target="")
    assert "Saved Checkout API. New tickets of its items go to acme/shop in GitHub." in page.flashes


def test_a_long_catalog_is_turned_over(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    for name in ("Basket", "Checkout"):
        make.incident(services=[make.service(name)])
        make.team(name)

    services, teams = browser.get("/services"), browser.get("/teams")

    assert cells(services, "Basket")[-1] == "1"
    assert "Checkout" not in services.text
    assert cells(services.click("Further"), "Checkout")[-1] == "1"
    assert "Basket" in services.click("Further").click("Back").text
    assert ("Basket" in teams.text, "Checkout" in teams.text) == (True, False)
    assert "Checkout" in teams.click("Further").text


def test_the_list_counts_what_is_owed_and_what_happened_without_practice(
    browser: Browser, now: datetime, set_clock: SetClock
) -> None:
    set_clock(now)
    service = make.service("Checkout")
    first, second = make.incident("One", services=[service]), make.incident("Two", services=[service])
    make.incident("Long ago", services=[service], declared_at=now - timedelta(days=91))
    drill = make.incident("Game day", services=[service], is_drill=True)
    make.action("Of two incidents", incidents=(first, second))
    make.action("Done", incidents=(first,), state=ActionState.DONE, done_at=now)
    make.action("From practice", incidents=(drill,))

    assert cells(browser.get("/services"), "Checkout")[4:] == ["1", "2"]


def test_counts_and_lists_leave_out_what_the_reader_may_not_see(
    browser: Browser, admin_browser: Browser, now: datetime, set_clock: SetClock
) -> None:
    set_clock(now)
    service = make.service("Checkout")
    secret = make.incident("Keys were leaked", services=[service], is_private=True)
    make.action("Rotate the keys", incidents=(secret,))

    assert cells(browser.get("/services"), "Checkout")[4:] == ["0", "0"]
    page = browser.get("/services/checkout")
    assert "leaked" not in page.body
    assert "Rotate" not in page.body
    assert cells(admin_browser.get("/services"), "Checkout")[4:] == ["1", "1"]
    assert "Keys were leaked" in admin_browser.get("/services/checkout").text


def test_an_item_that_is_seen_through_another_incident_is_not_counted_for_the_private_ones_service(
    browser: Browser, now: datetime, set_clock: SetClock
) -> None:
    set_clock(now)
    hidden, shown = make.service("Hidden"), make.service("Shown")
    secret = make.incident("Keys were leaked", services=[hidden], is_private=True)
    public = make.incident("Public", services=[shown])
    make.action("Shared", incidents=(secret, public))

    page = browser.get("/services")

    assert cells(page, "Hidden")[4] == "0"
    assert cells(page, "Shown")[4] == "1"
    assert "Shared" not in browser.get("/services/hidden").text


def test_practice_stands_on_the_services_page_with_a_badge_and_its_items_do_not(browser: Browser) -> None:
    service = make.service("Checkout")
    make.action("From practice", incidents=(make.incident("Game day", services=[service], is_drill=True),))

    page = browser.get("/services/checkout")

    assert "Drill" in page.select("#incidents li")[0].get_text(" ")
    assert "From practice" not in page.text


def test_a_contact_is_verified_today_and_a_changed_one_is_not(
    browser: Browser, now: datetime, set_clock: SetClock
) -> None:
    set_clock(now)
    make.service("Checkout", escalation_contact="Rota A", escalation_verified_on=date(2026, 6, 1))
    assert "Not tried since 1 Jun 2026" in browser.get("/services").text

    page = browser.get("/services/checkout").submit("Still right: I tried it today")
    assert "tried 23 Nov 2026 by Bob" in page.text
    set_clock(now + timedelta(days=1))
    page = page.click("Edit").submit("Save", escalation_contact="Rota B")

    assert "Never tried" in page.text


def test_the_room_says_whom_to_wake_and_who_was_reached_counts_as_tried(browser: Browser) -> None:
    checkout = make.service("Checkout", escalation_contact="Rota A")
    make.incident(services=[checkout, make.service("Search")], is_drill=True)

    room, page = browser.get("/incidents/INC-1"), browser.get("/incidents/INC-1/contacts")
    reached = page.submit("Reached them, the contact of Checkout works")

    assert "/incidents/INC-1/contacts" in room.links()
    assert "Checkout Rota A Never tried" in page.text
    assert "Search No contact" in page.text
    assert (reached.heading, "counts as tried today" in reached.flashes) == ("INC-1 Checkout answers 503", True)
    assert "by Bob" in browser.get("/incidents/INC-1/contacts", htmx=True).text
    assert "Last drilled never" not in browser.get("/services/checkout").text


def test_of_two_who_edit_a_service_the_second_sees_both_and_loses_nothing(browser: Browser, app: Flask) -> None:
    make.service("Checkout")
    opened = browser.get("/services/checkout/edit")
    Browser(app, person=make.person("Ana", role=Role.RESPONDER)).get("/services/checkout/edit").submit(
        "Save", escalation_contact="Rota A"
    )

    page = opened.submit("Save", description="Takes the money.")

    assert page.status == 409
    assert "Somebody else saved this while you were writing" in page.text
    assert "Escalation contact: Rota A" in page.text
    page = page.submit("Save", escalation_contact="Rota A")
    service = session.scalars(select(Service)).one()
    assert (service.escalation_contact, service.description) == ("Rota A", "Takes the money.")


def test_an_archived_service_is_no_longer_offered_but_keeps_its_incidents(browser: Browser) -> None:
    make.incident(services=[make.service("Old shop")])

    page = browser.get("/services/old-shop").submit("Archive")

    assert "INC-1" in page.text
    assert browser.get("/incidents/new").select("input[name=service]") == []
    page.submit("Restore")
    assert len(browser.get("/incidents/new").select("input[name=service]")) == 1


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        (TrackerKind.GITHUB, "just-a-name", "For GitHub write the repository as owner/name, for example acme/shop."),
        (TrackerKind.JIRA, "shop", "For Jira write the project's key in capitals, for example SHOP."),
    ],
)
def test_a_wrong_target_is_told(browser: Browser, kind: TrackerKind, target: str, words: str) -> None:
    tracker = make.tracker("Tracker", kind=kind)

    page = browser.get("/services/new").submit(
        "Add service", name="Checkout", tracker_id=str(tracker.id), ticket_target=target
    )

    assert page.errors == [words]
    assert page.select("#ticket_target")[0]["value"] == target
    assert words in page.select("#ticket_target-error")[0].text, "it stands at its field"


def test_bad_input_is_told_and_kept(browser: Browser) -> None:
    make.service("Checkout")
    form = browser.get("/services/new")

    assert form.submit("Add service", name=" ").errors == ["Enter the name of the service."]
    assert form.submit("Add service", name="x" * 301).errors == ["That is too long: use at most 300 characters."]
    assert form.submit("Add service", name="checkout").errors == [
        "There is a service Checkout already. Choose another name."
    ]
    assert form.submit("Add service", name="Search", owner_id="999").errors == [
        "That is no longer there. Choose one of the list."
    ]
    assert form.submit("Add service", name="Search", ticket_target="acme/shop").errors == [
        "Choose the tracker that this repository or project is in."
    ]
    assert session.scalars(select(Service.name)).all() == ["Checkout"]


def test_addresses_stay_free_of_collisions(browser: Browser) -> None:
    for name in ("New", "Søg & find", "Sog find!", "検索"):
        browser.get("/services/new").submit("Add service", name=name)

    slugs = session.scalars(select(Service.slug).order_by(Service.id)).all()
    assert slugs == ["new-2", "sg-find", "sog-find", "service"]


def test_a_viewer_reads_only(app: Flask, viewer: Person) -> None:
    make.service("Checkout", escalation_contact="Rota")
    theirs = Browser(app, person=viewer)

    page = theirs.get("/services/checkout")

    assert page.status == 200
    assert page.select("main form") == []
    assert theirs.get("/services/new").status == 403
    token = theirs.token("/services")
    assert theirs.post("/services/checkout/archive", {"csrf_token": token}).status == 403


@pytest.mark.once
def test_more_services_take_no_more_queries(browser: Browser) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            service = make.service(make.unique("Service"), team_id=make.team(make.unique("Team")).id)
            make.action(incidents=(make.incident(services=[service]),))

    more(3)
    few = browser.get("/services").queries
    more(57)
    many = browser.get("/services").queries

    assert len(many) == len(few) <= 12


def test_an_unknown_service_says_so(browser: Browser) -> None:
    page = browser.get("/services/no-such")

    assert page.status == 404
    assert "There is no service no-such" in page.text
