"""Which incidents and items each figure of a week counts: said once, for the figures and for the rows behind them."""

from sqlalchemy import ColumnElement, and_, or_, select

from tracker.models import ActionItem, ActionState, Incident, Postmortem, PostmortemState, Recurrence, RecurrenceState
from tracker.reports import asked
from tracker.reports.scope import Scope


def was_due(scope: Scope) -> ColumnElement[bool]:
    """Items due in the week so far."""
    return and_(
        ActionItem.due_on.between(asked.FIRST_DAY, asked.LAST_DAY_OVER),
        ActionItem.created_at < asked.SEEN_AT,
        scope.dated_actions(),
    )


def on_time() -> ColumnElement[bool]:
    return and_(asked.was_done(), asked.by_the_end_of(ActionItem.due_on, moment=ActionItem.done_at))


def made_in_cohort(scope: Scope) -> ColumnElement[bool]:
    return and_(
        ActionItem.created_at >= asked.COHORT_FROM,
        ActionItem.created_at < asked.COHORT_MADE_UNTIL,
        scope.dated_actions(),
    )


def settled() -> ColumnElement[bool]:
    return or_(asked.was_done(), asked.was_declined())


def done_in_cohort(scope: Scope) -> ColumnElement[bool]:
    """Items done in the cohort. One that did not hold stays until it is done again: else failing would help a rate."""
    done = or_(ActionItem.state.in_(asked.DONE_STATES), ActionItem.did_not_hold_at >= ActionItem.done_at)
    return and_(
        ActionItem.done_at >= asked.COHORT_FROM,
        ActionItem.done_at < asked.COHORT_DONE_UNTIL,
        done,
        scope.dated_actions(),
    )


def was_verified() -> ColumnElement[bool]:
    """Verified since it was last done, and standing, or failed since."""
    failed_at, verified_at = ActionItem.did_not_hold_at, ActionItem.verified_at
    stands = or_(ActionItem.state == ActionState.VERIFIED, failed_at >= verified_at)
    return and_(verified_at >= ActionItem.done_at, verified_at < asked.SEEN_AT, stands)


def had_failed() -> ColumnElement[bool]:
    failed_at = ActionItem.did_not_hold_at
    return and_(failed_at >= ActionItem.verified_at, failed_at < asked.SEEN_AT, was_verified())


def declared_in_week(scope: Scope) -> ColumnElement[bool]:
    return and_(Incident.declared_at >= asked.STARTS_AT, Incident.declared_at < asked.ENDS_AT, scope.incidents())


def came_back(scope: Scope) -> ColumnElement[bool]:
    pairs = select(Recurrence.id).where(
        Recurrence.later_id == Incident.id, Recurrence.state == RecurrenceState.SAME, scope.earlier_incident()
    )
    return pairs.correlate(Incident).exists()


def paper_was_due() -> ColumnElement[bool]:
    return Postmortem.due_on.between(asked.FIRST_DAY, asked.LAST_DAY_OVER)


def published_on_time() -> ColumnElement[bool]:
    return and_(
        Postmortem.state == PostmortemState.PUBLISHED,
        Postmortem.published_at < asked.SEEN_AT,
        asked.by_the_end_of(Postmortem.due_on, moment=Postmortem.published_at),
    )
