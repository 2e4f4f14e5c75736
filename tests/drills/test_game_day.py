"""A game day, from the plan to what follows from it: as who leads it, and as those who take part and know nothing."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.drills.past import past_incident
from tests.make import NOW
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    Drill,
    DrillInject,
    DrillPerson,
    Incident,
    IncidentRole,
    Person,
    Phase,
    Role,
    RoleAssignment,
    Service,
    TimelineEntry,
)

ANSWER = ("certificate", "expired", "INC-1", "broker", "calendar")
LATER = NOW + timedelta(minutes=31)


@pytest.fixture
def stations(app: Flask) -> Service:
    return make.service("Locker control")


@pytest.fixture
def ana(app: Flask) -> Person:
    return make.person("Ana")


@pytest.fixture
def hers(app: Flask, ana: Person) -> Browser:
    """A browser of somebody who takes part."""
    return Browser(app, person=ana)


@pytest.fixture
def planned(browser: Browser, stations: Service, ana: Person, set_clock: Callable[[datetime], None]) -> Drill:
    """Bob lets the past incident happen again, with Ana in command."""
    set_clock(NOW)
    past_incident(stations)
    page = browser.get("/drills/new", query={"replay": "INC-1", "minutes": "60"})
    page.submit("Plan it", commander_id=str(ana.id), planned_on="2026-11-30")
    session.rollback()
    return session.scalars(select(Drill)).one()


def texts(of: type[TimelineEntry] | type[DrillInject]) -> list[str]:
    session.rollback()
    return list(session.scalars(select(of.text).order_by(of.id)))


def test_a_past_incident_is_planned_again_without_its_answer(browser: Browser, hers: Browser, planned: Drill) -> None:
    page, seen = browser.get(f"/drills/{planned.id}"), hers.get(f"/drills/{planned.id}")

    assert "/drills/new?replay=INC-1" in browser.get("/incidents/INC-1/postmortem").links()
    assert (page.heading, planned.planned_on) == ("Game day: Locker control", date(2026, 11, 30))
    assert "The alert “StationsSilent” fires." in page.text
    assert "Minute 30 Support counts 40 calls" in page.text
    assert "Held back The broker's log says: certificate expired." in page.text
    assert "A good answer: Restarted one pod" in page.text
    assert "It happened before" in page.text
    assert "Game day: Locker control" in hers.get("/drills").text
    for page in (seen, hers.get("/drills")):
        assert [word for word in ANSWER if word in page.text] == []
    assert hers.get(f"/drills/{planned.id}/edit").status == 303
    assert "Begin the drill" not in seen.text


def test_what_has_happened_stands_in_the_room_and_is_ticked_off(
    browser: Browser, hers: Browser, planned: Drill, set_clock: Callable[[datetime], None]
) -> None:
    left = make.person("Leo", is_active=False)
    make.save(DrillPerson(drill_id=planned.id, person_id=left.id, role=IncidentRole.SCRIBE))
    browser.get(f"/drills/{planned.id}").submit("Begin the drill")
    at_once = hers.get("/incidents/INC-2/drill", htmx=True)
    same = hers.get("/incidents/INC-2/drill", query={"seen": "1-0-False"}, htmx=True)
    set_clock(LATER)
    later = hers.get("/incidents/INC-2/drill")

    ticked = later.submit("Dealt with: Support counts 40 calls in ten minutes.", seen="Told them what to say.")

    assert len(same.queries) <= 6
    assert "This is a drill. We have an incident." in hers.get("/incidents/INC-2").text
    assert "Drill: Game day: Locker control" in str(hers.get("/actions").soup)
    assert ("41 %" in at_once.text, "40 calls" in at_once.text, same.status) == (True, False, 204)
    assert "40 calls" in later.text
    assert [word for word in ANSWER if word in later.text + hers.get("/incidents/INC-2").text] == []
    assert "Told them what to say. Ana" in ticked.text
    assert texts(TimelineEntry)[-2:] == ["Support counts 40 calls in ten minutes.", "Told them what to say."]
    entry = session.scalars(
        select(TimelineEntry).where(TimelineEntry.text.startswith("Support")).order_by(-TimelineEntry.id)
    ).first()
    assert entry is not None
    assert entry.at == NOW + timedelta(minutes=30)
    held = session.scalars(select(RoleAssignment)).one()
    assert (held.role, held.person.name) == (IncidentRole.COMMANDER, "Ana")


def test_who_leads_it_gives_what_is_held_back_when_somebody_looks_there(
    browser: Browser, hers: Browser, planned: Drill
) -> None:
    browser.get(f"/drills/{planned.id}").submit("Begin the drill")
    held = session.scalars(select(DrillInject).where(DrillInject.text.contains("log says"))).one()
    give = {"csrf_token": hers.token()}
    refused = [
        hers.post(f"/drills/{planned.id}/injects/{held.id}/give", give).status,
        hers.post(f"/incidents/INC-2/drill/{held.id}", give).status,
        hers.post(f"/drills/{planned.id}/end", give).status,
    ]

    browser.get(f"/drills/{planned.id}").submit(f"Give it now: {held.text}")

    assert refused == [422, 422, 422]
    assert held.text not in hers.get(f"/drills/{planned.id}/injects/{held.id}").text
    assert "The broker's log says" in hers.get("/incidents/INC-2/drill").text


def test_the_plan_can_be_changed_until_it_happened_and_no_words_are_lost(browser: Browser, planned: Drill) -> None:
    page = browser.get(f"/drills/{planned.id}")
    page = page.submit("Add it", minute="45", text="A journalist calls.", expected="Send them to Leilani.")
    row = session.scalars(select(DrillInject).where(DrillInject.minute == 45)).one()
    address = f"/drills/{planned.id}/injects/{row.id}"
    mine, theirs = browser.get(address), browser.get(address)
    theirs.submit("Save", text="A journalist calls twice.")

    clash = mine.submit("Save", minute="50")
    clash.submit("Save", text="A journalist calls.", minute="50", is_held=["y"])
    wrong = browser.get(address).submit("Save", minute="-3", text="")
    edit = browser.get(f"/drills/{planned.id}/edit")
    browser.get(f"/drills/{planned.id}/edit").submit("Save", scenario="It rains.")

    assert "A good answer: Send them to Leilani." in page.text
    assert (clash.status, "twice" in clash.text) == (409, True)
    assert wrong.errors == ["Choose a number of minutes from 0 to 480.", "Enter what happens."]
    assert edit.submit("Save", scenario="It snows.").status == 409
    session.rollback()
    assert (row.minute, row.held_back) == (50, "Given when who leads the drill says so.")
    browser.get(address).submit("Take it out of the drill")
    assert "A journalist calls." not in texts(DrillInject)


def test_when_it_is_over_everything_is_told_and_its_room_is_closed(
    browser: Browser, hers: Browser, planned: Drill, set_clock: Callable[[datetime], None]
) -> None:
    begun = browser.get(f"/drills/{planned.id}").submit("Begin the drill")
    twice = browser.post(f"/drills/{planned.id}/start", {"csrf_token": browser.token()})
    set_clock(LATER)

    page = browser.get(f"/drills/{planned.id}").submit("End the drill")

    past = session.scalars(select(Incident).where(~Incident.is_drill)).one()
    done_later = {"state": ActionState.DONE, "done_at": LATER + timedelta(hours=1)}
    make.action("Watch the dates", incidents=(past,), **done_later)
    test = {"held": "yes", "seen": "It paged.", "csrf_token": browser.token()}
    late = browser.post(f"/drills/{planned.id}/items/AI-1", test)
    seen = hers.get(f"/drills/{planned.id}")
    assert [
        word for word in ("certificate", "INC-1", "It happened before", "1 h 10 min") if word not in seen.text
    ] == []
    assert "over" in hers.get("/incidents/INC-2/drill", htmx=True).text
    session.rollback()
    assert session.scalars(select(Incident).where(Incident.is_drill)).one().phase is Phase.CLOSED
    assert "Give it now" not in page.text
    assert ("was done after this drill" in late.errors[0], "Watch the dates" in seen.text) == (True, False)
    assert ("INC-2 has begun" in begun.flashes, twice.status) == (True, 200)
    assert len(page.queries) <= 12
    assert len(seen.queries) <= 12


def test_a_gap_becomes_an_item_in_one_click_and_only_one(browser: Browser, hers: Browser, planned: Drill) -> None:
    browser.get(f"/drills/{planned.id}").submit("Begin the drill")
    page = hers.get(f"/drills/{planned.id}").submit("Note it", gap="Nobody may restart the broker at night")
    again = {"csrf_token": hers.token()}

    page = page.submit("Make it an action item: Nobody may restart the broker at night")
    hers.post(f"/drills/{planned.id}/gaps/1/item", again)

    session.rollback()
    item = session.scalars(select(ActionItem)).one()
    assert "AI-1 is yours" in page.flashes
    assert (item.title, item.owner.name if item.owner else "") == ("Nobody may restart the broker at night", "Ana")
    assert [one.ref for one in item.incidents] == ["INC-2"]
    assert not item.counts_for_all
    shown = hers.get(f"/drills/{planned.id}").submit("Save", showed="We look at the wrong graph first.")
    assert "We look at the wrong graph first." in shown.text


@pytest.mark.parametrize(
    ("button", "state", "sentence"),
    [
        ("It works: AI-1", ActionState.VERIFIED, "It works"),
        ("It does not work: AI-1", ActionState.OPEN, "It does not work"),
    ],
)
def test_a_drill_shows_whether_an_earlier_item_works(
    browser: Browser, hers: Browser, planned: Drill, button: str, state: ActionState, sentence: str
) -> None:
    past = session.scalars(select(Incident).where(~Incident.is_drill)).one()
    make.action("Watch the dates of certificates", incidents=(past,), state=ActionState.DONE, done_at=NOW)
    browser.get(f"/drills/{planned.id}").submit("Begin the drill")
    page = browser.get(f"/drills/{planned.id}")

    empty = page.submit(button, seen="")
    tested = page.submit(button, seen="It paged after four minutes.")

    assert empty.errors == ["Enter what you saw."]
    assert f"It paged after four minutes. {sentence}" in tested.text
    assert "AI-1" not in hers.get(f"/drills/{planned.id}").text
    session.rollback()
    item = session.scalars(select(ActionItem)).one()
    assert item.state is state
    told = browser.get("/actions/AI-1")
    assert "It paged after four minutes." in told.text
    if state is ActionState.VERIFIED:
        assert f"[A drill on 23 Nov 2026](/drills/{planned.id}) showed it" in item.done_evidence
        assert f"/drills/{planned.id}" in told.links()


def test_one_is_planned_from_nothing_and_taken_off_the_list(admin_browser: Browser, admin: Person, ana: Person) -> None:
    make.service("Checkout")
    page = admin_browser.get("/drills/new")

    clash = page.submit("Plan it", title="Card provider is away", commander_id=str(admin.id))
    page = page.submit("Plan it", title="Card provider is away", service=["checkout"], commander_id=str(ana.id))

    assert "they take no part in it" in clash.errors[0]
    assert "Nothing yet. What would people see first" in page.text
    assert "Checkout never" in admin_browser.get("/drills").text
    page.submit("Take it off")
    assert "No drills yet" in admin_browser.get("/drills").text


def test_nobody_reads_of_a_drill_whose_incident_is_private(app: Flask, planned: Drill, browser: Browser) -> None:
    with transaction():
        session.scalars(select(Incident)).one().is_private = True
    outsider = Browser(app, person=make.person("Otto", role=Role.VIEWER))

    assert outsider.get(f"/drills/{planned.id}").status == 404
    assert "Game day" not in outsider.get("/drills").text
    assert browser.get("/drills/new", query={"replay": "INC-1"}).status == 404


def test_the_list_asks_no_more_however_many_there_are(browser: Browser, stations: Service) -> None:
    for number in range(12):
        drill = Drill(title=f"Game day {number}", severity="SEV3", created_at=NOW)
        drill.services = [session.merge(stations)]
        make.save(drill)

    assert len(browser.get("/drills").queries) <= 12
