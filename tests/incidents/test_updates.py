"""Telling others: in parts, from a draft, by mail to who subscribed, and never to who may not know."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import (
    Audience,
    Message,
    MessageKind,
    Person,
    Phase,
    Role,
    StoppedMail,
    Tick,
    Update,
    UpdateSubscription,
)

ROOM = "/incidents/INC-1"


def mails() -> list[tuple[str, str]]:
    """To whom, and what the text says."""
    session.rollback()
    rows = select(Person.name, Message.text).join(Message, Message.person_id == Person.id)
    found = session.execute(rows.where(Message.kind == MessageKind.INCIDENT_UPDATE).order_by(Message.id)).all()
    return [(name, text) for name, text in found]


def subscribed(name: str, audience: Audience = Audience.USERS, **columns: object) -> Person:
    person = make.person(name, role=Role.VIEWER)
    make.save(UpdateSubscription(person_id=person.id, audience=audience, **columns))
    return person


def test_an_update_begins_with_what_is_known_and_goes_to_who_subscribed(browser: Browser) -> None:
    checkout = make.service("Checkout")
    incident = make.incident(phase=Phase.TRIAGED, services=[checkout])
    make.save(Tick(incident_id=incident.id, item="first: features", note="Payment by card", ticked_at=make.NOW))
    subscribed("Eva")
    subscribed("Bert", service_id=checkout.id)
    subscribed("Tim", service_id=make.service("Search").id)
    subscribed("Sue", Audience.STAKEHOLDERS)

    begun = browser.get(ROOM).click("users")
    page = begun.submit("Send the update", timeline="We hope for noon.")

    assert page.flashes.strip() == "Noted: users were told. It goes to 2 subscribers."
    sent = session.scalars(select(Update.text)).one()
    assert sent.startswith("Checkout may not work as you expect.\n\nWe hope for noon.")
    assert "The room noted: “Payment by card”. Say it in users' words." in begun.text
    assert [name for name, _ in mails()] == ["Eva", "Bert"]
    assert "We hope for noon." in mails()[0][1]


def test_neither_a_private_incident_nor_a_drill_is_mailed_to_who_may_not_know(browser: Browser, app: Flask) -> None:
    ana = session.scalars(select(Person)).one()
    named, _other = subscribed("Nora", Audience.TEAM), subscribed("Otto", Audience.TEAM)
    make.incident(is_private=True, named=(ana, named))
    make.incident(is_drill=True)

    for room in (ROOM, "/incidents/INC-2"):
        browser.get(f"{room}/updates/new?to=team").submit("Send the update")

    assert [name for name, _ in mails()] == ["Nora"]


@pytest.mark.parametrize("reason", ["stopped", "left", "wrote it"])
def test_who_does_not_want_it_gets_none(browser: Browser, app: Flask, reason: str) -> None:
    make.incident()
    if reason == "wrote it":
        make.save(UpdateSubscription(person_id=session.scalars(select(Person.id)).one(), audience=Audience.TEAM))
    else:
        person = make.person("Eva", is_active=reason != "left")
        make.save(UpdateSubscription(person_id=person.id, audience=Audience.TEAM))
        if reason == "stopped":
            make.save(StoppedMail(person_id=person.id, kind=MessageKind.INCIDENT_UPDATE))

    browser.get(f"{ROOM}/updates/new").submit("Send the update")

    assert len(session.scalars(select(Update)).all()) == 1
    assert mails() == []


def test_no_news_is_sent_in_one_click_to_who_heard_last(browser: Browser) -> None:
    make.incident(phase=Phase.TRIAGED)
    subscribed("Eva")
    browser.get(f"{ROOM}/updates/new?to=users").submit("Send the update")

    browser.get(ROOM).submit("Still investigating, no news")

    assert "Still investigating, no new information." in mails()[1][1]


def test_an_empty_update_is_not_sent(browser: Browser) -> None:
    make.incident()
    page = browser.get(f"{ROOM}/updates/new?to=users")

    page = page.submit("Send the update", acknowledgment="", impact=" ", timeline="", watch="")

    assert (page.status, page.heading) == (422, "Tell users")
    assert page.errors == ["Write at least one sentence, then send it."]


def test_a_person_chooses_what_comes_by_mail(browser: Browser) -> None:
    make.service("Checkout")
    page = browser.get("/incidents/subscriptions")

    page = page.submit("Save", audience=["users", "team"], service=["checkout"])

    assert page.flashes.strip() == "Saved. You get them as soon as they are sent."
    rows = session.scalars(select(UpdateSubscription).order_by(UpdateSubscription.audience)).all()
    assert [(row.audience, row.service_id is None) for row in rows] == [(Audience.TEAM, False), (Audience.USERS, False)]
    assert page.submit("Save", audience=[], service=[]).flashes.strip() == "Saved. You get no updates by mail."


def test_chat_channels_that_want_them_get_updates_too(browser: Browser) -> None:
    make.incident()
    make.incident(is_private=True, named=(session.scalars(select(Person)).one(),))
    make.channel(kinds=[MessageKind.INCIDENT_UPDATE.value])

    for room in (ROOM, "/incidents/INC-2"):
        browser.get(f"{room}/updates/new?to=team").submit("Send the update")

    session.rollback()
    posts = session.scalars(select(Message).where(Message.channel_id.is_not(None))).all()
    assert [(post.subject, "To the team, by Bob:" in post.text) for post in posts] == [
        ("INC-1: Checkout answers 503", True)
    ]
