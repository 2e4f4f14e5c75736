"""Which incidents and items each step of the trends counts: said once, for the counts and for the rows behind them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, not_, or_, select, true

from tracker.models import (
    OPEN_STATES,
    ActionItem,
    ActionState,
    ActionTicket,
    Incident,
    IncidentRole,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    RoleAssignment,
    UtcDateTime,
)
from tracker.reports.asked import DONE_STATES
from tracker.reports.scope import Scope

FROM, UNTIL = (bindparam(name, type_=UtcDateTime()) for name in ("from_moment", "until_moment"))


def declared(scope: Scope) -> ColumnElement[bool]:
    return and_(Incident.declared_at >= FROM, Incident.declared_at < UNTIL, scope.incidents())


def came_back(scope: Scope) -> ColumnElement[bool]:
    """Incidents that are the same as an earlier one, which may be seen too."""
    pairs = select(Recurrence.id).where(
        Recurrence.later_id == Incident.id, Recurrence.state == RecurrenceState.SAME, scope.earlier_incident()
    )
    return pairs.correlate(Incident).exists()


def required() -> ColumnElement[bool]:
    """Incidents, joined with their postmortem, that need one."""
    return and_(Postmortem.id.is_not(None), Postmortem.is_required)


def published() -> ColumnElement[bool]:
    return and_(required(), Postmortem.state == PostmortemState.PUBLISHED)


def skipped() -> ColumnElement[bool]:
    return and_(required(), Postmortem.state == PostmortemState.SKIPPED)


def made(scope: Scope) -> ColumnElement[bool]:
    return and_(ActionItem.created_at >= FROM, ActionItem.created_at < UNTIL, scope.dated_actions())


def in_tracker() -> ColumnElement[bool]:
    tickets = select(ActionTicket.action_id).where(ActionTicket.action_id == ActionItem.id)
    return tickets.correlate(ActionItem).exists()


def done() -> ColumnElement[bool]:
    """Items that are done, also those that failed since: without them, failing would help the rates."""
    return or_(ActionItem.state.in_(DONE_STATES), ActionItem.did_not_hold_at >= ActionItem.done_at)


def verified() -> ColumnElement[bool]:
    failed_at, verified_at = ActionItem.did_not_hold_at, ActionItem.verified_at
    stands = or_(ActionItem.state == ActionState.VERIFIED, failed_at >= verified_at)
    return and_(done(), verified_at >= ActionItem.done_at, stands)


def held() -> ColumnElement[bool]:
    failed_at = ActionItem.did_not_hold_at
    return and_(verified(), or_(failed_at.is_(None), failed_at < ActionItem.verified_at))


def declined() -> ColumnElement[bool]:
    return ActionItem.state == ActionState.DECLINED


def unknown(end: Any) -> ColumnElement[bool]:
    """Incidents of which nobody knows how long it took: a moment is missing, or the two are reversed."""
    began = Incident.started_at
    return or_(began.is_(None), end.is_(None), end < began)


def led() -> ColumnElement[bool]:
    """Incidents that somebody led technically."""
    roles = select(RoleAssignment.id).where(
        RoleAssignment.incident_id == Incident.id, RoleAssignment.role == IncidentRole.TECHNICAL_LEAD
    )
    return roles.correlate(Incident).exists()


def owed() -> ColumnElement[bool]:
    """Items that are neither done nor declined."""
    return ActionItem.state.in_(OPEN_STATES)


INCIDENT_STEPS: dict[str, Callable[[Scope], ColumnElement[bool]]] = {
    "incidents": lambda _scope: true(),
    "came-back": came_back,
    "required": lambda _scope: required(),
    "published": lambda _scope: published(),
    "skipped": lambda _scope: skipped(),
    "led": lambda _scope: led(),
    "known-detect": lambda _scope: not_(unknown(Incident.detected_at)),
    "known-stabilise": lambda _scope: not_(unknown(Incident.stabilised_at)),
    "known-resolve": lambda _scope: not_(unknown(Incident.resolved_at)),
    "unknown-detect": lambda _scope: unknown(Incident.detected_at),
    "unknown-stabilise": lambda _scope: unknown(Incident.stabilised_at),
    "unknown-resolve": lambda _scope: unknown(Incident.resolved_at),
}
ACTION_STEPS = {
    "items": true,
    "in-tracker": in_tracker,
    "done": done,
    "verified": verified,
    "held": held,
    "declined": declined,
    "owed": owed,
}
"""The steps by the keys under which addresses name them."""
