"""A token that ends by itself: kept until shortly before, and got anew by whoever needs it then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

RENEWED_BEFORE = timedelta(minutes=5)
"""A token that ends while we use it fails in the middle of a round."""
SHORTEST_LIFE = timedelta(minutes=1)


class KeptToken:
    """Shared by all clients of one account; asked for once, however many need it at the same time."""

    def __init__(self, *, tick: Callable[[], float] = time.monotonic) -> None:
        self._token = ""
        self._ends = float("-inf")
        self._tick = tick
        self._turn = threading.Lock()

    def current(self, ask: Callable[[], tuple[str, timedelta]]) -> str:
        """`ask` gets a new token and says how long it lives."""
        with self._turn:
            if self._tick() >= self._ends:
                self._token, life = ask()
                self._ends = self._tick() + max(life - RENEWED_BEFORE, SHORTEST_LIFE).total_seconds()
            return self._token

    def forget(self) -> None:
        """After it was refused: the next call asks for a new one."""
        with self._turn:
            self._ends = float("-inf")
