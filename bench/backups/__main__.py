"""Backups taken while 50 people write, each restored elsewhere and read: whole, and as of one moment.

    python -m bench.backups [--save] [--incidents 1000] [--backups 2]

Everybody adds marks to texts, one after the other. A backup has to hold each mark that was acknowledged before it
began, and of each person's marks a beginning without gaps: nobody began one before the last one was acknowledged.
Exit status 1 when it is not so, or when a restored database is damaged. `--save` writes RESULT.md beside this file.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bench.load.__main__ import Server, scenes
from bench.load.people import Colleague, start
from bench.load.scene import PEOPLE, Scene, texts_of
from bench.machine import machine
from bench.machines.halves import environment_of


@dataclass(frozen=True)
class Taken:
    """One backup, and what its restored copy holds."""

    database: str
    seconds: float
    megabytes: float
    before: int
    """Marks acknowledged before it began."""
    there: int
    meanwhile: int
    """Marks acknowledged while it was taken."""
    wrong: tuple[str, ...]


def command(scene: Scene, *arguments: str) -> None:
    settings = scene.settings
    environment = environment_of(
        instance_path=str(settings.instance_path), database_url=settings.database_url, secret_key=settings.secret_key
    )
    done = subprocess.run(
        [sys.executable, "-m", "tracker", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def take(name: str, scene: Scene, people: list[Colleague], *, folder: Path, number: int) -> Taken:
    file = folder / f"{number}.backup"
    before = [len(person.noted.acknowledged) for person in people]
    began = time.monotonic()
    command(scene, "backup", str(file))
    seconds = time.monotonic() - began
    after = [len(person.noted.acknowledged) for person in people]
    with elsewhere(scene, folder / str(number), name=f"restored_{number}") as copy:
        command(copy, "restore", str(file))
        wrong, there = compare(copy, people, before=before, upto=after)
    return Taken(name, seconds, file.stat().st_size / 1e6, sum(before), there, sum(after) - sum(before), tuple(wrong))


@contextmanager
def elsewhere(scene: Scene, folder: Path, *, name: str) -> Iterator[Scene]:
    """Another installation on a database of the same kind, empty."""
    folder.mkdir()
    settings = replace(scene.settings, instance_path=folder, database_url=f"sqlite:///{folder}/followthrough.db")
    if not scene.settings.is_sqlite:
        url = make_url(scene.settings.database_url)
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        settings = replace(settings, database_url=url.set(database=name).render_as_string(False))
    copy = replace(scene, settings=settings)
    command(copy, "db", "upgrade")
    yield copy


def compare(copy: Scene, people: list[Colleague], *, before: list[int], upto: list[int]) -> tuple[list[str], int]:
    wrong, there = [], 0
    engine = create_engine(copy.settings.database_url)
    texts = texts_of(engine)
    for number, person in enumerate(people):
        marks = person.noted.acknowledged[: upto[number]]
        times = [texts.get((mark.kind, mark.number), "").count(mark.text) for mark in marks]
        there += sum(times)
        if any(one != 1 for one in times[: before[number]]):
            wrong.append(f"Person {number}: a mark from before the backup is not there once.")
        if times != sorted(times, reverse=True) or any(one > 1 for one in times):
            wrong.append(f"Person {number}: a mark is there and the one before it is not.")
    if copy.settings.is_sqlite:
        with engine.connect() as connection:
            whole = connection.scalar(text("PRAGMA integrity_check"))
            if whole != "ok" or connection.execute(text("PRAGMA foreign_key_check")).all():
                wrong.append(f"The restored file is damaged: {whole}")
    engine.dispose()
    return wrong, there


def measure(name: str, scene: Scene, *, backups: int) -> list[Taken]:
    people = [Colleague(number, cookie=cookie, work=scene.work) for number, cookie in enumerate(scene.cookies, 1)]
    server, is_over = Server(scene.settings), list[bool]()
    with TemporaryDirectory() as folder:
        try:
            server.wait()
            for person in people:
                person.turn_to(server.port)
            threads = start(people, Colleague.go_on, until=lambda: bool(is_over))
            try:
                time.sleep(5)
                found = [take(name, scene, people, folder=Path(folder), number=number) for number in range(backups)]
            finally:
                is_over.append(True)
                for thread in threads:
                    thread.join()
        finally:
            server.end()
    errors = tuple(error for person in people for error in person.noted.errors)
    return [*found[:-1], replace(found[-1], wrong=found[-1].wrong + errors)]


def report(found: list[Taken], *, incidents: int) -> str:
    lines = [
        "# Backups while 50 people write",
        "",
        f"`python -m bench.backups --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        f"{incidents:,} incidents; {PEOPLE} people read and write without a pause. Each backup was restored into an",
        "empty installation and read there: every mark acknowledged before the backup began has to be there once, and",
        "of each person's marks a beginning without gaps. Foreign keys and the file were checked.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "",
        "| database | seconds, with the start | MB | marks before | marks in it | acknowledged meanwhile | wrong |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(
            f"| {one.database} | {one.seconds:.1f} | {one.megabytes:.1f} | {one.before} | {one.there} "
            f"| {one.meanwhile} | {len(one.wrong)} |"
            for one in found
        ),
    ]
    return "\n".join([*lines, *(f"\n- {line}" for one in found for line in one.wrong)]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--incidents", type=int, default=1000)
    parser.add_argument("--backups", type=int, default=2, help="of each database")
    chosen = parser.parse_args()
    names, found = ["SQLite", "PostgreSQL"], []
    with scenes(names, incidents=chosen.incidents) as made:
        for name, scene in zip(names, made, strict=True):
            found += measure(name, scene, backups=chosen.backups)
    told = report(found, incidents=chosen.incidents)
    print(told)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(told, encoding="utf-8")
    return 1 if any(one.wrong for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
