"""Mail servers to talk to, all on this machine, and a mail to send."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from smtpdfix import AuthController, SMTPDFix
from smtpdfix.configuration import Config

from tests.clients.mail.servers import Keeping, RudeServer, stop_quietly
from tracker.clients.mail import Mailbox, MailClient, OutgoingMail
from tracker.clients.mail_url import mail_client

USER, PASSWORD = "ana", "p@ss/w#rd?"
USER_IN_URL = "ana:p%40ss%2Fw%23rd%3F"


@dataclass
class Post:
    """A mail client and what arrived at its other end."""

    client: MailClient
    delivered: Callable[[], list[EmailMessage]]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 9, 30, 15, 250_000, tzinfo=UTC)


@pytest.fixture
def mail() -> OutgoingMail:
    return OutgoingMail(
        message_id="<item-7.2026-11-23@followthrough.example.org>",
        to=Mailbox("bo@example.org", "Bo Núñez"),
        from_=Mailbox("followthrough@example.org", "Followthrough"),
        subject="AI-7 is due tomorrow: “Größere Warteschlange”",
        text="Hello Bo,\n.\n.. dots and ünïcode\n",
        html="<p>Hello <b>Bo</b></p>\n.\n",
    )


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, in one file, that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of the tests")])
    today = datetime.now(UTC)  # OpenSSL compares it with the real clock
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the test's authority the way an administrator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def smtp_server(certificate: Path) -> Iterator[AuthController]:
    """smtpdfix, which wants STARTTLS and a sign-in first."""
    config = Config()
    config.ssl_cert_files = str(certificate)
    config.login_username, config.login_password = USER, PASSWORD
    config.use_starttls = config.enforce_auth = True
    server = SMTPDFix("127.0.0.1", free_port(), config)
    controller = server.__enter__()
    yield controller
    stop_quietly(controller)


@pytest.fixture
def start_controller() -> Iterator[Callable[..., Controller]]:
    """Start aiosmtpd with a handler; it is stopped after the test."""
    running: list[Controller] = []

    def start(handler: object, **options: Any) -> Controller:
        controller = Controller(handler, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return controller

    yield start
    for controller in running:
        stop_quietly(controller)


@pytest.fixture
def start_keeping(start_controller: Callable[..., Controller], certificate: Path) -> Callable[..., tuple[Keeping, int]]:
    """Start a server that keeps mails, encrypted from the first byte on or not at all; its mails and its port."""

    def start(kind: str) -> tuple[Keeping, int]:
        context = None
        if kind == "smtps":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        handler = Keeping()
        return handler, start_controller(handler, ssl_context=context).port

    return start


@pytest.fixture
def rude_server() -> Iterator[RudeServer]:
    with RudeServer() as server:
        yield server


@pytest.fixture(params=["smtp", "smtps", "starttls, signed in", "outbox"])
def post(request: pytest.FixtureRequest, trusted: None, tmp_path: Path) -> Post:
    """Every way of sending, with a real server at the other end."""
    folder = tmp_path / "outbox"
    if request.param == "outbox":
        return Post(mail_client("outbox:", outbox=folder), lambda: [read(path) for path in folder.glob("*.eml")])
    if request.param == "starttls, signed in":
        server = request.getfixturevalue("smtp_server")
        url = f"smtp://{USER_IN_URL}@localhost:{server.port}?starttls=1"
    else:
        server, port = request.getfixturevalue("start_keeping")(request.param)
        url = f"{request.param}://localhost:{port}"
    return Post(mail_client(url, outbox=folder), lambda: [modern(message) for message in server.messages])


def read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)


def modern(message: Message) -> EmailMessage:
    """The same message with headers that are decoded, not folded anew on the way."""
    return message_from_bytes(message.as_bytes(policy=message.policy.clone(max_line_length=0)), policy=policy.default)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
