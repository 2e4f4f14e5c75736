"""Several people press at the same moment."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tracker.db import session
from tracker.models import Incident, Person, Phase, RoleAssignment, TimelineEntry

CROWD = 4


def all_at_once(app: Flask, url: str, body_of: Callable[[Person], dict[str, Any]]) -> list[int]:
    """Each of some people posts once, all together; the statuses of the answers, sorted."""
    people = [make.person(f"Person {number}") for number in range(CROWD)]
    browsers = [Browser(app, person=person) for person in people]
    bodies = [
        {**body_of(person), "csrf_token": one.token("/incidents/new")}
        for person, one in zip(people, browsers, strict=True)
    ]

    def post(number: int) -> int:
        client, body = browsers[number].client, bodies[number]
        return contextvars.Context().run(lambda: client.post(url, data=body).status_code)

    with ThreadPoolExecutor(CROWD) as threads:
        statuses = list(threads.map(post, range(CROWD)))
    session.rollback()
    return sorted(statuses)


def test_one_of_those_who_press_the_same_button_moves_the_phase(app: Flask) -> None:
    make.incident(phase=Phase.TRIAGED)

    statuses = all_at_once(app, "/incidents/INC-1/phase", lambda person: {"to": "stabilised", "note": person.name})

    assert statuses == [303, 422, 422, 422]
    assert session.scalars(select(Incident)).one().phase is Phase.STABILISED
    assert session.scalar(select(func.count()).select_from(TimelineEntry)) == 1


def test_a_role_that_all_take_at_once_goes_to_the_first_and_the_others_are_told(app: Flask) -> None:
    make.incident()

    statuses = all_at_once(
        app,
        "/incidents/INC-1/roles",
        lambda person: {"role": "incident commander", "person": str(person.id), "instead_of": "0"},
    )

    assert statuses == [303, 422, 422, 422]
    assert len(session.scalars(select(RoleAssignment)).all()) == 1


def test_no_line_is_lost_when_all_note_at_once(app: Flask) -> None:
    make.incident()

    all_at_once(app, "/incidents/INC-1/timeline", lambda person: {"text": f"{person.name} noted", "kind": "event"})

    noted = session.scalars(select(TimelineEntry.text)).all()
    assert sorted(noted) == [f"Person {number} noted" for number in range(CROWD)]
