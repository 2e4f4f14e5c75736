"""The running halves: ``web`` answers people, ``worker`` does what is due, ``serve`` is both on one machine."""

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

import waitress
from flask import Flask

from tracker.config import PREFIX, Settings, remember_address
from tracker.errors import FollowthroughError
from tracker.queue import Queue
from tracker.security import LARGEST_UPLOAD

log = logging.getLogger(__name__)

THREADS = 8
CONNECTIONS = 2_000
"""A browser keeps its connections between two looks for news: waitress would stop at 100 of them, for minutes."""
CHECK_SECONDS = 2
SCAN_EVERY = 20_000
"""New objects between two searches for cycles; Python's own 700 are several searches a page."""
JOB_PATIENCE = 15
"""Seconds that a job in hand may go on after SIGTERM. A job that is cut off is found again by its rows."""


def run_web(app: Flask, *, host: str, port: int) -> None:
    """Serve pages until the process is told to stop.

    Raises:
        FollowthroughError: it cannot listen there.
    """
    settings: Settings = app.extensions["followthrough.settings"]
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,  # select() ends at 1,024
            ident=None,
            max_request_body_size=LARGEST_UPLOAD,
            **proxy_options(settings.trusted_proxy),
        )
    except OSError as error:
        raise FollowthroughError(
            f"{host}:{port} cannot be listened on ({error.strerror}). Use another --port."
        ) from error
    remember_address(local_address(host, port=port), instance=settings.instance_path)
    keep_the_program_in_memory()
    server.run()


def keep_the_program_in_memory() -> None:
    """Let the search for cycles leave out what was loaded for good: the code, the tables, the templates."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SCAN_EVERY, 20, 20)


def local_address(host: str, *, port: int) -> str:
    """What a browser on this machine opens; a program that listens everywhere is also at loopback."""
    if host in ("0.0.0.0", "::"):  # noqa: S104  compared, not listened on
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def proxy_options(proxy: str) -> dict[str, Any]:
    """Whose word waitress takes for where a request came from: that of one named proxy, or nobody's."""
    if not proxy:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": proxy,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for"},
        "clear_untrusted_proxy_headers": True,
    }


def run_worker(app: Flask, *, workers: int, parent: int | None = None) -> None:
    """Do background jobs until SIGTERM, after which the jobs in hand have JOB_PATIENCE seconds to end.

    With ``parent``, also stop when that process has gone: a killed ``serve`` must not leave a worker behind.
    """
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    queue: Queue = app.extensions["followthrough.queue"]
    queue.consumer(workers=workers, patience=JOB_PATIENCE).run()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


class WorkerProcess:
    """The worker as a child of ``serve``, with the same address in its links; started again if it dies."""

    def __init__(self, *, base_url: str) -> None:
        self._environment = worker_environment(os.environ, base_url=base_url)
        self._ending = threading.Event()
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        """In a session of its own: Ctrl+C is for ``serve``, which then lets the worker end its jobs."""
        command = [sys.executable, "-m", "tracker", "worker", "--parent", str(os.getpid())]
        return subprocess.Popen(command, env=self._environment, start_new_session=True)

    def watch(self) -> None:
        """Keep a worker running, from a thread of its own."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._ending.wait(CHECK_SECONDS):
            if self._process.poll() is not None:
                log.warning("The worker ended with status %s; starting it again.", self._process.returncode)
                self._process = self._start()

    def end(self) -> None:
        self._ending.set()
        self._process.terminate()
        try:
            self._process.wait(timeout=JOB_PATIENCE + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()


def worker_environment(environ: Mapping[str, str], *, base_url: str) -> dict[str, str]:
    """That of the parent, with the address that the parent found out."""
    return {**environ, f"{PREFIX}BASE_URL": base_url}


def stop_on_term() -> None:
    """Turn SIGTERM into the ordinary end of the program, so that children and sockets are cleaned up."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
