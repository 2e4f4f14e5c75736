"""The command line of the mail: does it arrive, and send what waits now."""

import uuid

import click

from tracker import clock, words
from tracker.clients.mail import Mailbox, MailError, OutgoingMail
from tracker.console import in_app
from tracker.db import transaction
from tracker.errors import FollowthroughError
from tracker.mailing import operations, queries
from tracker.mailing.jobs import deliver_due
from tracker.wiring import settings, wiring

TEXT = "This is a test. If you can read it, Followthrough's mail reaches you.\n"
HTML = f'<!doctype html><html lang="en"><head><title>A test</title></head><body><p>{TEXT.strip()}</p></body></html>'


@click.group()
def mail() -> None:
    """The mail."""


@mail.command("send-test")
@click.argument("email")
@in_app
def send_test(email: str) -> None:
    """Send one test mail to EMAIL at once."""
    try:
        test = OutgoingMail(
            message_id=f"<test-{uuid.uuid4().hex}@followthrough.invalid>",
            to=Mailbox.parse(email),
            from_=Mailbox.parse(settings().mail_from),
            subject="A test from Followthrough",
            text=TEXT,
            html=HTML,
        )
        wiring().mail.send(test, now=clock.utcnow())
    except (ValueError, MailError) as error:
        raise FollowthroughError(str(error)) from error
    if settings().mail_url.startswith("outbox:"):
        click.echo(f"The test for {email} is in the outbox folder; nothing leaves this machine until MAIL_URL is set.")
    else:
        click.echo(f"The mail server took the test for {email}. Look whether it arrives.")


@mail.command()
@in_app
def deliver() -> None:
    """Send what is due now."""
    done = deliver_due(clock.utcnow())
    click.echo(f"{words.count(done.sent, 'mail')} sent, {done.failed} failed, {operations.count_waiting()} waiting.")
    if done.problem:
        raise FollowthroughError(done.problem)


@mail.command()
@click.argument("message_id", type=click.IntRange(1, 2**31 - 1))
@click.argument("reason", default="")
@in_app
def bounced(message_id: int, reason: str) -> None:
    """Note that mail MESSAGE_ID came back, and why: its number stands in MAIL_BOUNCES_TO's address."""
    with transaction():
        message = queries.get_message(message_id)
        operations.record_bounce(message, reason=" ".join(reason.split())[:300])
        name = message.recipient.name
    click.echo(f"Noted: the mail to {name} came back. It stands under Settings, Mail, as failed.")


COMMANDS: tuple[click.Command, ...] = (mail,)
