"""Each message goes out once, whatever the mail server and the workers do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tests.mailing.conftest import Post, deliver, message
from tracker.clients.mail import DeliveryUnknown, MailError, MailSettingError
from tracker.clients.outbox import Outbox
from tracker.db import session, transaction
from tracker.errors import RuleError
from tracker.mailing import jobs, operations
from tracker.mailing.envelope import outgoing
from tracker.mailing.operations import LEASE, PAUSES, UNKNOWN, Taken
from tracker.messages import Writer
from tracker.models import (
    Incident,
    IncidentPerson,
    Message,
    MessageKind,
    MessageState,
    Person,
    Recurrence,
    RecurrenceState,
    SignInLink,
)
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope
from tracker.reports.weekly import weekly_report
from tracker.wiring import settings


def reread(row: Message) -> Message:
    session.rollback()
    return session.get_one(Message, row.id, populate_existing=True)


def later(now: datetime, pause: timedelta) -> datetime:
    return now + pause + timedelta(seconds=1)


def test_a_message_reaches_its_person(app: Flask, post: Post, now: datetime) -> None:
    row = message(make.person("Ana"))

    done = deliver(now)

    assert [(str(mail.to), mail.subject) for mail in post.sent] == [("Ana <ana@example.com>", "The week in one page")]
    assert (done.sent, reread(row).state, row.sent_at) == (1, MessageState.SENT, now)


def test_a_message_is_sent_with_no_transaction_open(app: Flask, post: Post, now: datetime) -> None:
    message()
    post.during = lambda: session().in_transaction() and pytest.fail("A transaction is open while we wait.")

    assert deliver(now).sent == 1


def test_a_message_goes_out_once_however_often_the_job_runs(app: Flask, post: Post, now: datetime) -> None:
    message()

    deliver(now)
    deliver(now + timedelta(days=1))

    assert len(post.sent) == 1


def test_two_workers_never_take_the_same_message(app: Flask, post: Post, now: datetime) -> None:
    message()
    post.during = lambda: deliver(now)  # the second worker runs while the first one waits for the server

    deliver(now)

    assert len(post.sent) == 1


def test_a_round_longer_than_a_lease_sends_nothing_twice(
    app: Flask, post: Post, now: datetime, set_clock: Callable[[datetime], None]
) -> None:
    for subject in ("1", "2", "3"):
        message(make.person(subject), subject=subject)
    post.during = slow_server(post, set_clock, now, minutes=8)

    jobs.deliver_due(now)

    assert sorted(mail.subject for mail in post.sent) == ["1", "2", "3"]


def slow_server(
    post: Post, set_clock: Callable[[datetime], None], began: datetime, *, minutes: int
) -> Callable[[], None]:
    """Each mail takes so long; once the round has taken longer than a lease, another worker has a quick one."""
    takes = iter(range(minutes, 60, minutes))

    def wait() -> None:
        post.during = None
        at = began + timedelta(minutes=next(takes))
        set_clock(at)
        if at > began + LEASE:
            jobs.deliver_due(at)
        post.during = wait

    return wait


def test_a_message_that_is_not_due_waits(app: Flask, post: Post, now: datetime) -> None:
    message(run_after=now + timedelta(minutes=1))

    assert deliver(now).sent == 0
    assert deliver(now + timedelta(minutes=1)).sent == 1


def test_a_dead_workers_message_is_taken_over_after_its_lease(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    with transaction():
        operations.claim_message(now=now)

    assert deliver(now + LEASE).sent == 0
    assert deliver(later(now, LEASE)).sent == 1
    assert reread(row).attempts == 2


def test_a_message_whose_workers_die_twice_is_parked(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    for start in (now, later(now, LEASE)):
        with transaction():
            operations.claim_message(now=start)

    deliver(later(later(now, LEASE), LEASE))

    assert reread(row).state is MessageState.FAILED
    assert "it may have arrived" in row.last_error
    assert post.sent == []


def test_a_worker_that_wakes_up_late_changes_nothing(app: Flask, now: datetime) -> None:
    row = message()
    with transaction():
        operations.claim_message(now=now)
    with transaction():
        operations.claim_message(now=later(now, LEASE))

    with transaction():
        operations.record_failure(Taken(row.id, 1), MailError("550 no", permanent=True), now=now)

    assert reread(row).state is MessageState.SENDING


def test_a_passing_failure_is_tried_again_after_growing_pauses(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    post.errors = [MailError("421 Come back later.", permanent=False) for _ in range(2)]

    deliver(now)
    first = reread(row).run_after
    deliver(first)

    assert first == now + PAUSES[0]
    assert reread(row).run_after == first + PAUSES[1]
    assert (row.state, row.last_error) == (MessageState.PENDING, "421 Come back later.")


def test_a_server_that_names_a_pause_gets_it(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    post.errors = [MailError("450 Greylisted.", permanent=False, retry_after=timedelta(hours=2))]

    deliver(now)

    assert reread(row).run_after == now + timedelta(hours=2)


def test_a_failure_that_stays_is_given_up_in_the_end(app: Flask, post: Post, now: datetime) -> None:
    row = message(attempts=len(PAUSES))
    post.errors = [MailError("421 Come back later.", permanent=False)]

    deliver(now)

    assert reread(row).state is MessageState.FAILED
    assert row.last_error == "421 Come back later. Tried 8 times."


def test_a_permanent_failure_is_not_tried_again(app: Flask, post: Post, now: datetime) -> None:
    row, other = message(), message(make.person("Bo"))
    post.errors = [MailError("550 No such mailbox.", permanent=True)]

    deliver(now)
    deliver(now + timedelta(days=2))

    assert (reread(row).state, row.last_error) == (MessageState.FAILED, "550 No such mailbox.")
    assert reread(other).state is MessageState.SENT


def test_an_address_that_is_none_is_told_and_not_tried(app: Flask, post: Post, now: datetime) -> None:
    row = message(make.person("Ana", email="ana at example"))

    deliver(now)

    assert reread(row).state is MessageState.FAILED
    assert "is not an e-mail address" in row.last_error


def test_wrong_settings_pause_every_mail_and_count_as_no_try(app: Flask, post: Post, now: datetime) -> None:
    row, other = message(), message(make.person("Bo"))
    post.errors = [MailSettingError("The mail server does not know this user.")]

    done = deliver(now)

    pause = now + MailSettingError.RETRY_AFTER
    assert done.problem == "The mail server does not know this user."
    assert [(reread(one).run_after, one.attempts) for one in (row, other)] == [(pause, 0), (pause, 0)]
    assert deliver(pause).sent == 2


def test_an_unknown_outcome_is_repeated_once_with_the_same_id(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    ids = []
    post.during = lambda: ids.append(outgoing(reread(row), settings=settings()).message_id)
    post.errors = [DeliveryUnknown("The connection broke off.")]

    deliver(now)
    deliver(now + PAUSES[0])

    assert [mail.message_id for mail in post.sent] == [ids[0]] == [ids[1]]
    assert reread(row).state is MessageState.SENT


@pytest.mark.parametrize("how", ["the answer is lost", "the worker died"])
def test_where_nothing_is_to_come_twice_an_unknown_outcome_is_parked_at_once(
    app: Flask, post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(jobs, "settings", lambda: replace(settings(), mail_repeats_unknown=False))
    if how == "the worker died":
        row = message(state=MessageState.SENDING, attempts=1, lease_until=now - timedelta(minutes=1))
    else:
        row = message()
        post.errors = [DeliveryUnknown("The connection broke off.")]

    deliver(now)
    deliver(now + PAUSES[0])

    assert (reread(row).state, post.sent) == (MessageState.FAILED, [])
    assert row.last_error.startswith(UNKNOWN)


def test_an_outcome_that_stays_unknown_is_parked(app: Flask, post: Post, now: datetime) -> None:
    row = message()
    post.errors = [
        DeliveryUnknown("The connection broke off."),
        MailError("421 Come back later.", permanent=False),
        DeliveryUnknown("The connection broke off."),
    ]

    for days in range(5):
        deliver(now + timedelta(days=days))

    assert reread(row).state is MessageState.FAILED
    assert post.sent == []
    assert row.attempts == 3


def test_nobody_who_was_deactivated_gets_mail(app: Flask, post: Post, now: datetime) -> None:
    row = message(make.person("Ana", is_active=False))

    deliver(now)

    assert (reread(row).state, row.last_error) == (
        MessageState.SKIPPED,
        "Ana was deactivated before it was sent.",
    )
    assert post.sent == []


def alert(pair: Recurrence) -> Message:
    return message(make.person("Ana"), kind=MessageKind.RECURRENCE_ALERT, about=f"recurrence:{pair.id}")


def test_an_alert_is_sent_while_its_person_may_see_both_incidents(app: Flask, post: Post, now: datetime) -> None:
    alert(make.recurrence())

    assert deliver(now).sent == 1


def test_an_alert_about_an_incident_that_became_private_is_skipped(app: Flask, post: Post, now: datetime) -> None:
    pair = make.recurrence()
    row = alert(pair)
    with transaction():
        session.get_one(Incident, pair.earlier_id).is_private = True

    deliver(now)

    assert reread(row).state is MessageState.SKIPPED
    assert row.last_error == "Ana may not see both incidents any more."
    assert post.sent == []


def test_an_alert_about_a_private_incident_reaches_who_is_named_on_it(app: Flask, post: Post, now: datetime) -> None:
    pair = make.recurrence()
    row = alert(pair)
    with transaction():
        session.get_one(Incident, pair.earlier_id).is_private = True
        session.add(IncidentPerson(incident_id=pair.earlier_id, person_id=row.person_id))

    assert deliver(now).sent == 1


def test_an_alert_about_a_pair_that_was_decided_otherwise_is_skipped(app: Flask, post: Post, now: datetime) -> None:
    row = alert(make.recurrence(state=RecurrenceState.NOT_THE_SAME, decided_at=now))

    deliver(now)

    assert reread(row).state is MessageState.SKIPPED


def report_on(person: Person, *lines: str) -> Message:
    return message(person, text="\n".join(f"- {line} (Ana, 3 days overdue)" for line in lines))


def test_a_report_that_tells_of_what_was_hidden_since_is_skipped(app: Flask, post: Post, now: datetime) -> None:
    incident, other = make.incident("Salary leak"), make.incident("Checkout answers 503")
    item = make.action("Rotate the payroll password", incidents=(incident,))
    rows = [
        report_on(make.person("Ana"), f"{incident.ref} Salary leak"),
        report_on(make.person("Bo"), f"{item.ref} Rotate the payroll password"),
        report_on(make.person("Cy"), f"{other.ref} Checkout answers 503, as in {incident.ref} then"),
    ]
    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    deliver(now + timedelta(hours=12))

    states = [reread(row).state for row in rows]
    assert states == [MessageState.SKIPPED, MessageState.SKIPPED, MessageState.SENT]
    assert reread(rows[0]).last_error.startswith("Something in it was hidden from Ana before it was sent.")
    assert [mail.to.address for mail in post.sent] == ["cy@example.com"]


def test_a_report_reaches_who_is_named_on_what_was_hidden(app: Flask, post: Post, now: datetime) -> None:
    ana = make.person("Ana")
    incident = make.incident("Salary leak", is_private=True, named=(ana,))
    report_on(ana, f"{incident.ref} Salary leak")

    assert deliver(now).sent == 1


def test_the_weekly_report_itself_is_not_sent_when_a_title_in_it_was_hidden(
    app: Flask, post: Post, now: datetime
) -> None:
    """With the real text, so that its shape and what we look for in it stay together."""
    incident = make.incident("Salary leak")
    month_ago, due_on = now - timedelta(days=30), now.date() - timedelta(days=9)
    item = make.action("Rotate the payroll password", incidents=(incident,), created_at=month_ago, due_on=due_on)
    vera = make.person("Vera")
    with transaction():
        report = weekly_report(Week.of(now.date(), zone=ZoneInfo("UTC")), scope=Scope(vera), now=now)
        Writer(settings()).write(
            "weekly_report",
            kind=MessageKind.WEEKLY_REPORT,
            to=vera,
            about="report:all",
            now=now,
            report=report,
            report_url="http://localhost/reports",
            preferences_url="http://localhost/profile",
        )
    row = session.scalars(select(Message)).one()
    assert item.ref in row.text
    with transaction():
        session.get_one(Incident, incident.id).is_private = True

    deliver(now)

    assert (reread(row).state, post.sent) == (MessageState.SKIPPED, [])


def sign_in_mail(*, expires_at: datetime, **columns: object) -> Message:
    person = make.person("Ana")
    link = make.save(SignInLink(person_id=person.id, token_hash="0" * 64, created_at=make.NOW, expires_at=expires_at))
    values = {"kind": MessageKind.SIGN_IN_LINK, "period": f"link:{link.id}", "text": SECRET_LINK, "html": SECRET_LINK}
    return message(person, **values | columns)


SECRET_LINK = "http://localhost/sign-in/link/secret"


def test_a_sign_in_link_is_kept_nowhere_once_its_mail_was_sent(app: Flask, post: Post, now: datetime) -> None:
    row = sign_in_mail(expires_at=now + timedelta(minutes=30))

    deliver(now)

    assert post.sent[0].text == SECRET_LINK
    assert "secret" not in reread(row).text + row.html


def test_a_sign_in_link_is_kept_nowhere_once_its_mail_was_given_up(app: Flask, post: Post, now: datetime) -> None:
    row = sign_in_mail(expires_at=now + timedelta(minutes=30))
    post.errors = [MailError("550 No such mailbox.", permanent=True)]

    deliver(now)

    assert reread(row).state is MessageState.FAILED
    assert "secret" not in row.text + row.html
    with pytest.raises(RuleError, match="They can ask for a new one"), transaction():
        operations.send_again(session.get_one(Message, row.id), now=now)


def test_a_sign_in_link_that_is_too_old_is_not_sent(app: Flask, post: Post, now: datetime) -> None:
    row = sign_in_mail(expires_at=now + timedelta(minutes=30))

    deliver(now + timedelta(hours=5))

    assert (reread(row).state, post.sent) == (MessageState.SKIPPED, [])
    assert row.last_error == "The link in it was too old by the time it could be sent. They can ask for a new one."
    assert "secret" not in row.text + row.html


def test_mails_about_one_thing_are_one_thread_and_a_list(app: Flask, post: Post, now: datetime) -> None:
    ana = make.person("Ana")
    for period in ("a", "b"):
        message(ana, kind=MessageKind.WEEKLY_REPORT, about="report:all", period=period)

    deliver(now)

    one, other = post.sent
    assert one.message_id != other.message_id
    assert one.headers["References"] == other.headers["References"] == other.headers["In-Reply-To"]
    assert one.headers["List-Id"] == "Weekly follow-through report <weekly-report.localhost>"


def test_a_sign_in_link_belongs_to_no_list(app: Flask, post: Post, now: datetime) -> None:
    message(kind=MessageKind.SIGN_IN_LINK)

    deliver(now)

    assert post.sent[0].headers == {}


def test_a_name_with_a_line_break_cannot_break_the_header(app: Flask, post: Post, now: datetime) -> None:
    message(make.person("Ana\r\nBcc: eve@example.com", email="ana@example.com"))

    deliver(now)

    assert post.sent[0].to.name == "Ana Bcc: eve@example.com"


def test_the_outbox_keeps_a_repeated_mail_once(app: Flask, now: datetime, outbox: Outbox) -> None:
    row = message()

    for _ in range(2):
        outbox.send(outgoing(reread(row), settings=settings()), now=now)

    assert len(outbox.mails()) == 1
