"""Workers that are killed at every step of writing and sending: each step is told once all the same.

By ``kill -9``, beside a second worker, on both databases and with a real SMTP server: `python -m bench.posting`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests import make
from tests.mailing.conftest import Post, deliver
from tracker.db import session
from tracker.mailing.operations import LEASE
from tracker.models import ActionEvent, Message, MessageState, Reminder
from tracker.reminders import jobs

MAILS, COMMITS = 3, 6


class Killed(BaseException):
    """What no code of ours catches: the process is gone."""


@contextmanager
def killed_at_commit(number: int, *, moment: str) -> Iterator[None]:
    """The process ends just before or just after its commit of that number."""
    seen, commit = 0, Session.commit

    def counting(self: Session) -> None:
        nonlocal seen
        seen += 1
        if seen == number and moment == "before":
            raise Killed
        commit(self)
        if seen == number:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "commit", counting)
        try:
            yield
        except Killed:
            session.remove()  # what was not committed is gone, as with the process


def promises() -> None:
    lena = make.person("Lena")
    team = make.team(lead_id=lena.id)
    for name in ("Ana", "Bo"):
        person = make.person(name)
        make.action(owner_id=person.id, team_id=team.id, due_on=date(2026, 11, 14))


def counted() -> list[int]:
    session.rollback()
    kinds = (Message, Reminder, ActionEvent)
    return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds]


def test_reminders_whose_writer_is_killed_at_any_commit_are_written_once(app: Flask, now: datetime) -> None:
    promises()
    seen = []

    for number in range(1, COMMITS):
        for moment in ("before", "after"):
            with killed_at_commit(number, moment=moment):
                jobs.write_reminders(now)
        seen.append(counted())

    jobs.write_reminders(now)
    assert counted() == [MAILS, 4, 4]
    assert seen[0] != seen[-1], "Nobody was killed half way."


def test_mails_whose_sender_is_killed_at_any_commit_all_arrive_and_a_repeat_is_recognised(
    app: Flask, post: Post, now: datetime
) -> None:
    promises()
    jobs.write_reminders(now)
    at = now

    for number in range(1, 5):
        for moment in ("before", "after"):
            with killed_at_commit(number, moment=moment):
                deliver(at)
            at += LEASE + timedelta(minutes=1)
    deliver(at)

    session.rollback()
    states = list(session.scalars(select(Message.state)))
    sent = [mail.message_id for mail in post.sent]
    assert len(set(sent)) == MAILS
    assert set(states) <= {MessageState.SENT, MessageState.FAILED}
    assert max(sent.count(one) for one in sent) <= 2, "A mail of unknown outcome is repeated once."
