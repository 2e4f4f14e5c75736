"""MAIL_URL is read right, or refused in one sentence that never shows the password."""

from pathlib import Path

import pytest

from tracker.clients.mail import MailSettingError
from tracker.clients.mail_url import mail_client, smtp_server
from tracker.clients.outbox import Outbox
from tracker.clients.smtp import Encryption, SmtpServer

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 25)),
        ("smtp://mail.example.org?starttls=1", SmtpServer("mail.example.org", 587, Encryption.STARTTLS)),
        ("smtps://mail.example.org/", SmtpServer("mail.example.org", 465, Encryption.TLS)),
        (
            "smtp://a%40b:p%2F%23%3F%40%3A@h.example:2525?starttls=1&timeout=5",
            SmtpServer("h.example", 2525, Encryption.STARTTLS, "a@b", "p/#?@:", timeout=5),
        ),
        ("smtp://u:p@[::1]:25", SmtpServer("::1", 25, user="u", password="p")),
        ("smtps://localhost?verify=0", SmtpServer("localhost", 465, Encryption.TLS, verifies=False)),
    ],
)
def test_an_address_is_read(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


def test_outbox_is_the_folder(tmp_path: Path) -> None:
    assert isinstance(mail_client("outbox:", outbox=tmp_path), Outbox)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "kind of mail we know"),
        ("mail.example.org", "kind of mail we know"),
        (f"{SECRET}", "kind of mail we know"),
        (f"http://u:{SECRET}@h", "kind of mail we know"),
        (f"smtp://u:{SECRET}@", "names no mail server"),
        (f"smtps://u:{SECRET}#@h", "after the server's name"),
        (f"smtps://u:{SECRET}@h#x", "after the server's name"),
        (f"smtps://u:{SECRET}@h/x", "after the server's name"),
        (f"smtps://u:{SECRET}@h:99999", "port"),
        (f"smtps://u:{SECRET}@h:0", "port"),
        (f"smtps://u:{SECRET}@[h", "not an address"),
        (f"smtps://u:1?{SECRET}=1@h", "and no other"),
        (f"smtps://u:{SECRET}@h?verify=1&verify=1", "each once"),
        (f"smtps://u:{SECRET}@h?verify=yes", "0 or 1"),
        (f"smtps://u:{SECRET}@h?timeout=nan", "seconds"),
        (f"smtps://u:{SECRET}@h?timeout=-1", "seconds"),
        (f"smtps://u:{SECRET}@h?starttls=1", "choose one"),
        (f"smtps://u:{SECRET}%0a@h", "line break"),
        (f"smtps://:{SECRET}@h", "not both"),
        ("smtps://u@h", "not both"),
        (f"smtp://u:{SECRET}@h", "unprotected"),
        (f"smtps://u:{SECRET}@h?verify=0", "this machine only"),
        (f"smtps://u:{SECRET}@127.0.0.1.example.org?verify=0", "this machine only"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(MailSettingError, match=sentence) as caught:
        mail_client(url, outbox=tmp_path)

    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
