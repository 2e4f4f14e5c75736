"""One write at a time and a pause between two, however many clients there are; reset times as trackers say them."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.clients.worlds import GithubWorld, JiraWorld
from tracker.clients.access import TrackerAccess
from tracker.clients.factory import ticket_client_factory
from tracker.clients.pace import Pace
from tracker.clients.transport import rate_left, retry_after

pytestmark = pytest.mark.once

DATE = "Mon, 23 Nov 2026 09:00:00 GMT"
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
APART = 0.1


def access_of(world: GithubWorld | JiraWorld) -> TrackerAccess:
    is_github = isinstance(world, GithubWorld)
    kind, flavour = ("github", None) if is_github else ("jira", "server")
    return TrackerAccess(kind=kind, flavour=flavour, url=world.server.base_url, email="", token=world.server.token)


def test_writes_of_several_threads_go_one_after_the_other_and_apart() -> None:
    pace, times, inside = Pace(APART), list[tuple[float, float]](), list[int]()

    def write() -> None:
        with pace.turn():
            inside.append(1)
            start = time.monotonic()
            assert len(inside) == 1
            inside.pop()
            times.append((start, time.monotonic()))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    pauses = [after[0] - before[1] for before, after in pairwise(times)]
    assert len(times) == 4
    assert min(pauses) >= APART


@pytest.mark.parametrize("name", ["github", "jira"])
def test_two_clients_of_one_account_keep_one_pace(request: pytest.FixtureRequest, name: str) -> None:
    world: GithubWorld | JiraWorld = request.getfixturevalue(name)
    made = world.client.create(world.new("Paced"))
    make = ticket_client_factory(frozenset({world.server.host}), seconds_between_writes=APART * 3)
    first, second = make(access_of(world)), make(access_of(world))

    first.comment(made.handle, text="one")
    start = time.monotonic()
    second.comment(made.handle, text="two")

    assert time.monotonic() - start >= APART * 2.9


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "99999999999999"}, 86_400),
        ({"retry-after": "Mon, 23 Nov 2026 09:01:00 GMT", "date": DATE}, 60),
        ({"retry-after": "Mon, 23 Nov 2026 08:00:00 GMT", "date": DATE}, 1),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NINE.timestamp() + 90:.0f}", "date": DATE}, 90),
        ({"x-ratelimit-remaining": "5", "x-ratelimit-reset": f"{NINE.timestamp() + 90:.0f}", "date": DATE}, None),
        ({"retry-after": "soon", "date": DATE}, None),
        ({"retry-after": "-5"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_as_long_as_the_tracker_says_by_its_own_clock(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after(headers) == (None if seconds is None else timedelta(seconds=seconds))


def test_what_is_left_of_the_limit_is_read_and_nonsense_is_not() -> None:
    said = {"X-RateLimit-Remaining": "12", "X-RateLimit-Limit": "5000", "X-RateLimit-Reset": f"{NINE.timestamp():.0f}"}

    left = rate_left(said)

    assert left is not None
    assert (left.left, left.of, left.resets_at) == (12, 5000, NINE)
    assert rate_left({}) is None
    assert rate_left({"X-RateLimit-Remaining": "many"}) is None
    assert rate_left({"X-RateLimit-Remaining": "9" * 40}) is None
