"""Questions asked in a process of their own, as a worker does: what each took, what came, and the memory it needed."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import IndexDocument
from tracker.recurrence.described import described_incidents
from tracker.recurrence.known import known_incidents
from tracker.recurrence.prepared import Prepared, prepare
from tracker.recurrence.question import Basis, ask
from tracker.recurrence.stored import Stored

WARM = 5
"""Questions before the first that counts."""
REFERENCES = 100
"""Questions that the reference is asked too."""

Answer = list[tuple[int, float, tuple[tuple[str, int], ...]]]


@dataclass
class Asked:
    answers: list[Answer] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Of this process: all of the work on SQLite, on PostgreSQL without the server's."""
    before: float = 0.0
    """MB of a process that has the application and asked the database something."""
    most: float = 0.0
    """MB at the highest."""


def settings_for(url: str, *, folder: Path) -> Settings:
    return Settings(instance_path=folder, database_url=url, secret_key="x" * 32, timezone=ZoneInfo("UTC"))


def ask_all(url: str, ids: list[int]) -> Asked:
    """Each question end to end: its incident is read, prepared, compared and explained."""
    asked = Asked()
    with TemporaryDirectory() as folder, create_app(settings_for(url, folder=Path(folder))).app_context():
        _asking(ids[0])
        asked.before = _most_memory()
        for number in (*ids[:WARM], *ids):
            session.rollback()
            wall, processor = perf_counter(), process_time()
            matches = known_incidents().match(_asking(number), limit=10)
            asked.wall.append(perf_counter() - wall)
            asked.processor.append(process_time() - processor)
            asked.answers.append([(match.incident_id, match.score, match.shared_terms) for match in matches])
        asked.most = _most_memory()
        session.remove()
        database.engine.dispose()
    for each in (asked.wall, asked.processor, asked.answers):
        del each[:WARM]
    return asked


def ask_reference(url: str, ids: list[int]) -> tuple[list[float], list[float]]:
    """The same terms put to SQLite's full text search (FTS5, bm25): the best 200, in seconds, and the processor's."""
    wall, processor = [], []
    with TemporaryDirectory() as folder, create_app(settings_for(url, folder=Path(folder))).app_context():
        connection = sqlite3.connect(Path(folder) / "reference.db")
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5(title, body)")
        columns = (IndexDocument.incident_id, IndexDocument.title_terms, IndexDocument.body_terms)
        rows = session.execute(select(*columns).execution_options(yield_per=1_000))
        connection.executemany("INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)", (tuple(row) for row in rows))
        connection.commit()
        for number in ids[:REFERENCES]:
            terms = ask(_asking(number), Basis.DECLARED, store=Stored()).searching
            query = " OR ".join('"' + term.replace('"', "") + '"' for term in sorted(terms))
            begin, used = perf_counter(), process_time()
            connection.execute(
                "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT 200", [query]
            ).fetchall()
            wall.append(perf_counter() - begin)
            processor.append(process_time() - used)
        connection.close()
        session.remove()
        database.engine.dispose()
    return wall, processor


def _asking(number: int) -> Prepared:
    return prepare(next(iter(described_incidents([number]))))


def _most_memory() -> float:
    """The memory of this process in MB, at its highest so far; ``getrusage`` would count its parent's too."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
