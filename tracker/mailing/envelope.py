"""From a message to the mail that leaves: addresses, its own id, and the headers that let mail programs sort it."""

import hashlib
import re
from urllib.parse import urlsplit

from tracker.clients.mail import Mailbox, OutgoingMail
from tracker.config import MESSAGE_PLACE, Settings
from tracker.mailing.threads import incident_of
from tracker.models import Message, MessageKind, Person
from tracker.stopped_mails import STOPPABLE, stop_url

LIST_NAMES = {
    MessageKind.RECURRENCE_ALERT: "Recurrence alerts",
    MessageKind.WEEKLY_REPORT: "Weekly follow-through report",
    MessageKind.REMINDER: "Reminders",
    MessageKind.DECISION: "Decisions",
    MessageKind.INCIDENT_UPDATE: "Updates of incidents",
}
"""The mails that come again and are threaded by what they are about. A sign-in link is none of them."""


def outgoing(message: Message, *, settings: Settings) -> OutgoingMail:
    """The mail of a message to a person; the same one, id included, however often it is made.

    Raises:
        ValueError: an address is none; the text is a sentence.
    """
    host, to = _host(settings), message.recipient
    if not isinstance(to, Person):
        raise ValueError("A message for a channel is no mail.")
    headers = {}
    if message.kind in LIST_NAMES:
        name = message.kind.value.replace(" ", "-")
        headers["List-Id"] = f"{LIST_NAMES[message.kind]} <{name}.{host}>"
        headers |= _ways_out(message.kind, to=to, settings=settings)
        headers["In-Reply-To"] = headers["References"] = _thread_id(message, host)
    bounces_to = settings.mail_bounces_to.replace(MESSAGE_PLACE, str(message.id))
    return OutgoingMail(
        message_id=message_id(message, host=host),
        to=Mailbox(to.email, _plain(to.name)),
        from_=Mailbox.parse(settings.mail_from),
        subject=message.subject,
        text=message.text,
        html=message.html,
        headers=headers,
        bounces_to=Mailbox.parse(bounces_to) if bounces_to else None,
    )


def _ways_out(kind: MessageKind, *, to: Person, settings: Settings) -> dict[str, str]:
    """How a mail program stops these mails (RFC 2369), with one click where the web is safe (RFC 8058)."""
    if kind not in STOPPABLE:
        return {}
    address = stop_url(kind, person_id=to.id, settings=settings)
    one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if settings.is_https else {}
    return {"List-Unsubscribe": f"<{address}>"} | one_click


def message_id(message: Message, *, host: str) -> str:
    """The same for the same row: servers, programs and the outbox recognise a repeat by it."""
    written = f"{message.id} {message.kind.value} {message.about} {message.period} {message.person_id}"
    return f"<{message.id}.{_digest(written + message.created_at.isoformat())}@{host}>"


def _thread_id(message: Message, host: str) -> str:
    """What all mails about one incident, or else about one thing, answer to: a mail program shows them together."""
    incident_id = incident_of(message)
    if incident_id is not None:
        return f"<incident.{_digest(f'incident:{incident_id}')}@{host}>"
    about = re.sub(r"[^A-Za-z0-9]+", "-", message.about).strip("-")[:60]
    return f"<about-{about}.{_digest(message.about)}@{host}>"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _host(settings: Settings) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", urlsplit(settings.base_url).hostname or "localhost")


def _plain(name: str) -> str:
    """A name without what no header can hold."""
    return " ".join("".join(character if character.isprintable() else " " for character in name).split())
