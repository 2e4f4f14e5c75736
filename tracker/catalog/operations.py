"""Keep the catalog: services with owners and contacts, teams with members."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from tracker import audit
from tracker.catalog.slugs import free_slug
from tracker.db import session
from tracker.errors import RuleError
from tracker.models import Person, Service, Team, Tracker, TrackerKind

GITHUB_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
JIRA_TARGET = re.compile(r"[A-Z][A-Z0-9_]+")


@dataclass(frozen=True)
class ServiceDraft:
    name: str
    description: str = ""
    team_id: int | None = None
    owner_id: int | None = None
    escalation_contact: str = ""
    tracker_id: int | None = None
    ticket_target: str = ""


@dataclass(frozen=True)
class TeamDraft:
    name: str
    email: str | None = None
    lead_id: int | None = None
    member_ids: tuple[int, ...] = ()


def add_service(draft: ServiceDraft) -> Service:
    _refuse_same_name(Service, draft.name, own_id=None, word="service")
    taken = set(session.scalars(select(Service.slug)))
    service = Service(name=draft.name, slug=free_slug(draft.name, taken=taken, otherwise="service"))
    session.add(service)
    _write(service, draft)
    return service


def edit_service(service: Service, draft: ServiceDraft, *, today: date) -> None:
    """Change what is known. A changed escalation contact is not verified until somebody says so."""
    _refuse_same_name(Service, draft.name, own_id=service.id, word="service")
    verified_on = service.escalation_verified_on
    unverified = service.escalation_contact != draft.escalation_contact and verified_on != today
    _write(service, draft)
    service.escalation_verified_on = None if unverified or not draft.escalation_contact else verified_on


def _write(service: Service, draft: ServiceDraft) -> None:
    _check_target(draft)
    service.name = draft.name
    service.description = draft.description
    service.team_id = draft.team_id
    service.owner_id = draft.owner_id
    service.escalation_contact = draft.escalation_contact
    service.tracker_id = draft.tracker_id
    service.ticket_target = draft.ticket_target


def _check_target(draft: ServiceDraft) -> None:
    if not draft.ticket_target:
        return
    if draft.tracker_id is None:
        raise RuleError("Choose the tracker that this repository or project is in.")
    tracker = session.get_one(Tracker, draft.tracker_id)
    if tracker.kind is TrackerKind.GITHUB and not GITHUB_TARGET.fullmatch(draft.ticket_target):
        raise RuleError("For GitHub write the repository as owner/name, for example acme/shop.")
    if tracker.kind is TrackerKind.JIRA and not JIRA_TARGET.fullmatch(draft.ticket_target):
        raise RuleError("For Jira write the project's key in capitals, for example SHOP.")


def verify_contact(service: Service, *, today: date) -> None:
    """Somebody tried the escalation contact today, and it works."""
    if not service.escalation_contact:
        raise RuleError("There is no escalation contact yet. Enter one first.")
    service.escalation_verified_on = today


def archive_service(service: Service, *, by: Person, now: datetime) -> None:
    """No longer offered for new incidents; everything about it stays."""
    service.is_archived = True
    audit.note("archive_service", service.name, by=by, now=now)


def restore_service(service: Service, *, by: Person, now: datetime) -> None:
    service.is_archived = False
    audit.note("restore_service", service.name, by=by, now=now)


def add_team(draft: TeamDraft, *, by: Person, now: datetime) -> Team:
    _refuse_same_name(Team, draft.name, own_id=None, word="team")
    taken = set(session.scalars(select(Team.slug)))
    team = Team(name=draft.name, slug=free_slug(draft.name, taken=taken, otherwise="team"))
    session.add(team)
    _write_team(team, draft)
    audit.note("add_team", draft.name, by=by, now=now)
    return team


def edit_team(team: Team, draft: TeamDraft, *, by: Person, now: datetime) -> None:
    _refuse_same_name(Team, draft.name, own_id=team.id, word="team")
    _write_team(team, draft)
    audit.note("edit_team", draft.name, by=by, now=now)


def _write_team(team: Team, draft: TeamDraft) -> None:
    """The lead is a member too."""
    wanted = {*draft.member_ids, *([draft.lead_id] if draft.lead_id else [])}
    team.name = draft.name
    team.email = draft.email
    team.lead_id = draft.lead_id
    team.members = list(session.scalars(select(Person).where(Person.id.in_(wanted)).order_by(Person.name)))


def _refuse_same_name(kind: type[Service] | type[Team], name: str, *, own_id: int | None, word: str) -> None:
    for other_id, other in session.execute(select(kind.id, kind.name)):
        if other.casefold() == name.casefold() and other_id != own_id:
            raise RuleError(f"There is a {word} {other} already. Choose another name.")
