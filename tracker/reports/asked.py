"""The moments of a week as parameters of a statement, so that one statement serves every week, and their values."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Date, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.deadlines import WATCH_WINDOW
from tracker.models import OPEN_STATES, ActionItem, ActionState, UtcDateTime
from tracker.reports.figures import COHORT_ENDS, COHORT_STARTS
from tracker.reports.schedule import Week, day_of_report

DAYS = range(7)
DONE_STATES = (ActionState.DONE, ActionState.VERIFIED)
SOON = timedelta(days=7)


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())


def _day(name: str) -> BindParameter[date]:
    return bindparam(name, type_=Date())


STARTS_AT, ENDS_AT = _moment("starts_at"), _moment("ends_at")
SEEN_AT = _moment("seen_at")
"""The end of the week, or now while it lasts."""
FIRST_DAY, LAST_DAY, LAST_DAY_OVER = _day("first_day"), _day("last_day"), _day("last_day_over")
"""Nothing is late before the end of the day on which it is due, so the week counts up to the last day that is over."""
REPORT_DAY, SOON_DAY, LAPSE_DAY = _day("report_day"), _day("soon_day"), _day("lapse_day")
COHORT_FROM, COHORT_MADE_UNTIL, COHORT_DONE_UNTIL = map(_moment, ("cohort_from", "made_until", "done_until"))
WEEK_DAYS = tuple(_day(f"day_{number}") for number in DAYS)
DAY_ENDS = tuple(_moment(f"day_end_{number}") for number in DAYS)


def values(week: Week, *, now: datetime) -> dict[str, Any]:
    """What the parameters stand for in one week, seen from now."""
    report_day = day_of_report(week, now=now)
    found: dict[str, Any] = {
        STARTS_AT.key: week.starts_at,
        ENDS_AT.key: week.ends_at,
        SEEN_AT.key: min(week.ends_at, now),
        FIRST_DAY.key: week.first_day,
        LAST_DAY.key: week.last_day,
        LAST_DAY_OVER.key: report_day - timedelta(days=1),
        REPORT_DAY.key: report_day,
        SOON_DAY.key: report_day + SOON,
        LAPSE_DAY.key: week.last_day + SOON,
        COHORT_FROM.key: week.midnight_before(COHORT_STARTS),
        COHORT_MADE_UNTIL.key: week.midnight_before(COHORT_ENDS),
        COHORT_DONE_UNTIL.key: week.midnight_before(WATCH_WINDOW.days),
    }
    for number in DAYS:
        found[WEEK_DAYS[number].key] = week.first_day + timedelta(days=number)
        found[DAY_ENDS[number].key] = week.midnight_before(DAYS[-1] - number)
    return found


def by_the_end_of(day: InstrumentedAttribute[Any], *, moment: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Rows of which ``moment`` lies before the end of their ``day``, a day of the week, by the clock here."""
    days = zip(WEEK_DAYS, DAY_ENDS, strict=True)
    return or_(*(and_(day == one, moment < end) for one, end in days))


def was_open(*, is_running: bool) -> ColumnElement[bool]:
    """Items whose work was still owed when the week is seen: finished or declined later counts as open then."""
    return or_(*were_open(is_running=is_running))


def were_open(*, is_running: bool) -> tuple[ColumnElement[bool], ...]:
    """The same in parts without a common row: read one by one, each finds all it needs in an index."""
    made = ActionItem.created_at < SEEN_AT
    is_open = and_(made, ActionItem.state.in_(OPEN_STATES))
    if is_running:
        return (is_open,)
    # By their ids, and done as what is neither open nor declined: most items are done, and SQLite would walk through
    # all of these instead of the few done since.
    since = aliased(ActionItem)
    ended = (
        (since.done_at, ActionItem.state.not_in((*OPEN_STATES, ActionState.DECLINED))),
        (since.declined_at, ActionItem.state == ActionState.DECLINED),
    )
    return is_open, *(
        and_(made, ActionItem.id.in_(select(since.id).where(at >= SEEN_AT)), state) for at, state in ended
    )


def was_done() -> ColumnElement[bool]:
    """Items that were done by then and are so still."""
    return and_(ActionItem.state.in_(DONE_STATES), ActionItem.done_at < SEEN_AT)


def was_declined() -> ColumnElement[bool]:
    return and_(ActionItem.state == ActionState.DECLINED, ActionItem.declined_at < SEEN_AT)


def was_verified_within() -> ColumnElement[bool]:
    return and_(
        ActionItem.state == ActionState.VERIFIED, ActionItem.verified_at >= STARTS_AT, ActionItem.verified_at < ENDS_AT
    )
