"""The radar: what it counts, that it names nobody, and that it tells strangers nothing."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from tests import make
from tests.browser import Browser
from tracker.models import (
    ActionState,
    ContributingFactor,
    Incident,
    IncidentRole,
    Person,
    PostmortemState,
    RoleAssignment,
    Service,
    Why,
)

RADAR = "/reports/radar"


@pytest.fixture(autouse=True)
def _today(now: datetime, set_clock: Callable[[datetime], None]) -> None:
    set_clock(now)


def led(service: Service, *people: Person, is_private: bool = False) -> Incident:
    """An incident of a service whose technical leads these people were, one after another."""
    incident = make.incident(services=[service], is_private=is_private)
    for number, person in enumerate(people):
        until = None if number == len(people) - 1 else make.NOW
        role = IncidentRole.TECHNICAL_LEAD
        make.save(RoleAssignment(incident_id=incident.id, role=role, person_id=person.id, since=make.NOW, until=until))
    return incident


def published(why: str, title: str = "Down", *, factor: str = "", is_private: bool = False) -> Incident:
    incident = make.incident(title, is_private=is_private)
    postmortem = make.postmortem(incident, state=PostmortemState.PUBLISHED, published_at=make.NOW)
    make.save(Why(postmortem_id=postmortem.id, claim=why))
    if factor:
        make.save(ContributingFactor(postmortem_id=postmortem.id, text=factor))
    return incident


def test_the_most_frequent_lead_is_counted_for_each_service_and_named_nowhere(browser: Browser) -> None:
    hero, other = make.person("Heroine"), make.person("Otto")
    checkout, search = make.service("Checkout"), make.service("Search")
    for leads in ((hero,), (hero,), (hero, other), (other,)):
        led(checkout, *leads)
    led(search, hero)

    page = browser.get(RADAR)

    assert "Checkout The same person led 3 of 4." in page.text
    assert "The same person led 1 of 1" not in page.text
    assert "Led by the most frequent lead 3 of 4" in page.text
    assert "Heroine" not in page.body
    rows = page.click("3 of 4")
    details = [one.get_text() for one in rows.select(".row-detail")]
    assert "4 in the last twelve months" in rows.text
    often, seldom = "Checkout, led by whoever leads there most often", "Checkout, led by somebody else"
    assert (details.count(often), details.count(seldom), len(details)) == (3, 1, 4)
    assert "Heroine" not in rows.body
    sheet = list(csv.reader(StringIO(browser.get("/reports/radar.csv").body)))
    assert ["twelve months", "hero-share", "", "3", "4"] in sheet
    assert ["quarter", "hero-share", "Sep 2026 to Nov 2026", "3", "4"] in sheet
    assert ["service", "hero-share", "Checkout", "3", "4"] in sheet
    assert browser.get("/reports/trends/rows?figure=led&service=checkout").body.count('class="row-main"') == 4


@pytest.mark.parametrize("why", ["Zoe pushed the wrong branch", "The operator forgot the flag", "It was @zoe"])
def test_a_why_that_points_at_a_person_is_counted_and_leads_to_its_postmortem(browser: Browser, why: str) -> None:
    make.person("Zoe Quist")
    published("The deploy had no check")
    found = published(why)

    page = browser.get(RADAR)

    assert "Postmortems that point at a person 1 of 2" in page.text
    assert f'href="/incidents/{found.ref}/postmortem"' in page.body
    rows = page.click("1 of 2")
    assert "1 in the last twelve months" in rows.text
    assert f"/incidents/{found.ref}/postmortem" in rows.links()


def test_a_factor_counts_as_a_why_does_and_a_postmortem_counts_once(browser: Browser) -> None:
    published("Somebody forgot it", factor="Human error")

    assert "Postmortems that point at a person 1 of 1" in browser.get(RADAR).text


def test_skipped_postmortems_and_open_promises_are_counted_by_quarter(browser: Browser, now: datetime) -> None:
    for state in (PostmortemState.SKIPPED, PostmortemState.DRAFT):
        make.postmortem(make.incident(), is_required=True, state=state, skipped_reason="small")
    old: dict[str, Any] = {"created_at": now - timedelta(days=200)}
    make.action(**old)
    make.action(state=ActionState.DECLINED, declined_reason="no", declined_at=now, **old)

    page = browser.get(RADAR)

    assert "Skipped postmortems 1 of 2" in page.text
    assert "Promises still open 1 of 2" in page.text
    assert "Mar 2026 to May 2026 1 of 2 Jun 2026" in page.text


def test_private_incidents_are_in_no_part_of_a_strangers_radar(browser: Browser, app: Flask, admin: Person) -> None:
    hero, service = make.person("Heroine"), make.service("Checkout")
    for _ in range(3):
        led(service, hero, is_private=True)
    secret = published("Somebody forgot it", "Zanzibar", is_private=True)
    make.action(incidents=(secret,))

    page = browser.get(RADAR)

    assert "Zanzibar" not in page.body + browser.get("/reports/radar.csv").body
    assert "Down" not in browser.get("/reports/radar/led").body
    assert page.text.count("none yet") == 4 * 5
    assert "Zanzibar" in Browser(app, person=admin).get(RADAR).body


@pytest.mark.once
def test_the_radar_takes_a_fixed_number_of_statements(browser: Browser) -> None:
    published("The operator forgot the flag")
    few = len(browser.get(RADAR).queries)
    for _ in range(8):
        published("The deploy had no check")

    assert len(browser.get(RADAR).queries) == few <= 12
