"""A worker in a process of its own that is killed at a chosen step, and a tracker that outlives it."""

import fcntl
import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tracker import clock
from tracker.clients.memory import MemoryClient
from tracker.clients.memory_tickets import MemoryTicket
from tracker.db import database, session

BEGAN = time.monotonic()


class Steps:
    """Counts what a worker does that others can see: commits, and calls to the tracker. Dies at one of them."""

    def __init__(self) -> None:
        self.taken = 0
        self.last: int | None = None

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


class LastingTickets:
    """A ``MemoryClient`` whose world is a file: every call reads and writes it, and is a step before and after."""

    rate_left = None

    def __init__(self, path: Path, *, steps: Steps) -> None:
        self._path, self._steps = path, steps
        self._client = MemoryClient(now=lambda: clock.utcnow(), targets=("acme/shop", "acme/web"))  # noqa: PLW0108  the clock is set anew
        with self.world():
            pass

    @contextmanager
    def world(self) -> Iterator[MemoryClient]:
        """What is there at present; what is changed in it lasts."""
        with self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            content = file.read()
            if content:
                self._client.tickets, self._client._numbers = pickle.loads(content)  # noqa: S301  our own
            yield self._client
            file.seek(0)
            file.truncate()
            pickle.dump((self._client.tickets, self._client._numbers), file)
            file.flush()

    def tickets(self) -> list[MemoryTicket]:
        with self.world() as there:
            return list(there.tickets.values())

    def close_connections(self) -> None:
        """There are none."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self._steps.take()
            with self.world() as there:
                answer = getattr(there, name)(*given, **named)
            self._steps.take()
            return answer

        return call


def fork(work: Callable[[], object], *, steps: Steps, dies_at: int | None) -> int:
    """Begin the work in a process of its own; its id."""
    session.remove()
    database.engine.dispose()
    child = os.fork()
    if child:
        return child
    steps.taken, steps.last = 0, dies_at
    let_time_pass()
    event.listen(database.engine, "commit", lambda _connection: steps.take())
    try:
        work()
        session.remove()
    except BaseException:  # noqa: BLE001  nothing may go on in a copy of the test run
        os._exit(1)
    os._exit(0)


def let_time_pass() -> None:
    """A clock that goes, a hundred times too slow, for all workers alike: which answer is older must be told by it."""
    stands_at = clock.utcnow()
    clock.utcnow = lambda: stands_at + timedelta(seconds=(time.monotonic() - BEGAN) / 100)


def was_killed(child: int) -> bool:
    """Wait for its end. It either did all its work or was killed; anything else is a mistake."""
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "The worker failed instead of being killed."
    return False
