"""The sample data loads at any hour of any week, whole or not at all, and keeps the product's rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import make
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.demo.cast import Cast
from tracker.demo.loading import load_company
from tracker.demo.texts import read_pairs
from tracker.errors import RuleError
from tracker.models import (
    ActionEvent,
    ActionItem,
    Answer,
    AnswerRevision,
    AuditEntry,
    Base,
    Incident,
    IncidentAction,
    Person,
    Phase,
    Postmortem,
    TimelineEntry,
    Update,
)

pytestmark = pytest.mark.once  # what it writes is the same on both; test_commands loads it on each

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def how_many(table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("hours", "zone"),
    [
        (0, "UTC"),
        (1, "Pacific/Auckland"),
        (9, "America/Los_Angeles"),
        (50, "UTC"),
        (108, "Pacific/Auckland"),
        (167, "UTC"),
    ],
)
def test_it_loads_at_any_hour_of_the_week(app: Flask, hours: int, zone: str) -> None:
    now = MONDAY + timedelta(hours=hours, minutes=3)

    with transaction():
        load_company(now=now, zone=ZoneInfo(zone))

    for moment in (
        Incident.declared_at, Incident.closed_at, TimelineEntry.at, ActionEvent.at, Answer.saved_at, Update.sent_at,
        AuditEntry.at, Postmortem.published_at, Postmortem.skipped_at, Incident.verified_at,
    ):  # fmt: skip
        latest = session.scalar(select(func.max(moment)))
        assert latest is None or latest <= now, f"{moment} lies in the future"


def test_it_loads_over_a_change_of_the_clocks(app: Flask) -> None:
    with transaction():
        cast = load_company(now=datetime(2026, 4, 2, 8, 0, tzinfo=UTC), zone=ZoneInfo("Europe/Berlin"))

    assert [one.ref for one in cast.incidents.values() if one.has_reversed_times] == []


def test_references_have_no_gaps_and_follow_time(company: Cast) -> None:
    incidents = session.scalars(select(Incident).order_by(Incident.declared_at)).all()
    items = session.scalars(select(ActionItem).order_by(ActionItem.created_at, ActionItem.number)).all()

    assert [one.number for one in incidents] == list(range(1, len(incidents) + 1))
    assert [one.number for one in items] == list(range(1, len(items) + 1))


def test_what_happened_has_its_moments_in_order(company: Cast) -> None:
    reversed_times = [incident.ref for incident in company.incidents.values() if incident.has_reversed_times]

    assert reversed_times == []
    assert [one.phase.is_live for one in company.incidents.values()].count(True) == 1
    assert company.incidents["scan-events-live"].phase is Phase.TRIAGED


def test_every_timeline_entry_lies_within_its_incident(company: Cast) -> None:
    entries = session.scalars(select(TimelineEntry)).all()
    incidents = {one.id: one for one in company.incidents.values()}

    early = [
        entry.text
        for entry in entries
        if entry.at is not None and entry.at < (incidents[entry.incident_id].started_at or entry.at) - timedelta(days=1)
    ]
    assert early == []


def test_every_answer_has_all_its_revisions(company: Cast) -> None:
    versions = dict(
        session.execute(
            select(AnswerRevision.answer_id, func.count()).group_by(AnswerRevision.answer_id)
        ).all()
    )  # fmt: skip

    answers = session.scalars(select(Answer)).all()
    assert {answer.id: answer.version for answer in answers} == versions
    assert max(answer.version for answer in answers) > 1


def test_everybody_lives_at_example_com_and_nobody_has_a_password(company: Cast) -> None:
    people = session.scalars(select(Person)).all()

    assert {person.email.split("@")[1] for person in people} == {"example.com"}
    assert {person.password_hash for person in people} == {None}


def test_owners_of_private_items_may_see_them(company: Cast) -> None:
    for incident in [one for one in company.incidents.values() if one.is_private]:
        named = {person.id for person in incident.named_people}
        owners = session.scalars(
            select(ActionItem.owner_id)
            .join(IncidentAction, IncidentAction.action_id == ActionItem.id)
            .where(IncidentAction.incident_id == incident.id)
        )

        assert set(owners) <= named


def test_an_item_belongs_to_several_incidents(company: Cast) -> None:
    counts = session.scalars(select(func.count()).select_from(IncidentAction).group_by(IncidentAction.action_id))

    assert max(counts) > 1


def test_a_second_load_is_refused(company: Cast, settings: Settings, now: datetime) -> None:
    before = how_many(Incident)

    with pytest.raises(RuleError, match="mix with them"), transaction():
        load_company(now=now, zone=settings.timezone)

    assert how_many(Incident) == before


def test_an_address_that_is_taken_is_named(app: Flask, settings: Settings, now: datetime) -> None:
    make.person("Marta Kowalczyk", email="marta.kowalczyk@example.com")

    with pytest.raises(RuleError, match=r"marta\.kowalczyk@example\.com"), transaction():
        load_company(now=now, zone=settings.timezone)


def test_a_failure_on_the_way_leaves_nothing(
    app: Flask, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(read_pairs()[-1], later="an incident that is not told")
    monkeypatch.setattr("tracker.demo.loading.read_pairs", lambda: [broken])

    with pytest.raises(KeyError), transaction():
        load_company(now=now, zone=settings.timezone)

    assert (how_many(Incident), how_many(Person), how_many(ActionItem)) == (0, 0, 0)
