"""The trends equal a slow count that looks at one row at a time, on any rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from tracker.db import session, transaction
from tracker.models import (
    ACTIONS,
    INCIDENTS,
    ActionItem,
    ActionState,
    Counter,
    Incident,
    Postmortem,
    PostmortemState,
    Severity,
    next_number,
)
from tracker.reports.figures import Share
from tracker.reports.scope import Scope
from tracker.reports.spreads import Spread
from tracker.reports.trends import Trends, trends

ZONE = ZoneInfo("Europe/Copenhagen")
NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
DONE = (ActionState.DONE, ActionState.VERIFIED)
BORDERS = [
    datetime(2025, 11, 30, 23, tzinfo=UTC),
    datetime(2026, 3, 31, 22, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
]
moments = st.sampled_from(BORDERS).flatmap(
    lambda at: st.sampled_from([-1, 0, 1]).map(lambda s: at + timedelta(seconds=s))
) | st.integers(0, 400 * 24).map(lambda hours: NOW - timedelta(hours=hours))
one_in_ten = st.integers(0, 9).map(lambda number: number == 0)
days = st.integers(-400, 20).map(lambda number: TODAY + timedelta(days=number))


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    state = draw(st.sampled_from(ActionState))
    has_past = draw(st.booleans())
    due_on = draw(st.none() | days)
    near = (
        st.just(due_on)
        .map(local_end)
        .flatmap(lambda at: st.sampled_from([-1, 0]).map(lambda s: at + timedelta(seconds=s)))
    )
    done_at = draw((moments | near) if due_on else moments)
    return {
        "state": state,
        "created_at": draw(moments),
        "due_on": due_on,
        "done_at": done_at if state in DONE or has_past else None,
        "verified_at": draw(moments) if state is ActionState.VERIFIED or (has_past and draw(st.booleans())) else None,
        "did_not_hold_at": draw(moments) if state is ActionState.DID_NOT_HOLD or has_past else None,
        "declined_at": NOW if state is ActionState.DECLINED else None,
        "declined_reason": "not worth it" if state is ActionState.DECLINED else "",
    }


@st.composite
def incidents(draw: st.DrawFn) -> dict[str, Any]:
    maybe = st.none() | moments
    state = draw(st.none() | st.sampled_from(PostmortemState))
    return {
        "row": {name: draw(maybe) for name in ("started_at", "detected_at", "stabilised_at", "resolved_at")}
        | {"declared_at": draw(moments), "is_drill": draw(one_in_ten), "is_private": draw(one_in_ten)},
        "postmortem": state and {
            "state": state,
            "is_required": draw(st.booleans()),
            "due_on": draw(st.none() | days),
            "published_at": draw(moments),
            "skipped_reason": "small",
        },
    }  # fmt: skip


def local_end(day: date | None) -> datetime:
    """The end of a day by the clock in Copenhagen."""
    assert day is not None
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)


def write(made: list[dict[str, Any]], declared: list[dict[str, Any]]) -> None:
    with transaction():
        for table in (Postmortem, Incident, ActionItem):
            session.execute(delete(table))
        session.execute(update(Counter).values(last=0))
        for row in made:
            session.add(ActionItem(title="Something", number=next_number(session(), ACTIONS), **row))
        for one in declared:
            incident = Incident(
                title="Down", severity=Severity.SEV2, number=next_number(session(), INCIDENTS), **one["row"]
            )
            session.add(incident)
            session.flush()
            if one["postmortem"]:
                session.add(Postmortem(incident_id=incident.id, started_at=NOW, **one["postmortem"]))


def in_span(moment: datetime) -> bool:
    return date(2025, 12, 1) <= moment.astimezone(ZONE).date() <= date(2026, 11, 30)


def slow_items(made: list[dict[str, Any]]) -> dict[str, Any]:
    """The definitions, read aloud, one item at a time."""

    def failed_after(row: dict[str, Any], name: str) -> bool:
        return bool(row["did_not_hold_at"] and row[name] and row["did_not_hold_at"] >= row[name])

    mine = [row for row in made if in_span(row["created_at"])]
    done = [row for row in mine if row["state"] in DONE or failed_after(row, "done_at")]
    verified = [
        row
        for row in done
        if row["verified_at"]
        and row["verified_at"] >= row["done_at"]
        and (row["state"] is ActionState.VERIFIED or failed_after(row, "verified_at"))
    ]
    took = sorted(r["done_at"] - r["created_at"] for r in done if r["done_at"] >= r["created_at"])
    return {
        "counts": (len(mine), len(done), len(verified), sum(not failed_after(row, "verified_at") for row in verified)),
        "declined": sum(row["state"] is ActionState.DECLINED for row in mine),
        "done took": [one // timedelta(minutes=1) * 60 for one in took],
    }


def slow_months(rows: list[dict[str, Any]], *, is_done: Any, moment: str) -> dict[str, Share]:
    """On time and due for each month, one row at a time."""
    found: dict[str, list[bool]] = {}
    for row in rows:
        day = row["due_on"]
        if day and date(2025, 12, 1) <= day < TODAY:
            is_in_time = is_done(row) and row[moment].astimezone(ZONE).date() <= day
            found.setdefault(f"{day:%Y-%m}", []).append(is_in_time)
    return {month: Share(sum(cases), len(cases)) for month, cases in found.items()}


def counted() -> Trends:
    return trends(Scope(None), now=NOW, zone=ZONE)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(items(), max_size=12))
def test_the_items_equal_a_slow_count(app: Flask, made: list[dict[str, Any]]) -> None:
    write(made, [])
    slow = slow_items(made)
    kept = [row for row in made if row["state"] is not ActionState.DECLINED]

    found = counted()

    steps = {step.key: step for step in found.steps}
    took = steps["done"].took
    assert tuple(steps[key].count for key in ("items", "done", "verified", "held")) == slow["counts"]
    assert found.declined == slow["declined"]
    assert took is not None
    assert list(took.cases) == slow["done took"]
    months = {line.month.key: line.items_due for line in found.months if line.items_due.whole}
    assert months == slow_months(kept, is_done=lambda row: row["state"] in DONE, moment="done_at")
    assert found.open_items.all == sum(row["state"].is_open for row in made)
    ages = [(NOW - row["created_at"]) / timedelta(days=1) for row in made if row["state"].is_open]
    assert found.open_items.by_age == tuple(
        sum(low <= age < high for age in ages) for low, high in ((0, 7), (7, 30), (30, 90), (90, 180), (180, 999))
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(declared=st.lists(incidents(), max_size=12))
def test_the_incidents_equal_a_slow_count(app: Flask, declared: list[dict[str, Any]]) -> None:
    write([], declared)
    seen = [one for one in declared if not one["row"]["is_drill"] and not one["row"]["is_private"]]
    mine = [one for one in seen if in_span(one["row"]["declared_at"])]
    papers = [one["postmortem"] for one in mine if one["postmortem"] and one["postmortem"]["is_required"]]
    all_papers = [one["postmortem"] for one in seen if one["postmortem"] and one["postmortem"]["is_required"]]
    published = [paper for paper in papers if paper["state"] is PostmortemState.PUBLISHED]

    found = counted()

    assert [step.count for step in found.steps][:3] == [len(mine), len(papers), len(published)]
    for name, spread in (
        ("detected_at", found.detect),
        ("stabilised_at", found.stabilise),
        ("resolved_at", found.resolve),
    ):
        assert spread == slow_spread(mine, name), name
    months = {line.month.key: line.postmortems_due for line in found.months if line.postmortems_due.whole}
    is_published = lambda paper: paper["state"] is PostmortemState.PUBLISHED  # noqa: E731
    assert months == slow_months(all_papers, is_done=is_published, moment="published_at")


def slow_spread(mine: list[dict[str, Any]], name: str) -> Spread:
    spans = [(one["row"]["started_at"], one["row"][name]) for one in mine]
    known = [end - start for start, end in spans if start and end and end >= start]
    return Spread(tuple(sorted(int(span.total_seconds()) for span in known)), len(spans) - len(known))


def test_the_median_and_the_ninetieth_are_told_from_ten_cases_on() -> None:
    few, enough = Spread.of([60, None, 3600]), Spread.of([60 * number for number in range(1, 21)])

    assert (few.words, few.unknown) == ("1 min, 1 h", 1)
    assert (enough.words, enough.ninetieth_words) == ("10 min", "18 min")
    assert Spread.of([None]).words == "none yet"
