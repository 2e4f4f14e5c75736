"""Who else is writing: told at the step, forgotten after a minute, and noted seldom."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from tests import make
from tests.browser import Browser
from tests.postmortems.written import begun, edit_url
from tracker.db import session
from tracker.models import Incident, Person, Presence


def here(browser: Browser, incident: Incident, step: str) -> str:
    token = browser.token(edit_url(incident))
    url = f"/incidents/{incident.ref}/postmortem/presence/{step}"
    return " ".join(browser.post(url, {"csrf_token": token}, htmx=True).text.split())


def test_two_people_at_one_step_are_told_of_each_other(
    app: Flask, browser: Browser, admin: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(make.NOW)
    incident, _ = begun()
    hers = Browser(app, person=admin)

    alone = here(browser, incident, "why")
    hers_at_why = here(hers, incident, "why")
    here(hers, incident, "detection")
    his = here(browser, incident, "why")
    set_clock(make.NOW + timedelta(seconds=61))
    later = here(browser, incident, "why")

    assert alone == ""
    assert hers_at_why.endswith("is here")
    assert his.endswith(f"{admin.name} is at “How did we detect it?”")
    assert later == ""


def test_a_page_that_asks_often_writes_seldom(browser: Browser, set_clock: Callable[[datetime], None]) -> None:
    incident, _ = begun()
    seen = []
    for seconds in (0, 5, 10, 20):
        set_clock(make.NOW + timedelta(seconds=seconds))
        here(browser, incident, "why")
        session.expire_all()
        seen.append((session.scalars(select(Presence)).one().seen_at - make.NOW).total_seconds())

    assert seen == [0, 0, 0, 20]


def test_nobody_is_told_of_a_private_postmortem(app: Flask, responder: Person) -> None:
    incident, _ = begun(make.incident(is_private=True))
    outsider = Browser(app, person=responder)

    answer = outsider.client.post(f"/incidents/{incident.ref}/postmortem/presence/why", headers={"HX-Request": "true"})

    assert answer.status_code in (400, 404)
    assert session.scalars(select(Presence)).all() == []
