"""Which kinds of mail a person stopped, and the address that stops them without signing in (RFC 8058)."""

from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select

from tracker.config import Settings
from tracker.db import session
from tracker.models import MessageKind, Person, StoppedMail

STOPPABLE = (
    MessageKind.REMINDER,
    MessageKind.RECURRENCE_ALERT,
    MessageKind.WEEKLY_REPORT,
    MessageKind.INCIDENT_UPDATE,
)
"""Mails that come by themselves. What somebody asked for, such as a sign-in link, always goes."""


@dataclass(frozen=True)
class StopLink:
    """What an address in a mail stops: one kind of mail to one person, and nothing else."""

    person_id: int
    kind: MessageKind


def stop_url(kind: MessageKind, *, person_id: int, settings: Settings) -> str:
    """The address that stops this kind of mail; only its reader has it, and it is good for as long as the mail."""
    token = _signer(settings).dumps([person_id, kind.value])
    return f"{settings.base_url}/mail/stop/{token}"


def choices_url(settings: Settings) -> str:
    return f"{settings.base_url}/profile/mail"


def read_stop_link(token: str, *, settings: Settings) -> StopLink | None:
    """What the last part of that address says; ``None`` when we did not write it."""
    try:
        person_id, kind = _signer(settings).loads(token)
        return StopLink(person_id, MessageKind(kind))
    except (BadSignature, ValueError, TypeError):
        return None


def is_stopped(person: Person, kind: MessageKind) -> bool:
    return session.get(StoppedMail, (person.id, kind)) is not None


def stopped_kinds(person: Person) -> set[MessageKind]:
    return set(session.scalars(select(StoppedMail.kind).where(StoppedMail.person_id == person.id)))


def stop_mails(person_id: int, *, kind: MessageKind) -> None:
    """Stop a kind of mail; a second time changes nothing, for mail programs may ask twice."""
    if session.get(StoppedMail, (person_id, kind)) is None:
        session.add(StoppedMail(person_id=person_id, kind=kind))


def choose_mails(person: Person, *, wanted: set[MessageKind]) -> None:
    """Stop what is not wanted, and let come again what is."""
    for kind in STOPPABLE:
        row = session.get(StoppedMail, (person.id, kind))
        if kind in wanted and row is not None:
            session.delete(row)
        if kind not in wanted:
            stop_mails(person.id, kind=kind)


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt="stop mails")
