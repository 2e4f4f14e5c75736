"""What the live incident costs: 200 open rooms, a storm of alerts, and the status page of a locked database.

    python -m bench.live [--save]

Processor time is the server's own, from ``/proc``: on a machine that does other things meanwhile it says more than the
clock. Exit status 1 when a goal is missed. `--save` writes RESULT.md beside this file.
"""

import argparse
import gzip
import os
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_urlsafe
from threading import Thread
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import psycopg

from bench.live.server import processor_seconds, server
from bench.live.storm import ALERTS, Storm, measure_storms
from bench.pages.server import cookie_of
from tests import make
from tests.databases import PostgresServer, make_template
from tracker import clock, create_app
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.models import Audience, Phase, Setting, StatusComponent, TimelineEntry, Update
from tracker.status.settings_row import NAME

ROOMS = 200
EVERY = 5.0
"""Seconds between two questions of a room, as templates/incidents/_timeline.html says."""
SECONDS = 30.0
ENTRIES = 40
NOTES = 2
REQUESTS = 10_000
POLL = re.compile(rb'hx-get="(/incidents/INC-\d+/timeline[^"]+)"')


@dataclass(frozen=True)
class Rooms:
    cores: float
    answers: int
    news: int
    median_ms: float
    slow_ms: float


@dataclass(frozen=True)
class Status:
    wall_per_second: float
    core_per_second: float
    slow_ms: float


def settings_of(url: str, folder: str) -> Settings:
    make_template(url, Path(folder))
    return Settings(instance_path=Path(folder), database_url=url, secret_key=token_urlsafe(), timezone=ZoneInfo("UTC"))


def cookies(settings: Settings) -> list[str]:
    """A live incident and somebody signed in for each room."""
    app = create_app(settings)
    found = []
    with app.app_context():
        now = clock.utcnow()
        for number in range(ROOMS):
            person = make.person(f"Reader {number}")
            incident = make.incident(phase=Phase.TRIAGED, declared_at=now)
            with transaction():
                session.add_all(
                    TimelineEntry(incident_id=incident.id, text=f"Entry {one}", at=now, created_at=now)
                    for one in range(ENTRIES)
                )
            with transaction():
                found.append(cookie_of(app, person))
        session.remove()
        database.engine.dispose()
    return found


class Room:
    """One open room: it asks every few seconds, and asks for what it has not seen."""

    def __init__(self, number: int, *, port: int, cookie: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Cookie": cookie, "HX-Request": "true", "Accept-Encoding": "gzip"}
        self._page = f"/incidents/INC-{number}"
        self.poll = self._token = ""
        self.times: list[float] = []
        self.news = 0

    def open(self) -> None:
        body = self._ask(self._page, {"Cookie": self._headers["Cookie"]})[1]
        found = POLL.search(body)
        assert found, "The room does not ask for news."
        self.poll = found[1].decode().replace("&amp;", "&")
        token = re.search(rb'name="csrf-token" content="([^"]+)"', body)
        assert token, "The room has no token."
        self._token = token[1].decode()

    def ask(self) -> None:
        """What another browser in the room asks: it has not seen what ``note`` was answered."""
        begun = time.perf_counter()
        status, body = self._ask(self.poll, self._headers)
        self.times.append(1000 * (time.perf_counter() - begun))
        self.news += status == 200
        found = POLL.search(body)
        self.poll = found[1].decode().replace("&amp;", "&") if found else self.poll

    def note(self) -> None:
        """One line more on the timeline."""
        words = urlencode(
            {"text": "Error rate goes down after the restart.", "kind": "event", "csrf_token": self._token}
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._ask(f"{self._page}/timeline", self._headers | kind, words)

    def _ask(self, address: str, headers: dict[str, str], sent: str | None = None) -> tuple[int, bytes]:
        self._connection.request("POST" if sent else "GET", address, headers=headers, body=sent)
        answer = self._connection.getresponse()
        body = answer.read()
        body = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
        if kept := answer.headers.get("Set-Cookie"):
            self._headers["Cookie"] = kept.partition(";")[0]
        assert answer.status in (200, 204), f"{address} answered {answer.status}"
        return answer.status, body


def measure_rooms(*, notes: int) -> Rooms:
    """``notes``: how many lines each room gets meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(f"sqlite:///{folder}/rooms.db", folder)
        signed_in = cookies(settings)
        with server(settings) as (port, pid):
            rooms = [Room(number + 1, port=port, cookie=cookie) for number, cookie in enumerate(signed_in)]
            for room in rooms:
                room.open()
            before, begun = processor_seconds(pid), time.monotonic()
            threads = [Thread(target=ask_in_turn, args=(rooms[one::8], begun, notes)) for one in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            taken = time.monotonic() - begun
            used = processor_seconds(pid) - before
    times = sorted(one for room in rooms for one in room.times)
    return Rooms(
        cores=used / taken,
        answers=len(times),
        news=sum(room.news for room in rooms),
        median_ms=statistics.median(times),
        slow_ms=times[int(len(times) * 0.99)],
    )


def ask_in_turn(rooms: list[Room], begun: float, notes: int) -> None:
    """Each room once in ``EVERY`` seconds, spread evenly; in the first ``notes`` turns somebody writes before."""
    for turn in range(int(SECONDS / EVERY) * len(rooms)):
        due = begun + turn * EVERY / len(rooms)
        time.sleep(max(0.0, due - time.monotonic()))
        room = rooms[turn % len(rooms)]
        if turn < notes * len(rooms):
            room.note()
        room.ask()


def measure_status() -> Status:
    """PostgreSQL, whose tables can be locked for readers too; SQLite's readers never wait for a writer."""
    with PostgresServer() as postgres, tempfile.TemporaryDirectory() as folder:
        url = postgres.create("status")
        settings = settings_of(url, folder)
        fill_status(settings)
        with server(settings) as (port, pid):
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            read_status(connection)
            plain = url.replace("postgresql+psycopg", "postgresql")
            with psycopg.connect(plain) as locking:
                locking.execute("LOCK TABLE settings, incidents, updates IN ACCESS EXCLUSIVE MODE")
                time.sleep(6)  # the kept pages are older than what counts as fresh
                before, begun = processor_seconds(pid), time.monotonic()
                times = sorted(read_status(connection) for _ in range(REQUESTS))
                taken, used = time.monotonic() - begun, processor_seconds(pid) - before
                locking.rollback()
    return Status(REQUESTS / taken, REQUESTS / used, times[int(len(times) * 0.99)])


def fill_status(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        value = {"is_on": True, "title": "Acme status", "intro": ""}
        make.save(Setting(name=NAME, value=value, changed_at=clock.utcnow()))
        for number in range(12):
            service = make.service(f"Service {number}")
            make.save(StatusComponent(service_id=service.id, name=service.name))
            incident = make.incident(services=[service], declared_at=clock.utcnow())
            make.save(
                Update(
                    incident_id=incident.id,
                    audience=Audience.USERS,
                    text="We are looking into it. " * 8,
                    sent_at=clock.utcnow(),
                )
            )
        session.remove()
        database.engine.dispose()


def read_status(connection: HTTPConnection) -> float:
    begun = time.perf_counter()
    connection.request("GET", "/status", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200
    return 1000 * (time.perf_counter() - begun)


def report(quiet: Rooms, busy: Rooms, storms: list[Storm], status: Status) -> str:
    load = os.getloadavg()[0]
    machine = f"{clock.utcnow():%Y-%m-%d}, {os.cpu_count()} cores with a load of {load:.0f} from other work"
    return f"""# What the live incident costs

`python -m bench.live --save`, {machine}, Python {sys.version.split()[0]}.
Processor seconds are the web process's own.

## 200 open rooms (goal: less than one core)

{ROOMS} people in {ROOMS} rooms of {ENTRIES} entries each, each on a connection of its own, SQLite.
Every room asks every {EVERY:.0f} s for {SECONDS:.0f} s.

| rooms | cores | answers | with news | median | 99 of 100 under |
|---|---|---|---|---|---|
{room_line("quiet", quiet)}
{room_line(f"busy: {NOTES} entries a room in the {SECONDS:.0f} s", busy)}

A quiet answer is two statements. The busy figure contains the writing; all news is the whole timeline.

## A storm of {ALERTS:,} alerts (goal: few incidents, short timelines, bounded time and memory)

Alertmanager's notifications on one connection, one after the other, SQLite. Memory: the most that the web process held.

| storm | seconds | slowest answer | incidents | longest timeline | memory before | memory after |
|---|---|---|---|---|---|---|
{chr(10).join(storm.line for storm in storms)}

## Status page while the database is locked (goal: 1,000 a second)

PostgreSQL, with `LOCK TABLE settings, incidents, updates IN ACCESS EXCLUSIVE MODE` held by somebody else, so that
nothing can be read; {REQUESTS:,} requests over one connection, one after the other, all answered 200.
One core serves **{status.core_per_second:,.0f} a second**. By the clock of this busy machine it was
{status.wall_per_second:,.0f} a second, reader and server together; 99 of 100 came in {status.slow_ms:.1f} ms.
"""


def room_line(name: str, rooms: Rooms) -> str:
    cells = (
        name,
        f"**{rooms.cores:.2f}**",
        f"{rooms.answers:,}",
        f"{rooms.news:,}",
        f"{rooms.median_ms:.1f} ms",
        f"{rooms.slow_ms:.0f} ms",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    chosen = parser.parse_args()
    quiet, busy = measure_rooms(notes=0), measure_rooms(notes=NOTES)
    storms, status = measure_storms(settings_of), measure_status()
    text = report(quiet, busy, storms, status)
    print(text)
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(text)
    if max(quiet.cores, busy.cores) >= 1 or status.core_per_second < 1000:
        sys.exit(1)


if __name__ == "__main__":
    main()
