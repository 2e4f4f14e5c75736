"""Why a message must not go out any more, asked just before it is sent: much may have changed since it was written."""

import re
from datetime import datetime

from sqlalchemy import and_, exists, select

from tracker.db import session
from tracker.models import (
    ActionItem,
    Channel,
    Incident,
    Message,
    MessageKind,
    Person,
    Recurrence,
    RecurrenceState,
    SignInLink,
    may_see,
    may_see_action,
)
from tracker.stopped_mails import is_stopped

LISTED = re.compile(r"^[-*] (INC|AI)-(\d{1,9}) ", re.MULTILINE)
"""How a mail's text tells the title of an incident or item: a line of a list that begins with its reference."""
NAMED = re.compile(r"\b(INC|AI)-(\d{1,9})\b")
"""Any reference at all: a channel is not even told that a private incident exists."""


def reason_to_skip(message: Message, *, now: datetime) -> str:
    """Why a message must not go out any more; empty when it may."""
    to = message.recipient
    if isinstance(to, Channel):
        return _reason_for_channel(message, channel=to)
    return _reason_for_person(message, person=to, now=now)


def _reason_for_channel(message: Message, *, channel: Channel) -> str:
    if not channel.is_active:
        return f"{channel.name} was switched off before it was sent."
    if message.kind not in channel.kinds:
        return f"{channel.name} does not get these messages any more."
    if message.kind is MessageKind.RECURRENCE_ALERT and (reason := _reason_against_alert(message, reader=None)):
        return reason
    if not _sees_all(None, set(NAMED.findall(f"{message.subject} {message.text}"))):
        return "Something in it is private by now. A channel is told of nothing private."
    return ""


def _reason_for_person(message: Message, *, person: Person, now: datetime) -> str:
    name = person.name
    if not person.is_active:
        return f"{name} was deactivated before it was sent."
    if is_stopped(person, message.kind):
        return f"{name} stopped these mails."
    if message.kind is MessageKind.SIGN_IN_LINK:
        return _reason_against_link(message, now=now)
    if message.kind is MessageKind.RECURRENCE_ALERT and (reason := _reason_against_alert(message, reader=person)):
        return reason
    if not sees_all_of(person, message.text):
        return f"Something in it was hidden from {name} before it was sent. What {name} may see stands on the pages."
    return ""


def _reason_against_link(message: Message, *, now: datetime) -> str:
    key = message.period.removeprefix("link:")
    link = session.get(SignInLink, int(key)) if key.isdecimal() else None
    if link is None or link.used_at is not None or link.expires_at > now:
        return ""
    return "The link in it was too old by the time it could be sent. They can ask for a new one."


def _reason_against_alert(message: Message, *, reader: Person | None) -> str:
    key = message.about.removeprefix("recurrence:")
    pair = session.get(Recurrence, int(key)) if key.isdecimal() else None
    if pair is None or pair.state in (RecurrenceState.RELATED, RecurrenceState.NOT_THE_SAME):
        return "Somebody decided about this pair before it was sent."
    if not _sees_both(reader, pair):
        return f"{message.recipient.name} may not see both incidents any more."
    return ""


def sees_all_of(person: Person, text: str) -> bool:
    """Whether ``person`` may see, now, every incident and item whose title a mail's text tells."""
    return _sees_all(person, set(LISTED.findall(text)))


def _sees_all(person: Person | None, named: set[tuple[str, str]]) -> bool:
    incidents = {int(number) for prefix, number in named if prefix == "INC"}
    items = {int(number) for prefix, number in named if prefix == "AI"}
    seen = select(Incident.number).where(Incident.number.in_(incidents), may_see(person))
    seen_items = select(ActionItem.number).where(ActionItem.number.in_(items), may_see_action(person))
    return set(session.scalars(seen)) == incidents and set(session.scalars(seen_items)) == items


def _sees_both(person: Person | None, pair: Recurrence) -> bool:
    query = select(
        and_(
            exists().where(Incident.id == pair.later_id, may_see(person)),
            exists().where(Incident.id == pair.earlier_id, may_see(person)),
        )
    )
    return bool(session.scalar(query))
