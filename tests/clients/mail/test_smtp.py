"""Mail servers that refuse, stall, break off, or want to know who we are."""

import dataclasses
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from smtpdfix import AuthController

from tests.clients.mail.conftest import PASSWORD, USER_IN_URL, free_port
from tests.clients.mail.servers import Keeping, Refusing, Rudeness, RudeServer
from tracker.clients.mail import DeliveryUnknown, Mailbox, MailClient, MailError, MailSettingError, OutgoingMail
from tracker.clients.mail_url import mail_client


def client_for(url: str) -> MailClient:
    return mail_client(url, outbox=Path("never-used"))


def failure(client: MailClient, mail: OutgoingMail, now: datetime) -> MailError:
    with pytest.raises(MailError) as caught:
        client.send(mail, now=now)
    return caught.value


def url_of(server: AuthController, *, user: str = USER_IN_URL, options: str = "starttls=1") -> str:
    return f"smtp://{user}@localhost:{server.port}?{options}"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "permanent", "retry_after"),
    [
        ("421 too busy", False, None),
        ("450 try later", False, timedelta(minutes=5)),
        ("452 disk full", False, None),
        ("550 no such person", True, None),
        ("554 looks like spam", True, None),
    ],
)
def test_a_4xx_may_pass_and_a_5xx_is_final(
    start_controller: Callable[..., Controller],
    mail: OutgoingMail,
    now: datetime,
    step: str,
    answer: str,
    permanent: bool,
    retry_after: timedelta | None,
) -> None:
    server = start_controller(Refusing(step=step, answer=answer))

    error = failure(client_for(f"smtp://127.0.0.1:{server.port}"), mail, now)

    assert type(error) is MailError
    assert (error.permanent, error.retry_after) == (permanent, retry_after)
    assert answer in str(error)


@pytest.mark.parametrize("rudeness", list(Rudeness))
@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_silence_or_a_hang_up_before_the_content_is_a_passing_failure(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime, step: str, rudeness: Rudeness
) -> None:
    rude_server.answers[step] = rudeness

    error = failure(client_for(rude_server.url), mail, now)

    assert type(error) is MailError
    assert not error.permanent
    assert rude_server.taken == []


@pytest.mark.parametrize("answer", [*Rudeness, "hello?"])
def test_a_lost_answer_after_the_content_is_said_to_be_unknown(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime, answer: str | Rudeness
) -> None:
    rude_server.answers["CONTENT"] = answer

    error = failure(client_for(rude_server.url), mail, now)

    assert isinstance(error, DeliveryUnknown)
    assert mail.message_id.encode() in rude_server.taken[0]


@pytest.mark.parametrize("rudeness", list(Rudeness))
def test_an_accepted_mail_stays_accepted_whatever_comes_after(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime, rudeness: Rudeness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.clients.smtp.GOODBYE_SECONDS", 0.2)
    rude_server.answers["QUIT"] = rudeness

    client_for(rude_server.url).send(mail, now=now)

    assert len(rude_server.taken) == 1


def test_what_is_sent_has_only_whole_lines_that_fit(rude_server: RudeServer, mail: OutgoingMail, now: datetime) -> None:
    client_for(rude_server.url).send(dataclasses.replace(mail, html="<p>" + "long" * 5000 + "</p>"), now=now)

    (content,) = rude_server.taken
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_long_links_go_over_the_wire_as_they_are(rude_server: RudeServer, mail: OutgoingMail, now: datetime) -> None:
    headers = {
        "List-Unsubscribe": f"<https://followthrough.example.org/{'x' * 300}>",
        "In-Reply-To": f"<{'y' * 120}@example.org>",
    }

    client_for(rude_server.url).send(dataclasses.replace(mail, headers=headers), now=now)

    lines = rude_server.taken[0].split(b"\r\n")
    assert [
        line for line in (f"{name}: {value}".encode() for name, value in headers.items()) if line not in lines
    ] == []


def test_a_server_that_is_not_there_is_a_passing_failure(mail: OutgoingMail, now: datetime) -> None:
    client = client_for(f"smtp://127.0.0.1:{free_port()}")

    error = failure(client, mail, now)

    assert (type(error), error.permanent) == (MailError, False)
    assert "connection refused" in str(error)
    assert client.check() == [str(error)]


@pytest.mark.parametrize(("greeting", "kind"), [("421 busy", MailError), ("554 go away", MailSettingError)])
def test_a_server_that_turns_us_away_says_nothing_about_the_mail(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime, greeting: str, kind: type[MailError]
) -> None:
    rude_server.answers["CONNECT"] = greeting

    error = failure(client_for(rude_server.url), mail, now)

    assert (type(error), error.permanent) == (kind, False)
    assert greeting in str(error)


def test_a_wrong_password_is_a_wrong_setting_and_never_shown(
    smtp_server: AuthController, trusted: None, mail: OutgoingMail, now: datetime
) -> None:
    client = client_for(url_of(smtp_server, user="ana:not-it-at-all"))

    error = failure(client, mail, now)

    assert isinstance(error, MailSettingError)
    assert "did not accept the user name or password in MAIL_URL" in str(error)
    assert "not-it-at-all" not in str(error) + repr(error)
    assert client.check() == [str(error)]
    assert smtp_server.messages == []


def test_a_passing_failure_to_sign_in_is_not_a_wrong_setting(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime
) -> None:
    rude_server.answers |= {"EHLO": "250-localhost\r\n250 AUTH PLAIN", "AUTH": "454 directory is away"}

    error = failure(client_for(rude_server.url.replace("//", "//ana:secret@")), mail, now)

    assert (type(error), error.permanent) == (MailError, False)


def test_a_server_without_sign_in_is_a_wrong_setting(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(rude_server.url.replace("//", "//ana:secret@")), mail, now)

    assert isinstance(error, MailSettingError)
    assert "no way of signing in" in str(error)


def test_a_server_that_wants_a_sign_in_is_a_wrong_setting(
    smtp_server: AuthController, trusted: None, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(f"smtp://localhost:{smtp_server.port}?starttls=1"), mail, now)

    assert isinstance(error, MailSettingError)
    assert "wants encryption or a sign-in first" in str(error)


def test_nothing_is_said_in_the_clear_when_starttls_is_missing(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(rude_server.url.replace("//", "//ana:secret@") + "&starttls=1"), mail, now)

    assert isinstance(error, MailSettingError)
    assert "does not offer STARTTLS" in str(error)
    assert rude_server.commands == ["EHLO"]


def test_a_certificate_that_nobody_vouches_for_is_refused(
    smtp_server: AuthController, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(url_of(smtp_server)), mail, now)

    assert isinstance(error, MailSettingError)
    assert "certificate" in str(error)
    assert smtp_server.messages == []


def test_a_certificate_for_another_name_is_refused(
    smtp_server: AuthController, trusted: None, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(url_of(smtp_server).replace("localhost", "127.0.0.1")), mail, now)

    assert isinstance(error, MailSettingError)
    assert "certificate" in str(error)


def test_a_certificate_is_verified_with_smtps_too(
    start_keeping: Callable[..., tuple[Keeping, int]], mail: OutgoingMail, now: datetime
) -> None:
    server, port = start_keeping("smtps")

    error = failure(client_for(f"smtps://localhost:{port}"), mail, now)

    assert isinstance(error, MailSettingError)
    assert server.messages == []


def test_a_certificate_on_this_machine_need_not_be_verified(
    smtp_server: AuthController, mail: OutgoingMail, now: datetime
) -> None:
    client_for(url_of(smtp_server, options="starttls=1&verify=0")).send(mail, now=now)

    assert len(smtp_server.messages) == 1


def test_encryption_where_there_is_none_is_a_wrong_setting(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(rude_server.url.replace("smtp://", "smtps://")), mail, now)

    assert isinstance(error, MailSettingError)
    assert "starttls=1" in str(error)


def test_an_address_with_other_letters_goes_where_it_is_understood(
    start_controller: Callable[..., Controller], mail: OutgoingMail, now: datetime
) -> None:
    handler = Keeping()
    server = start_controller(handler, enable_SMTPUTF8=True)

    client_for(f"smtp://127.0.0.1:{server.port}").send(
        dataclasses.replace(mail, to=Mailbox("jürgen@bücher.example")), now=now
    )

    assert handler.messages[0]["X-RcptTo"] == "jürgen@xn--bcher-kva.example"


def test_what_comes_back_goes_to_an_address_of_its_own_and_answers_to_the_sender(
    start_controller: Callable[..., Controller], mail: OutgoingMail, now: datetime
) -> None:
    handler = Keeping()
    server = start_controller(handler)

    client_for(f"smtp://127.0.0.1:{server.port}").send(
        dataclasses.replace(mail, bounces_to=Mailbox("bounces+7@example.org")), now=now
    )

    [taken] = handler.messages
    assert (taken["X-MailFrom"], taken["From"]) == (
        "bounces+7@example.org",
        "Followthrough <followthrough@example.org>",
    )


def test_an_address_with_other_letters_is_final_elsewhere(
    rude_server: RudeServer, mail: OutgoingMail, now: datetime
) -> None:
    error = failure(client_for(rude_server.url), dataclasses.replace(mail, to=Mailbox("jürgen@example.org")), now)

    assert error.permanent
    assert "MAIL" not in rude_server.commands


def test_the_password_is_in_no_representation() -> None:
    client = client_for(f"smtps://{USER_IN_URL}@mail.example.org")

    assert PASSWORD not in repr(client) + repr(vars(client))


def test_a_name_that_does_not_resolve_is_a_passing_failure(
    mail: OutgoingMail, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*arguments: object, **options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.create_connection", nowhere)

    error = failure(client_for("smtp://mail.example.org"), mail, now)

    assert (type(error), error.permanent) == (MailError, False)
    assert "name or service not known" in str(error)
