"""The trends equal a slow count that looks at one row at a time, on any rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from tests import make
from tracker.db import session, transaction
from tracker.models import (
    ACTIONS,
    INCIDENTS,
    ActionItem,
    ActionState,
    ActionTicket,
    Counter,
    Incident,
    Postmortem,
    PostmortemState,
    Recurrence,
    RecurrenceState,
    Severity,
    Stage,
    Ticket,
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
        "linked": draw(st.lists(moments, max_size=2)),
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


pairs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(RecurrenceState)), max_size=12)
"""Which of the incidents, by their places, is which again."""


def write(made: list[dict[str, Any]], declared: list[dict[str, Any]], again: list[Any] | None = None) -> None:
    tickets = ticket_ids()
    with transaction():
        for table in (Recurrence, Postmortem, Incident, ActionItem):
            session.execute(delete(table))
        session.execute(update(Counter).values(last=0))
        for row in made:
            columns = {name: value for name, value in row.items() if name != "linked"}
            item = ActionItem(title="Something", number=next_number(session(), ACTIONS), **columns)
            session.add(item)
            session.flush()
            for ticket_id, at in zip(tickets, row["linked"], strict=False):
                session.add(ActionTicket(action_id=item.id, ticket_id=ticket_id, linked_at=at))
        ids = [write_incident(one) for one in declared]
        for later, earlier, state in again or []:
            pair = {"later_id": ids[later], "earlier_id": ids[earlier], "stage": Stage.DECLARED}
            session.add(Recurrence(**pair, state=state, score=0.5, reasons=[], found_at=NOW, decided_at=NOW))


def ticket_ids() -> list[int]:
    """Two tickets that any item may follow."""
    found = list(session.scalars(select(Ticket.id).order_by(Ticket.id)))
    return found or [make.ticket(tracker).id for tracker in [make.tracker()] for _ in range(2)]


def write_incident(one: dict[str, Any]) -> int:
    number = next_number(session(), INCIDENTS)
    incident = Incident(title="Down", severity=Severity.SEV2, number=number, **one["row"])
    session.add(incident)
    session.flush()
    if one["postmortem"]:
        session.add(Postmortem(incident_id=incident.id, started_at=NOW, **one["postmortem"]))
    return incident.id


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
    waited = [min(row["linked"]) - row["created_at"] for row in mine if row["linked"]]
    took = sorted(r["done_at"] - r["created_at"] for r in done if r["done_at"] >= r["created_at"])
    return {
        "counts": (len(mine), len(done), len(verified), sum(not failed_after(row, "verified_at") for row in verified)),
        "declined": sum(row["state"] is ActionState.DECLINED for row in mine),
        "in tracker": (
            sum(bool(row["linked"]) for row in mine),
            sorted(int(one.total_seconds()) for one in waited if one >= timedelta()),
        ),
        "done took": [one // timedelta(seconds=1) for one in took],
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
    tracked = steps["in-tracker"]
    assert tracked.took is not None
    assert (tracked.count, list(tracked.took.cases)) == slow["in tracker"]
    months = {line.month.key: line.items_due for line in found.months if line.items_due.whole}
    assert months == slow_months(kept, is_done=lambda row: row["state"] in DONE, moment="done_at")
    assert found.open_items.all == sum(row["state"].is_open for row in made)
    ages = [(NOW - row["created_at"]) / timedelta(days=1) for row in made if row["state"].is_open]
    assert found.open_items.by_age == tuple(
        sum(low <= age < high for age in ages) for low, high in ((0, 7), (7, 30), (30, 90), (90, 180), (180, 999))
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(declared=st.lists(incidents(), max_size=12), drawn=pairs)
def test_the_incidents_equal_a_slow_count(app: Flask, declared: list[dict[str, Any]], drawn: list[Any]) -> None:
    once = {(later, earlier): state for later, earlier, state in drawn if later != earlier}
    again = [(*both, state) for both, state in once.items() if max(both) < len(declared)]
    write([], declared, again)
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
    for line in found.months:
        own = [one for one in mine if one["row"]["declared_at"].astimezone(ZONE).strftime("%Y-%m") == line.month.key]
        assert (line.incidents, line.resolve) == (len(own), slow_spread(own, "resolved_at"))
        assert line.came_back == sum(came_back(one, declared=declared, again=again) for one in own)


def came_back(one: dict[str, Any], *, declared: list[dict[str, Any]], again: list[Any]) -> bool:
    """Whether it is the same as an earlier one that everybody may see and that was no practice."""
    earlier = [
        declared[before]["row"]
        for after, before, state in again
        if declared[after] is one and state is RecurrenceState.SAME
    ]
    return any(not row["is_drill"] and not row["is_private"] for row in earlier)


def slow_spread(mine: list[dict[str, Any]], name: str) -> Spread:
    spans = [(one["row"]["started_at"], one["row"][name]) for one in mine]
    known = [end - start for start, end in spans if start and end and end >= start]
    return Spread(tuple(sorted(int(span.total_seconds()) for span in known)), len(spans) - len(known))


def test_the_median_and_the_ninetieth_are_told_from_ten_cases_on() -> None:
    few, enough = Spread.of([60, None, 3600]), Spread.of([60 * number for number in range(1, 21)])

    assert (few.words, few.unknown) == ("1 min, 1 h", 1)
    assert (enough.words, enough.ninetieth_words) == ("10 min", "18 min")
    assert Spread.of([None]).words == "none yet"
