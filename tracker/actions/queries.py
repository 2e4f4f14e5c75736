"""Items for lists, the board, one page and the export, each with what its reader may know of its incidents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from tracker import freshness
from tracker.actions.drafts import Names
from tracker.actions.filters import ENDED, WORST, ActionFilter, conditions, order, state_condition
from tracker.actions.first_items import first_of_each
from tracker.actions.states import COLUMNS, GROUPS
from tracker.db import session
from tracker.models import (
    ActionItem,
    ActionState,
    ActionTicket,
    Freshness,
    Incident,
    IncidentAction,
    IncidentPerson,
    Person,
    Push,
    PushState,
    Role,
    Severity,
    Team,
    Ticket,
    TicketState,
    Tracker,
    Trouble,
    may_see,
    may_see_action,
)
from tracker.ticket_troubles import comment_failed, has_no_account, is_undecided, is_unmapped

PAGE = COLUMN = 30
"""Cards of one column of the board."""
COLUMN_OF_ENDED = 10
"""Cards of a column of what is over, which only ever grows."""
PIECE = 500
"""Rows of the export that are in memory at once."""


@dataclass(frozen=True)
class AskingIncident:
    """An incident that asks for an item. Without a number it is one that the reader may not see."""

    number: int | None
    title: str | None
    severity: Severity | None
    declared_at: datetime | None
    is_undated: bool | None
    is_drill: bool
    linked_at: datetime

    @property
    def ref(self) -> str | None:
        return f"INC-{self.number}" if self.number is not None else None


@dataclass(frozen=True)
class FollowedTicket:
    key: str
    url: str
    state: TicketState
    state_text: str
    freshness: Freshness
    """As it is now, which may be less than was noted."""
    trouble: str = ""
    """What could not be written there, in a word."""
    is_unmapped: bool = False
    is_undecided: bool = False
    is_gone: bool = False
    has_no_account: bool = False


@dataclass(frozen=True)
class ActionRow:
    """An item with what stands beside it in a list."""

    action: ActionItem
    incidents: list[AskingIncident] = field(default_factory=list)
    tickets: list[FollowedTicket] = field(default_factory=list)
    pushes: list[PushState] = field(default_factory=list)
    """Tickets that were asked for and are not there yet."""

    @property
    def visible(self) -> list[AskingIncident]:
        return [incident for incident in self.incidents if incident.number is not None]

    def is_asked_since(self, decided_at: datetime | None) -> bool:
        """Whether a further incident asked for it after it was declined: the decision is worth another look."""
        return (
            self.action.state is ActionState.DECLINED
            and decided_at is not None
            and any(incident.linked_at > decided_at for incident in self.incidents)
        )

    @property
    def asked_by(self) -> int:
        """How many incidents asked for it. Drills are in no figure."""
        return sum(not incident.is_drill for incident in self.incidents)


def action_page(
    chosen: ActionFilter, *, viewer: Person, today: date, now: datetime, number: int
) -> tuple[list[ActionRow], bool]:
    """One page of the list, and whether there is a next one."""
    first = (number - 1) * PAGE
    found = first_of_each(GROUPS[chosen.group], chosen, viewer=viewer, today=today, limit=first + PAGE + 1)
    query = _with_people().where(ActionItem.id.in_(found)).order_by(*order(chosen)).limit(PAGE + 1).offset(first)
    actions: Sequence[ActionItem] = session.scalars(query).all()
    return with_surroundings(actions[:PAGE], viewer=viewer, now=now), len(actions) > PAGE


def exported_rows(chosen: ActionFilter, *, viewer: Person, today: date, now: datetime) -> Iterator[ActionRow]:
    """Every item of the filter, a few hundred in memory at a time."""
    ids = session.scalars(
        select(ActionItem.id)
        .where(*conditions(chosen, viewer=viewer, today=today), *state_condition(chosen))
        .order_by(*order(chosen))
    ).all()
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        found = {action.id: action for action in session.scalars(_with_people().where(ActionItem.id.in_(piece)))}
        yield from with_surroundings([found[key] for key in piece if key in found], viewer=viewer, now=now)
        for action in found.values():
            session.expunge(action)


def board_columns(
    chosen: ActionFilter, *, viewer: Person, today: date, now: datetime
) -> dict[ActionState, tuple[list[ActionRow], bool]]:
    """The worst of each state, the latest due of those that are over, and whether there are more."""
    found = first_of_each(COLUMNS, chosen, viewer=viewer, today=today, limit=COLUMN + 1)
    query = _with_people().where(ActionItem.id.in_(found)).order_by(*WORST)
    rows = with_surroundings(session.scalars(query).all(), viewer=viewer, now=now)
    columns = {state: [row for row in rows if row.action.state is state] for state in COLUMNS}
    for state in ENDED:
        columns[state].reverse()
    most = {state: COLUMN_OF_ENDED if state in ENDED else COLUMN for state in COLUMNS}
    return {state: (found[: most[state]], len(found) > most[state]) for state, found in columns.items()}


def actions_of_incident(incident: Incident, *, viewer: Person, now: datetime) -> list[ActionRow]:
    """The items of one incident: what is owed first, the rest by number."""
    asked = exists().where(IncidentAction.action_id == ActionItem.id, IncidentAction.incident_id == incident.id)
    query = _with_people().where(asked, may_see_action(viewer)).order_by(ActionItem.number)
    rows = with_surroundings(session.scalars(query).all(), viewer=viewer, now=now)
    return sorted(rows, key=lambda row: not row.action.state.is_open)


def with_surroundings(actions: Sequence[ActionItem], *, viewer: Person, now: datetime) -> list[ActionRow]:
    """The items with their incidents and tickets, in three queries however many there are."""
    rows = {action.id: ActionRow(action) for action in actions}
    if not rows:
        return []
    for key, incident in asking_incidents(list(rows), viewer=viewer):
        rows[key].incidents.append(incident)
    for key, ticket in _tickets(list(rows), now=now):
        rows[key].tickets.append(ticket)
    waiting = select(Push.action_id, Push.state).where(
        Push.action_id.in_(rows), Push.abandoned_at.is_(None), Push.ticket_id.is_(None)
    )
    for key, state in session.execute(waiting.order_by(Push.id)):
        rows[key].pushes.append(state)
    return list(rows.values())


def asking_incidents(action_ids: list[int], *, viewer: Person) -> Iterator[tuple[int, AskingIncident]]:
    """The incidents of these items, oldest first; of those the reader may not see, only that they exist."""
    visible = may_see(viewer)
    query = (
        select(
            IncidentAction.action_id,
            case((visible, Incident.number)),
            case((visible, Incident.title)),
            case((visible, Incident.severity)),
            case((visible, Incident.declared_at)),
            case((visible, Incident.is_undated)),
            Incident.is_drill,
            IncidentAction.linked_at,
        )
        .join(Incident, Incident.id == IncidentAction.incident_id)
        .where(IncidentAction.action_id.in_(action_ids))
        .order_by(Incident.declared_at, Incident.id)
    )
    for row in session.execute(query):
        yield row[0], AskingIncident(*row[1:])


def _tickets(action_ids: list[int], *, now: datetime) -> Iterator[tuple[int, FollowedTicket]]:
    query = (
        select(
            ActionTicket.action_id,
            Ticket.key,
            Ticket.url,
            Ticket.state,
            Ticket.state_text,
            Ticket.freshness,
            Ticket.seen_at,
            Tracker.read_at,
            Tracker.is_active,
            case((comment_failed(), Trouble.FAILED.value), else_=ActionTicket.trouble).label("trouble"),
            is_unmapped().label("is_unmapped"),
            is_undecided().label("is_undecided"),
            has_no_account().label("has_no_account"),
        )
        .join(Ticket, Ticket.id == ActionTicket.ticket_id)
        .join(Tracker, Tracker.id == Ticket.tracker_id)
        .join(ActionItem, ActionItem.id == ActionTicket.action_id)
        .where(ActionTicket.action_id.in_(action_ids))
        .order_by(Ticket.key, Ticket.id)
    )
    for row in session.execute(query):
        known_at = freshness.known_at(row.seen_at, read_at=row.read_at)
        found = freshness.freshness_of(row.freshness, known_at=known_at, is_followed=row.is_active, now=now)
        wrong = (row.trouble or "", row.is_unmapped, row.is_undecided, found in freshness.GONE, row.has_no_account)
        yield row.action_id, FollowedTicket(row.key, row.url, row.state, row.state_text, found, *wrong)


def possible_owners(incident_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The active people who may see an item of these incidents, by name."""
    public = session.scalar(select(func.count()).where(Incident.id.in_(incident_ids), Incident.is_private.is_(False)))
    query = select(Person.id, Person.name).where(Person.is_active).order_by(Person.name, Person.id)
    if incident_ids and not public:
        named = exists().where(IncidentPerson.person_id == Person.id, IncidentPerson.incident_id.in_(incident_ids))
        query = query.where(or_(Person.role == Role.ADMIN, named))
    return [(key, name) for key, name in session.execute(query)]


def incident_ids_of(action: ActionItem) -> list[int]:
    return list(session.scalars(select(IncidentAction.incident_id).where(IncidentAction.action_id == action.id)))


def teams() -> list[tuple[int, str]]:
    return [(key, name) for key, name in session.execute(select(Team.id, Team.name).order_by(Team.name))]


def names() -> Names:
    """The names of everybody and of every team, for a page that compares two versions."""
    return Names(
        people=dict(session.execute(select(Person.id, Person.name)).all()),
        teams=dict(session.execute(select(Team.id, Team.name)).all()),
    )


def _with_people() -> Select[Any]:
    """Items with their owner and team, without the long texts that no list shows."""
    people = (joinedload(ActionItem.owner).load_only(Person.name), joinedload(ActionItem.team).load_only(Team.name))
    return select(ActionItem).options(load_only(*LISTED, raiseload=True), *people)


LISTED = (
    ActionItem.number,
    ActionItem.title,
    ActionItem.owner_id,
    ActionItem.owner_text,
    ActionItem.team_id,
    ActionItem.due_on,
    ActionItem.kind,
    ActionItem.lever,
    ActionItem.priority,
    ActionItem.state,
    ActionItem.created_at,
    ActionItem.done_at,
    ActionItem.done_evidence,
    ActionItem.verified_at,
    ActionItem.watch_until,
    ActionItem.look_again_on,
    ActionItem.version,
)
