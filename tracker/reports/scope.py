"""What a report counts: only what its reader may see, no drills, and one team's part if it is about a team."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from tracker.models import (
    ActionItem,
    Incident,
    IncidentAction,
    IncidentService,
    Person,
    Recurrence,
    Service,
    Severity,
    Team,
    TeamMember,
    may_see,
)

LIST_LENGTH = 10
"""Rows of a list in the report; the rest is one click away."""
READERS = 128
"""For how many scopes a statement is remembered: to put one together takes as long as to run it."""


@dataclass(frozen=True, eq=False)
class Scope:
    """For whom a report is, and about what. ``team=None``: about everything.

    Two scopes are equal when they count the same, so that statements can be remembered by them.
    """

    viewer: Person | None
    team: Team | None = None
    service: Service | None = None
    severity: Severity | None = None

    @cached_property
    def key(self) -> tuple[int | bool | str | None, ...]:
        """What decides what it counts."""
        viewer, chosen = self.viewer, (self.team, self.service)
        ids = tuple(one.id if one else None for one in chosen)
        return viewer.id if viewer else None, bool(viewer and viewer.is_admin), *ids, self.severity

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.key == other.key

    @property
    def name(self) -> str:
        return self.team.name if self.team else "all teams"

    @property
    def is_whole(self) -> bool:
        """Whether nothing narrows it but who reads."""
        return self.team is None and self.service is None and self.severity is None

    def incidents(self) -> ColumnElement[bool]:
        """Visible incidents of the team's services that count: no drills, and none whose day nobody knows."""
        return and_(
            may_see(self.viewer), Incident.is_drill.is_(False), Incident.is_undated.is_(False), self._of_chosen()
        )

    def earlier_incident(self) -> ColumnElement[bool]:
        """Pairs whose earlier incident is visible and no drill, whichever team's it is."""
        shown = select(Incident.id).where(
            Incident.id == Recurrence.earlier_id, may_see(self.viewer), Incident.is_drill.is_(False)
        )
        return shown.correlate(Recurrence).exists()

    def _of_chosen(self) -> ColumnElement[bool]:
        """Incidents of the team's services, of the service, of the severity."""
        kept = [self._of_team_service(), self._of_service_and_severity()]
        return and_(true(), *(one for one in kept if one is not None))

    def _of_team_service(self) -> ColumnElement[bool] | None:
        if self.team is None:
            return None
        return exists().where(
            IncidentService.incident_id == Incident.id,
            Service.id == IncidentService.service_id,
            Service.team_id == self.team.id,
        )

    def _of_service_and_severity(self) -> ColumnElement[bool] | None:
        """``None``: neither is chosen."""
        if self.service is None and self.severity is None:
            return None
        severity = Incident.severity == self.severity if self.severity else true()
        if self.service is None:
            return severity
        struck = exists().where(
            IncidentService.incident_id == Incident.id, IncidentService.service_id == self.service.id
        )
        return and_(severity, struck)

    def actions(self) -> ColumnElement[bool]:
        """Items that no incident or a visible real one asked for, of the team or owned by its members."""
        return self._of_those(or_(self._asked_by(and_(Incident.is_private)), self._asked_by(and_(Incident.is_undated))))

    def dated_actions(self) -> ColumnElement[bool]:
        """Those of them that something of a known day asked for: when others were promised or done, nobody knows."""
        return self._of_those(self._asked_by(and_(Incident.is_private, Incident.is_undated.is_(False))))

    def _of_those(self, others: ColumnElement[bool]) -> ColumnElement[bool]:
        """Nearly all items count for all, as is noted with them; of the others, those that count for this reader."""
        return and_(self._of_team(), self._of_chosen_incidents(), or_(ActionItem.counts_for_all, others))

    def _asked_by(self, which: ColumnElement[bool]) -> ColumnElement[bool]:
        """Items that a real incident asked for which is seen by this reader and not by everybody, or has no day."""
        links = select(IncidentAction.action_id).join(Incident, Incident.id == IncidentAction.incident_id)
        return ActionItem.id.in_(links.where(which, Incident.is_drill.is_(False), may_see(self.viewer)))

    def _of_chosen_incidents(self) -> ColumnElement[bool]:
        """Items that a visible real incident of the service and severity asked for."""
        chosen = self._of_service_and_severity()
        return true() if chosen is None else self._asked_by(chosen)

    def _of_team(self) -> ColumnElement[bool]:
        if self.team is None:
            return true()
        members = select(TeamMember.person_id).where(TeamMember.team_id == self.team.id)
        return or_(ActionItem.team_id == self.team.id, ActionItem.owner_id.in_(members))
