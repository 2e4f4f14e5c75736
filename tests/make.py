"""Rows for tests. Each function needs no argument and takes any column; name only what the test is about."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from tracker.db import session, transaction
from tracker.models import (
    ACTIONS,
    INCIDENTS,
    ActionItem,
    ActionTicket,
    Answer,
    Base,
    CalibrationFit,
    Channel,
    Incident,
    IncidentAction,
    IncidentPerson,
    MessageKind,
    Person,
    Phase,
    Postmortem,
    Push,
    Recurrence,
    Role,
    Service,
    Severity,
    Stage,
    Team,
    Ticket,
    TicketState,
    TimelineEntry,
    Tracker,
    TrackerKind,
    next_number,
)
from tracker.security import Vault

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
SECRET = "a secret key that is only good for tests"

_numbers = count(1)
Row = TypeVar("Row", bound=Base)


def save(row: Row) -> Row:
    with transaction():
        session.add(row)
    return row


def unique(name: str) -> str:
    return f"{name}-{next(_numbers)}"


def person(name: str = "Ana", *, role: Role = Role.RESPONDER, **columns: Any) -> Person:
    columns.setdefault("email", f"{name.lower().replace(' ', '.')}@example.com")
    return save(Person(**{"name": name, "role": role, "created_at": NOW, "is_active": True} | columns))


def team(name: str = "Payments", **columns: Any) -> Team:
    return save(Team(**{"name": name, "slug": name.lower().replace(" ", "-")} | columns))


def service(name: str = "Checkout", **columns: Any) -> Service:
    return save(Service(**{"name": name, "slug": name.lower().replace(" ", "-")} | columns))


def incident(title: str = "Checkout answers 503", *, named: tuple[Person, ...] = (), **columns: Any) -> Incident:
    services = columns.pop("services", [])
    with transaction():
        values = {"severity": Severity.SEV2, "phase": Phase.DECLARED, "declared_at": NOW, "started_at": NOW} | columns
        row = Incident(title=title, number=next_number(session(), INCIDENTS), **values)
        row.services = [session.merge(service) for service in services]
        session.add(row)
        session.flush()
        session.add_all(IncidentPerson(incident_id=row.id, person_id=one.id) for one in named)
    return row


def entry(incident: Incident, text: str = "Deploy finished", **columns: Any) -> TimelineEntry:
    return save(TimelineEntry(**{"incident_id": incident.id, "text": text, "at": NOW, "created_at": NOW} | columns))


def postmortem(incident: Incident | None = None, **columns: Any) -> Postmortem:
    about = incident or globals()["incident"]()
    return save(Postmortem(**{"incident_id": about.id, "started_at": NOW} | columns))


def answer(
    postmortem: Postmortem, question: str = "summary", text: str = "The cache was cold.", **columns: Any
) -> Answer:
    values = {"postmortem_id": postmortem.id, "question": question, "text": text, "saved_at": NOW} | columns
    return save(Answer(**values))


def action(title: str = "Add a cache warm-up", *, incidents: tuple[Incident, ...] = (), **columns: Any) -> ActionItem:
    with transaction():
        values = {"created_at": NOW, "due_on": date(2026, 12, 21)} | columns
        row = ActionItem(title=title, number=next_number(session(), ACTIONS), **values)
        session.add(row)
        session.flush()
        session.add_all(IncidentAction(incident_id=one.id, action_id=row.id, linked_at=NOW) for one in incidents)
    return row


def tracker(name: str = "GitHub", **columns: Any) -> Tracker:
    values = {
        "name": name,
        "slug": name.lower(),
        "kind": TrackerKind.GITHUB,
        "url": "https://api.github.com",
        "sealed_token": Vault(SECRET).seal("token"),
        "default_target": "acme/shop",
        "created_at": NOW,
    }
    return save(Tracker(**values | columns))


def channel(name: str = "#payments", **columns: Any) -> Channel:
    values = {
        "name": name,
        "service": "Mattermost",
        "sealed_address": Vault(SECRET).seal("mmosts://chat.example.com/3ccdd113474722377935511fc85d3dd4"),
        "kinds": [kind.value for kind in MessageKind],
        "created_at": NOW,
    }
    return save(Channel(**values | columns))


def push(action: ActionItem | None = None, tracker: Tracker | None = None, **columns: Any) -> Push:
    values = {
        "action_id": (action or globals()["action"]()).id,
        "tracker_id": (tracker or globals()["tracker"]()).id,
        "target": "acme/shop",
        "marker": unique("marker"),
        "run_after": NOW,
        "created_at": NOW,
    }
    return save(Push(**values | columns))


def ticket(tracker: Tracker | None = None, *, action: ActionItem | None = None, **columns: Any) -> Ticket:
    """A ticket as it was last seen; with ``action``, the one that item follows."""
    owner = tracker or globals()["tracker"]()
    values = {
        "tracker_id": owner.id,
        "remote_id": unique("remote"),
        "key": "acme/shop#1",
        "url": "https://github.com/acme/shop/issues/1",
        "target": "acme/shop",
        "title": "Add a cache warm-up",
        "state": TicketState.OPEN,
        "remote_updated_at": NOW,
        "seen_at": NOW,
        "freshness_since": NOW,
    }
    row = save(Ticket(**values | columns))
    if action is not None:
        save(ActionTicket(action_id=action.id, ticket_id=row.id, linked_at=NOW, applied_state=row.state))
    return row


def calibration_fit(**columns: Any) -> CalibrationFit:
    values = {
        "made_at": NOW,
        "decisions": 50,
        "same": 30,
        "slope": 1.2,
        "shift": 0.6,
        "error_before": 0.21,
        "error_after": 0.16,
        "is_in_use": True,
    }
    return save(CalibrationFit(**values | columns))


def recurrence(later: Incident | None = None, earlier: Incident | None = None, **columns: Any) -> Recurrence:
    first = earlier or incident("Checkout answers 503", declared_at=NOW - timedelta(days=61))
    second = later or incident("Checkout answers 503 again")
    values = {
        "later_id": second.id,
        "earlier_id": first.id,
        "stage": Stage.DECLARED,
        "score": 0.7,
        "reasons": ["same service: Checkout"],
        "found_at": NOW,
    }
    return save(Recurrence(**values | columns))
