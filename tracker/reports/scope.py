"""What a report counts: only what its reader may see, no drills, and one team's part if it is about a team."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, func, or_, select, true, union_all

from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Recurrence,
    Service,
    Team,
    TeamMember,
    may_not_see,
    may_see,
)

LIST_LENGTH = 20
"""Rows of a list in the report; the rest is one click away."""
DONE_STATES = (ActionState.DONE, ActionState.VERIFIED)


@dataclass(frozen=True)
class Scope:
    """For whom a report is, and about what. ``team=None``: about everything."""

    viewer: Person | None
    team: Team | None = None

    @property
    def name(self) -> str:
        return self.team.name if self.team else "all teams"

    def incidents(self) -> ColumnElement[bool]:
        """Visible incidents of the team's services that count: no drills, and none whose day nobody knows."""
        return and_(
            may_see(self.viewer), Incident.is_drill.is_(False), Incident.is_undated.is_(False), self._of_team_service()
        )

    def earlier_incident(self) -> ColumnElement[bool]:
        """Pairs whose earlier incident is visible and no drill, whichever team's it is."""
        shown = select(Incident.id).where(
            Incident.id == Recurrence.earlier_id, may_see(self.viewer), Incident.is_drill.is_(False)
        )
        return shown.correlate(Recurrence).exists()

    def _of_team_service(self) -> ColumnElement[bool]:
        if self.team is None:
            return true()
        return exists().where(
            IncidentService.incident_id == Incident.id,
            Service.id == IncidentService.service_id,
            Service.team_id == self.team.id,
        )

    def actions(self) -> ColumnElement[bool]:
        """Items that no incident or a visible real one asked for, of the team or owned by its members."""
        return self._actions

    def dated_actions(self) -> ColumnElement[bool]:
        """Those of them that something of a known day asked for: when others were promised or done, nobody knows."""
        dated = (
            select(func.count())
            .where(
                IncidentAction.action_id == ActionItem.id,
                Incident.id == IncidentAction.incident_id,
                Incident.is_undated.is_(False),
            )
            .correlate(ActionItem)
            .scalar_subquery()
        )
        return and_(self.actions(), or_(ActionItem.id.not_in(_asked_by(and_(Incident.is_undated))), dated > 0))

    @cached_property
    def _actions(self) -> ColumnElement[bool]:
        # A count and not EXISTS, which PostgreSQL would answer with a table of all links of all incidents.
        counted = (
            select(func.count())
            .where(
                IncidentAction.action_id == ActionItem.id,
                Incident.id == IncidentAction.incident_id,
                Incident.is_drill.is_(False),
                may_see(self.viewer),
            )
            .correlate(ActionItem)
            .scalar_subquery()
        )
        plain = ActionItem.id.not_in(select(self._set_apart.c.action_id))
        return and_(self._of_team(), or_(plain, counted > 0))

    @cached_property
    def _set_apart(self) -> CTE:
        """The few items that a drill or a hidden incident asked for.

        They are looked up once in a statement, and only for them it is asked whether another incident makes them
        count: most items have nothing to do with either.
        """
        drills, hidden = _asked_by(and_(Incident.is_drill)), _asked_by(may_not_see(self.viewer))
        return union_all(drills, hidden).cte("set_apart")

    def _of_team(self) -> ColumnElement[bool]:
        if self.team is None:
            return true()
        members = select(TeamMember.person_id).where(TeamMember.team_id == self.team.id)
        return or_(ActionItem.team_id == self.team.id, ActionItem.owner_id.in_(members))


def _asked_by(which: ColumnElement[bool]) -> Select[int]:
    """The items that incidents of a kind asked for."""
    return select(IncidentAction.action_id).join(Incident, Incident.id == IncidentAction.incident_id).where(which)


def was_open(moment: datetime, *, now: datetime) -> ColumnElement[bool]:
    """Items whose work was still owed at a moment, seen from now: finished or declined later counts as open then."""
    if moment >= now:
        return and_(ActionItem.created_at < moment, ActionItem.state.in_(OPEN_STATES))
    return and_(
        ActionItem.created_at < moment,
        or_(
            ActionItem.state.in_(OPEN_STATES),
            and_(ActionItem.state.in_(DONE_STATES), ActionItem.done_at >= moment),
            and_(ActionItem.state == ActionState.DECLINED, ActionItem.declined_at >= moment),
        ),
    )


def was_done(moment: datetime) -> ColumnElement[bool]:
    """Items that were done by a moment and are so still."""
    return and_(ActionItem.state.in_(DONE_STATES), ActionItem.done_at < moment)


def was_declined(moment: datetime) -> ColumnElement[bool]:
    return and_(ActionItem.state == ActionState.DECLINED, ActionItem.declined_at < moment)
