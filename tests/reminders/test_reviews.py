"""Who was asked to read a postmortem has working days for it."""

from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import func, select

from tests import make
from tracker.db import session
from tracker.models import Message, PostmortemState, Reviewer
from tracker.reminders import jobs


def test_a_review_asked_on_friday_is_due_on_tuesday(app: Flask, now: datetime) -> None:
    ana, friday = make.person("Ana"), now - timedelta(days=3)
    postmortem = make.postmortem(make.incident(), state=PostmortemState.IN_REVIEW, due_on=None)
    make.save(Reviewer(postmortem_id=postmortem.id, person_id=ana.id, asked_at=friday))

    told = []
    for days in (2, 3, 4):
        jobs.write_reminders(friday + timedelta(days=days))
        session.rollback()
        told.append(session.scalar(select(func.count(Message.id)).where(Message.person_id == ana.id)))

    assert told == [0, 0, 1]
