"""How long the library takes to read and to search the postmortems of 10,000 incidents.

    python -m bench.library [--save] [--incidents 10000]

Exit status 1 when a search takes longer than a tenth of a second. `--save` writes the table to RESULT.md beside this
file.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from bench.machine import machine
from bench.pages import seeded
from bench.pages.filled import filled, settings_for
from tracker import clock
from tracker.db import session
from tracker.library.jobs import read_library
from tracker.library.queries import Filter, shelf
from tracker.models import LibraryText, LibraryWord, Person

ROUNDS = 7
SECONDS = 0.1
SEARCHES = ("", "database", "retries held the pool", "co", "the", "nothingofthekind")


def main(*, incidents: int, is_kept: bool) -> int:
    now = clock.utcnow()
    with tempfile.TemporaryDirectory() as name:
        settings = settings_for(Path(name), f"sqlite:///{Path(name) / 'bench.db'}")
        app = filled(settings, incidents=incidents, now=now)
        with app.app_context():
            begin = time.perf_counter()
            while read_library(now):
                pass
            reading = time.perf_counter() - begin
            texts, words = (session.scalar(select(func.count()).select_from(one)) for one in (LibraryText, LibraryWord))
            begin = time.perf_counter()
            read_library(now + timedelta(hours=2))
            again = time.perf_counter() - begin
            reader = session.get_one(Person, seeded.READER)
            times = {typed: seconds_of(typed, reader=reader) for typed in SEARCHES}
            found = {typed: shelf(Filter(q=typed), viewer=reader, number=1).total for typed in SEARCHES}
    report = [
        "# Library: reading and searching",
        "",
        f"`python -m bench.library --save`, {now:%Y-%m-%d}, {machine()}, SQLite, median of {ROUNDS}",
        "",
        f"{texts:,} published postmortems, {words:,} words.",
        f"Read for the first time in {reading:.1f} s; five hundred read again in {again:.1f} s.",
        "",
        "| typed | found | milliseconds |",
        "|---|---:|---:|",
        *(f"| {typed or '(nothing)'} | {found[typed]:,} | {1000 * times[typed]:.1f} |" for typed in SEARCHES),
    ]
    print("\n".join(report))
    if is_kept:
        Path(__file__).with_name("RESULT.md").write_text("\n".join(report) + "\n", "utf-8")
    return int(max(times.values()) > SECONDS)


def seconds_of(typed: str, *, reader: Person) -> float:
    def once() -> float:
        begin = time.perf_counter()
        shelf(Filter(q=typed), viewer=reader, number=1)
        return time.perf_counter() - begin

    return median(once() for _ in range(ROUNDS))


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--save", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    given = options()
    raise SystemExit(main(incidents=given.incidents, is_kept=given.save))
