"""The weekly follow-through report as one value, from which page, mail, text, Markdown and JSON are made."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from operator import neg
from typing import Any, Generic, TypeVar

from tracker import words
from tracker.remembered import remembered
from tracker.reports import incident_queries, queries
from tracker.reports.counting import WeekCounts, count_week
from tracker.reports.figures import LONG_OVERDUE, Compared, HeadlineFacts, definition, headline, median_days
from tracker.reports.incident_queries import PostmortemLine, RecurrenceLine
from tracker.reports.queries import ActionLine, TrackerLine
from tracker.reports.recorded import find_recorded
from tracker.reports.schedule import Week, day_of_report
from tracker.reports.scope import LIST_LENGTH, Scope
from tracker.reports.ticket_counts import Moved, TroubleCount, count_troubles, find_moved
from tracker.reports.told import Correction, Count, Told, corrections, counts_of

Line = TypeVar("Line")
LATE_RECORD = timedelta(days=1)


@dataclass(frozen=True)
class OwnerLine:
    """One owner's overdue items: how many, and how old the oldest and the median one are, in days."""

    owner: str
    items: int
    oldest_days: int
    median_days: int


@dataclass(frozen=True)
class Listing(Generic[Line]):
    """A list as far as the report has room for it."""

    lines: tuple[Line, ...]
    has_more: bool

    @classmethod
    def of(cls, found: list[Line]) -> "Listing[Line]":
        """Of rows that were read with one more than there is room for."""
        return cls(tuple(found[:LIST_LENGTH]), len(found) > LIST_LENGTH)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class WeeklyReport:
    week: Week
    scope_name: str
    team_slug: str
    """Empty for the report on everything."""
    made_at: datetime
    is_running: bool
    """Whether the week still lasts, so that the figures may change."""
    headline: str
    figures: tuple[Compared, ...]
    declined_when_due: int
    recurrences: Listing[RecurrenceLine]
    overdue_count: int
    overdue_median: int | None
    overdue_owners: list[OwnerLine]
    overdue: Listing[ActionLine]
    due_next: Listing[ActionLine]
    lapsing: Listing[ActionLine]
    verified: Listing[ActionLine]
    did_not_hold: Listing[ActionLine]
    postmortems: Listing[PostmortemLine]
    late_postmortems: int
    trackers: list[TrackerLine]
    ticket_troubles: tuple[TroubleCount, ...] = ()
    """What is wrong with tickets of open items now, whatever the week."""
    tickets_moved: Moved | None = None
    job_stopped_at: datetime | None = None
    """When the job that sends the report was last heard of, if it has stopped."""
    recorded_at: datetime | None = None
    """When the figures were written down as they are told here; nothing when they are counted now."""
    corrections: tuple[Correction, ...] = ()
    """What would be counted otherwise now."""

    @property
    def told(self) -> Told:
        """All that it says in numbers."""
        return Told(
            headline=self.headline,
            figures=self.figures,
            declined_when_due=self.declined_when_due,
            overdue_count=self.overdue_count,
            overdue_median=self.overdue_median,
            late_postmortems=self.late_postmortems,
        )

    @property
    def counts(self) -> tuple[Count, ...]:
        """What is counted apart from the figures."""
        return counts_of(self.told)

    @property
    def path(self) -> str:
        """Where it stands here."""
        return f"/reports/weekly/{self.week.name}" + (f"?team={self.team_slug}" if self.team_slug else "")

    @property
    def is_recorded_late(self) -> bool:
        """Whether it was written down so long after the week that it may not be what somebody saw then."""
        return self.recorded_at is not None and self.recorded_at - self.week.ends_at > LATE_RECORD

    @property
    def stale_trackers(self) -> list[TrackerLine]:
        return [tracker for tracker in self.trackers if tracker.is_stale]

    def age_of(self, tracker: TrackerLine) -> str:
        """How long ago a tracker was read when the report was made: "26 h ago"."""
        return words.relative(tracker.read_at, self.made_at) if tracker.read_at else "never"

    @property
    def lists(self) -> dict[str, Listing[Any]]:
        """All lists by their names in JSON."""
        return {
            "recurrences": self.recurrences,
            "overdue": self.overdue,
            "due_next": self.due_next,
            "lapsing": self.lapsing,
            "verified": self.verified,
            "did_not_hold": self.did_not_hold,
            "postmortems": self.postmortems,
        }


def weekly_report(week: Week, *, scope: Scope, now: datetime) -> WeeklyReport:
    """The report of a week for one reader, counted again after every change of anything."""
    # Nothing is made, done or declared later than now, so that within a day only a change makes another report.
    key = ("reports.weekly", week, scope.key, day_of_report(week, now=now), now < week.ends_at)
    report = remembered(key, lambda: _as_told(counted_now(week, scope=scope, now=now), scope=scope))
    fresh = queries.freshness(now=now)
    troubles = remembered(("reports.ticket_troubles", scope.key), lambda: count_troubles(scope, now=now))
    moved = remembered(("reports.tickets_moved", scope.key), lambda: find_moved(scope))
    return replace(
        report,
        made_at=now,
        trackers=fresh.trackers,
        ticket_troubles=troubles,
        tickets_moved=moved,
        job_stopped_at=fresh.job_stopped_at,
    )


def _as_told(report: WeeklyReport, *, scope: Scope) -> WeeklyReport:
    """A week that is over says what it said when it ended, and what is counted otherwise now (decision 017)."""
    recorded = None if report.is_running else find_recorded(report.week, scope=scope)
    if recorded is None:
        return report
    told = recorded.told
    return replace(
        report,
        headline=told.headline,
        figures=told.figures,
        declined_when_due=told.declined_when_due,
        overdue_count=told.overdue_count,
        overdue_median=told.overdue_median,
        late_postmortems=told.late_postmortems,
        recorded_at=recorded.at,
        corrections=corrections(told, report.told),
    )


def counted_now(week: Week, *, scope: Scope, now: datetime) -> WeeklyReport:
    """A fixed number of statements, whatever there is."""
    this, before = (count_week(one, scope=scope, now=now) for one in (week, week.before))
    overdue = queries.overdue(week, scope=scope, now=now)
    lines = queries.action_lines(week, scope=scope, now=now, ages=overdue.all)
    return WeeklyReport(
        week=week,
        scope_name=scope.name,
        team_slug=scope.team.slug if scope.team else "",
        made_at=now,
        is_running=now < week.ends_at,
        headline=headline(_facts(this, ages=overdue.all)),
        figures=_figures(this, before=before),
        declined_when_due=this.declined_when_due,
        recurrences=Listing.of(incident_queries.recurrence_lines(week, scope=scope, now=now)),
        overdue_count=len(overdue.all),
        overdue_median=median_days(overdue.all),
        overdue_owners=_owners(overdue.by_owner),
        overdue=Listing.of(lines["overdue"]),
        due_next=Listing.of(lines["due next"]),
        lapsing=Listing.of(lines["lapsing"]),
        verified=Listing.of(lines["verified"]),
        did_not_hold=Listing.of(lines["did not hold"]),
        postmortems=Listing.of(incident_queries.postmortem_lines(week, scope=scope, now=now)),
        late_postmortems=this.late_postmortems,
        trackers=[],
    )


def _figures(this: WeekCounts, *, before: WeekCounts) -> tuple[Compared, ...]:
    return (
        Compared(definition("follow-through"), this.follow_through, before.follow_through),
        Compared(definition("completion"), this.completion, before.completion),
        Compared(definition("held"), this.held, before.held),
        Compared(definition("recurrence"), this.recurrence, before.recurrence, more_is_better=False),
        Compared(definition("verified"), this.verified, before.verified),
        Compared(definition("coverage"), this.coverage, before.coverage),
    )


def _facts(this: WeekCounts, *, ages: list[int]) -> HeadlineFacts:
    """Nothing of it is counted from a list that ends after some rows. ``ages``: the oldest first."""
    return HeadlineFacts(
        came_back=this.recurrence.part,
        undecided=this.undecided,
        long_overdue=bisect_right(ages, -LONG_OVERDUE, key=neg),
        overdue=len(ages),
        late_postmortems=this.late_postmortems,
        incidents=this.recurrence.whole,
        verified=this.shown_to_work,
    )


def _owners(ages: dict[str, list[int]]) -> list[OwnerLine]:
    """Each owner with overdue items, the one with the oldest first. ``ages``: the oldest first."""
    lines = [OwnerLine(owner, len(own), own[0], median_days(own) or 0) for owner, own in ages.items()]
    return sorted(lines, key=lambda line: (-line.oldest_days, line.owner))


def as_json(report: WeeklyReport) -> dict[str, Any]:
    """The report for programs: dates as text, rates between 0 and 1 or null."""
    return {
        "week": report.week.name,
        "from": report.week.first_day,
        "to": report.week.last_day,
        "scope": report.scope_name,
        "made_at": report.made_at,
        "is_running": report.is_running,
        "recorded_at": report.recorded_at,
        "corrections": [asdict(one) for one in report.corrections],
        "headline": report.headline,
        "figures": {
            one.definition.key: {"part": one.this.part, "whole": one.this.whole, "rate": one.this.rate}
            | {"before": {"part": one.before.part, "whole": one.before.whole, "rate": one.before.rate}}
            for one in report.figures
        },
        "declined_when_due": report.declined_when_due,
        "late_postmortems": report.late_postmortems,
        "job_stopped_at": report.job_stopped_at,
        "overdue": {
            "count": report.overdue_count,
            "median_days": report.overdue_median,
            "owners": [asdict(line) for line in report.overdue_owners],
        },
        "lists": {name: [asdict(line) for line in listing] for name, listing in report.lists.items()},
        "longer_lists": [name for name, listing in report.lists.items() if listing.has_more],
        "trackers": [asdict(line) for line in report.trackers],
        "ticket_troubles": {one.trouble.value: one.items for one in report.ticket_troubles},
        "tickets_moved": asdict(report.tickets_moved) if report.tickets_moved else None,
    }
