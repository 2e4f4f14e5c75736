"""A clock that jumps a day ahead and an hour back: nothing is written or sent twice, and nothing is left out."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.rules.walk import make_world
from tracker.db import session
from tracker.features import JOBS
from tracker.models import Message, MessageState

pytestmark = pytest.mark.once


def all_jobs(now: datetime) -> None:
    for job in JOBS:
        job.run(now)


def messages() -> list[int]:
    session.rollback()
    return list(session.scalars(select(Message.id).order_by(Message.id)))


def test_what_was_written_before_the_clock_was_put_back_is_not_written_again(
    app: Flask, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    make_world()
    ahead = now + timedelta(days=1)
    seen = []
    for moment in (now, ahead, ahead - timedelta(hours=1), ahead, ahead + timedelta(minutes=1)):
        set_clock(moment)
        all_jobs(moment)
        seen.append(messages())

    due = select(Message.subject).where(Message.state.in_([MessageState.PENDING, MessageState.SENDING]))

    assert len(seen[1]) > len(seen[0])
    assert seen[2] == seen[3] == seen[4] == seen[1]
    assert session.scalars(due.where(Message.run_after <= ahead)).all() == []
