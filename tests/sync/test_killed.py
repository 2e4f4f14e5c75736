"""A worker is killed at every third step of writing and reading: each item has one ticket, and both sides agree.

The other steps, on both databases and with two workers: `python -m bench.killing`.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from tests import make
from tests.sync.conftest import Worker
from tests.sync.deaths import Scene
from tests.sync.dying import LastingTickets, Steps
from tracker.clients.tickets import TicketClient
from tracker.config import Settings
from tracker.wiring import Wiring

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="There is no kill -9.")
STEPS_AT_MOST = 60


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def lasting(tmp_path: Path, set_clock: Callable[[datetime], None], steps: Steps) -> LastingTickets:
    set_clock(make.NOW)
    return LastingTickets(tmp_path / "tickets", steps=steps)


@pytest.fixture
def wiring(wiring: Wiring, lasting: LastingTickets) -> Wiring:
    return replace(wiring, ticket_client=lambda _access: cast("TicketClient", lasting))


@pytest.fixture
def scene(worker: Worker, lasting: LastingTickets, steps: Steps) -> Scene:
    return Scene(worker, lasting, steps, make.tracker().id, make.person("Ana"), make.incident("It came again"))


def test_after_a_death_at_any_step_each_item_has_one_ticket(scene: Scene, settings: Settings) -> None:
    """Other steps on SQLite than on PostgreSQL."""
    for step in range(1 if settings.is_sqlite else 2, STEPS_AT_MOST, 3):
        work = scene.prepare(step)
        has_died = scene.dies_at(step)
        scene.recover()
        scene.assert_agrees(work)
        if not has_died:
            break

    assert 20 < step < STEPS_AT_MOST - 3, "the last one came to its end"
    scene.assert_nothing_is_left()


def test_two_workers_at_once_of_which_one_dies_make_one_ticket_for_each_item(scene: Scene) -> None:
    for step in (3, 7, 12):
        work = scene.prepare(step)
        scene.one_of_two_dies_at(step)
        scene.recover()
        scene.assert_agrees(work)

    scene.assert_nothing_is_left()
