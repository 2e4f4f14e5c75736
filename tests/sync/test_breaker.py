"""A tracker that keeps failing is left alone, and one try decides when it is asked again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import make
from tests.browser import Browser
from tests.sync.conftest import Worker
from tracker.clients.failures import AnswerLost, BadCredentials, Redirected, Refused, Unavailable
from tracker.clients.memory import MemoryClient
from tracker.clients.tickets import RateLeft
from tracker.db import session
from tracker.models import Push, PushState, Tracker
from tracker.sync.pacing.breaker import BreakerState, breaker_state, is_of_whole_tracker
from tracker.sync.pacing.pauses import pause


@pytest.mark.parametrize(
    ("failures", "waits", "state"),
    [
        (0, None, BreakerState.CLOSED),
        (2, 5, BreakerState.CLOSED),
        (3, 5, BreakerState.OPEN),
        (3, -1, BreakerState.HALF_OPEN),
        (9, None, BreakerState.HALF_OPEN),
    ],
)
def test_three_failures_open_it_and_the_end_of_the_pause_opens_it_half(
    failures: int, waits: int | None, state: BreakerState
) -> None:
    run_after = None if waits is None else make.NOW + timedelta(minutes=waits)

    assert breaker_state(failures=failures, run_after=run_after, now=make.NOW) is state


def test_jitter_only_ever_adds() -> None:
    assert pause(3, roll=lambda: 0.0) == timedelta(minutes=4)
    assert pause(3, roll=lambda: 1.0) == timedelta(minutes=4.8)
    assert pause(99, roll=lambda: 0.0) == timedelta(hours=1)


def test_only_what_would_meet_the_next_call_too_counts() -> None:
    counted = [Unavailable("502"), AnswerLost("lost"), BadCredentials("token")]

    assert all(is_of_whole_tracker(error) for error in counted)
    assert not any(is_of_whole_tracker(error) for error in (Refused("no"), Redirected("moved")))


def test_writes_stop_after_three_lost_answers_until_a_reading_succeeded(
    admin_browser: Browser, worker: Worker, tickets: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = make.tracker()
    for number in range(5):
        make.push(make.action(), tracker, marker=f"AI-{number}:0123456789abcdef")
    with monkeypatch.context() as lost:
        lost.setattr(tickets, "create", raiser(AnswerLost("The answer was lost.")))
        worker.push()
    assert states() == {PushState.UNKNOWN: 3, PushState.PENDING: 2}, "the others are not thrown after them"
    assert worker.push() is None
    health = admin_browser.get("/settings/sync")
    assert "We leave it alone for a while" in health.text
    assert "It failed 3 times in a row." in health.text

    worker.later(minutes=5)
    assert worker.push() is None, "writing is no trial"
    assert "On trial" in admin_browser.get("/settings/sync").text
    tickets.fail_with = Unavailable("502")
    worker.pull()
    assert now_of(tracker).failures == 4, "the trial failed, and the pause grows"
    admin_browser.get("/settings/sync").submit("Try now")
    tickets.rate_left = RateLeft(left=4711, of=5000, resets_at=worker.now + timedelta(minutes=30))
    worker.pull()
    worker.push()

    assert states()[PushState.LINKED] == 2
    healthy = admin_browser.get("/settings/sync").text
    assert "4,711 of 5,000" in healthy
    assert "in a row" not in healthy


def raiser(error: Exception) -> Callable[..., None]:
    def fail(*_args: object, **_asked: object) -> None:
        raise error

    return fail


def states() -> dict[PushState, int]:
    session.rollback()
    rows = session.execute(select(Push.state, func.count().label("number")).group_by(Push.state))
    return {row.state: row.number for row in rows}


def now_of(tracker: Tracker) -> Tracker:
    return session.get_one(Tracker, tracker.id, populate_existing=True)
