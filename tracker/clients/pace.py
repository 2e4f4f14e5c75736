"""The pace of writes to one account: one after the other, and apart."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pace:
    """Keeps writes one after the other and apart, also those of several threads; trackers ask for it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = float("-inf")
        self._turn = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until a write may go out; the next one waits from the end of this one."""
        with self._turn:
            time.sleep(max(0.0, self._last + self._seconds - time.monotonic()))
            try:
                yield
            finally:
                self._last = time.monotonic()
