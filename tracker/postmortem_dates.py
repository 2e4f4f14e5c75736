"""A postmortem as it begins, and when it is due: in working days, by the clocks of the team whose service it hit."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tracker.db import session
from tracker.deadlines import is_postmortem_required, postmortem_due_on
from tracker.models import Incident, IncidentService, Postmortem, PostmortemState, Service, Team
from tracker.working_days import WorkCalendar

WRITTEN = (PostmortemState.PUBLISHED, PostmortemState.SKIPPED)


def new_postmortem(incident: Incident, *, lead_id: int | None, now: datetime, calendar: WorkCalendar) -> Postmortem:
    """The draft that learning begins with. ``calendar`` is the installation's."""
    postmortem = Postmortem(
        incident_id=incident.id,
        state=PostmortemState.DRAFT,
        lead_id=lead_id,
        is_required=_is_required(incident),
        due_on=_due_on(incident, calendar=calendar),
        started_at=now,
    )
    session.add(postmortem)
    session.flush()
    return postmortem


def settle_due_date(incident: Incident, *, calendar: WorkCalendar) -> None:
    """Let an unwritten postmortem follow severity, services and the moment of resolution: each may be corrected."""
    session.flush()
    postmortem = session.scalar(select(Postmortem).where(Postmortem.incident_id == incident.id))
    if postmortem is None or postmortem.state in WRITTEN:
        return
    postmortem.is_required = _is_required(incident)
    postmortem.due_on = _due_on(incident, calendar=calendar) or postmortem.due_on


def _is_required(incident: Incident) -> bool:
    return is_postmortem_required(incident.severity) and not incident.is_drill


def _due_on(incident: Incident, *, calendar: WorkCalendar) -> date | None:
    if incident.resolved_at is None:
        return None
    zone = _zone_of_team(incident)
    return postmortem_due_on(
        incident.severity, incident.resolved_at, calendar=calendar.moved_to(zone) if zone else calendar
    )


def _zone_of_team(incident: Incident) -> ZoneInfo | None:
    """Of the first service, by name, whose team says where it works."""
    rows = (
        select(Team.timezone)
        .join(Service, Service.team_id == Team.id)
        .join(IncidentService, IncidentService.service_id == Service.id)
        .where(IncidentService.incident_id == incident.id, Team.timezone.is_not(None))
    )
    name = session.scalar(rows.order_by(Service.name, Service.id).limit(1))
    return ZoneInfo(name) if name else None
