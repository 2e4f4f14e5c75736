"""Keeps the library's words in step with what is published."""

from datetime import datetime

from tracker.db import transaction
from tracker.library import operations
from tracker.queue import Job

ROUNDS = 5
"""Of a hundred each; the rest is read a minute later."""


def read_library(now: datetime) -> int:
    """Read what waits to be read, a transaction for each hundred."""
    read = 0
    for _ in range(ROUNDS):
        with transaction():
            found = operations.read_some(now=now)
        read += found
        if found < operations.AT_ONCE:
            break
    return read


JOBS = (Job("library.read", read_library),)
