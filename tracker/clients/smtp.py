"""Mail through an SMTP server: the only place that knows smtplib."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from tracker.clients.mail import DeliveryUnknown, MailError, MailSettingError, OutgoingMail, compose

GREYLISTED = (450, 451)
GREYLIST_WAIT = timedelta(minutes=5)  # what most greylisting servers ask for
GOODBYE_SECONDS = 5.0  # the mail is delivered: do not wait long for a polite end
LONGEST_ANSWER = 200


class Encryption(Enum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class SmtpServer:
    """Where to send and how. `timeout` is in seconds and holds for each answer, not for the whole talk.

    Certificates are always verified unless `verifies` is false, which `mail_url` allows for loopback hosts only.
    A private authority is trusted through the environment variable SSL_CERT_FILE, as everywhere in OpenSSL.
    """

    host: str
    port: int
    encryption: Encryption = Encryption.NONE
    user: str = ""
    password: str = field(default="", repr=False)
    verifies: bool = True
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class SmtpClient:
    """A `MailClient` with a connection of its own for each mail, so one bad mail cannot hurt the next."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:
        content = compose(mail, now=now)
        with self._connection() as connection:
            self._announce(connection, mail)
            _hand_over(connection, content)
            _say_goodbye(connection)

    def check(self) -> list[str]:
        try:
            with self._connection() as connection:
                _expect(connection.noop(), what="a test")
                _say_goodbye(connection)
        except MailError as error:
            return [str(error)]
        return []

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection that is greeted, encrypted and signed in; every failure on it becomes one of our errors."""
        try:
            with closing(self._connect()) as connection:
                connection.ehlo_or_helo_if_needed()
                self._encrypt(connection)
                self._sign_in(connection)
                yield connection
        except MailError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise MailSettingError(
                f"The certificate of the mail server {self._server} could not be verified ({error.verify_message}). "
                "Use the name that stands in the certificate, or trust its authority with SSL_CERT_FILE."
            ) from error
        except ssl.SSLError as error:
            raise MailSettingError(
                f"No encrypted connection to the mail server {self._server} was possible. "
                "Check the port and whether MAIL_URL should say smtps:// or ?starttls=1."
            ) from error
        except smtplib.SMTPResponseException as error:
            raise self._turned_away(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(
                f"The mail server {self._server} could not be reached or broke off ({_reason(error)}).",
                permanent=False,
            ) from error

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.encryption is Encryption.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=self._tls())
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)

    def _turned_away(self, error: smtplib.SMTPResponseException) -> MailError:
        """A refusal before any mail was named: final or not, it says nothing about the mail."""
        if 400 <= error.smtp_code < 500:
            return _refusal(error.smtp_code, error.smtp_error, what="the connection")
        return MailSettingError(
            f"The mail server {self._server} does not want to talk to us"
            f"{_quoted(error.smtp_code, error.smtp_error)}. Check MAIL_URL."
        )

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self._server.verifies:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _encrypt(self, connection: smtplib.SMTP) -> None:
        if self._server.encryption is not Encryption.STARTTLS:
            return
        try:
            connection.starttls(context=self._tls())
        except smtplib.SMTPNotSupportedError as error:
            raise MailSettingError(
                f"The mail server {self._server} does not offer STARTTLS, so nothing was sent. "
                "Check the port, or use smtps://."
            ) from error
        connection.ehlo_or_helo_if_needed()

    def _sign_in(self, connection: smtplib.SMTP) -> None:
        if not self._server.user:
            return
        try:
            connection.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise _refusal(error.smtp_code, error.smtp_error, what="signing in just now") from error
            raise MailSettingError(
                f"The mail server {self._server} did not accept the user name or password in MAIL_URL."
            ) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            raise MailSettingError(
                f"The mail server {self._server} offers no way of signing in that we know. "
                "Check the port and whether it wants encryption first."
            ) from error

    def _announce(self, connection: smtplib.SMTP, mail: OutgoingMail) -> None:
        options = []
        if mail.needs_utf8_addresses:
            if not connection.has_extn("smtputf8"):
                raise MailError(
                    f"The mail server {self._server} cannot deliver to {mail.to.address}: "
                    "it takes addresses in plain letters only.",
                    permanent=True,
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, answer = connection.mail(mail.envelope_sender.address, options)
        if code == 530:
            raise MailSettingError(
                f"The mail server {self._server} wants encryption or a sign-in first"
                f"{_quoted(code, answer)}. Check MAIL_URL."
            )
        _expect((code, answer), what=f"mail from {mail.envelope_sender.address}")
        _expect(connection.rcpt(mail.to.address), what=f"mail to {mail.to.address}")


def _hand_over(connection: smtplib.SMTP, content: bytes) -> None:
    """Send the content. Only from its last byte on can the mail have been delivered without our knowing.

    A failure *while* sending is a plain one: bytes at the end never left, so the server never saw the closing dot.
    """
    code, answer = connection.docmd("DATA")
    if code != 354:
        raise _refusal(code, answer, what="the mail")
    connection.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
    try:
        code, answer = connection.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryUnknown(
            f"The mail server took the whole mail and then broke off ({_reason(error)}): "
            "it may have been delivered, or not."
        ) from error
    if not 200 <= code < 600:
        raise DeliveryUnknown("The mail server took the whole mail and answered something we cannot read.")
    _expect((code, answer), what="the mail")


def _say_goodbye(connection: smtplib.SMTP) -> None:
    """End politely. Whatever happens here changes nothing: the mail is already accepted."""
    with suppress(smtplib.SMTPException, OSError):
        if connection.sock:
            connection.sock.settimeout(GOODBYE_SECONDS)
        connection.quit()


def _expect(reply: tuple[int, bytes], *, what: str) -> None:
    code, answer = reply
    if not 200 <= code < 300:
        raise _refusal(code, answer, what=what)


def _refusal(code: int, answer: bytes | str, *, what: str) -> MailError:
    """5xx is final, everything else may pass (RFC 5321, 4.2.1)."""
    is_final = 500 <= code < 600
    sentence = f"The mail server {'refuses' if is_final else 'does not accept'} {what}{_quoted(code, answer)}."
    return MailError(sentence, permanent=is_final, retry_after=GREYLIST_WAIT if code in GREYLISTED else None)


def _quoted(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f" ({code} {words[:LONGEST_ANSWER]})" if words else f" ({code})"


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return "it took too long to answer"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).rstrip(".").lower() or "no reason given"
