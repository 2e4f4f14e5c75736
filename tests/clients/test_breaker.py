"""When a tracker that keeps failing is left alone, and for how long."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.clients.breaker import BreakerState, breaker_state, pause_after

pytestmark = pytest.mark.once

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)


class Low:
    def random(self) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("failures", "run_after", "state"),
    [
        (0, None, BreakerState.CLOSED),
        (2, LATER, BreakerState.CLOSED),
        (3, LATER, BreakerState.OPEN),
        (3, NOW, BreakerState.HALF_OPEN),
        (50, None, BreakerState.HALF_OPEN),
    ],
)
def test_a_tracker_is_left_alone_after_the_third_failure_and_then_tried_once(
    failures: int, run_after: datetime | None, state: BreakerState
) -> None:
    assert breaker_state(failures=failures, run_after=run_after, now=NOW) is state


def test_pauses_double_up_to_an_hour() -> None:
    minutes = [pause_after(failures, asked=None, dice=Low()) / timedelta(minutes=1) for failures in (1, 2, 3, 7, 99)]

    assert minutes == [1, 2, 4, 60, 60]


@given(failures=st.integers(0, 200), seconds=st.integers(0, 86_400), seed=st.integers())
def test_nobody_comes_back_before_the_tracker_said(failures: int, seconds: int, seed: int) -> None:
    asked = timedelta(seconds=seconds)

    pause = pause_after(failures, asked=asked, dice=random.Random(seed))

    assert asked <= pause <= max(asked, timedelta(hours=1)) * 1.2


def test_two_installations_do_not_come_back_in_the_same_second() -> None:
    pauses = {pause_after(3, asked=None, dice=random.Random(seed)) for seed in range(20)}

    assert len(pauses) == 20
