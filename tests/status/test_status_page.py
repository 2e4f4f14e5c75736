"""The public status page: off until switched on, only what users were told, and there when the database is not."""

import json
import time
from datetime import timedelta
from itertools import count
from threading import Event
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from tests import make
from tests.browser import Browser
from tests.rules.walk import send
from tracker.db import session, transaction
from tracker.models import (
    Audience,
    CauseCategory,
    Hypothesis,
    Incident,
    IncidentRole,
    Phase,
    RoleAssignment,
    Service,
    Setting,
    StatusComponent,
    Tick,
    Update,
)
from tracker.status.kept import PATIENCE_SECONDS, Body, Kept
from tracker.status.settings_row import NAME
from tracker.status.writing import ATOM

WORD = "numbat"
"""Stands in everything of an incident that is not meant for users."""
ADDRESSES = ("/status", "/status/feed.atom", "/status/status.json")


@pytest.fixture
def checkout(app: Flask) -> Service:
    return make.service(f"Internal {WORD}")


@pytest.fixture
def switched_on(checkout: Service) -> None:
    make.save(
        Setting(name=NAME, value={"is_on": True, "title": "Acme status", "intro": "Ask us."}, changed_at=make.NOW)
    )
    make.save(StatusComponent(service_id=checkout.id, name="Ordering"))


def told(incident: Incident, text: str = "Orders may be slow.", audience: Audience = Audience.USERS) -> Update:
    return make.save(Update(incident_id=incident.id, audience=audience, text=text, sent_at=make.NOW))


def read(browser: Browser, address: str) -> str:
    answer = send(browser, "GET", address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_it_is_off_until_an_administrator_switches_it_on(
    anonymous: Browser, admin_browser: Browser, checkout: Service
) -> None:
    told(make.incident(services=[checkout]))
    assert [send(anonymous, "GET", one).status_code for one in ADDRESSES] == [404] * 3

    page = admin_browser.get("/settings/status")
    assert "Look at it" not in page.text
    page = page.submit(
        "Save", is_on="y", title="Acme", **{f"shown_{checkout.id}": "y", f"name_{checkout.id}": "Orders"}
    )

    assert page.flashes.strip() == "Saved. Everybody can read it now."
    assert "Look at it" in page.text
    public = anonymous.get("/status")
    assert (public.heading, "Orders Problem" in public.text) == ("Acme", True)
    page.submit("Save", is_on=None)
    assert [send(anonymous, "GET", one).status_code for one in ADDRESSES] == [404] * 3


@pytest.mark.usefixtures("switched_on")
def test_users_read_what_they_were_told_and_nothing_else(anonymous: Browser, checkout: Service) -> None:
    services = [checkout, make.service(f"Payroll {WORD}")]
    incident = make.incident(f"{WORD} title", services=services, summary=WORD, alert_name=WORD, phase=Phase.TRIAGED)
    make.entry(incident, WORD)
    someone = make.person(WORD.title())
    make.save(RoleAssignment(incident_id=incident.id, role=IncidentRole.SCRIBE, person_id=someone.id, since=make.NOW))
    make.save(Hypothesis(incident_id=incident.id, suspect=CauseCategory.OTHER, claim=WORD, raised_at=make.NOW))
    make.action(f"Mend the {WORD}", incidents=(incident,), owner_id=someone.id)
    make.answer(make.postmortem(incident), "summary", WORD)
    make.save(Tick(incident_id=incident.id, item="first: users", note=WORD, ticked_at=make.NOW))
    told(incident, WORD, Audience.TEAM)
    told(incident, WORD, Audience.STAKEHOLDERS)
    told(incident)

    texts = [read(anonymous, address) for address in ADDRESSES]

    assert all("Orders may be slow." in text and "Problem with Ordering" in text for text in texts)
    assert not any(WORD in text.lower() for text in texts)


@pytest.mark.usefixtures("switched_on")
@pytest.mark.parametrize(
    "columns", [{"is_private": True}, {"is_drill": True}, {"imported_text": "x", "declared_at": make.NOW}]
)
def test_what_is_private_practised_or_imported_is_not_there(
    anonymous: Browser, checkout: Service, columns: dict[str, Any]
) -> None:
    told(make.incident(services=[checkout], **columns))

    assert "Everything works." in anonymous.get("/status").text


@pytest.mark.usefixtures("switched_on")
def test_the_draft_for_users_says_what_they_call_it(browser: Browser, checkout: Service) -> None:
    make.incident(services=[checkout, make.service(f"Payroll {WORD}")])

    draft = browser.get("/incidents/INC-1/updates/new?to=users").select("#acknowledgment")[0].get_text(strip=True)

    assert draft == "Ordering may not work as you expect."


@pytest.mark.usefixtures("switched_on")
def test_an_incident_of_a_service_that_is_not_shown_is_not_there(anonymous: Browser) -> None:
    told(make.incident(services=[make.service("Payroll")]))

    assert "Everything works." in anonymous.get("/status").text


@pytest.mark.usefixtures("switched_on")
def test_it_turns_private_at_once(anonymous: Browser, checkout: Service) -> None:
    incident = make.incident(services=[checkout])
    told(incident)
    assert "Orders may be slow." in read(anonymous, "/status")

    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    assert "Orders may be slow." not in read(anonymous, "/status")


@pytest.mark.usefixtures("switched_on")
def test_json_and_feed_say_the_same_as_the_page(anonymous: Browser, checkout: Service) -> None:
    over = make.incident(
        services=[checkout], phase=Phase.CLOSED, resolved_at=make.NOW + timedelta(hours=1), started_at=None
    )
    told(over, "It is **solved**.")
    told(make.incident(phase=Phase.STABILISED), "Some pages were slow.")

    status = json.loads(read(anonymous, "/status/status.json"))
    feed = ET.fromstring(read(anonymous, "/status/feed.atom"))  # noqa: S314  our own answer

    assert status["status"] == {"is_ok": False, "description": "A problem is being watched."}
    assert [(one["name"], one["condition"]) for one in status["incidents"]] == [
        ("Problem with our service", "being watched"),
        ("Problem with Ordering", "solved"),
    ]
    assert status["components"] == [{"name": "Ordering", "condition": "works"}]
    entries = feed.findall(f"{{{ATOM}}}entry")
    assert [entry.findtext(f"{{{ATOM}}}title") for entry in entries] == [
        "Problem with our service",
        "Problem with Ordering (solved)",
    ]
    assert entries[1].findtext(f"{{{ATOM}}}content") == "<p>It is <strong>solved</strong>.</p>"


@pytest.mark.usefixtures("switched_on")
def test_who_has_the_page_is_told_so_in_a_few_bytes(anonymous: Browser) -> None:
    first = send(anonymous, "GET", "/status", headers={"Accept-Encoding": "gzip"})

    again = send(
        anonymous, "GET", "/status", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
    )

    assert (first.status_code, first.headers["Content-Encoding"]) == (200, "gzip")
    assert first.headers["Cache-Control"] == "public, max-age=15"
    assert (again.status_code, again.get_data()) == (304, b"")


def comes(kept: Kept, plain: bytes) -> bool:
    """Whether this page is there within a few seconds."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if kept.pages()["page"].plain == plain:
            return True
    return False


def test_a_database_that_does_not_answer_holds_up_nobody_who_reads() -> None:
    answers = Event()
    answers.set()
    made = count(1)

    def make_pages() -> dict[str, Body]:
        assert answers.wait(10)
        return {"page": Body.of(f"page {next(made)}", "text/html")}

    kept = Kept(make_pages)
    kept.pages()
    answers.clear()
    kept.mark_stale()
    begun = time.monotonic()

    meanwhile = {kept.pages()["page"].plain for _ in range(1_000)}

    took = time.monotonic() - begun
    answers.set()
    assert (meanwhile, took < 2 * PATIENCE_SECONDS) == ({b"page 1"}, True)
    assert comes(kept, b"page 2")


def test_a_database_that_fails_leaves_the_page_from_before() -> None:
    pages = iter([{"page": Body.of("before", "text/html")}])

    def make_pages() -> dict[str, Body]:
        try:
            return next(pages)
        except StopIteration as error:
            raise SQLAlchemyError("The disk is full.") from error

    kept = Kept(make_pages)
    kept.pages()
    kept.mark_stale()

    assert kept.pages()["page"].plain == b"before"
    with pytest.raises(SQLAlchemyError):
        Kept(make_pages).pages()
