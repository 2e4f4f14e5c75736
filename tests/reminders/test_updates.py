"""A late update of a live incident is told once, at once, to who should send it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import make
from tracker.db import session
from tracker.models import (
    Audience,
    IncidentRole,
    Message,
    MessageKind,
    Person,
    Phase,
    Reminder,
    ReminderStep,
    RoleAssignment,
    Severity,
    StoppedMail,
    Update,
)
from tracker.reminders.jobs import tell_of_late_updates

NIGHT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def minutes(number: int) -> datetime:
    return NIGHT + timedelta(minutes=number)


def told() -> list[str]:
    session.rollback()
    return list(session.scalars(select(Person.name).join(Message, Message.person_id == Person.id).order_by(Message.id)))


def test_each_late_update_is_told_once_also_at_night(app: Flask) -> None:
    ana = make.person("Ana")
    incident = make.incident(severity=Severity.SEV1, declared_at=NIGHT, declared_by_id=ana.id)

    before = [tell_of_late_updates(minutes(at)) for at in (16, 17, 18, 50)]
    make.save(Update(incident_id=incident.id, audience=Audience.TEAM, text="Still looking.", sent_at=minutes(51)))
    after = [tell_of_late_updates(minutes(at)) for at in (60, 68, 90)]

    assert (before, after) == ([0, 1, 0, 0], [0, 1, 0])
    assert "due Sun 22 Nov 2026, 03:15 UTC" in session.scalars(select(Message.text)).all()[0]


def test_who_looks_after_communication_and_who_leads_hear_of_it_instead_of_who_declared(app: Flask) -> None:
    ana, bo, cleo = make.person("Ana"), make.person("Bo"), make.person("Cleo")
    incident = make.incident(severity=Severity.SEV1, declared_at=NIGHT, declared_by_id=ana.id)
    for role, person in ((IncidentRole.COMMANDER, bo), (IncidentRole.COMMUNICATIONS_LEAD, cleo)):
        make.save(RoleAssignment(incident_id=incident.id, role=role, person_id=person.id, since=NIGHT))

    tell_of_late_updates(minutes(20))

    assert told() == ["Bo", "Cleo"]


def test_one_that_stays_late_goes_up_to_the_teams_lead_and_the_services_owner(app: Flask) -> None:
    ana, lena, otto = make.person("Ana"), make.person("Lena"), make.person("Otto")
    service = make.service(team_id=make.team(lead_id=lena.id).id, owner_id=otto.id)
    incident = make.incident(severity=Severity.SEV1, declared_at=NIGHT, declared_by_id=ana.id, services=[service])

    written = [tell_of_late_updates(minutes(at)) for at in (17, 29, 30, 31, 59, 60, 90)]

    assert written == [1, 0, 1, 0, 0, 1, 0]
    assert told() == ["Ana", "Lena", "Otto"]
    steps = session.execute(select(Reminder.about, Reminder.step).order_by(Reminder.id)).all()
    assert [tuple(row) for row in steps] == [
        (f"update:{incident.id}", step) for step in (ReminderStep.DUE, ReminderStep.LEAD, ReminderStep.OWNER)
    ]
    assert "you own a service that is affected" in session.scalars(select(Message.text)).all()[-1]


def test_when_who_leads_was_switched_off_who_declared_it_hears(app: Flask) -> None:
    ana, gone = make.person("Ana"), make.person("Gone", is_active=False)
    incident = make.incident(severity=Severity.SEV1, declared_at=NIGHT, declared_by_id=ana.id)
    make.save(RoleAssignment(incident_id=incident.id, role=IncidentRole.COMMANDER, person_id=gone.id, since=NIGHT))

    tell_of_late_updates(minutes(20))

    assert told() == ["Ana"]


def test_who_stopped_reminders_is_not_said_to_have_been_told(app: Flask) -> None:
    ana = make.person("Ana")
    incident = make.incident(severity=Severity.SEV1, declared_at=NIGHT, declared_by_id=ana.id)
    make.save(StoppedMail(person_id=ana.id, kind=MessageKind.REMINDER))

    tell_of_late_updates(minutes(20))

    assert session.scalars(select(Reminder.about).where(Reminder.about == f"update:{incident.id}")).all() == []


@pytest.mark.parametrize(
    "columns",
    [
        {"is_drill": True},
        {"phase": Phase.RESOLVED, "resolved_at": NIGHT},
        {"severity": Severity.SEV3},
        {"is_private": True},
    ],
    ids=["a practice", "resolved", "no cadence", "may not see it"],
)
def test_nobody_is_told_of(app: Flask, columns: dict[str, object]) -> None:
    ana = make.person("Ana")
    values = {"severity": Severity.SEV1, "declared_at": NIGHT, "declared_by_id": ana.id}
    make.incident(**values | columns)  # type: ignore[arg-type]

    assert tell_of_late_updates(minutes(60)) == 0
    assert told() == []
