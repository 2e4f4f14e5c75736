"""The page that says who was reminded of what of an incident."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask

from tests import make
from tests.browser import Browser
from tracker.models import Person, PostmortemState, Service, Severity
from tracker.reminders import jobs


def affected() -> Service:
    """A service whose team chose that Lena, who leads it, hears of things after two days."""
    team = make.team(lead_id=make.person("Lena").id, reminder_days={"lead": 2})
    return make.service(team_id=team.id)


def by(person: Person, service: Service) -> dict[str, Any]:
    return {"declared_by_id": person.id, "services": [service]}


def test_every_step_of_update_postmortem_recurrence_and_item_stands_there(browser: Browser, now: datetime) -> None:
    ana, service = make.person("Ana"), affected()
    live = make.incident(severity=Severity.SEV1, declared_at=now - timedelta(hours=1), **by(ana, service))
    make.postmortem(live, state=PostmortemState.DRAFT, is_required=True, lead_id=ana.id, due_on=date(2026, 11, 21))
    earlier = make.incident("The first", declared_at=now - timedelta(days=90))
    make.recurrence(live, earlier, found_at=now - timedelta(days=5))
    make.action("Warm the cache", incidents=(live,), owner_id=ana.id, due_on=date(2026, 11, 23))
    jobs.tell_of_late_updates(now)
    jobs.write_reminders(now)

    page = browser.get(f"/incidents/{live.ref}/reminders")

    for who, what in (
        ("Ana", "An update was late"),
        ("Lena", "An update was late"),
        ("Ana", "The postmortem"),
        ("Lena", "The postmortem"),
        ("Ana", f"Is it the same as {earlier.ref}?"),
        ("Lena", f"Is it the same as {earlier.ref}?"),
        ("Ana", "AI-1 Warm the cache"),
    ):
        assert f"{what} {who}" in page.text
    assert len(page.queries) <= 12
    for place in (live.ref, f"{live.ref}/postmortem"):
        assert f'href="/incidents/{live.ref}/reminders"' in browser.get(f"/incidents/{place}").body


def test_an_incident_nobody_was_reminded_of_says_so(browser: Browser) -> None:
    assert "Nobody had to be reminded" in browser.get(f"/incidents/{make.incident().ref}/reminders").text


def test_what_it_says_of_a_private_incident_is_told_to_nobody_else(
    app: Flask, browser: Browser, admin_browser: Browser, now: datetime
) -> None:
    ana = make.person("Ana")
    secret = make.incident("Payroll", is_private=True, named=(ana,), declared_at=now - timedelta(days=90))
    seen = make.incident(declared_by_id=ana.id)
    make.recurrence(seen, secret, found_at=now - timedelta(days=5))
    jobs.write_reminders(now)

    page = browser.get(f"/incidents/{seen.ref}/reminders")

    assert secret.ref not in page.body
    assert browser.get(f"/incidents/{secret.ref}/reminders").status == 404
    assert f"Is it the same as {secret.ref}? Ana" in admin_browser.get(f"/incidents/{seen.ref}/reminders").text
