"""The radar equals a slow count that looks at one incident at a time, on any rows."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from tests import make
from tracker.db import session, transaction
from tracker.models import (
    ActionItem,
    ActionState,
    Incident,
    IncidentRole,
    IncidentService,
    Person,
    Postmortem,
    PostmortemState,
    RoleAssignment,
    Service,
    Severity,
    Why,
)
from tracker.reports.figures import Share
from tracker.reports.radar import Blip, radar
from tracker.reports.scope import Scope

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
OPEN = (ActionState.OPEN, ActionState.IN_PROGRESS, ActionState.DID_NOT_HOLD)
BLAMES, EXPLAINS = "The operator forgot the flag", "The deploy had no check"
QUARTERS = ("2025-12 2026-01 2026-02", "2026-03 2026-04 2026-05", "2026-06 2026-07 2026-08", "2026-09 2026-10 2026-11")
moments = st.integers(0, 420).map(lambda days: NOW - timedelta(days=days))


@st.composite
def incidents(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "row": {
            "declared_at": draw(moments),
            "is_drill": draw(st.integers(0, 9)) == 0,
            "is_private": draw(st.integers(0, 9)) == 0,
        },
        "leads": draw(st.lists(st.integers(0, 2), max_size=3)),
        "services": draw(st.sets(st.integers(0, 1))),
        "postmortem": draw(st.none() | st.sampled_from(PostmortemState)),
        "is_required": draw(st.booleans()),
        "whys": draw(st.lists(st.sampled_from([BLAMES, EXPLAINS]), max_size=2)),
    }


items = st.tuples(moments, st.sampled_from([state for state in ActionState if state is not ActionState.VERIFIED]))


def write(declared: list[dict[str, Any]], made: list[Any], *, people: list[Person], services: list[Service]) -> None:
    with transaction():
        for table in (Incident, ActionItem):
            session.execute(delete(table))
        for number, one in enumerate(declared, 1):
            incident = Incident(title="Down", severity=Severity.SEV2, number=number, **one["row"])
            session.add(incident)
            session.flush()
            for lead in one["leads"]:
                role = {"role": IncidentRole.TECHNICAL_LEAD, "since": NOW, "until": NOW}
                session.add(RoleAssignment(incident_id=incident.id, person_id=people[lead].id, **role))
            for service in one["services"]:
                session.add(IncidentService(incident_id=incident.id, service_id=services[service].id))
            if one["postmortem"]:
                write_postmortem(one, incident_id=incident.id)
        for number, (created_at, state) in enumerate(made, 1):
            row = {"created_at": created_at, "state": state, "done_at": NOW, "declined_reason": "no"}
            session.add(ActionItem(title="Something", number=number, **row))


def write_postmortem(one: dict[str, Any], *, incident_id: int) -> None:
    state = {"state": one["postmortem"], "is_required": one["is_required"], "skipped_reason": "small"}
    paper = Postmortem(incident_id=incident_id, started_at=NOW, published_at=NOW, **state)
    session.add(paper)
    session.flush()
    session.add_all(Why(postmortem_id=paper.id, claim=claim) for claim in one["whys"])


Cases = list[tuple[datetime, bool]]


def shares(cases: Cases) -> tuple[Share, list[Share]]:
    """Of the twelve months, and of each quarter of them."""
    months = [(f"{at.astimezone(ZONE):%Y-%m}", is_one) for at, is_one in cases]
    quarters = [[is_one for month, is_one in months if month in quarter] for quarter in QUARTERS]
    every = [is_one for quarter in quarters for is_one in quarter]
    return Share(sum(every), len(every)), [Share(sum(own), len(own)) for own in quarters]


def in_span(at: datetime) -> bool:
    return at.astimezone(ZONE).date() >= date(2025, 12, 1)


def told(blip: Blip) -> tuple[Share, list[Share]]:
    return blip.share, [share for _name, share in blip.quarters]


def hero_cases(seen: list[dict[str, Any]]) -> tuple[list[list[Cases]], list[Share]]:
    """The led incidents of each service with enough of them, and each such service's share of its most frequent lead.

    Of two who led as often either may be taken for the hero: each choice gives cases of its own.
    """
    cases: list[list[Cases]] = []
    of_services = []
    for service in (0, 1):
        led = [one for one in seen if service in one["services"] and one["leads"]]
        if len(led) < 3:
            continue
        often = Counter(lead for one in led for lead in set(one["leads"]))
        most = max(often.values())
        of_services.append(Share(most, len(led)))
        heroes = [lead for lead, times in often.items() if times == most]
        cases.append([[(one["row"]["declared_at"], hero in one["leads"]) for one in led] for hero in heroes])
    return cases, of_services


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(declared=st.lists(incidents(), max_size=10), made=st.lists(items, max_size=8))
def test_the_radar_equals_a_slow_count(app: Flask, declared: list[dict[str, Any]], made: list[Any]) -> None:
    people = list(session.scalars(select(Person).order_by(Person.id))) or [
        make.person(name) for name in ("Ana", "Bo", "Cem")
    ]
    services = list(session.scalars(select(Service).order_by(Service.id))) or [
        make.service(name) for name in ("Pay", "Web")
    ]
    write(declared, made, people=people, services=services)
    seen = [
        one
        for one in declared
        if not one["row"]["is_drill"] and not one["row"]["is_private"] and in_span(one["row"]["declared_at"])
    ]
    papers = [one for one in seen if one["postmortem"]]

    found = radar(Scope(None), now=NOW, zone=ZONE)

    published = [one for one in papers if one["postmortem"] is PostmortemState.PUBLISHED]
    assert told(found.blame) == shares([(one["row"]["declared_at"], BLAMES in one["whys"]) for one in published])
    skipped = [
        (one["row"]["declared_at"], one["postmortem"] is PostmortemState.SKIPPED)
        for one in papers
        if one["is_required"]
    ]
    assert told(found.skipped) == shares(skipped)
    assert told(found.owed) == shares([(at, state in OPEN) for at, state in made])
    assert_heroes(found.heroes, seen=seen, of_services=[line.share for line in found.services])


def assert_heroes(blip: Blip, *, seen: list[dict[str, Any]], of_services: list[Share]) -> None:
    choices, expected = hero_cases(seen)
    assert sorted(of_services, key=str) == sorted(expected, key=str)
    nothing: list[Cases] = [[]]
    first, second = [*choices, nothing, nothing][:2]
    assert told(blip) in [shares(one + other) for one in first for other in second]
