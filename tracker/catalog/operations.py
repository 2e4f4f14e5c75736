"""Keep the catalog: services with owners and contacts, teams with members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from tracker import audit
from tracker.catalog.slugs import free_slug
from tracker.clients.targets import is_target
from tracker.db import session
from tracker.deadlines import REMINDER_DAYS
from tracker.errors import RuleError, StaleWriteError
from tracker.models import Person, Service, Team, Tracker, TrackerKind


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
    timezone: str | None = None
    member_ids: tuple[int, ...] = ()


def add_service(draft: ServiceDraft) -> Service:
    _refuse_same_name(Service, draft.name, own_id=None, word="service")
    taken = set(session.scalars(select(Service.slug)))
    service = Service(name=draft.name, slug=free_slug(draft.name, taken=taken, otherwise="service"))
    session.add(service)
    _write(service, draft)
    return service


def edit_service(service: Service, draft: ServiceDraft, *, version: int, today: date) -> None:
    """Change what is known. A changed escalation contact is not verified until somebody says so.

    Raises:
        StaleWriteError: somebody changed it since the page was opened, and the two differ; nothing is written.
    """
    if version != service.version:
        _refuse_stale(_told(draft), theirs=_told(service), their_version=service.version)
    _refuse_same_name(Service, draft.name, own_id=service.id, word="service")
    verified_on = service.escalation_verified_on
    unverified = service.escalation_contact != draft.escalation_contact and verified_on != today
    _write(service, draft)
    if unverified or not draft.escalation_contact:
        service.escalation_verified_on = service.escalation_verified_by_id = None


def _write(service: Service, draft: ServiceDraft) -> None:
    tracker = session.get_one(Tracker, draft.tracker_id) if draft.tracker_id is not None else None
    check_target(draft.ticket_target, kind=tracker.kind if tracker else None)
    service.name = draft.name
    service.description = draft.description
    service.team_id = draft.team_id
    service.owner_id = draft.owner_id
    service.escalation_contact = draft.escalation_contact
    service.tracker_id = draft.tracker_id
    service.ticket_target = draft.ticket_target


def check_target(target: str, *, kind: TrackerKind | None) -> None:
    """
    Raises:
        RuleError: no repository or project has this name in such a tracker.
    """
    if not target:
        return
    if kind is None:
        raise RuleError("Choose the tracker that this repository or project is in.")
    if is_target(target, kind=kind):
        return
    if kind is TrackerKind.GITHUB:
        raise RuleError("For GitHub write the repository as owner/name, for example acme/shop.")
    raise RuleError("For Jira write the project's key in capitals, for example SHOP.")


def verify_contact(service: Service, *, by: Person, today: date) -> None:
    """Somebody tried the escalation contact today, and it works."""
    if not service.escalation_contact:
        raise RuleError("There is no escalation contact yet. Enter one first.")
    service.escalation_verified_on, service.escalation_verified_by_id = today, by.id


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


def edit_team(team: Team, draft: TeamDraft, *, version: int, by: Person, now: datetime) -> None:
    """Change what is known.

    Raises:
        StaleWriteError: somebody changed it since the page was opened, and the two differ; nothing is written.
    """
    if version != team.version:
        theirs = _team_told(team, {person.id for person in team.members})
        _refuse_stale(_team_told(draft, _wanted(draft)), theirs=theirs, their_version=team.version)
    _refuse_same_name(Team, draft.name, own_id=team.id, word="team")
    _write_team(team, draft)
    audit.note("edit_team", draft.name, by=by, now=now)


def may_choose_days(team: Team, *, by: Person) -> bool:
    """Who leads the team, and administrators: nobody else puts off that others hear of what is late."""
    return by.is_admin or (by.can_respond and team.lead_id == by.id)


def set_reminder_days(team: Team, days: Mapping[str, int], *, version: int, by: Person, now: datetime) -> None:
    """Choose when the team's items are reminded of. What equals the defaults is not kept, and follows them.

    Raises:
        StaleWriteError: somebody changed the team since the page was opened, and the days differ.
        RuleError: the owner of the service would hear before the team's lead; or somebody else chooses this.
    """
    if not may_choose_days(team, by=by):
        raise RuleError(f"Who leads {team.name} chooses this, or an administrator.")
    if days["owner"] <= days["lead"]:
        raise RuleError("The team’s lead hears first. Let the service’s owner hear of it some days later.")
    chosen = {name: days[name] for name, usual in REMINDER_DAYS.items() if days[name] != usual}
    if version != team.version and chosen != team.reminder_days:
        _refuse_stale(_days_told(chosen), theirs=_days_told(team.reminder_days), their_version=team.version)
    team.reminder_days = chosen
    audit.note("set_reminder_days", team.name, by=by, now=now, **{name: days[name] for name in REMINDER_DAYS})


def _days_told(chosen: Mapping[str, int]) -> str:
    return "\n".join(f"{name.capitalize()}: {days}" for name, days in (REMINDER_DAYS | dict(chosen)).items())


def _write_team(team: Team, draft: TeamDraft) -> None:
    """The lead is a member too."""
    team.name = draft.name
    team.email = draft.email
    team.lead_id = draft.lead_id
    team.timezone = draft.timezone
    team.members = list(session.scalars(select(Person).where(Person.id.in_(_wanted(draft))).order_by(Person.name)))
    flag_modified(team, "name")  # the members stand in a table of their own, which alone would change no version


def _wanted(draft: TeamDraft) -> set[int]:
    return {*draft.member_ids, *([draft.lead_id] if draft.lead_id else [])}


def _refuse_stale(yours: str, *, theirs: str, their_version: int) -> None:
    """Refuse to write over what somebody else saved, unless both say the same."""
    if yours != theirs:
        raise StaleWriteError(yours=yours, theirs=theirs, their_version=their_version)


def _told(source: Service | ServiceDraft) -> str:
    """What a service or a draft of it says, line by line, to lay the two side by side."""
    team = session.get(Team, source.team_id) if source.team_id else None
    owner = session.get(Person, source.owner_id) if source.owner_id else None
    tracker = session.get(Tracker, source.tracker_id) if source.tracker_id else None
    lines = (
        ("Name", source.name),
        ("What it does", source.description),
        ("Team", team.name if team else ""),
        ("Owner", owner.name if owner else ""),
        ("Escalation contact", source.escalation_contact),
        ("Tracker", tracker.name if tracker else ""),
        ("Repository or project", source.ticket_target),
    )
    return "\n".join(f"{label}: {text or 'none'}" for label, text in lines)


def _team_told(source: Team | TeamDraft, member_ids: set[int]) -> str:
    lead = session.get(Person, source.lead_id) if source.lead_id else None
    members = session.scalars(select(Person.name).where(Person.id.in_(member_ids)).order_by(Person.name))
    return "\n".join(
        f"{label}: {text or 'none'}"
        for label, text in (
            ("Name", source.name),
            ("Address", source.email or ""),
            ("Lead", lead.name if lead else ""),
            ("Time zone", source.timezone or ""),
            ("Members", ", ".join(members)),
        )
    )


def _refuse_same_name(kind: type[Service] | type[Team], name: str, *, own_id: int | None, word: str) -> None:
    for other_id, other in session.execute(select(kind.id, kind.name)):
        if other.casefold() == name.casefold() and other_id != own_id:
            raise RuleError(f"There is a {word} {other} already. Choose another name.")
