"""How long a start takes, what the process holds in memory, and how much disk the installation needs.

    python -m bench.start [--save] [--requests 10000]

`followthrough web` as people run it, on SQLite and on PostgreSQL, with the 1,000 incidents of `bench/pages`: from the
command to the first whole page, memory then and after 10,000 requests of everyday pages; and a fresh environment with
what `requirements.lock` asks for. Exit status 1 when a goal is missed. `--save` writes RESULT.md beside this file.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.live.server import processor_seconds
from bench.machine import machine
from bench.pages.__main__ import ADDRESSES, visible_numbers
from bench.pages.filled import databases, filled, settings_for
from bench.pages.seeded import ITEMS_EACH, READER
from bench.pages.server import Client, cookie_of, free_port
from tracker import clock
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Person

ROOT = Path(__file__).parents[2]
INCIDENTS, STARTS, CLIENTS = 1_000, 5, 4
SECONDS, MEGABYTES, GROWTH, INSTALLED = 2.0, 120, 0.10, 150
"""The goals: to the first page, after the start, after the requests, and on the disk."""
BROUGHT = ("_distutils_hack", "distutils-precedence", "pip", "pkg_resources", "setuptools")
"""What a virtual environment brings along before anything is installed."""

WHY = "Each of the large ones is there for something that is promised; see docs/operations.md, How much room it takes."


@dataclass
class Started:
    kind: str
    seconds: list[float]
    processor: list[float]
    listening: float
    first_page: float
    warm: float
    after: float
    requests: int

    @property
    def growth(self) -> float:
        """From when every kind of page was shown some times to the end of the requests."""
        return self.after / self.warm - 1

    @property
    def wrong(self) -> list[str]:
        found = []
        if median(self.seconds) > SECONDS:
            found.append(f"{self.kind}: {median(self.seconds):.1f} s to the first page, the goal is {SECONDS:.0f}.")
        if self.listening > MEGABYTES:
            found.append(f"{self.kind}: {self.listening:.0f} MB after the start, the goal is {MEGABYTES}.")
        if self.growth > GROWTH:
            found.append(f"{self.kind}: {self.growth:.0%} more after the requests, the goal is {GROWTH:.0%}.")
        return found


class Web:
    """`followthrough web` as a process of its own."""

    def __init__(self, settings: Settings) -> None:
        self.port = free_port()
        names = {
            "INSTANCE_PATH": settings.instance_path,
            "DATABASE_URL": settings.database_url,
            "SECRET_KEY": settings.secret_key,
        }
        environment = {**os.environ, **{f"FOLLOWTHROUGH_{name}": str(value) for name, value in names.items()}}
        command = [sys.executable, "-m", "tracker", "web", "--port", str(self.port)]
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
        self.pid = self._process.pid

    def wait(self, path: str) -> float:
        """Seconds since the command until this was answered whole."""
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request("GET", path)
                assert connection.getresponse().read()
                return time.perf_counter() - self.begun
            except ConnectionRefusedError:
                if self._process.poll() is not None:
                    raise RuntimeError("The server ended before it answered.") from None
                time.sleep(0.005)
            finally:
                connection.close()

    @property
    def megabytes(self) -> float:
        """What the process holds now (VmRSS)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def running(settings: Settings) -> Iterator[Web]:
    web = Web(settings)
    try:
        yield web
    finally:
        web.end()


def measure(kind: str, *, requests: int, now: datetime) -> Started:
    with databases(kind) as create, TemporaryDirectory() as folder:
        settings = settings_for(Path(folder), create("start"))
        app = filled(settings, incidents=INCIDENTS, now=now)
        with app.app_context():
            paths = everyday(visible_numbers(), now=now)
            cookie = cookie_of(app, session.get_one(Person, READER))
            session.remove()
            database.engine.dispose()
        seconds, processor = first_pages(settings)
        with running(settings) as web:
            web.wait("/healthz")
            listening = web.megabytes
            web.wait("/sign-in")
            first_page = web.megabytes
            ask(web, cookie, paths[: requests // 20])
            warm = web.megabytes
            ask(web, cookie, (paths * (1 + requests // len(paths)))[requests // 20 : requests])
            return Started(kind, seconds, processor, listening, first_page, warm, web.megabytes, requests)


def first_pages(settings: Settings) -> tuple[list[float], list[float]]:
    """From the command to the first page, some times; the first of them only fills the machine's caches."""
    seconds, processor = [], []
    for turn in range(STARTS + 1):
        with running(settings) as web:
            taken = web.wait("/sign-in")
            if turn:
                seconds.append(taken)
                processor.append(processor_seconds(web.pid))
    return seconds, processor


def everyday(numbers: Sequence[int], *, now: datetime) -> list[str]:
    week = f"{now.isocalendar().year}-W{now.isocalendar().week:02}"
    kinds = [address for address in ADDRESSES if not address.is_after_a_change]
    return [address.url(number, week) for number in numbers for address in kinds]


def ask(web: Web, cookie: str, paths: Sequence[str]) -> None:
    """Several readers at once, each with a connection of their own."""

    def read(share: Sequence[str]) -> None:
        client = Client(web.port, cookie)
        for path in share:
            client.milliseconds(path)

    with ThreadPoolExecutor(CLIENTS) as readers:
        list(readers.map(read, [paths[place::CLIENTS] for place in range(CLIENTS)]))


def installed() -> tuple[dict[str, float], float]:
    """Megabytes of each folder that a fresh environment gets from `requirements.lock`, and of the bytecode in them."""
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run(
            [*pip, "install", "--quiet", "--quiet", "--require-hashes", "-r", ROOT / "requirements.lock"], check=True
        )
        listed = json.loads(subprocess.run([*pip, "list", "--format", "json"], capture_output=True, check=True).stdout)
        print(f"{len(listed)} distributions", file=sys.stderr)
        site = next(Path(folder).glob("lib/python*/site-packages"))
        found = [path for path in site.iterdir() if not path.name.startswith(BROUGHT)]
        bytecode = sum(megabytes(path) for one in found for path in one.rglob("*.pyc"))
        return {path.name: megabytes(path) for path in found}, bytecode


def megabytes(path: Path) -> float:
    """Blocks on the disk, as `du` counts."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(file.lstat().st_blocks * 512 for file in files) / 1_000_000


HEAD = """# Start, memory, disk

`python -m bench.start {arguments}`, {day}, {machine}.
Load average of the machine before it began: {load:.1f}.

`followthrough web` with {incidents:,} incidents and {items:,} action items. A start is measured from the command to
the last byte of `/sign-in`, {starts} times, with the machine's caches warm. Requests: the everyday pages of
`bench/pages` in turn, by {clients} readers at once; growth is from the {early:,}th request to the last. Memory is what
the process holds (VmRSS), the libraries' files that it shares with others among it.

{verdict}
"""
# The browser, the tests' servers and compilers are in `requirements-dev.lock`, which an installation does not need.


def table(found: Sequence[Started]) -> list[str]:
    lines = [f"| web process | {' | '.join(one.kind for one in found)} | goal |", "|---|" + "---:|" * (len(found) + 1)]
    rows = {
        "seconds to the first page": ([f"{median(one.seconds):.1f}" for one in found], f"{SECONDS:.0f}"),
        "- the quickest": ([f"{min(one.seconds):.1f}" for one in found], ""),
        "- processor seconds of them": ([f"{median(one.processor):.1f}" for one in found], ""),
        "MB when it listens": ([f"{one.listening:.0f}" for one in found], str(MEGABYTES)),
        "MB after the first page": ([f"{one.first_page:.0f}" for one in found], ""),
        "MB after every kind of page": ([f"{one.warm:.0f}" for one in found], ""),
        f"MB after {found[0].requests:,} requests": ([f"{one.after:.0f}" for one in found], ""),
        "- more than after every kind of page": ([f"{one.growth:+.0%}" for one in found], f"{GROWTH:+.0%}"),
    }
    return lines + [f"| {name} | {' | '.join(values)} | {goal} |" for name, (values, goal) in rows.items()]


def disk(parts: dict[str, float], bytecode: float) -> list[str]:
    heavy = sorted(parts.items(), key=lambda part: -part[1])[:15]
    rest = sum(parts.values()) - sum(size for _name, size in heavy)
    lines = ["", f"| on the disk, MB | {sum(parts.values()):.0f} | goal {INSTALLED} |", "|---|---:|---|"]
    lines += [*(f"| `{name}` | {size:.1f} | |" for name, size in heavy), f"| all others | {rest:.1f} | |"]
    return [*lines, f"| of all these, bytecode that pip makes so that starts are quick | {bytecode:.1f} | |"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--requests", type=int, default=10_000)
    chosen, now, load = parser.parse_args(), clock.utcnow(), os.getloadavg()[0]
    found = [measure(kind, requests=chosen.requests, now=now) for kind in ("sqlite", "postgresql")]
    parts, bytecode = installed()
    wrong = [line for one in found for line in one.wrong]
    if sum(parts.values()) > INSTALLED:
        wrong.append(f"The environment takes {sum(parts.values()):.0f} MB, the goal is {INSTALLED}. {WHY}")
    head = HEAD.format(
        arguments=" ".join(sys.argv[1:]),
        day=now.date(),
        machine=machine(),
        load=load,
        incidents=INCIDENTS,
        items=INCIDENTS * ITEMS_EACH,
        starts=STARTS,
        clients=CLIENTS,
        early=chosen.requests // 20,
        verdict="\n".join(wrong or ["Every goal is met."]),
    )
    result = "\n".join([head, *table(found), *disk(parts, bytecode), ""])
    print(result)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(result, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
