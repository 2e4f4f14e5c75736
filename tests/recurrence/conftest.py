"""What the tests about recurrences share: a young company with a few incidents, and a repeat."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tracker.db import session, transaction
from tracker.models import (
    Comparison,
    Family,
    FamilyMember,
    Incident,
    Message,
    Person,
    Recurrence,
    Service,
    Stage,
    Team,
    TeamMember,
)
from tracker.recurrence.jobs import read_what_is_marked

Ask = Callable[..., None]

OTHERS = (
    ("Login page is slow", "Sign-ins took ten seconds after the identity provider changed its certificate."),
    ("Newsletter went out twice", "The scheduler started two copies of the campaign runner."),
    ("Search returns nothing", "The Elasticsearch cluster lost its quorum during the upgrade."),
    ("Images do not load", "The CDN served an expired TLS certificate in Frankfurt."),
    ("Nightly export is empty", "A column was renamed in the warehouse."),
)
TITLE = "Checkout answers 503 while ledger migration holds locks"
SUMMARY = "The ledger migration enqueued table locks; the connection pool pgbouncer ran dry and checkout answered 503."


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None], now: datetime) -> None:
    set_clock(now)


@pytest.fixture
def payments(app: Flask) -> Team:
    return make.team("Payments")


@pytest.fixture
def checkout(payments: Team) -> Service:
    return make.service("Checkout", team_id=payments.id)


@pytest.fixture
def others(app: Flask, now: datetime) -> list[Incident]:
    """Incidents that have nothing to do with each other."""
    return [
        make.incident(title, summary=summary, declared_at=now - timedelta(days=20 + 30 * number))
        for number, (title, summary) in enumerate(OTHERS)
    ]


@pytest.fixture
def earlier(others: list[Incident], checkout: Service, now: datetime) -> Incident:
    found = make.incident(TITLE, summary=SUMMARY, services=[checkout], declared_at=now - timedelta(days=61))
    read_by_index()
    return found


@pytest.fixture
def later(earlier: Incident, checkout: Service, now: datetime) -> Incident:
    return make.incident(
        "Checkout answers 503 again, ledger migration", summary=SUMMARY, services=[checkout], declared_at=now
    )


@pytest.fixture
def pair(earlier: Incident, later: Incident) -> Recurrence:
    return make.recurrence(later, earlier, shared_terms=[["ledger", 1], ["migration", 1]], compared_with=6)


@pytest.fixture
def ask(now: datetime) -> Ask:
    """Ask for the comparison of an incident, as declaring does."""

    def ask_for(incident: Incident, *, stage: Stage = Stage.DECLARED) -> None:
        with transaction():
            row = session.get(Comparison, (incident.id, stage)) or Comparison(incident_id=incident.id, stage=stage)
            row.asked_at = row.run_after = now
            row.done_at = None
            session.add(row)

    return ask_for


@pytest.fixture
def ana(app: Flask) -> Person:
    return make.person("Ana")


def read_by_index() -> None:
    """Let the index read what was written, as its job does."""
    read_what_is_marked(make.NOW)


def join(person: Person, team: Team) -> None:
    make.save(TeamMember(person_id=person.id, team_id=team.id))


def pairs() -> list[Recurrence]:
    session.rollback()
    return list(session.scalars(select(Recurrence).order_by(Recurrence.id)))


def letters(person: Person | None = None) -> list[Message]:
    """The messages that were written, those to one person if given."""
    session.rollback()
    found = session.scalars(select(Message).order_by(Message.id))
    return [message for message in found if person is None or message.person_id == person.id]


def address(pair: Recurrence) -> str:
    return f"/recurrences/{pair.id}"


def family_of(*incidents: Incident) -> Family:
    family = make.save(Family(name="Secret name", created_at=make.NOW))
    for one in incidents:
        make.save(FamilyMember(family_id=family.id, incident_id=one.id))
    return family
