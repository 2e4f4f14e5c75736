"""What the benches share that kill workers at every step: both databases, one worker and two, one report."""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from tests.databases import PostgresServer

MOST_STEPS = 80


class Turns(Protocol):
    """What killing at each step of one database came to."""

    @property
    def turns(self) -> int: ...

    @property
    def wrong(self) -> tuple[str, ...]: ...


T = TypeVar("T", bound=Turns)
T_co = TypeVar("T_co", bound=Turns, covariant=True)


class Kill(Protocol[T_co]):
    """Kills at each step up to ``steps``; the name and the address of an empty database come first."""

    def __call__(self, database_name: str, url: str, *, workers: int, steps: int) -> T_co: ...


def on_both(kill: "Kill[T]", *, name: str) -> list[T]:
    """One worker, then two as far as the one came, on SQLite and on PostgreSQL."""
    found: list[T] = []
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        for database in ("SQLite", "PostgreSQL"):
            is_sqlite = database == "SQLite"
            urls = (f"sqlite:///{folder}/{n}.db" if is_sqlite else server.create(f"{name}_{n}") for n in (1, 2))
            alone = kill(database, next(urls), workers=1, steps=MOST_STEPS)
            found += [alone, kill(database, next(urls), workers=2, steps=alone.turns)]
    return found


def run(kill: "Kill[T]", *, report: Callable[[Sequence[T]], str], bench: Path, about: str | None) -> int:
    """The command of a bench: measure, print, keep with ``--save``; 1 when anything went wrong."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    chosen = parser.parse_args()
    found = on_both(kill, name=bench.name)
    text = report(found)
    print(text)
    if chosen.save:
        (bench / "RESULT.md").write_text(text, encoding="utf-8")
    return 1 if any(one.wrong for one in found) else 0
