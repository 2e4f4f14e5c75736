"""The product as a process of its own, and what that costs."""

import multiprocessing
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.pages.server import free_port, serve, wait_for
from tracker.config import Settings

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def server(settings: Settings) -> Iterator[tuple[int, int]]:
    """The port and the process of the product on one waitress."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(settings, port))
    process.start()
    try:
        wait_for(port, process)
        assert process.pid is not None
        yield port, process.pid
    finally:
        process.terminate()
        process.join()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def most_memory_mb(pid: int) -> int:
    """The most that the process held so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) // 1024
