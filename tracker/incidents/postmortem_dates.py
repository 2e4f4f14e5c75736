"""The postmortem that a resolved incident asks for: opened, owned and due at once, by the product's deadlines."""

from datetime import datetime, tzinfo

from sqlalchemy import select

from tracker.comparisons import ask_for_comparison
from tracker.db import session
from tracker.deadlines import is_postmortem_required, postmortem_due_on
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

WRITTEN = (PostmortemState.PUBLISHED, PostmortemState.SKIPPED)


def open_postmortem(incident: Incident, *, now: datetime) -> Postmortem | None:
    """The draft that learning begins with; the one there is if there is one, none for a practice."""
    existing = _find(incident)
    if existing is not None or incident.is_drill:
        return existing
    postmortem = Postmortem(incident_id=incident.id, lead_id=_lead_id(incident), started_at=now)
    session.add(postmortem)
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


def settle_due_date(incident: Incident, *, zone: tzinfo) -> None:
    """Let an unwritten postmortem follow the severity and the moment of resolution, which may be corrected.

    Working days are counted in ``zone``, the installation's.
    """
    postmortem = _find(incident)
    if postmortem is None or postmortem.state in WRITTEN:
        return
    postmortem.is_required = is_postmortem_required(incident.severity) and not incident.is_drill
    if incident.resolved_at is not None:
        postmortem.due_on = postmortem_due_on(incident.severity, incident.resolved_at.astimezone(zone).date())


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
