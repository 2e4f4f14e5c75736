"""Tickets of several items at once: one intent each, and those that have one are left out by name."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.db import session, transaction
from tracker.models import ActionItem, Person, Push, PushState, Role, Tracker, TrackerKind
from tracker.sync.ticket_showing import next_look


def live() -> list[tuple[str, str, str]]:
    """What is asked for: item, tracker and place."""
    session.rollback()
    query = select(Push).where(Push.abandoned_at.is_(None)).order_by(Push.action_id)
    return [(push.action.ref, push.tracker.name, push.target) for push in session.scalars(query)]


def chosen(*items: ActionItem) -> dict[str, list[str]]:
    return {"item": [action.ref for action in items]}


def test_each_goes_where_its_service_has_its_tickets_and_those_that_have_one_are_named(
    browser: Browser, worker: Worker
) -> None:
    github = make.tracker("GitHub")
    jira = make.tracker("Jira", kind=TrackerKind.JIRA, default_target="SHOP")
    web = make.incident(services=[make.service(tracker_id=jira.id, ticket_target="WEB")])
    items = [make.action(), make.action(incidents=(web,)), make.action(), make.action()]
    make.ticket(github, action=items[2])
    make.push(items[3], jira, state=PushState.UNKNOWN)

    form = browser.get("/actions?state=all").select("button[formaction='/actions/tickets']")
    page = browser.get("/actions/tickets", query=chosen(*items))
    done = page.submit("Make 2 tickets")
    again = page.submit("Make 2 tickets")

    sentence = "2 tickets are on their way. Left out, as they have a ticket or one on its way: AI-3, AI-4."
    assert len(form) == 1
    assert sentence in done.flashes
    assert sentence in again.flashes, "sent twice, told twice, done once"
    assert live() == [("AI-1", "GitHub", "acme/shop"), ("AI-2", "Jira", "WEB"), ("AI-4", "Jira", "acme/shop")]
    assert len(done.select("#several-list[hx-trigger='every 5s']")) == 1
    assert done.text.count("The ticket is on its way.") == 2
    assert len(done.queries) <= 12

    later = browser.get("/actions/tickets", query=chosen(*items)).text
    assert "Each of them has its ticket, or one on its way." in later


def test_one_tracker_for_all_and_nothing_at_all_when_one_of_them_cannot_be_made(browser: Browser) -> None:
    make.tracker("GitHub")
    jira = make.tracker("Jira", kind=TrackerKind.JIRA, default_target="")
    items = [make.action(), make.action()]
    page = browser.get("/actions/tickets", query=chosen(*items))

    refused = page.submit("Make 2 tickets", tracker_id=str(jira.id))
    with transaction():
        session.get_one(Tracker, jira.id).default_target = "SHOP"
    refused.submit("Make 2 tickets")

    assert refused.errors == ["AI-1: Say where the ticket goes: the tracker has no default target."]
    assert live() == [("AI-1", "Jira", "SHOP"), ("AI-2", "Jira", "SHOP")]


def test_private_items_need_a_yes_and_what_a_person_may_not_see_is_not_there(
    app: Flask, browser: Browser, responder: Person
) -> None:
    make.tracker()
    named = make.action("quokka", incidents=(make.incident(is_private=True, named=(responder,)),))
    hidden = make.action("wombat", incidents=(make.incident(is_private=True),))
    public = make.action()
    page = browser.get("/actions/tickets", query=chosen(named, hidden, public))

    first = page.submit("Make the tickets")
    second = first.submit("Make the tickets")
    last = second.submit("Make the tickets", is_confirmed="y")

    assert "wombat" not in page.text
    assert hidden.ref not in page.text
    assert f"Left out, as only some people may read them here: {named.ref}." in first.flashes
    assert second.status == 422
    assert second.errors[0].startswith("No ticket is asked for. Left out, as they have a ticket")
    assert f"1 ticket is on its way. Left out, as they have a ticket or one on its way: {public.ref}." in last.flashes
    assert [ref for ref, *_where in live()] == [named.ref, public.ref]
    assert Browser(app, person=make.person(role=Role.VIEWER)).get("/actions/tickets").status == 403


def test_a_page_asks_seldom_while_nothing_can_happen(app: Flask, now: datetime) -> None:
    up, down = make.tracker("Up"), make.tracker("Down", run_after=now + timedelta(minutes=9))
    soon, off = make.tracker("Soon", run_after=now + timedelta(seconds=20)), make.tracker("Off", is_active=False)
    long_ago = now - timedelta(minutes=5)

    waits = [next_look([(one, now)], now=now) for one in (up, soon, down, off)]

    assert waits == [5, 20, 60, 60]
    assert next_look([(down, now), (up, now)], now=now) == 5
    assert next_look([(up, long_ago)], now=now) == 60, "perhaps no worker runs"
    assert next_look([], now=now) == 5
