"""The weekly follow-through report as one value, from which page, mail, text, Markdown and JSON are made."""

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from tracker.reports import incident_queries, queries
from tracker.reports.counting import WeekCounts, count_weeks
from tracker.reports.figures import LONG_OVERDUE, Compared, HeadlineFacts, definition, headline, median_days
from tracker.reports.incident_queries import PostmortemLine, RecurrenceLine
from tracker.reports.queries import ActionLine, TrackerLine
from tracker.reports.schedule import Week
from tracker.reports.scope import Scope


@dataclass(frozen=True)
class OwnerLine:
    """One owner's overdue items: how many, and how old the oldest and the median one are, in days."""

    owner: str
    items: int
    oldest_days: int
    median_days: int


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
    recurrences: list[RecurrenceLine]
    overdue_count: int
    overdue_median: int | None
    overdue_owners: list[OwnerLine]
    overdue: list[ActionLine]
    due_next: list[ActionLine]
    lapsing: list[ActionLine]
    verified: list[ActionLine]
    did_not_hold: list[ActionLine]
    postmortems: list[PostmortemLine]
    trackers: list[TrackerLine]

    @property
    def stale_trackers(self) -> list[TrackerLine]:
        return [tracker for tracker in self.trackers if tracker.is_stale]

    @property
    def long_overdue(self) -> list[ActionLine]:
        return [line for line in self.overdue if line.days_overdue >= LONG_OVERDUE]


def weekly_report(week: Week, *, scope: Scope, now: datetime) -> WeeklyReport:
    """The report of a week for one reader. A fixed number of statements, whatever there is."""
    postmortems = incident_queries.postmortem_rows(week, scope=scope, now=now)
    this, before = count_weeks(week, scope=scope, postmortems=postmortems, now=now)
    ages = queries.overdue_ages(week, scope=scope, now=now)
    all_ages = sorted(chain.from_iterable(ages.values()))
    lines = queries.action_lines(week, scope=scope, now=now, ages=all_ages)
    recurrences = incident_queries.recurrence_lines(week, scope=scope)
    late = incident_queries.postmortem_lines(postmortems, week=week, now=now)
    return WeeklyReport(
        week=week,
        scope_name=scope.name,
        team_slug=scope.team.slug if scope.team else "",
        made_at=now,
        is_running=now < week.ends_at,
        headline=headline(_facts(this, ages=all_ages, late=late)),
        figures=_figures(this, before=before),
        declined_when_due=this.declined_when_due,
        recurrences=recurrences,
        overdue_count=len(all_ages),
        overdue_median=median_days(all_ages),
        overdue_owners=_owners(ages),
        overdue=lines["overdue"],
        due_next=lines["due next"],
        lapsing=lines["lapsing"],
        verified=lines["verified"],
        did_not_hold=lines["did not hold"],
        postmortems=late,
        trackers=queries.tracker_lines(now=now),
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


def _facts(this: WeekCounts, *, ages: list[int], late: list[PostmortemLine]) -> HeadlineFacts:
    """Nothing of it is counted from a list that ends after some rows."""
    return HeadlineFacts(
        came_back=this.recurrence.part,
        undecided=this.undecided,
        long_overdue=sum(age >= LONG_OVERDUE for age in ages),
        overdue=len(ages),
        late_postmortems=sum(not line.skipped_reason for line in late),
        incidents=this.recurrence.whole,
        verified=this.shown_to_work,
    )


def _owners(ages: dict[str, list[int]]) -> list[OwnerLine]:
    """Each owner with overdue items, the one with the oldest first."""
    lines = [OwnerLine(owner, len(own), max(own), median_days(own) or 0) for owner, own in ages.items()]
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
        "headline": report.headline,
        "figures": {
            one.definition.key: {"part": one.this.part, "whole": one.this.whole, "rate": one.this.rate}
            | {"before": {"part": one.before.part, "whole": one.before.whole, "rate": one.before.rate}}
            for one in report.figures
        },
        "declined_when_due": report.declined_when_due,
        "overdue": {
            "count": report.overdue_count,
            "median_days": report.overdue_median,
            "owners": [asdict(line) for line in report.overdue_owners],
        },
        "lists": {
            "recurrences": [asdict(line) for line in report.recurrences],
            "overdue": [asdict(line) for line in report.overdue],
            "due_next": [asdict(line) for line in report.due_next],
            "lapsing": [asdict(line) for line in report.lapsing],
            "verified": [asdict(line) for line in report.verified],
            "did_not_hold": [asdict(line) for line in report.did_not_hold],
            "postmortems": [asdict(line) for line in report.postmortems],
        },
        "trackers": [asdict(line) for line in report.trackers],
    }
