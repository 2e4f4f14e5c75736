"""My work: what waits for one person, worst first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser, Page
from tracker.models import (
    ActionItem,
    ActionState,
    Audience,
    Incident,
    IncidentRole,
    Person,
    Phase,
    PostmortemState,
    Recurrence,
    Role,
    RoleAssignment,
    Runbook,
    Severity,
    TeamMember,
    Update,
)

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _nine_in_the_morning(set_clock: Callable[[datetime], None], now: datetime) -> None:
    set_clock(now)


def groups(page: Page) -> dict[str, list[str]]:
    """The references under each heading."""
    return {
        heading.get_text(" ", strip=True).rsplit(" ", 1)[0]: [
            ref.get_text(strip=True)
            for ref in heading.find_next("ul").select("a.ref-link .ref")  # type: ignore[union-attr]
        ]
        for heading in page.select("main h2")
        if heading.find("span", class_="count")
    }


def mine(owner: Person, title: str = "Add a cache warm-up", **columns: Any) -> ActionItem:
    return make.action(title, owner_id=owner.id, **columns)


def past(**columns: Any) -> Incident:
    """An incident that is over, so that nobody waits for an update of it."""
    return make.incident(phase=Phase.CLOSED, **columns)


def pair(later: Incident, **columns: Any) -> Recurrence:
    return make.recurrence(later, past(title="Checkout was slow"), **columns)


def test_a_new_installation_teaches_the_first_four_steps(admin_browser: Browser) -> None:
    page = admin_browser.get("/")

    assert "Welcome, Alice." in page.text
    steps = ["/services", "/settings/trackers", "/settings/people", "/incidents/new"]
    assert [link for link in page.links() if link in steps] == steps
    assert [tag.get_text()[:2] for tag in page.select(".work-list strong")] == ["1.", "2.", "3.", "4."]


def test_the_first_steps_offer_nobody_what_they_may_not_do(app: Flask, viewer: Person) -> None:
    links = Browser(app, person=viewer).get("/").links()

    assert "/settings/trackers" not in links
    assert "/settings/people" not in links
    assert "/incidents/new" not in links


def test_when_nothing_waits_the_page_says_so_and_what_comes_next(browser: Browser, responder: Person) -> None:
    past()
    later = mine(responder, "Alert on queue depth", due_on=TODAY + timedelta(days=20))

    page = browser.get("/")

    assert "Nothing waits for you." in page.text
    assert f"Next is {later.ref} Alert on queue depth , due on 13 Dec 2026" in page.text


def test_an_overdue_item_says_how_late_it_is_and_which_incident_asked_for_it(
    browser: Browser, responder: Person
) -> None:
    incident = past(title="Checkout answers 503")
    item = mine(responder, due_on=TODAY - timedelta(days=20), incidents=(incident,))

    page = browser.get("/")

    assert groups(page) == {"Overdue": [item.ref]}
    assert "20 days overdue" in page.text
    assert f"{incident.ref} Checkout answers 503" in page.text
    assert "1 item is overdue." in page.text
    assert page.select(".row-end a")[0]["href"] == f"/actions/{item.ref}"


def test_the_longest_overdue_item_comes_first_and_due_soon_is_apart(browser: Browser, responder: Person) -> None:
    soon = mine(responder, due_on=TODAY + timedelta(days=7))
    late = mine(responder, due_on=TODAY - timedelta(days=1))
    later = mine(responder, due_on=TODAY - timedelta(days=9))
    due_today = mine(responder, due_on=TODAY)
    mine(responder, due_on=TODAY + timedelta(days=8))

    page = browser.get("/")

    assert groups(page) == {"Overdue": [later.ref, late.ref], "Due within a week": [due_today.ref, soon.ref]}
    assert "Due today" in page.text


def test_a_fix_that_did_not_hold_is_owed_again(browser: Browser, responder: Person) -> None:
    item = mine(responder, state=ActionState.DID_NOT_HOLD, due_on=TODAY - timedelta(days=3))

    page = browser.get("/")

    assert groups(page) == {"Overdue": [item.ref]}
    assert "The fix did not hold." in page.text


def test_a_fix_that_did_not_hold_waits_whenever_it_is_due(browser: Browser, responder: Person) -> None:
    far, never = (
        mine(responder, state=ActionState.DID_NOT_HOLD, due_on=due_on) for due_on in (TODAY + timedelta(days=60), None)
    )

    page = browser.get("/")

    assert set(groups(page)["The fix did not hold"]) == {far.ref, never.ref}
    assert "2 fixes did not hold." in page.text


def test_what_nobody_owns_any_more_waits_for_who_leads_the_team_else_for_its_members(
    app: Flask, browser: Browser, responder: Person
) -> None:
    member, gone = make.person("Mia"), make.person("Gus", is_active=False)
    led, leaderless = make.team("Payments", lead_id=responder.id), make.team("Search", lead_id=gone.id)
    make.save(TeamMember(team_id=led.id, person_id=member.id))
    make.save(TeamMember(team_id=leaderless.id, person_id=member.id))
    ours = make.action(team_id=led.id, due_on=TODAY + timedelta(days=40))
    late = make.action(team_id=led.id, due_on=TODAY - timedelta(days=3), owner_id=gone.id, owner_text="Gus")
    theirs = make.action(team_id=leaderless.id)
    declined = make.action(
        team_id=led.id, owner_id=gone.id, state=ActionState.DECLINED, declined_reason="No.", look_again_on=TODAY
    )
    make.action(team_id=led.id, owner_id=member.id, due_on=TODAY + timedelta(days=40))
    hidden = make.action("quokka", team_id=led.id, incidents=(make.incident(is_private=True, phase=Phase.CLOSED),))

    page = browser.get("/")

    found = groups(page)
    assert found == {"Nobody owns these": [late.ref, ours.ref], "Declined: still right?": [declined.ref]}
    assert "2 items have no owner" in page.text
    assert hidden.title not in page.body
    assert groups(Browser(app, person=member).get("/")) == {"Nobody owns these": [theirs.ref]}


def test_what_is_to_be_confirmed_waits_for_who_can(app: Flask, browser: Browser, responder: Person) -> None:
    tried, old = {"escalation_contact": "+49 30 1"}, TODAY - timedelta(days=91)
    make.service("Search", owner_id=responder.id, escalation_verified_on=old, **tried)
    make.service("Checkout", team_id=make.team(lead_id=responder.id).id, **tried)
    make.service("Fresh", owner_id=responder.id, escalation_verified_on=TODAY, **tried)
    make.save(Runbook(title="Warm the cache", owner_id=responder.id, saved_at=make.NOW))
    over: dict[str, Any] = {"phase": Phase.RESOLVED, "quiet_until": make.NOW - timedelta(minutes=1)}
    quiet = make.incident(declared_by_id=responder.id, **over)
    private = make.incident("Payroll leaked", declared_by_id=responder.id, is_private=True, **over)
    make.incident(declared_by_id=responder.id, is_drill=True, **over)
    handed = make.incident(declared_by_id=responder.id, **over)
    ana = make.person("Ana")
    make.save(RoleAssignment(incident_id=handed.id, role=IncidentRole.COMMANDER, person_id=ana.id, since=make.NOW))

    page = browser.get("/")

    found = groups(page)
    assert found == {"Did it stay quiet?": [quiet.ref], "Still right?": ["Contact", "Runbook", "Contact"]}
    titles = [one.get_text() for one in page.select(".ref-title")]
    assert titles == [quiet.title, "Checkout", "Warm the cache", "Search"]
    assert "Whom to wake: +49 30 1. Last tried on 24 Aug 2026." in page.text
    assert private.title not in page.body
    assert groups(Browser(app, person=ana).get("/")) == {"Did it stay quiet?": [handed.ref]}


def test_items_of_others_and_items_that_are_over_do_not_wait(browser: Browser, responder: Person) -> None:
    past()
    yesterday = TODAY - timedelta(days=1)
    mine(make.person("Ana"), due_on=yesterday)
    mine(responder, state=ActionState.VERIFIED, done_at=make.NOW, verified_at=make.NOW, due_on=yesterday)

    assert "Nothing waits for you." in browser.get("/").text


def test_a_done_item_without_evidence_asks_how_we_know(browser: Browser, responder: Person) -> None:
    item = mine(responder, state=ActionState.DONE, done_at=make.NOW, watch_until=TODAY + timedelta(days=20))

    page = browser.get("/")

    assert groups(page) == {"Done: does it work?": [item.ref]}
    assert "Say how we know" in page.text


def test_a_done_item_is_watched_first_and_asked_about_when_its_time_is_over(
    browser: Browser, responder: Person
) -> None:
    done: dict[str, Any] = {"state": ActionState.DONE, "done_at": make.NOW, "done_evidence": "The drill passed."}
    watched = mine(responder, watch_until=TODAY + timedelta(days=1), **done)
    over = mine(responder, watch_until=TODAY, **done)

    page = browser.get("/")

    assert groups(page) == {"Done: does it work?": [over.ref], "Being watched": [watched.ref]}
    assert "1 item waits to be verified." in page.text


def test_a_done_item_of_my_team_comes_to_me_when_its_time_is_over(browser: Browser, responder: Person) -> None:
    team = make.team()
    make.save(TeamMember(team_id=team.id, person_id=responder.id))
    done: dict[str, Any] = {"state": ActionState.DONE, "done_at": make.NOW, "watch_until": TODAY}
    ours = make.action(team_id=team.id, **done)
    make.action(team_id=make.team("Search").id, **done)

    assert groups(browser.get("/")) == {"Done: does it work?": [ours.ref]}


def test_a_declined_item_comes_back_on_its_day_to_its_owner_and_to_who_accepted_the_risk(
    browser: Browser, responder: Person
) -> None:
    declined: dict[str, Any] = {"state": ActionState.DECLINED, "declined_reason": "Too dear."}
    own = mine(responder, look_again_on=TODAY, **declined)
    accepted = make.action(risk_accepted_by_id=responder.id, look_again_on=TODAY - timedelta(days=1), **declined)
    mine(responder, look_again_on=TODAY + timedelta(days=1), **declined)

    assert groups(browser.get("/")) == {"Declined: still right?": [accepted.ref, own.ref]}


def test_a_postmortem_waits_for_its_lead_until_it_is_published(browser: Browser, responder: Person) -> None:
    late, fresh, published = past(), past(), past()
    make.postmortem(fresh, lead_id=responder.id, due_on=TODAY + timedelta(days=2))
    make.postmortem(late, lead_id=responder.id, due_on=TODAY - timedelta(days=2), state=PostmortemState.IN_REVIEW)
    make.postmortem(published, lead_id=responder.id, state=PostmortemState.PUBLISHED, published_at=make.NOW)
    make.postmortem(past(), lead_id=make.person("Ana").id)

    page = browser.get("/")

    assert groups(page) == {"Postmortems to write": [late.ref, fresh.ref]}
    assert "2 days overdue" in page.text
    assert "Due on 25 Nov 2026." in page.text


def test_a_postmortem_that_nobody_leads_waits_for_who_declared_the_incident(
    browser: Browser, responder: Person
) -> None:
    incident = past(declared_by_id=responder.id)
    make.postmortem(incident)

    page = browser.get("/")

    assert groups(page) == {"Postmortems to write": [incident.ref]}
    assert "Nobody leads it yet" in page.text


def test_a_drill_asks_for_no_postmortem(browser: Browser, responder: Person) -> None:
    make.postmortem(past(is_drill=True), lead_id=responder.id)

    assert groups(browser.get("/")) == {}


def test_decisions_are_mine_when_i_declared_led_or_own_the_service(browser: Browser, responder: Person) -> None:
    team = make.team()
    make.save(TeamMember(team_id=team.id, person_id=responder.id))
    declared, held, owned, led = (
        past(declared_by_id=responder.id),
        past(),
        past(services=[make.service(team_id=team.id)]),
        past(),
    )
    make.save(
        RoleAssignment(
            incident_id=held.id, role=IncidentRole.COMMANDER, person_id=responder.id, since=make.NOW, until=make.NOW
        )
    )
    make.postmortem(led, lead_id=responder.id, state=PostmortemState.PUBLISHED, published_at=make.NOW)
    of_others = past(title="Search is empty")
    for incident in (declared, held, owned, led, of_others):
        pair(incident)

    page = browser.get("/")

    found = groups(page)
    assert set(found["Is this the same again?"]) == {declared.ref, held.ref, owned.ref, led.ref}
    assert found["Other suspected recurrences"] == [of_others.ref]
    assert "same service: Checkout" in page.text


def test_a_pair_that_is_decided_waits_for_nobody(browser: Browser, responder: Person) -> None:
    pair(past(declared_by_id=responder.id), state="same", decided_at=make.NOW)

    assert groups(browser.get("/")) == {}


def test_a_live_incident_whose_update_is_late_comes_first(browser: Browser, responder: Person, now: datetime) -> None:
    mine(responder, due_on=TODAY - timedelta(days=90))
    silent = make.incident(severity=Severity.SEV1, declared_at=now - timedelta(minutes=16))
    told = make.incident(severity=Severity.SEV2, declared_at=now - timedelta(hours=3))
    heard_lately = make.incident(severity=Severity.SEV1, declared_at=now - timedelta(hours=3))
    for incident, minutes in ((told, 40), (heard_lately, 10)):
        sent_at = now - timedelta(minutes=minutes)
        make.save(Update(incident_id=incident.id, audience=Audience.TEAM, text="Still looking.", sent_at=sent_at))

    page = browser.get("/")

    found = groups(page)
    assert next(iter(found)) == "Updates that people wait for"
    assert found["Updates that people wait for"] == [silent.ref, told.ref]
    assert "None was sent yet" in page.text
    assert "The last one went 40 min ago" in page.text


def test_a_small_incident_promises_no_updates(browser: Browser, now: datetime) -> None:
    make.incident(severity=Severity.SEV3, declared_at=now - timedelta(days=1))

    assert groups(browser.get("/")) == {}


def test_a_viewer_is_not_asked_to_decide_or_to_send_updates(app: Flask, viewer: Person, now: datetime) -> None:
    pair(make.incident(severity=Severity.SEV1, declared_at=now - timedelta(hours=1), declared_by_id=viewer.id))

    assert groups(Browser(app, person=viewer).get("/")) == {}


def private_business(owner: Person, *, now: datetime, named: tuple[Person, ...] = ()) -> Incident:
    """A private incident with every kind of work for one person."""
    incident = make.incident(
        "Payroll leaked", is_private=True, named=named, severity=Severity.SEV1, declared_at=now - timedelta(hours=1)
    )
    make.action("Rotate the payroll key", owner_id=owner.id, due_on=TODAY - timedelta(days=1), incidents=(incident,))
    make.postmortem(incident, lead_id=owner.id)
    make.recurrence(incident, past(title="Checkout was slow"), reasons=["same service: Payroll"])
    return incident


def test_private_work_is_shown_to_nobody_who_is_not_named(browser: Browser, responder: Person, now: datetime) -> None:
    private_business(responder, now=now)

    page = browser.get("/")

    assert groups(page) == {}
    assert "ayroll" not in page.body


def test_private_work_is_shown_to_a_named_person(browser: Browser, responder: Person, now: datetime) -> None:
    incident = private_business(responder, now=now, named=(responder,))

    found = groups(browser.get("/"))

    assert found["Updates that people wait for"] == [incident.ref]
    assert found["Postmortems to write"] == [incident.ref]
    assert found["Overdue"] == ["AI-1"]
    assert found["Is this the same again?"] == [incident.ref]


def test_an_item_of_two_incidents_names_only_the_one_that_may_be_seen(browser: Browser, responder: Person) -> None:
    public, private = past(title="Checkout answers 503"), past(title="Payroll leaked", is_private=True)
    mine(responder, due_on=TODAY - timedelta(days=1), incidents=(public, private))

    page = browser.get("/")

    assert "Checkout answers 503" in page.text
    assert "Payroll" not in page.body


@pytest.mark.once
def test_the_page_takes_the_same_number_of_queries_however_much_waits(
    app: Flask, browser: Browser, responder: Person, now: datetime
) -> None:
    def add_work(times: int) -> None:
        for _ in range(times):
            incident = make.incident(severity=Severity.SEV1, declared_at=now - timedelta(hours=1))
            mine(responder, due_on=TODAY - timedelta(days=1), incidents=(incident, past()))
            mine(responder, state=ActionState.DONE, done_at=make.NOW, incidents=(incident,))
            make.postmortem(incident, lead_id=responder.id)
            pair(incident)

    add_work(1)
    few = browser.get("/")
    add_work(9)

    many = browser.get("/")

    assert len(many.queries) == len(few.queries)
    assert len(many.queries) <= 12
    assert len(groups(many)["Overdue"]) == 10


def test_a_role_that_is_only_read_still_sees_its_own_items(app: Flask, viewer: Person) -> None:
    item = mine(viewer, due_on=TODAY - timedelta(days=1))

    assert groups(Browser(app, person=viewer).get("/")) == {"Overdue": [item.ref]}
    assert viewer.role is Role.VIEWER
