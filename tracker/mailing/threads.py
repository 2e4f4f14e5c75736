"""Which incident a mail is about, so that mail programs show all mails about one incident together."""

from sqlalchemy import select

from tracker.db import session
from tracker.mailing.skipping import LISTED
from tracker.models import ActionItem, Incident, IncidentAction, Message, Recurrence


def incident_of(message: Message) -> int | None:
    """The one incident that a message is about; ``None`` when it is about several, or about none.

    A mail that answered to two incidents would put the threads of both into one in every mail program (RFC 5256).
    """
    found = _incidents_about(message.about) or _incidents_listed(message.text)
    return found.pop() if len(found) == 1 else None


def _incidents_about(about: str) -> set[int]:
    kind, _, key = about.partition(":")
    if not key.isdecimal():
        return set()
    if kind == "recurrence":
        return set(session.scalars(select(Recurrence.later_id).where(Recurrence.id == int(key))))
    if kind == "item":
        return set(session.scalars(select(IncidentAction.incident_id).where(IncidentAction.action_id == int(key))))
    return {int(key)} if kind in ("update", "incident") else set()


def _incidents_listed(text: str) -> set[int]:
    """Of the incidents and items that a day's mail lists, all the incidents."""
    listed = set(LISTED.findall(text))
    numbers = {prefix: {int(number) for one, number in listed if one == prefix} for prefix in ("INC", "AI")}
    items = select(IncidentAction.incident_id).join(ActionItem, ActionItem.id == IncidentAction.action_id)
    return {
        *session.scalars(select(Incident.id).where(Incident.number.in_(numbers["INC"]))),
        *session.scalars(items.where(ActionItem.number.in_(numbers["AI"]))),
    }
