"""The postmortem that a resolved incident asks for: opened, owned and due at once, with the cause that is known."""

from datetime import datetime

from sqlalchemy import select

from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.models import (
    Hypothesis,
    HypothesisState,
    Incident,
    IncidentRole,
    Postmortem,
    PostmortemState,
    RoleAssignment,
    Stage,
)
from tracker.postmortem_dates import new_postmortem, settle_due_date
from tracker.working_days import WorkCalendar


def open_postmortem(incident: Incident, *, now: datetime, calendar: WorkCalendar) -> Postmortem | None:
    """The draft that learning begins with; the one there is if there is one, none for a practice."""
    existing = _find(incident)
    if existing is not None or incident.is_drill:
        settle_due_date(incident, calendar=calendar)
        return existing
    postmortem = new_postmortem(incident, lead_id=_lead_id(incident), now=now, calendar=calendar)
    propose_cause(incident, now=now)
    return postmortem


def propose_cause(incident: Incident, *, now: datetime) -> None:
    """Let a draft begin with the cause that the investigation confirmed, if it is one and nobody chose another."""
    postmortem = _find(incident)
    if postmortem is None or postmortem.state is not PostmortemState.DRAFT or postmortem.cause_category is not None:
        return
    confirmed = select(Hypothesis.suspect).where(
        Hypothesis.incident_id == incident.id, Hypothesis.state == HypothesisState.CONFIRMED
    )
    causes = set(session.scalars(confirmed))
    if len(causes) == 1:
        postmortem.cause_category = causes.pop()
        ask_for_comparison(incident, stage=Stage.POSTMORTEM, now=now)


def _find(incident: Incident) -> Postmortem | None:
    session.flush()
    return session.scalar(select(Postmortem).where(Postmortem.incident_id == incident.id))


def _lead_id(incident: Incident) -> int | None:
    commander = session.scalar(
        select(RoleAssignment.person_id).where(
            RoleAssignment.incident_id == incident.id,
            RoleAssignment.role == IncidentRole.COMMANDER,
            RoleAssignment.until.is_(None),
        )
    )
    return commander or incident.declared_by_id
