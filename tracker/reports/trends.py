"""The trends of twelve months as one value, from which page and CSV are made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from tracker.remembered import remembered
from tracker.reports import trend_counting as counting
from tracker.reports.figures import Share
from tracker.reports.months import Month, Span, twelve_months
from tracker.reports.scope import Scope
from tracker.reports.spreads import Spread
from tracker.reports.trend_counting import AGES, DueRow, IncidentMonth, MadeRow, OpenItems

BORDERS = tuple(zip((0, *(day + 1 for day in AGES)), AGES, strict=False))
AGE_NAMES = (*(f"{first} to {last} days" for first, last in BORDERS), f"over {AGES[-1]} days")


@dataclass(frozen=True)
class Step:
    """One step of the funnel: how many got this far, out of how many, and how long it took them."""

    key: str
    name: str
    count: int
    whole: int | None = None
    """How many could have got here; nothing for a step with which counting begins."""
    took: Spread | None = None
    since: str = ""
    """From what to what it took."""

    @property
    def share(self) -> Share | None:
        return None if self.whole is None else Share(self.count, self.whole)


@dataclass(frozen=True)
class MonthLine:
    month: Month
    incidents: int
    came_back: int
    items: int
    items_due: Share
    """Items due in the month so far that were done by the end of their day; declined ones left out."""
    postmortems_due: Share
    resolve: Spread


@dataclass(frozen=True)
class Trends:
    span: Span
    steps: tuple[Step, ...]
    declined: int
    """Items made in the twelve months that were declined with a reason."""
    months: tuple[MonthLine, ...]
    detect: Spread
    stabilise: Spread
    resolve: Spread
    open_items: OpenItems

    @property
    def times(self) -> tuple[tuple[str, str, Spread], ...]:
        """Key, name and spread of each of the three times."""
        return (
            ("detect", "Time to detect", self.detect),
            ("stabilise", "Time to stabilise", self.stabilise),
            ("resolve", "Time to resolve", self.resolve),
        )

    @property
    def ages(self) -> tuple[tuple[str, int], ...]:
        """The open items by age, in words."""
        return tuple(zip(AGE_NAMES, self.open_items.by_age, strict=True))


def trends(scope: Scope, *, now: datetime, zone: ZoneInfo) -> Trends:
    """The trends for one reader, counted again after every change of anything, and every day."""
    span = twelve_months(now, zone=zone)
    return remembered(("reports.trends", scope.key, span), lambda: counted_now(span, scope=scope, now=now))


def counted_now(span: Span, *, scope: Scope, now: datetime) -> Trends:
    """A fixed number of statements, whatever there is."""
    incidents = counting.incident_months(span, scope=scope, now=now)
    made = counting.made_rows(span, scope=scope, now=now)
    due = counting.due_rows(span, scope=scope, now=now)
    return Trends(
        span=span,
        steps=(*_incident_steps(incidents), *_item_steps(made)),
        declined=sum(row.declined for row in made),
        months=_month_lines(span, incidents=incidents, made=made, due=due),
        detect=_whole(incidents, lambda row: row.detect),
        stabilise=_whole(incidents, lambda row: row.stabilise),
        resolve=_whole(incidents, lambda row: row.resolve),
        open_items=counting.open_items(span, scope=scope, now=now),
    )


def _whole(months: list[IncidentMonth], times: Callable[[IncidentMonth], list[int]]) -> Spread:
    """How long it took, of all incidents of the months."""
    cases = chain.from_iterable(times(row) for row in months)
    return Spread.known(cases, of=sum(row.incidents for row in months))


def _incident_steps(rows: list[IncidentMonth]) -> tuple[Step, ...]:
    incidents, required = sum(row.incidents for row in rows), sum(row.required for row in rows)
    published = sum(row.published for row in rows)
    took = Spread.known(chain.from_iterable(row.publish for row in rows), of=published)
    return (
        Step("incidents", "Incidents", incidents),
        Step("required", "Postmortem required", required, incidents),
        Step("published", "Published", published, required, took, "resolved to published"),
    )


def _item_steps(rows: list[MadeRow]) -> tuple[Step, ...]:
    items, done = sum(row.items for row in rows), sum(row.done for row in rows)
    verified, held = sum(row.verified for row in rows), sum(row.held for row in rows)
    in_tracker = sum(row.in_tracker for row in rows)
    reached = {"in-tracker": in_tracker, "done": done, "verified": verified}
    took = {
        step: Spread.known(chain.from_iterable(row.took[step] for row in rows), of=count)
        for step, count in reached.items()
    }
    return (
        Step("items", "Action items", items),
        Step("in-tracker", "In the tracker", in_tracker, items, took["in-tracker"], "made to in the tracker"),
        Step("done", "Done", done, items, took["done"], "made to done"),
        Step("verified", "Verified", verified, done, took["verified"], "done to verified"),
        Step("held", "Held", held, verified),
    )


def _month_lines(
    span: Span, *, incidents: list[IncidentMonth], made: list[MadeRow], due: list[DueRow]
) -> tuple[MonthLine, ...]:
    own = {row.month: row for row in incidents}
    items = {row.month: row.items for row in made}
    return tuple(
        MonthLine(
            month,
            incidents=own[number].incidents if number in own else 0,
            came_back=own[number].came_back if number in own else 0,
            items=items.get(number, 0),
            items_due=_share(due, kind="items", month=number),
            postmortems_due=_share(due, kind="postmortems", month=number),
            resolve=_whole([own[number]] if number in own else [], lambda row: row.resolve),
        )
        for number, month in enumerate(span.months)
    )


def _share(rows: Iterable[DueRow], *, kind: str, month: int) -> Share:
    return next((Share(row.on_time, row.due) for row in rows if (row.kind, row.month) == (kind, month)), Share(0, 0))
