"""What to do now, and when the next update is due."""

from datetime import UTC, datetime, timedelta

import pytest

from tracker.incidents.moment_order import odd_orders
from tracker.incidents.next_steps import announcement, following, is_over, steps, update_due_at
from tracker.models import Phase, Severity

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def due_step(phase: Phase, *, told: str) -> str | None:
    return next((step.name for step in steps(phase, is_told=told == "told") if step.state == "now"), None)


def test_users_are_made_safe_before_the_cause_is_looked_for() -> None:
    assert due_step(Phase.DECLARED, told="not told") == "Assess the impact"
    assert due_step(Phase.TRIAGED, told="not told") == "Stabilise"
    assert due_step(Phase.STABILISED, told="not told") == "Communicate"
    assert due_step(Phase.STABILISED, told="told") == "Diagnose"
    assert due_step(Phase.RESOLVED, told="told") is None


@pytest.mark.parametrize(
    ("severity", "minutes"), [(Severity.SEV1, 15), (Severity.SEV2, 30), (Severity.SEV3, None), (Severity.SEV4, None)]
)
def test_the_next_update_is_due_by_severity(severity: Severity, minutes: int | None) -> None:
    due = update_due_at(severity, phase=Phase.TRIAGED, declared_at=NOW, last_sent_at=None)

    assert due == (NOW + timedelta(minutes=minutes) if minutes else None)


def test_the_clock_runs_from_the_last_update_and_stops_when_it_is_over() -> None:
    last = NOW + timedelta(minutes=10)

    assert update_due_at(Severity.SEV1, phase=Phase.TRIAGED, declared_at=NOW, last_sent_at=last) == last + timedelta(
        minutes=15
    )
    assert update_due_at(Severity.SEV1, phase=Phase.RESOLVED, declared_at=NOW, last_sent_at=last) is None


def test_the_announcement_is_a_sentence() -> None:
    assert announcement("Checkout is down") == "We have an incident. Checkout is down. I'm investigating."
    assert announcement("Is login broken?") == "We have an incident. Is login broken? I'm investigating."


def test_nothing_follows_closed() -> None:
    assert following(Phase.DECLARED) is Phase.TRIAGED
    assert following(Phase.CLOSED) is None


@pytest.mark.parametrize(
    ("phase", "hours", "over"),
    [
        (Phase.STABILISED, 48, "goes on"),
        (Phase.RESOLVED, 1, "goes on"),
        (Phase.RESOLVED, 25, "is over"),
        (Phase.VERIFIED, 1, "is over"),
        (Phase.CLOSED, 1, "is over"),
    ],
)
def test_an_incident_is_over_when_it_stayed_quiet_or_a_day_after_it_was_resolved(
    phase: Phase, hours: int, over: str
) -> None:
    resolved_at = NOW - timedelta(hours=hours)

    assert is_over(phase, resolved_at=resolved_at, now=NOW) == (over == "is over")


def test_an_imported_incident_without_its_times_is_over() -> None:
    assert is_over(Phase.RESOLVED, resolved_at=None, now=NOW)


def test_moments_in_an_odd_order_are_named_two_by_two() -> None:
    six, seven, eight, nine = (NOW.replace(hour=hour, minute=0) for hour in (6, 7, 8, 9))
    moments = {"started_at": eight, "detected_at": None, "stabilised_at": seven, "resolved_at": nine, "closed_at": six}

    assert odd_orders(moments, zone=UTC, now=NOW) == [
        "Users were safe (07:00) before it started (08:00).",
        "It was closed (06:00) before it was resolved (09:00).",
    ]
    assert odd_orders({"started_at": eight, "resolved_at": eight}, zone=UTC, now=NOW) == []
