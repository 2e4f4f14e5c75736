"""An owner may ask to be reminded later, a team chooses when it hears of things; nothing else changes by that."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tracker import action_life
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.models import ActionEvent, ActionItem, AuditEntry, Message, Person, Reminder, ReminderStep, Team
from tracker.reminders import jobs

DUE = date(2026, 11, 23)
TOO_LATE = "Choose a day within 14 days. For longer, give it a new due date or decline it."


def on(now: datetime, days: int) -> datetime:
    return now + timedelta(days=days)


def told(person: Person) -> list[ReminderStep]:
    session.rollback()
    return list(session.scalars(select(Reminder.step).where(Reminder.person_id == person.id).order_by(Reminder.id)))


def test_who_snoozes_hears_again_on_the_day_and_everybody_else_as_ever(
    browser: Browser, responder: Person, now: datetime
) -> None:
    lena = make.person("Lena")
    team = make.team(lead_id=lena.id)
    action = make.action(owner_id=responder.id, team_id=team.id, due_on=DUE)
    jobs.write_reminders(now)
    page = browser.get(f"/actions/{action.ref}")

    page = page.submit("Remind later", snooze_reason="The vendor delivers on Friday.", until="2026-12-24")
    assert (page.status, page.errors) == (422, [TOO_LATE])
    assert [tag.get_text() for tag in page.select("#until-error")] == [f"Error: {TOO_LATE}"]
    page = page.submit("Remind later", until="2026-12-02")

    assert "Reminded again 2 Dec 2026" in page.text
    assert "No reminder to its owner until 2 Dec 2026: The vendor delivers on Friday." in page.text
    for days in range(1, 8):
        jobs.write_reminders(on(now, days))
    assert (told(responder), told(lena)) == ([ReminderStep.DUE], [ReminderStep.LEAD])
    jobs.write_reminders(on(now, 9))
    jobs.write_reminders(on(now, 9))
    assert told(responder) == [ReminderStep.DUE, ReminderStep.LEAD]
    assert session.get_one(ActionItem, action.id).is_overdue(date(2026, 12, 2))


@pytest.mark.parametrize(("reason", "days"), [("", 3), ("It waits.", 0), ("It waits.", 15)])
def test_a_snooze_has_a_reason_and_an_end(app: Flask, responder: Person, now: datetime, reason: str, days: int) -> None:
    action = make.action(due_on=DUE)

    with pytest.raises(RuleError), transaction():
        action_life.snooze(
            session.merge(action),
            until=DUE + timedelta(days=days),
            reason=reason,
            by=responder,
            now=now,
            today=DUE,
        )

    assert session.scalars(select(ActionEvent)).all() == []


def test_a_team_chooses_when_it_is_reminded(admin_browser: Browser, now: datetime) -> None:
    lena, otto, ana = (make.person(name) for name in ("Lena", "Otto", "Ana"))
    team = make.team("Payments", lead_id=lena.id)
    incident = make.incident(services=[make.service(owner_id=otto.id)])
    make.action(owner_id=ana.id, team_id=team.id, due_on=DUE, incidents=(incident,))
    assert "After 7 days: who leads the team" in admin_browser.get("/teams/payments").text

    form = admin_browser.get("/teams/payments/reminders")
    late = form.submit("Save", before="10", lead="5", owner="4")
    page = form.submit("Save", before="10", lead="2", owner="4")

    assert "The team’s lead hears first." in late.text
    assert "10 days before one is due and on the day: its owner. After 2 days: who leads the team" in page.text
    assert session.scalars(select(Team.reminder_days)).all() == [{"before": 10, "lead": 2, "owner": 4}]
    assert session.scalars(select(AuditEntry.action)).all() == ["set_reminder_days"]
    for days in range(-10, 5):
        jobs.write_reminders(on(now, days))
    assert told(ana)[:2] == [ReminderStep.BEFORE, ReminderStep.DUE]
    assert (told(lena), told(otto)) == ([ReminderStep.LEAD], [ReminderStep.OWNER])
    days_told = session.scalars(select(Message.period).order_by(Message.period, Message.id)).all()
    assert days_told == ["2026-11-13", "2026-11-23", "2026-11-25", "2026-11-25", "2026-11-27", "2026-11-27"]


def test_of_two_who_choose_the_second_sees_both_and_who_does_not_lead_chooses_nothing(
    admin_browser: Browser, browser: Browser
) -> None:
    make.team("Payments")
    first, second = (admin_browser.get("/teams/payments/reminders") for _ in range(2))
    first.submit("Save", lead="3")

    page = second.submit("Save", lead="4")

    assert (page.status, "Lead: 3" in page.text) == (409, True)
    shown = browser.get("/teams/payments/reminders")
    assert "Save" not in shown.text
    refused = browser.post(shown.url, {"csrf_token": browser.token(), "before": "1", "lead": "80", "owner": "90"})
    assert (refused.status, session.scalars(select(Team.reminder_days)).all()) == (422, [{"lead": 3}])
