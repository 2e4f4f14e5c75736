"""A mixed day of 50 people: 70 % reads, 20 % item changes, 10 % postmortem saves, and the server killed in between.

    python -m bench.load [--save] [--database SQLite|PostgreSQL] [--seconds 8] [--kills 4]

10,000 incidents and 50,000 action items, one web process over HTTP. The day and a bare view with one SELECT take turns
on the same server, so that whatever else the machine does slows both. Then the server is killed (kill -9) again and
again while everybody goes on. Exit status 1 when an answer was an error, or an acknowledged write is not there once.
`--save` writes RESULT.md beside this file.
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.context import SpawnProcess
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import create_engine, text

from bench.live.server import processor_seconds
from bench.load.people import Colleague, Noted, all_at_once, start
from bench.load.report import PAUSE, Found, Phase, chapter, joined
from bench.load.scene import PEOPLE, Scene, lost_writes, prepare
from bench.machine import machine
from bench.pages import seeded
from bench.pages.server import free_port, serve, wait_for
from tests.databases import PostgresServer
from tracker import clock
from tracker.config import Settings

ROUNDS = 3


class Server:
    """The product on one waitress, which can be killed and started again at the same address."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.port = settings, free_port()
        self._process = self._start()

    def _start(self) -> SpawnProcess:
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(self._settings, self.port))
        process.start()
        return process

    def wait(self) -> None:
        wait_for(self.port, self._process)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def kill_and_start(self) -> None:
        self._process.kill()
        self._process.join()
        self._process = self._start()

    def end(self) -> None:
        self._process.terminate()
        self._process.join()


def phase_of(people: list[Colleague], step: Callable[[Colleague], None], *, server: Server, seconds: float) -> Phase:
    for person in people:
        person.turn_to(server.port)
    before = processor_seconds(server.pid)
    taken = all_at_once(people, step, seconds=seconds)
    return Phase([person.noted for person in people], taken, processor_seconds(server.pid) - before)


def killed_phase(people: list[Colleague], *, server: Server, kills: int) -> Phase:
    """Everybody goes on; the server dies after some seconds, and is started again."""
    chance, is_over, begun = random.Random(seeded.SEED), list[bool](), time.monotonic()
    for person in people:
        person.turn_to(server.port)
    threads = start(people, Colleague.go_on, until=lambda: bool(is_over))
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(3, 6))
            server.kill_and_start()
            wait_for_an_answer(people)
        time.sleep(3)
    finally:
        is_over.append(True)
        for thread in threads:
            thread.join()
    return Phase([person.noted for person in people], time.monotonic() - begun, 0)


def wait_for_an_answer(people: list[Colleague]) -> None:
    """Until somebody was answered by the server that was just started."""
    before = answers_of(people)
    for _ in range(600):
        if answers_of(people) > before:
            return
        time.sleep(0.1)
    raise RuntimeError("The server did not come back.")


def answers_of(people: list[Colleague]) -> int:
    return sum(len(times) for person in people for times in list(person.noted.times.values()))


def measure(name: str, scene: Scene, *, seconds: float, kills: int) -> Found:
    people = [Colleague(number, cookie=cookie, work=scene.work) for number, cookie in enumerate(scene.cookies, 1)]
    server = Server(scene.settings)
    try:
        server.wait()
        return _measured(name, people, server=server, seconds=seconds, kills=kills, url=scene.settings.database_url)
    finally:
        server.end()


def _measured(name: str, people: list[Colleague], *, server: Server, seconds: float, kills: int, url: str) -> Found:
    phase_of(people, Colleague.go_on, server=server, seconds=3)  # templates are compiled, connections made
    first = [person.noted for person in people]
    bare, day = [], []
    for _ in range(ROUNDS):
        bare.append(phase_of(people, Colleague.look_at_the_bare_view, server=server, seconds=seconds / 2))
        day.append(phase_of(people, Colleague.go_on, server=server, seconds=seconds))
    for person in people:
        person.pause = PAUSE
    unhurried = phase_of(people, Colleague.go_on, server=server, seconds=2 * seconds)
    for person in people:
        person.pause = 0
    killed = killed_phase(people, server=server, kills=kills)
    found = Found(name, joined(bare), joined(day), unhurried, killed, kills, [])
    found.wrong.extend(wrong_in(found, first=first, url=url))
    return found


def wrong_in(found: Found, *, first: list[Noted], url: str) -> list[str]:
    """Errors, connections that ended while nobody killed the server, and writes that are not as people were told."""
    notes = [*first, *found.notes]
    alive = [*first, *(noted for phase in (found.bare, found.day, found.unhurried) for noted in phase.notes)]
    wrong = [f"{found.name}: {error}" for noted in notes for error in noted.errors]
    wrong += [f"{found.name}: somebody was cut off." for noted in alive if noted.cut_off]
    engine = create_engine(url)
    wrong += [f"{found.name}: {line}" for line in lost_writes(engine, notes)]
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            if (said := connection.scalar(text("PRAGMA integrity_check"))) != "ok":
                wrong.append(f"{found.name}: the file is damaged: {said}")
    engine.dispose()
    return wrong


@contextmanager
def scenes(names: list[str], *, incidents: int) -> Iterator[list[Scene]]:
    """A filled database of each kind, made side by side; PostgreSQL as safe as it is where it is really used."""
    with ExitStack() as stack:
        folders = [stack.enter_context(TemporaryDirectory()) for _ in names]
        urls = [
            f"sqlite:///{folder}/load.db" if name == "SQLite" else safe(stack.enter_context(PostgresServer()))
            for name, folder in zip(names, folders, strict=True)
        ]
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            made = list(pool.map(prepare, urls, folders, [incidents] * len(names)))
        yield made


def safe(postgres: PostgresServer) -> str:
    """An empty database that keeps what it acknowledged, without the short cuts of the tests."""
    url = postgres.create("load")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SELECT pg_sleep(1)")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    return url


HEAD = """# A mixed day of 50 people

`python -m bench.load {arguments}`, {day}, {machine}.
Load average of the machine before it began: {before:.1f}; at the end, with the bench: {after:.1f}.

{incidents:,} incidents, {items:,} action items, {people} people at work, each with a session and a connection of their
own; one web process (waitress, 8 threads) and the people on the same machine. Jobs do not run meanwhile. Files lie on a
disk, SQLite commits with `synchronous=FULL`, PostgreSQL with `fsync` and `synchronous_commit` on.
The bare view is that of `bench/pages`: session, person, one `SELECT`, ten lines of HTML, a route of the same process.
{rounds} rounds of bare view and day in turn. Processor time says more than the clock when others use the machine too.

Each write adds a mark of its own to a text that the 50 change together. Afterwards each acknowledged mark has to be
there once, and none that was refused. The server dies by `kill -9` while everybody works and is started again; a write
that was cut off may be there or not.

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--database", choices=["SQLite", "PostgreSQL"], help="only this one")
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=8, help="of one round of the day")
    parser.add_argument("--kills", type=int, default=4)
    chosen = parser.parse_args()
    before = os.getloadavg()[0]
    names = [chosen.database] if chosen.database else ["SQLite", "PostgreSQL"]
    with scenes(names, incidents=chosen.incidents) as made:
        found = [
            measure(name, scene, seconds=chosen.seconds, kills=chosen.kills)
            for name, scene in zip(names, made, strict=True)
        ]
    result = head(before, incidents=chosen.incidents) + "\n".join(chapter(one) for one in found)
    print(result)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(result, encoding="utf-8")
    return 1 if any(one.wrong for one in found) else 0


def head(load: float, *, incidents: int) -> str:
    return HEAD.format(
        arguments=" ".join(sys.argv[1:]),
        day=clock.utcnow().date(),
        machine=machine(),
        before=load,
        after=os.getloadavg()[0],
        incidents=incidents,
        items=incidents * seeded.ITEMS_EACH,
        people=PEOPLE,
        rounds=ROUNDS,
    )


if __name__ == "__main__":
    sys.exit(main())
