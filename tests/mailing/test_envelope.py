"""The envelope of a mail: one thread an incident, and an address for what comes back."""

from dataclasses import replace
from datetime import date, datetime

from click.testing import CliRunner
from flask import Flask

from tests import make
from tests.mailing.conftest import Post, deliver, message
from tracker.cli import main
from tracker.db import session
from tracker.mailing.envelope import outgoing
from tracker.models import Incident, Message, MessageKind, MessageState
from tracker.reminders import jobs
from tracker.wiring import settings


def thread_of(row: Message) -> str:
    return outgoing(session.merge(row), settings=settings()).headers["References"]


def test_mails_about_one_incident_are_one_thread_also_a_days_mail_that_is_about_it_alone(
    app: Flask, post: Post, now: datetime
) -> None:
    ana, bo, both = make.person("Ana"), make.person("Bo"), make.person("Cleo")
    one, other = make.incident("Checkout is slow"), make.incident("Search is down")
    pair = make.recurrence(later=one)
    for owners, incident in (((ana, both), one), ((bo, both), other)):
        for owner in owners:
            make.action(incidents=(incident,), owner_id=owner.id, due_on=date(2026, 11, 23))
    jobs.write_reminders(now)
    deliver(now)

    mails = {mail.to.name: mail.headers["References"] for mail in post.sent}
    alert = thread_of(message(bo, kind=MessageKind.RECURRENCE_ALERT, about=f"recurrence:{pair.id}"))
    late = thread_of(message(bo, kind=MessageKind.REMINDER, about=f"update:{one.id}"))

    assert alert == late == mails["Ana"]
    assert len(set(mails.values())) == 3  # Cleo's is about two incidents, and joins neither thread
    assert not any(ref in header for ref in (one.ref, other.ref) for header in mails.values())
    assert isinstance(session.get_one(Incident, one.id), Incident)


def test_each_mail_comes_back_to_an_address_of_its_own_and_is_then_shown_as_failed(
    app: Flask, post: Post, now: datetime
) -> None:
    row = message(make.person("Ana"))
    own = replace(settings(), mail_bounces_to="bounces+{id}@example.com")

    mail = outgoing(session.merge(row), settings=own)

    assert mail.envelope_sender.address == f"bounces+{row.id}@example.com"
    assert outgoing(session.merge(row), settings=settings()).envelope_sender.address == "followthrough@localhost"
    command = ["mail", "bounced", str(row.id), "550 no such mailbox"]
    early = CliRunner().invoke(main, command, obj=lambda: app)
    assert (early.exit_code, "is pending" in early.stderr) == (1, True)
    deliver(now)
    noted = CliRunner().invoke(main, command, obj=lambda: app)
    session.expire_all()
    assert (noted.exit_code, row.state) == (0, MessageState.FAILED)
    assert session.get_one(Message, row.id).last_error == "It came back: 550 no such mailbox. Check Ana's address."
