"""What a mail is, what may go wrong with it, and the two questions every mail client answers."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, getaddresses
from typing import Protocol

OWN_HEADERS = frozenset(
    {
        *("bcc", "cc", "date", "from", "message-id", "reply-to", "sender", "subject", "to"),
        *("auto-submitted", "content-transfer-encoding", "content-type", "mime-version"),
    }
)
MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
LONGEST_LINE = 998  # RFC 5322, 2.1.1


class MailError(Exception):
    """A mail was not sent. `str(error)` is a sentence for people; it never holds a password.

    `permanent` means that the same mail will be refused again; `retry_after` is how long to wait at least, `None`
    when the server gave no reason to prefer one time over another.
    """

    def __init__(self, message: str, *, permanent: bool, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class MailSettingError(MailError):
    """The mail settings are wrong, not the mail: it can wait until somebody has put them right."""

    RETRY_AFTER = timedelta(minutes=15)

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False, retry_after=self.RETRY_AFTER)


class DeliveryUnknown(MailError):
    """The whole mail was handed over and the answer was lost: it may have been delivered, or not."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=False)


@dataclass(frozen=True)
class Mailbox:
    """One person's address. A domain of other letters (`bücher.example`) is kept in its ASCII form."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        refuse_control_characters("an address", self.address)
        refuse_control_characters("a name", self.name)
        local, at, domain = self.address.rpartition("@")
        if not at or not local or not domain or re.search(r"[\s<>,;\"@]", local + domain):
            raise ValueError(f"“{self.address}” is not an e-mail address: write it like ana@example.org.")
        object.__setattr__(self, "address", f"{local}@{_ascii_domain(domain)}")

    @classmethod
    def parse(cls, text: str) -> "Mailbox":
        """Read `Ana <ana@example.org>` or `ana@example.org`; raise ValueError with a sentence for anything else."""
        found = getaddresses([text])
        if len(found) != 1:
            raise ValueError(f"“{text}” is not an e-mail address: write it like ana@example.org.")
        name, address = found[0]
        return cls(address or text, name)

    @property
    def is_ascii(self) -> bool:
        return self.address.isascii()

    def as_header(self) -> Address:
        local, _, domain = self.address.rpartition("@")
        return Address(self.name, local, domain)

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True)
class OutgoingMail:
    """One mail to one person, whole. It cannot be made with a line break in a header.

    The caller gives the `message_id` (`<...@...>`) and gives the same again when it repeats a send, so that mail
    servers, programs and the outbox can recognise the repeat. `headers` holds what a kind of mail adds, such as
    `List-Unsubscribe`, `In-Reply-To` and `References`.
    """

    message_id: str
    to: Mailbox
    from_: Mailbox
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)
    reply_to: Mailbox | None = None
    bounces_to: Mailbox | None = None
    """Where servers send it back to (the envelope's sender); ``None``: to ``from_``."""

    @property
    def envelope_sender(self) -> Mailbox:
        return self.bounces_to or self.from_

    def __post_init__(self) -> None:
        if not MESSAGE_ID.fullmatch(self.message_id) or len(self.message_id) > LONGEST_LINE // 4:
            raise ValueError("A message id looks like <something@example.org>.")
        refuse_control_characters("a subject", self.subject)
        for name, value in self.headers.items():
            _check_header(name, value)

    @property
    def needs_utf8_addresses(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not all(mailbox.is_ascii for mailbox in (self.to, self.from_, self.reply_to, self.bounces_to) if mailbox)


class MailClient(Protocol):
    """Something that mails can be given to."""

    def send(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Return when the mail is accepted; raise DeliveryUnknown, MailSettingError or MailError. `now` is its date."""

    def check(self) -> list[str]:
        """Try the connection without sending anything; one sentence for each problem, none when all is well."""


class _MailPolicy(EmailPolicy):
    """Leave long tokens alone: Python would break them into encoded words, which ends links and threads."""

    WHOLE = frozenset(
        {"message-id", "in-reply-to", "references", "list-id", "list-unsubscribe", "list-unsubscribe-post"}
    )

    def fold(self, name: str, value: str) -> str:
        if name.lower() in self.WHOLE:
            return f"{name}: {_fold_at_spaces(str(value))}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in self.WHOLE:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


def compose(mail: OutgoingMail, *, now: datetime) -> bytes:
    """The mail as RFC 5322 bytes with CRLF, text before HTML, in lines that every server takes."""
    message = EmailMessage(policy=_MailPolicy(linesep="\r\n", utf8=mail.needs_utf8_addresses))
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(now)
    message["From"] = mail.from_.as_header()
    message["To"] = mail.to.as_header()
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to.as_header()
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: keeps "out of office" from answering us
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def refuse_control_characters(what: str, text: str) -> None:
    """Raise ValueError when a text for a header holds a line break or another control character."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise ValueError(f"Line breaks and control characters are not allowed in {what} of a mail.")


def _check_header(name: str, value: str) -> None:
    if not HEADER_NAME.fullmatch(name):
        raise ValueError("A header's name is made of letters, digits and hyphens.")
    if name.lower() in OWN_HEADERS:
        raise ValueError(f"{name} is a field of the mail: it cannot be given among its headers.")
    refuse_control_characters("a header", value)
    _refuse_what_cannot_be_folded(name, words=value.split(" "))


def _refuse_what_cannot_be_folded(name: str, *, words: Iterable[str]) -> None:
    if name.lower() not in _MailPolicy.WHOLE:
        return
    if not all(word.isascii() and len(word) + len(name) < LONGEST_LINE - 4 for word in words):
        raise ValueError(f"{name} takes ASCII only, each link or id shorter than {LONGEST_LINE} characters.")


def _fold_at_spaces(value: str) -> str:
    return "\r\n ".join(value.split())


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError(f"“{domain}” is not a domain that mail can be sent to.") from None
