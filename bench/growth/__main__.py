"""What pages cost as the rows grow: 10^3, 10^4, 10^5 and 10^6 action items, with their incidents and everything else.

    python -m bench.growth [--save] [--database sqlite|postgresql] [--rounds 30] [--largest 1000000]

A page's time is its ratio to a bare view with one SELECT on the same server in the same round, as in `bench/pages`.
Exit status 1 when a page about one object, or the first page of a list, costs more than twice as much with the most
rows as with the fewest. `--save` writes RESULT.md beside this file. The largest needs 4 GB of disk and, with a quiet
machine, about five minutes a database.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, func, select, text

from bench.growth.copies import multiply, shifts_of
from bench.live.server import most_memory_mb
from bench.live.server import server as measured_server
from bench.machine import machine
from bench.pages import __main__ as pages
from bench.pages.filled import databases, filled, look_through, settings_for, somebody_else
from bench.pages.seeded import ITEMS_EACH, PEOPLE, READER, SERVICES, TEAMS
from bench.pages.server import Client, cookie_of
from tracker import clock, create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.models import Base, Person

SIZES = (1_000, 10_000, 100_000, 1_000_000)
COMPANY = 10_000
"""Action items of the company of which there are several from here on."""
MOST_GROWTH = 2.0
WARM_UP = 2
PATIENCE = 10.0
"""Seconds for a page, after which five rounds have to do: what is counted anew takes seconds with the most rows."""
MORE = (
    pages.Address("/services", pages.LIST, lambda _number, _week: "/services"),
    pages.Address("/services, changed", None, lambda _number, _week: "/services", is_after_a_change=True),
    pages.Address("/teams", pages.LIST, lambda _number, _week: "/teams"),
    pages.Address("/incidents/new", pages.ONE_OBJECT, lambda _number, _week: "/incidents/new"),
    pages.Address("/incidents?q=", pages.LIST, lambda _number, _week: "/incidents?q=gateway"),
)
ADDRESSES = tuple(
    one for one in (*pages.ADDRESSES, *MORE) if "trends" not in one.name or one.is_after_a_change
)  # what is remembered of the trends costs nothing at any size


@dataclass
class Size:
    """What was found with so many action items."""

    items: int
    rows: int
    megabytes: int
    fill_seconds: float
    memory: int = 0
    times: dict[str, pages.Timing] = field(default_factory=dict)

    @property
    def incidents(self) -> int:
        return self.items // ITEMS_EACH


def sizes_of(kind: str, *, rounds: int, largest: int, now: datetime) -> list[Size]:
    """Each size measured, the smaller company in a database of its own."""
    found = []
    with databases(kind) as create, TemporaryDirectory() as folder:
        for base, sizes in ((SIZES[0], SIZES[:1]), (COMPANY, SIZES[1:])):
            settings = settings_for(Path(folder), create(f"growth_{base}"))
            begun = time.monotonic()
            filled(settings, incidents=base // ITEMS_EACH, now=now)
            engine = create_engine(settings.database_url)
            shifts, companies = shifts_of(engine), 1
            for items in (size for size in sizes if size <= largest):
                if items // base > companies:
                    begun = time.monotonic()
                    multiply(engine, first=companies, last=items // base - 1, shifts=shifts)
                    companies = items // base
                    settle(engine)
                size = sized(engine, items=items, seconds=time.monotonic() - begun)
                measure(size, settings, rounds=rounds, now=now)
                print(f"{kind}, {items:,} items: {size.fill_seconds:.0f} s to fill", file=sys.stderr, flush=True)
                found.append(size)
            engine.dispose()
    return found


def settle(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        look_through(engine)


def sized(engine: Engine, *, items: int, seconds: float) -> Size:
    with engine.connect() as connection:
        rows = sum(
            connection.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables
        )
        if engine.dialect.name == "sqlite":
            pages_of, size = (connection.exec_driver_sql(f"PRAGMA {it}").scalar() for it in ("page_count", "page_size"))
            octets = int(pages_of or 0) * int(size or 0)
        else:
            octets = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    return Size(items, rows, octets // 1_000_000, seconds)


def measure(size: Size, settings: Settings, *, rounds: int, now: datetime) -> None:
    app, iso = create_app(settings), now.isocalendar()
    with app.app_context():
        numbers = pages.visible_numbers()
        cookie = cookie_of(app, session.get_one(Person, READER))
        session.remove()
        database.engine.dispose()
    with measured_server(settings) as (port, pid), somebody_else(settings.database_url) as change:
        size.times = pages.timings(
            Client(port, cookie),
            numbers=numbers,
            week=f"{iso.year}-W{iso.week:02}",
            rounds=rounds,
            change=change,
            addresses=ADDRESSES,
            warm_up=WARM_UP,
            patience=PATIENCE,
        )
        size.memory = most_memory_mb(pid)


def growth(address: pages.Address, sizes: list[Size]) -> float:
    """How many times as much the page costs with the most rows as with the fewest, each against its bare view."""
    return sizes[-1].times[address.name].ratio / sizes[0].times[address.name].ratio


def chapter(kind: str, sizes: list[Size]) -> list[str]:
    def line(name: str, tell: Callable[[Size], str], *more: str) -> str:
        return f"| {' | '.join((name, *map(tell, sizes), *more))} |"

    lines = ["", f"## {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}", ""]
    lines += [line("action items", lambda size: f"{size.items:,}"), "|---|" + "---:|" * len(sizes)]
    lines += [
        line("incidents", lambda size: f"{size.incidents:,}"),
        line("teams, services, people", organisation),
        line("rows of all tables", lambda size: f"{size.rows:,}"),
        line("database, MB", lambda size: f"{size.megabytes:,}"),
        line("seconds to fill up to here", lambda size: f"{size.fill_seconds:.0f}"),
        line("most memory of the web process, MB", lambda size: str(size.memory)),
        "",
        line("times the bare view (ms)", lambda size: f"{size.items:,}", "growth", "goal"),
        "|---|" + "---:|" * (len(sizes) + 2),
    ]
    for address in ADDRESSES:
        goal = "none" if address.goal is None else f"{MOST_GROWTH:.0f}"
        mark = " missed" if is_missed(address, sizes) else ""
        lines.append(
            line(f"`{address.name}`", lambda size: cost(size, address), f"{growth(address, sizes):.1f}", goal + mark)  # noqa: B023
        )
    return lines


def organisation(size: Size) -> str:
    companies = max(1, size.items // COMPANY)
    return f"{TEAMS * companies:,}, {SERVICES * companies:,}, {PEOPLE * companies:,}"


def cost(size: Size, address: pages.Address) -> str:
    timing = size.times[address.name]
    return f"{timing.ratio:.1f} ({median(timing.page):.0f})"


def is_missed(address: pages.Address, sizes: list[Size]) -> bool:
    return address.goal is not None and growth(address, sizes) > MOST_GROWTH


HEAD = """# What pages cost as the rows grow

`python -m bench.growth {arguments}`, {day}, {machine}

1,000 action items are a company that has just begun: 200 incidents of two years. 10,000 are the same company with ten
times as much work. From there on there are more companies in the one database, each with teams, services, people and
incidents of its own: 100 of them have 1,000,000 items after 200,000 incidents. Asked for by one reader over HTTP,
{rounds} rounds of page, bare view, page, ..., or five where those take longer than {patience:.0f} seconds; each figure
is the median of a page's times over that of the bare view's, with milliseconds behind it. Jobs do not run. Incidents
and items are asked for all over the years, at random.

Pages about one object and the first pages of lists are to stay flat within a factor of {most:.0f}. The rows marked
"changed" count anew what is otherwise remembered until the next commit: they have to grow with what they count.

{verdict}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="action items to stop at")
    chosen, now = parser.parse_args(), clock.utcnow()
    report, missed = [], []
    for kind in [chosen.database] if chosen.database else ["sqlite", "postgresql"]:
        sizes = sizes_of(kind, rounds=chosen.rounds, largest=chosen.largest, now=now)
        report += chapter(kind, sizes)
        missed += [
            f"{kind}: {one.name} costs {growth(one, sizes):.1f} times as much."
            for one in ADDRESSES
            if is_missed(one, sizes)
        ]
    head = HEAD.format(
        arguments=" ".join(sys.argv[1:]),
        day=now.date(),
        machine=machine(),
        rounds=chosen.rounds,
        patience=PATIENCE,
        most=MOST_GROWTH,
        verdict="\n".join(missed or ["All are."]),
    )
    print(head + "\n".join(report))
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(head + "\n".join(report) + "\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
