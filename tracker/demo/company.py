"""The company: its people, teams, services, and who reads the weekly report."""

from tracker.db import session
from tracker.demo.cast import Cast
from tracker.demo.texts import CompanyText, PersonText, ServiceText, TeamText
from tracker.models import Person, ReportSubscription, Role, Service, Team


def write_company(text: CompanyText, *, cast: Cast) -> None:
    """Nobody gets a password: they sign in with a one-time link, which an administrator hands out."""
    for person in text.people:
        _write_person(person, cast=cast)
    session.flush()
    founder = cast.people[text.people[0].key]
    for team in text.teams:
        _write_team(team, members=[one.key for one in text.people if one.team == team.slug], by=founder, cast=cast)
    session.flush()
    for service in text.services:
        _write_service(service, cast=cast)
    session.flush()
    session.add_all(ReportSubscription(person_id=cast.people[key].id) for key in text.subscribers)


def _write_person(text: PersonText, *, cast: Cast) -> None:
    at = cast.calendar.moment(text.joined)
    person = Person(email=text.email, name=text.name, role=Role(text.role), is_active=True, created_at=at)
    session.add(person)
    cast.people[text.key] = person
    cast.note("add_person", person.email, by=None, at=at, role=person.role.value)


def _write_team(text: TeamText, *, members: list[str], by: Person, cast: Cast) -> None:
    team = Team(slug=text.slug, name=text.name, email=text.email, lead_id=cast.people[text.lead].id)
    team.members = [cast.people[key] for key in members]
    session.add(team)
    cast.teams[text.slug] = team
    cast.note("add_team", text.name, by=by, at=cast.calendar.moment("-60w Mon 10:30"))


def _write_service(text: ServiceText, *, cast: Cast) -> None:
    service = Service(
        slug=text.slug,
        name=text.name,
        description=text.description,
        team_id=cast.teams[text.team].id,
        owner_id=cast.people[text.owner].id,
        escalation_contact=text.contact,
        escalation_verified_on=cast.calendar.day(text.verified) if text.verified else None,
        escalation_verified_by_id=cast.people[text.owner].id if text.verified else None,
    )
    session.add(service)
    cast.services[text.slug] = service
