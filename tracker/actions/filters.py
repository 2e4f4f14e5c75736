"""What a list of items is narrowed down by, and the conditions and the order that follow from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, true, union

from tracker.actions.states import GROUPS
from tracker.db import session
from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionKind,
    ActionState,
    Incident,
    IncidentAction,
    Person,
    Priority,
    TeamMember,
    may_see,
    may_see_actions,
)
from tracker.references import number_of
from tracker.ticket_troubles import TicketTrouble, has_trouble

SORTS = {
    "worst": "Worst first",
    "priority": "Highest priority",
    "newest": "Newest first",
    "ref": "By number",
}

FEW_TEAMS = 8

ENDED = (ActionState.VERIFIED, ActionState.DECLINED)
WORST: list[Any] = [ActionItem.due_on.asc().nulls_last(), ActionItem.priority, ActionItem.id]
LATEST: list[Any] = [ActionItem.due_on.desc().nulls_first(), ActionItem.priority.desc(), ActionItem.id.desc()]


@dataclass(frozen=True, kw_only=True)
class ActionFilter:
    """Each field narrows the list; ``None`` and empty narrow nothing."""

    group: str = "open"
    owner: str = ""
    """The id of a person, ``me`` or ``nobody``."""
    team: str = ""
    """The id of a team, or ``mine``."""
    kind: ActionKind | None = None
    priority: Priority | None = None
    is_overdue: bool = False
    incident: str = ""
    text: str = ""
    trouble: TicketTrouble | None = None
    asked_at: datetime | None = None
    """The minute for which ``trouble`` is asked."""
    sort: str = "worst"
    is_board: bool = False
    """Columns by state, in which what is over stands latest first."""

    @property
    def is_narrow(self) -> bool:
        """Whether it may leave an open item out."""
        return replace(self, sort=ActionFilter.sort, asked_at=None) != ActionFilter()


def conditions(chosen: ActionFilter, *, viewer: Person, today: date) -> list[ColumnElement[bool]]:
    """What a row must fulfil, except for its state, which the board shows in columns."""
    # The condition that takes the longest to ask comes last.
    return [*narrowing(chosen, viewer=viewer, today=today), may_see_actions(viewer)]


def narrowing(chosen: ActionFilter, *, viewer: Person, today: date) -> list[ColumnElement[bool]]:
    """The conditions that were chosen, without that of what the reader may see: never use them alone."""
    found = _people(chosen, viewer=viewer)
    if chosen.kind is not None:
        found.append(ActionItem.kind == chosen.kind)
    if chosen.priority is not None:
        found.append(ActionItem.priority == chosen.priority)
    if chosen.is_overdue:
        found += [ActionItem.due_on < today, ActionItem.state.in_(OPEN_STATES)]
    if chosen.incident:
        found.append(_asked_by(chosen.incident, viewer=viewer))
    if chosen.trouble is not None and chosen.asked_at is not None:
        found.append(has_trouble(chosen.trouble, now=chosen.asked_at))
    if chosen.text:
        found.append(_says(chosen.text))
    return found


def whose_and_others(
    chosen: ActionFilter, *, viewer: Person, today: date
) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    """What ``narrowing`` says, taken apart: an item fulfils one of the first conditions, and all of the others.

    Each of the first is for a read of its own, along the index of a team or an owner.
    """
    teams = _few_teams(viewer) if chosen.team == "mine" else None
    if teams is None:
        return [true()], narrowing(chosen, viewer=viewer, today=today)
    whose = [ActionItem.owner_id == viewer.id, *(ActionItem.team_id == team for team in teams)]
    return whose, narrowing(replace(chosen, team=""), viewer=viewer, today=today)


def _few_teams(person: Person) -> Sequence[int] | None:
    """The teams of a person; ``None``: too many to read one by one."""
    mine = select(TeamMember.team_id).where(TeamMember.person_id == person.id)
    teams = session.scalars(mine.order_by(TeamMember.team_id).limit(FEW_TEAMS + 1)).all()
    return teams if len(teams) <= FEW_TEAMS else None


def state_condition(chosen: ActionFilter) -> list[ColumnElement[bool]]:
    return [] if chosen.group == "all" else [ActionItem.state.in_(GROUPS[chosen.group])]


def order(chosen: ActionFilter) -> list[Any]:
    """The longest overdue first; what has no date comes last."""
    return {
        "worst": WORST,
        "priority": [ActionItem.priority, *WORST],
        "newest": [ActionItem.created_at.desc(), ActionItem.id.desc()],
        "ref": [ActionItem.number],
    }[chosen.sort]


def _people(chosen: ActionFilter, *, viewer: Person) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.owner == "nobody":
        found.append(ActionItem.owner_id.is_(None))
    elif chosen.owner:
        found.append(ActionItem.owner_id == (viewer.id if chosen.owner == "me" else int(chosen.owner)))
    if chosen.team == "mine":
        found.append(of_my_teams(viewer))
    elif chosen.team:
        found.append(ActionItem.team_id == int(chosen.team))
    return found


def of_my_teams(viewer: Person) -> ColumnElement[bool]:
    """The reader's own items and those of their teams."""
    teams = select(TeamMember.team_id).where(TeamMember.person_id == viewer.id)
    return or_(ActionItem.team_id.in_(teams), ActionItem.owner_id == viewer.id)


def of_my_teams_by_index(viewer: Person, *, states: Iterable[ActionState]) -> ColumnElement[bool]:
    """The same as ``of_my_teams`` for items of these states, read from indexes alone: to count without a filter."""
    teams = select(TeamMember.team_id).where(TeamMember.person_id == viewer.id)
    in_state = ActionItem.state.in_(states)
    mine = select(ActionItem.id).where(ActionItem.owner_id == viewer.id, in_state)
    return ActionItem.id.in_(union(mine, select(ActionItem.id).where(ActionItem.team_id.in_(teams), in_state)))


def _asked_by(ref: str, *, viewer: Person) -> ColumnElement[bool]:
    """Through an incident that the reader may see: the filter must not tell what a private one asked for."""
    return exists().where(
        IncidentAction.action_id == ActionItem.id,
        Incident.id == IncidentAction.incident_id,
        Incident.number == number_of(ref, prefix="INC"),
        may_see(viewer),
    )


def _says(text: str) -> ColumnElement[bool]:
    number = number_of(text, prefix="AI")
    if number is not None:
        return ActionItem.number == number
    return or_(ActionItem.title.icontains(text, autoescape=True), ActionItem.done_when.icontains(text, autoescape=True))
