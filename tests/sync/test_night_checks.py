"""Each night GitHub is asked whether what is named here is still there."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.clients.failures import Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import RemotePerson
from tracker.config import Settings
from tracker.db import session
from tracker.health.doctor import examine
from tracker.models import FieldMapping, RemoteAccount, Tracker
from tracker.sync import jobs
from tracker.wiring import Wiring


@pytest.fixture
def on_github(worker: Worker, tickets: MemoryClient) -> Tracker:
    """Two repositories, a label and two people, all of which are there."""
    tracker = make.tracker("GitHub", default_target="acme/shop", read_at=make.NOW)
    named = {"labels": ["sre"], "kind": "Bug", "priorities": {"P1": "urgent"}, "checked_at": make.NOW}
    make.save(FieldMapping(tracker_id=tracker.id, target="acme/web", **named))
    for login in ("ana-codes", "bo"):
        person = make.person(login.title())
        account = {"person_id": person.id, "name": login, "shown": login, "confirmed_at": make.NOW}
        make.save(RemoteAccount(tracker_id=tracker.id, **account))
        tickets.people_there.append(RemotePerson(name=login, shown=login))
    tickets.labels_there = ["sre", "urgent"]
    return tracker


def a_night_later(worker: Worker) -> None:
    worker.later(hours=24)
    session.rollback()
    jobs.check_mappings(worker.now)
    session.rollback()


def lacking(tracker: Tracker) -> tuple[str, str]:
    session.refresh(tracker)
    return tracker.setup_problems, session.scalars(select(FieldMapping.problems)).one()


def test_what_is_gone_from_a_repository_is_told_until_it_is_back(
    worker: Worker, tickets: MemoryClient, on_github: Tracker, admin_browser: Browser
) -> None:
    a_night_later(worker)
    assert lacking(on_github) == ("", "")

    tickets.labels_there, people = ["sre"], tickets.people_there.pop(0)
    a_night_later(worker)
    shown = admin_browser.get("/settings/sync")
    assert "The mapping of acme/web does not fit any more" in shown.text
    assert "acme/web has no label “urgent”. Make it there, or take it out of the mapping." in shown.text
    assert "“ana-codes” (Ana-Codes) cannot be assigned in acme/shop, acme/web." in shown.text

    tickets.kinds_there = ["Task"]
    a_night_later(worker)
    assert lacking(on_github)[1] == "There is no kind “Bug”."

    tickets.fail_with = Unavailable("502")
    a_night_later(worker)
    assert all(lacking(on_github)), "what was known stays while nobody answers"
    tickets.hidden_targets = {"acme/shop", "acme/web"}
    a_night_later(worker)
    assert lacking(on_github) == ("We cannot see acme/shop.", "We cannot see acme/web.")

    tickets.hidden_targets, tickets.labels_there, tickets.kinds_there = set(), [], []
    tickets.people_there.append(people)
    a_night_later(worker)
    assert lacking(on_github) == ("", "")


def test_the_doctor_tells_of_settings_that_do_not_fit(
    app: Flask, on_github: Tracker, settings: Settings, wiring: Wiring
) -> None:
    make.save(FieldMapping(tracker_id=on_github.id, target="acme/api", problems="Gone.", checked_at=make.NOW))

    found = [one.sentence for one in examine(replace(settings), wiring=wiring, now=make.NOW) if one.name == "tracker"]

    assert found == ["GitHub was read just now.", "GitHub: Gone. See Settings, Sync health."]
