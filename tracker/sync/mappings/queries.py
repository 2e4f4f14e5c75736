"""People and fields of a tracker, as its pages and its new tickets need them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, tuple_

from tracker.db import session
from tracker.errors import NotFoundError
from tracker.models import ActionItem, FieldMapping, Person, Priority, RemoteAccount, Ticket, Tracker, TrackerKind
from tracker.sync.following.assignees import account_name, owner_to_ask_for
from tracker.sync.mappings.field_values import as_filled, value_for
from tracker.sync.mappings.operations import find_mapping


@dataclass(frozen=True)
class PersonShown:
    """One of our people, and who they are in a tracker."""

    person: Person
    account: RemoteAccount | None


@dataclass(frozen=True)
class Fill:
    """What a new ticket gets beyond its title and text."""

    kind: str | None
    labels: tuple[str, ...]
    assignee: str | None
    extra: dict[str, object]


def people_of(tracker: Tracker) -> list[PersonShown]:
    """Everybody who is active or has an account there, by name."""
    mine = and_(RemoteAccount.person_id == Person.id, RemoteAccount.tracker_id == tracker.id)
    query = select(Person, RemoteAccount).outerjoin(RemoteAccount, mine)
    query = query.where(or_(Person.is_active, RemoteAccount.person_id.is_not(None)))
    rows = session.execute(query.order_by(Person.name, Person.id))
    return [PersonShown(row.Person, row.RemoteAccount) for row in rows]


def get_person(person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFoundError("There is no such person.")
    return person


def mappings_of(tracker: Tracker) -> Sequence[FieldMapping]:
    query = select(FieldMapping).where(FieldMapping.tracker_id == tracker.id)
    return session.scalars(query.order_by(FieldMapping.target)).all()


def lacking_mappings() -> dict[int, list[FieldMapping]]:
    """The mappings that lacked something when they were last checked, by tracker."""
    found: dict[int, list[FieldMapping]] = {}
    query = select(FieldMapping).where(FieldMapping.problems != "").order_by(FieldMapping.tracker_id, FieldMapping.id)
    for mapping in session.scalars(query):
        found.setdefault(mapping.tracker_id, []).append(mapping)
    return found


def fill_for(action: ActionItem, *, tracker: Tracker, target: str, is_private: bool) -> Fill:
    """What a ticket of the item gets. Of a private one nothing is told: only what the tracker requires is filled."""
    mapping = find_mapping(tracker.id, target)
    assignee = account_name(tracker.id, owner_to_ask_for(action, tracker=tracker)) or None
    if mapping is None:
        return Fill(None, (), assignee, {})
    labels = list(mapping.labels)
    extra = {one.name: value_for(one) for one in as_filled(mapping.fields)}
    shown = Priority.P3 if is_private else action.priority  # some projects require one
    priority = mapping.priorities.get(shown.value, "")
    if priority and tracker.kind is TrackerKind.JIRA:
        extra["priority"] = {"name": priority}
    elif priority and not is_private:
        labels.append(priority)
    return Fill(mapping.kind or None, tuple(labels), assignee, extra)


@dataclass(frozen=True)
class Assigned:
    """Whom a ticket is assigned to."""

    name: str
    is_known: bool
    """Whether that is the name of one of our people, and not the tracker's."""


def assigned(tickets: Sequence[Ticket]) -> dict[int, Assigned]:
    """Whom each of these tickets is assigned to; those that are nobody's are left out."""
    wanted = {(one.tracker_id, one.assignee) for one in tickets if one.assignee}
    account = tuple_(RemoteAccount.tracker_id, RemoteAccount.name)
    query = select(RemoteAccount.tracker_id, RemoteAccount.name, Person.name.label("person"))
    rows = session.execute(query.join(Person, Person.id == RemoteAccount.person_id).where(account.in_(wanted)))
    names = {(row.tracker_id, row.name): row.person for row in rows}
    return {
        one.id: Assigned(known or one.assignee, is_known=known is not None)
        for one in tickets
        if one.assignee
        for known in [names.get((one.tracker_id, one.assignee))]
    }


def without_account(action: ActionItem, *, trackers: Iterable[Tracker]) -> list[Tracker]:
    """Those trackers in which the item's owner is nobody we know."""
    if action.owner_id is None:
        return []
    query = select(RemoteAccount.tracker_id).where(RemoteAccount.person_id == action.owner_id)
    known = set(session.scalars(query))
    return [tracker for tracker in trackers if tracker.id not in known]
