"""The command line of the mail."""

from click.testing import CliRunner, Result
from flask import Flask

from tests.mailing.conftest import Post, message
from tracker.cli import main
from tracker.clients.mail import MailError, MailSettingError


def run(app: Flask, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), obj=lambda: app)


def test_a_test_mail_goes_out_at_once(app: Flask, post: Post) -> None:
    result = run(app, "mail", "send-test", "ana@example.com")

    assert result.exit_code == 0
    assert post.sent[0].to.address == "ana@example.com"


def test_a_test_mail_to_no_address_says_what_one_looks_like(app: Flask) -> None:
    result = run(app, "mail", "send-test", "ana")

    assert result.exit_code == 1
    assert result.stderr == "followthrough: “ana” is not an e-mail address: write it like ana@example.org.\n"


def test_a_refused_test_mail_says_why(app: Flask, post: Post) -> None:
    post.errors = [MailError("550 No such mailbox.", permanent=True)]

    result = run(app, "mail", "send-test", "ana@example.com")

    assert (result.exit_code, result.stderr) == (1, "followthrough: 550 No such mailbox.\n")


def test_deliver_sends_what_waits(app: Flask, post: Post) -> None:
    message()

    result = run(app, "mail", "deliver")

    assert result.output == "1 mail sent, 0 failed, 0 waiting.\n"


def test_deliver_tells_of_wrong_settings(app: Flask, post: Post) -> None:
    message()
    post.errors = [MailSettingError("The mail server does not know this user.")]

    result = run(app, "mail", "deliver")

    assert result.exit_code == 1
    assert "does not know this user" in result.stderr
