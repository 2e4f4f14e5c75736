"""Who gets the updates of an incident by mail: what people subscribed to, and the mails of one update."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select

from tracker.channels import channels_about
from tracker.db import session
from tracker.errors import RuleError
from tracker.lookup import may_read_incident
from tracker.messages import Writer
from tracker.models import (
    Audience,
    Incident,
    MessageKind,
    Person,
    Service,
    StoppedMail,
    Update,
    UpdateSubscription,
)

READERS = {Audience.TEAM: "the team", Audience.STAKEHOLDERS: "stakeholders", Audience.USERS: "users"}


@dataclass(frozen=True)
class SubscriptionDraft:
    audiences: tuple[Audience, ...]
    services: tuple[str, ...]
    """Slugs."""
    is_everything: bool = False


def subscriptions_of(person: Person) -> list[UpdateSubscription]:
    rows = select(UpdateSubscription).where(UpdateSubscription.person_id == person.id)
    return list(session.scalars(rows.order_by(UpdateSubscription.id)))


def choose_subscriptions(person: Person, draft: SubscriptionDraft) -> None:
    """Replace what this person gets; no audience or no service means no mail."""
    services: list[int | None] = [None] if draft.is_everything else list(_ids_of(draft.services))
    session.execute(delete(UpdateSubscription).where(UpdateSubscription.person_id == person.id))
    session.add_all(
        UpdateSubscription(person_id=person.id, audience=audience, service_id=service_id)
        for audience in draft.audiences
        for service_id in services
    )


def _ids_of(slugs: tuple[str, ...]) -> Iterable[int]:
    found: dict[str, int] = dict(session.execute(select(Service.slug, Service.id).where(Service.slug.in_(slugs))).all())
    missing = sorted(set(slugs) - set(found))
    if missing:
        raise RuleError(f"There is no service {', '.join(missing)}. Choose from the list.")
    return found.values()


def tell_subscribers(incident: Incident, update: Update, *, by: Person, writer: Writer, now: datetime) -> int:
    """Write the mails of an update and the posts to chat; how many. Of a drill nobody outside its room hears."""
    if incident.is_drill:
        return 0
    session.flush()
    kind = MessageKind.INCIDENT_UPDATE
    same: dict[str, Any] = {
        "about": f"incident:{incident.id}",
        "period": f"update:{update.id}",
        "now": now,
        "incident": incident,
        "audience": READERS[update.audience],
        "text": update.text.replace("**", ""),
        "author": by.name,
        "next_due_at": update.next_due_at,
    }
    written = [
        writer.write("incident_update", kind=kind, to=person, **same)
        for person in _subscribers(incident, update)
        if person.id != by.id and may_read_incident(incident, person=person)
    ]
    channels = channels_about(kind, incidents=(incident,))
    written += [writer.post("incident_update", kind=kind, to=channel, **same) for channel in channels]
    return sum(message is not None for message in written)


def _subscribers(incident: Incident, update: Update) -> list[Person]:
    services = [service.id for service in incident.services]
    wanted = select(UpdateSubscription.person_id).where(
        UpdateSubscription.audience == update.audience,
        or_(UpdateSubscription.service_id.is_(None), UpdateSubscription.service_id.in_(services)),
    )
    stopped = select(StoppedMail.person_id).where(StoppedMail.kind == MessageKind.INCIDENT_UPDATE)
    people = select(Person).where(Person.id.in_(wanted), Person.id.not_in(stopped), Person.is_active)
    return list(session.scalars(people.order_by(Person.id)))
