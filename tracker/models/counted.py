"""Which items count in everybody's figures: noted with each item, so that figures over thousands ask nobody else."""

from typing import Any

from sqlalchemy import ColumnElement, exists, inspect, or_, select, true, update
from sqlalchemy.orm import Session

from tracker.models.actions import ActionItem, IncidentAction
from tracker.models.incidents import Incident


def counts_for_all() -> ColumnElement[bool]:
    """What ``ActionItem.counts_for_all`` notes, asked of the incidents themselves."""
    links = exists().where(IncidentAction.action_id == ActionItem.id)
    plain = exists().where(
        IncidentAction.action_id == ActionItem.id,
        Incident.id == IncidentAction.incident_id,
        Incident.is_private.is_(False),
        Incident.is_drill.is_(False),
        Incident.is_undated.is_(False),
    )
    return or_(~links.correlate(ActionItem), plain.correlate(ActionItem))


SETS_APART = ("is_private", "is_drill", "is_undated")
"""What of an incident decides whether its items count for all."""


def settle_counting(session: Session, *_: Any) -> None:
    """After a flush: note anew which items count for all, where an incident or a link that matters was written.

    Rows that are written past the session (a delete or insert by statement) need ``settle_all_counting``.
    """
    incidents = [row.id for row in session.dirty if isinstance(row, Incident) and _is_set_apart_anew(row)]
    links = [row for row in (*session.new, *session.deleted) if isinstance(row, IncidentAction)]
    if not incidents and not links:
        return
    linked = select(IncidentAction.action_id).where(IncidentAction.incident_id.in_(incidents))
    of_them = or_(ActionItem.id.in_([link.action_id for link in links]), ActionItem.id.in_(linked))
    _settle(session, which=of_them)


def settle_all_counting(session: Session) -> None:
    """Note of every item whether it counts for all."""
    _settle(session, which=true())


def _is_set_apart_anew(incident: Incident) -> bool:
    return any(inspect(incident).attrs[name].history.has_changes() for name in SETS_APART)


def _settle(session: Session, *, which: ColumnElement[bool]) -> None:
    wrong = ActionItem.counts_for_all != counts_for_all()
    session.execute(
        update(ActionItem).where(which, wrong).values(counts_for_all=counts_for_all()),
        execution_options={"synchronize_session": False},
    )
