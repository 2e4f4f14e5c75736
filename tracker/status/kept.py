"""The public pages, ready to send, kept in memory: they are answered when the database is slow, locked or gone."""

import gzip
import hashlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from tracker.db import session

log = logging.getLogger(__name__)
EXTENSION = "followthrough.status"
FRESH_SECONDS = 5.0
"""So long nobody looks whether another process wrote something. What this process writes counts at once."""
PATIENCE_SECONDS = 0.5
"""So long a reader waits for a newer page when there is an older one."""
FIRST_PATIENCE_SECONDS = 20.0
"""So long the very first reader waits, who has nothing else to read."""


@dataclass(frozen=True)
class Body:
    """One answer, packed once for all its readers."""

    mimetype: str
    plain: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, text: str, mimetype: str) -> "Body":
        plain = text.encode()
        digest = hashlib.sha256(plain).hexdigest()[:20]
        return cls(mimetype, plain, gzip.compress(plain, mtime=0), digest)


Pages = dict[str, Body]


class Kept:
    """What ``make`` gave last, and at most one attempt at a time to have it newer.

    ``make`` runs in a thread of its own, so that a database that does not answer holds up nobody who reads.
    """

    def __init__(self, make: Callable[[], Pages]) -> None:
        self._make = make
        self._lock = Lock()
        self._maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="status")
        self._pages: Pages | None = None
        self._made_at = 0.0
        self._attempt: Future[Pages] | None = None
        self._tried_at = 0.0
        self._is_stale = True

    def mark_stale(self) -> None:
        self._is_stale = True

    def pages(self) -> Pages:
        """The newest pages that can be had soon; empty while the page is switched off.

        Raises:
            NotYet: there is none yet, and the database does not answer.
            SQLAlchemyError: the same, and the database said why.
        """
        if self._pages is not None and not self._is_old():
            return self._pages
        attempt = self._start()
        waits = FIRST_PATIENCE_SECONDS if self._pages is None else self._tried_at + PATIENCE_SECONDS - time.monotonic()
        try:
            return attempt.result(timeout=max(waits, 0))
        except (NotYet, SQLAlchemyError):
            if self._pages is None:
                raise
            return self._pages

    def _is_old(self) -> bool:
        return self._is_stale or time.monotonic() - self._made_at > FRESH_SECONDS

    def _start(self) -> "Future[Pages]":
        with self._lock:
            if self._attempt is None or self._attempt.done():
                self._tried_at, self._is_stale = time.monotonic(), False
                self._attempt = self._maker.submit(self._renew)
            return self._attempt

    def _renew(self) -> Pages:
        begun = time.monotonic()
        try:
            self._pages = self._make()
        except SQLAlchemyError:
            log.exception("The status page could not be made anew; the one from before is shown.")
            raise
        finally:
            self._made_at = begun
        return self._pages


def init_status(app: Flask) -> None:
    from tracker.status.making import make_pages  # noqa: PLC0415  what makes the pages also answers with them

    app.extensions[EXTENSION] = Kept(lambda: make_pages(app))


@event.listens_for(session, "after_commit")
def _note_commit(_session: object) -> None:
    kept: Kept | None = current_app.extensions.get(EXTENSION)
    if kept is not None:
        kept.mark_stale()
