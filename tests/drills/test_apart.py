"""A whole drill beside real work: no figure, mail, alert, comparison or public page knows of it."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tests.drills.past import past_incident
from tests.make import NOW
from tests.rules.walk import make_status_page
from tracker import clock
from tracker.db import session
from tracker.features import JOBS
from tracker.models import (
    ActionEvent,
    Audience,
    Comparison,
    Family,
    Incident,
    Message,
    Person,
    PostState,
    Recurrence,
    Reminder,
    UpdateSubscription,
    Webhook,
    WebhookPost,
)
from tracker.security import Vault

pytestmark = pytest.mark.once  # what is left out of a figure is the same on both
FIGURES = (
    "/reports/weekly/2026-W48",
    "/reports/weekly/2026-W48.md",
    "/reports/weekly/2026-W48.json",
    "/reports/trends",
    "/reports/radar",
    "/recurrences",
    "/services",
    "/status",
    "/status/status.json",
    "/status/feed.atom",
    "/library",
)
WRITTEN = (Message, Comparison, Recurrence, Family, Reminder)
CHANGING = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?|\"[\w.-]{22,}\"")


def pages(browser: Browser) -> dict[str, str]:
    return {path: CHANGING.sub("", browser.client.get(path).get_data(as_text=True)) for path in FIGURES}


def differing(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The lines that came, each with its page."""
    return [
        f"{path}: {line.strip()}"
        for path, body in after.items()
        for line in body.splitlines()
        if line not in before[path].splitlines()
    ]


def written() -> dict[str, int]:
    """How many rows of each kind there are when all that runs in the background has run."""
    for job in JOBS:
        job.run(clock.utcnow())
    session.rollback()
    left = select(func.count()).where(WebhookPost.state != PostState.SKIPPED)
    counts = {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in WRITTEN}
    return counts | {"left for webhooks": session.scalar(left) or 0}


def test_a_drill_is_in_no_figure_mail_alert_or_comparison(
    browser: Browser, responder: Person, set_clock: Callable[[datetime], None]
) -> None:
    service, ana = make.service("Locker control", owner_id=responder.id), make.person("Ana")
    set_clock(NOW)
    make_status_page(service)
    past_incident(service)
    make.action("Real work", incidents=(make.incident("Doors stay shut", services=[service]),))
    make.save(UpdateSubscription(person_id=ana.id, audience=Audience.USERS))
    hook = {"name": "Chat", "url": "https://example.com/hooks", "created_at": NOW}
    make.save(Webhook(sealed_secret=Vault(make.SECRET).seal("whsec_AAAA"), **hook))
    before = written(), pages(browser)

    run_a_drill(browser, ana)

    assert written() == before[0]
    assert differing(before[1], pages(browser)) == []
    assert "Promised." in session.scalars(select(ActionEvent.sentence)).all()


def run_a_drill(browser: Browser, ana: Person) -> None:
    """From a past incident, with an update to users, all phases, a gap and its item."""
    page = browser.get("/drills/new", query={"replay": "INC-1"}).submit("Plan it", commander_id=str(ana.id))
    page = page.submit("Begin the drill")
    room = browser.get("/incidents/INC-3")
    token = browser.token("/incidents/INC-3")
    browser.post("/incidents/INC-3/updates", {"audience": "users", "text": "Doors stay shut.", "csrf_token": token})
    room.submit("Impact is assessed")
    page = page.submit("Note it", gap="Nobody knew the runbook").submit(
        "Make it an action item: Nobody knew the runbook"
    )
    assert "AI-2" in page.text
    page.submit("End the drill").click("INC-3")  # so that no message waits for the next page


def test_what_was_planned_as_a_drill_never_counts(browser: Browser) -> None:
    ana = make.person("Ana")
    past_incident(make.service("Locker control"))
    browser.get("/drills/new", query={"replay": "INC-1"}).submit("Plan it", commander_id=str(ana.id)).submit(
        "Begin the drill"
    )

    refused = browser.get("/incidents/INC-2/edit").submit("Save", is_drill="", title="It is real")

    assert refused.status == 422
    assert "Declare what is real as an incident of its own." in refused.text
    session.rollback()
    assert session.scalars(select(Incident.is_drill).where(Incident.number == 2)).one()
