"""One database measured: filled, read, asked, changed, asked again, read anew and asked a third time."""

import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import TypeVar

from sqlalchemy import text

from bench.recurrence import asked, made
from bench.recurrence.asked import Asked, settings_for
from bench.recurrence.told import Timed, both, memory, once
from tests.databases import make_template
from tracker import clock, create_app
from tracker.db import database, session, transaction
from tracker.models import Incident
from tracker.recurrence import index
from tracker.recurrence.jobs import read_what_is_marked

Value = TypeVar("Value")

CHANGED = 100
"""Incidents that are added, edited and deleted, a hundred each."""


@dataclass
class Found:
    """What one database took, and what it answered at each moment."""

    read: Timed = (0.0, 0.0)
    read_anew: Timed = (0.0, 0.0)
    changes: dict[str, list[Timed]] = field(default_factory=lambda: {"added": [], "edited": [], "deleted": []})
    asked: list[Asked] = field(default_factory=list)
    reference: tuple[list[float], list[float]] = ([], [])


def measure(url: str, path: Path, *, count: int, questions: int) -> Found:
    found = Found()
    ids = sorted(Random(2).sample(range(count // 2, count), min(questions, count // 3)))
    with tempfile.TemporaryDirectory() as folder:
        make_template(url, Path(folder))
        with create_app(settings_for(url, folder=Path(folder))).app_context():
            made.fill(path, count=count)
            found.read = timed(read_all)
            say("everything read", once(found.read))
            settle()
            found.asked.append(in_a_process(asked.ask_all, url, ids))
            say("asked", f"{both(found.asked[0].wall, found.asked[0].processor)}, {memory(found.asked[0])}")
            if url.startswith("sqlite"):
                found.reference = in_a_process(asked.ask_reference, url, ids)
            change_some(count, found.changes)
            say("changed", {kind: both(*zip(*times, strict=True)) for kind, times in found.changes.items()})
            found.asked.append(in_a_process(asked.ask_all, url, ids))
            found.read_anew = timed(read_all)
            say("everything read anew", once(found.read_anew))
            found.asked.append(in_a_process(asked.ask_all, url, ids))
            session.remove()
            database.engine.dispose()
    return found


def in_a_process(work: Callable[[str, list[int]], Value], url: str, ids: list[int]) -> Value:
    session.rollback()
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, url, ids).result()


def read_all() -> None:
    with transaction():
        index.mark_all()
    read_what_is_marked(clock.utcnow())


def change_some(count: int, times: dict[str, list[Timed]]) -> None:
    """Add, edit and delete incidents as people do, the index reading after each; what the reading took."""
    texts = made.texts(CHANGED * 3 + 1)
    for number in range(1, CHANGED + 1):
        with transaction():
            made.add(count + number, title=f"Added: {texts[number]}", summary=texts[number + CHANGED])
        times["added"].append(timed(read_marked))
        with transaction():
            session.get_one(Incident, number * 3).summary = texts[number + 2 * CHANGED]
        times["edited"].append(timed(read_marked))
        with transaction():
            session.delete(session.get_one(Incident, number * 3 + 1))
        times["deleted"].append(timed(read_marked))


def read_marked() -> None:
    """What the job does after a change."""
    with transaction():
        index.read_marked()


def timed(work: Callable[[], None]) -> Timed:
    begin, used = perf_counter(), process_time()
    work()
    return perf_counter() - begin, process_time() - used


def say(name: str, one: object) -> None:
    """What is known so far of a run that takes half an hour."""
    where = "SQLite" if database.engine.dialect.name == "sqlite" else "PostgreSQL"
    print(f"{clock.utcnow():%H:%M:%S} {where}, {name}: {one}", file=sys.stderr, flush=True)


def settle() -> None:
    """What a database does by itself within minutes: statistics, and which pages are visible to all."""
    session.rollback()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))
