"""Who leads an incident is asked once, after the quiet time, whether it stayed quiet."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.make import NOW
from tracker.db import session
from tracker.models import Message, Person, Phase
from tracker.reminders.jobs import ask_to_verify

RESOLVED: dict[str, Any] = {"phase": Phase.RESOLVED, "resolved_at": NOW, "quiet_until": NOW + timedelta(hours=1)}


def test_it_is_asked_once_when_the_quiet_time_is_over(app: Flask) -> None:
    make.incident(declared_by_id=make.person("Ana").id, **RESOLVED)

    asked = [ask_to_verify(NOW + timedelta(minutes=at)) for at in (59, 61, 90)]

    session.rollback()
    assert asked == [0, 1, 0]
    told = session.execute(select(Person.name, Message.subject).join(Message, Message.person_id == Person.id)).all()
    assert [tuple(row) for row in told] == [("Ana", "INC-1: did it stay quiet?")]


@pytest.mark.parametrize(
    "columns",
    [{"is_drill": True}, {"phase": Phase.VERIFIED}, {"quiet_until": None}, {"is_private": True}],
    ids=["a drill", "verified", "nothing was said", "may not see it"],
)
def test_nobody_is_asked_of(app: Flask, columns: dict[str, Any]) -> None:
    make.incident(**RESOLVED | {"declared_by_id": make.person("Ana").id} | columns)

    assert ask_to_verify(NOW + timedelta(days=1)) == 0
