"""Contacts and runbooks that grew old: who keeps them right is asked, once a step, like for everything that waits."""

from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tracker.db import session, transaction
from tracker.models import Message, Person, Runbook, Service
from tracker.reminders import jobs

TODAY = date(2026, 11, 23)


def texts(person: Person) -> list[str]:
    session.rollback()
    return list(session.scalars(select(Message.text).where(Message.person_id == person.id).order_by(Message.id)))


def runbook(title: str, **columns: object) -> Runbook:
    return make.save(Runbook(**{"title": title, "text": "1. Look", "saved_at": make.NOW} | columns))


def contact(name: str, *, days: int | None, **columns: object) -> Service:
    tried_on = TODAY - timedelta(days=days) if days is not None else None
    return make.service(name, escalation_contact="Rota A", escalation_verified_on=tried_on, **columns)


def test_the_owner_is_asked_whether_a_contact_is_still_right(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    contact("Checkout", days=91, owner_id=ana.id)
    contact("Search", days=None, owner_id=ana.id)
    contact("Login", days=60, owner_id=ana.id)
    contact("Old shop", days=400, owner_id=ana.id, is_archived=True)
    make.service("Mail", owner_id=ana.id)

    jobs.write_reminders(now)
    jobs.write_reminders(now + timedelta(days=1))

    [text] = texts(ana)
    assert "Whom to wake: is it still right?" in text
    assert "Checkout Rota A\n  Last tried on 24 Aug 2026. Try it again, and say so on its page." in text
    assert "Search Rota A\n  Nobody ever tried it." in text
    assert "/services/checkout" in text
    assert [name for name in ("Login", "Old shop", "Mail") if name in text] == []


def test_who_leads_the_team_hears_a_week_later_or_at_once_when_nobody_owns_it(app: Flask, now: datetime) -> None:
    ana, lea = make.person("Ana"), make.person("Lea")
    team = make.team("Payments", lead_id=lea.id)
    contact("Checkout", days=91, owner_id=ana.id, team_id=team.id)
    contact("Refunds", days=91, team_id=team.id)

    jobs.write_reminders(now)
    jobs.write_reminders(now + timedelta(days=7))

    at_once, later = texts(lea)
    assert ("Refunds" in at_once, "Checkout" in at_once) == (True, False)
    assert ("Refunds" in later, "Checkout" in later) == (True, True)
    assert "Owner: Ana." in later
    assert "Owner: nobody yet." not in later


def test_who_keeps_a_runbook_right_is_asked_to_read_it_until_somebody_did(app: Flask, now: datetime) -> None:
    ana = make.person("Ana")
    old = runbook("Empty the pool", owner_id=ana.id, reviewed_on=TODAY - timedelta(days=181))
    runbook("Put away", owner_id=ana.id, is_archived=True)
    runbook("Fresh", owner_id=ana.id, reviewed_on=TODAY - timedelta(days=20))

    jobs.write_reminders(now)
    with transaction():
        session.merge(old).reviewed_on = TODAY
    jobs.write_reminders(now + timedelta(days=7))

    [text] = texts(ana)
    assert "Runbook Empty the pool\n  Last read on 26 May 2026. Read it again" in text
    assert [name for name in ("Put away", "Fresh") if name in text] == []
