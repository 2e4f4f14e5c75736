"""How long pages take and how many statements they need, with 10,000 incidents and 50,000 action items.

    python -m bench.pages [--save] [--database sqlite|postgresql] [--rounds 150]

Each page is asked for in turn with a bare view on the same server (waitress, a process of its own, over HTTP), so that
whatever else the machine does slows both. A page's time is a ratio to that view. Exit status 1 when a goal is missed.
`--save` writes the tables to RESULT.md beside this file.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import monotonic

from flask import Flask
from sqlalchemy import select

from bench.machine import machine
from bench.pages import seeded
from bench.pages.filled import databases, filled, settings_for, somebody_else
from bench.pages.server import Client, cookie_of, free_port, server
from tests.browser import Browser, counted_queries
from tracker import clock
from tracker.db import database, session
from tracker.models import ActionItem, Incident, Person

SIZES = (100, 1_000, 10_000)
WARM_UP = 8
FEWEST_ROUNDS = 5
ONE_OBJECT, LIST, TRENDS = 4.0, 8.0, 15.0
"""The goals: how many times the bare view a page may take."""
MOST_QUERIES = 13
"""Twelve, and the look-up of who asks."""
OPTIONAL_QUERIES = 1
"""A list that is empty in a small company needs no look at what belongs to its rows."""


@dataclass(frozen=True)
class Address:
    """One kind of page. ``url`` gives its address for a visible incident's number and the week of today."""

    name: str
    goal: float | None
    url: Callable[[int, str], str]
    is_after_a_change: bool = False
    """Asked for after somebody wrote something, so that nothing it shows is remembered from the time before."""


ADDRESSES = (
    Address("/", LIST, lambda _number, _week: "/"),
    Address("/incidents", LIST, lambda _number, _week: "/incidents"),
    Address("/incidents/INC-n", ONE_OBJECT, lambda number, _week: f"/incidents/INC-{number}"),
    Address("/incidents/INC-n/postmortem", ONE_OBJECT, lambda number, _week: f"/incidents/INC-{number}/postmortem"),
    Address("/actions", LIST, lambda _number, _week: "/actions"),
    Address("/actions/AI-n", ONE_OBJECT, lambda number, _week: f"/actions/AI-{number}"),
    Address("/reports/weekly/<week>", LIST, lambda _number, week: f"/reports/weekly/{week}"),
    Address(
        "/reports/weekly/<week>, changed", None, lambda _number, week: f"/reports/weekly/{week}", is_after_a_change=True
    ),
    Address("/reports/trends", TRENDS, lambda _number, _week: "/reports/trends"),
    Address("/reports/trends, changed", None, lambda _number, _week: "/reports/trends", is_after_a_change=True),
    Address("/services/<slug>", ONE_OBJECT, lambda number, _week: f"/services/service-{number % seeded.SERVICES + 1}"),
    Address(
        "/services/<slug>, changed",
        None,
        lambda number, _week: f"/services/service-{number % seeded.SERVICES + 1}",
        is_after_a_change=True,
    ),
    Address("/recurrences", LIST, lambda _number, _week: "/recurrences"),
)


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one page and of the bare view between its rounds."""

    page: list[float]
    bare: list[float]

    @property
    def ratio(self) -> float:
        return median(self.page) / median(self.bare)


def visible_numbers() -> list[int]:
    """Numbers under which everybody sees an incident and an item, a fixed sample over the whole time."""
    public = (
        select(Incident.number)
        .join(ActionItem, ActionItem.number == Incident.number)
        .where(Incident.is_private.is_(False), ActionItem.counts_for_all)
        .order_by(Incident.number)
    )
    numbers = list(session.scalars(public))
    return Random(seeded.SEED).sample(numbers, k=min(40, len(numbers)))


def timings(
    client: Client,
    *,
    numbers: list[int],
    week: str,
    rounds: int,
    change: Callable[[], None],
    addresses: Sequence[Address] = ADDRESSES,
    warm_up: int = WARM_UP,
    patience: float = math.inf,
) -> dict[str, Timing]:
    """``patience``: seconds after which an address is left with the rounds that it had, five at least."""
    found = {}
    for address in addresses:
        timing, begun = Timing([], []), monotonic()
        for turn in range(-warm_up, rounds):
            if turn >= FEWEST_ROUNDS and monotonic() - begun > patience:
                break
            number = numbers[turn % len(numbers)]
            if address.is_after_a_change:
                change()
            page, bare = (
                client.milliseconds(address.url(number, week)),
                client.milliseconds(f"/bare/incidents/{number}"),
            )
            if turn >= 0:
                timing.page.append(page)
                timing.bare.append(bare)
        found[address.name] = timing
    return found


def query_counts(app: Flask, *, numbers: list[int], week: str) -> dict[str, int]:
    """The most statements that a page needed, over some of the incidents."""
    browser = Browser(app, person=session.get_one(Person, seeded.READER))
    found = {}
    for address in ADDRESSES:
        if address.is_after_a_change:
            continue
        most = 0
        for number in numbers[:10]:
            with counted_queries(app) as statements:
                # In a context of its own, as on a server: the person is looked up too.
                answer = Context().run(browser.client.get, address.url(number, week))
            if answer.status_code != 200:
                raise RuntimeError(f"{address.url(number, week)} answered {answer.status_code}.")
            most = max(most, len(statements))
        found[address.name] = most
    return found


def measure(url: str, *, incidents: int, now: datetime, rounds: int) -> tuple[dict[str, int], dict[str, Timing]]:
    """Fill the empty database at ``url``; count statements, and take times if ``rounds`` is not 0."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder), url)
        app = filled(settings, incidents=incidents, now=now)
        with app.app_context():
            numbers, week = visible_numbers(), f"{now.isocalendar().year}-W{now.isocalendar().week:02}"
            cookie = cookie_of(app, session.get_one(Person, seeded.READER))
            counts = query_counts(app, numbers=numbers, week=week)
            session.remove()
            database.engine.dispose()
        if not rounds:
            return counts, {}
        port = free_port()
        with server(settings, port=port), somebody_else(url) as change:
            found = timings(Client(port, cookie), numbers=numbers, week=week, rounds=rounds, change=change)
        return counts, found


def quartiles(times: list[float]) -> str:
    first, _, third = quantiles(times, n=4)
    return f"{median(times):.1f} ({first:.1f} to {third:.1f})"


def time_table(found: dict[str, Timing]) -> list[str]:
    lines = [
        "| page | ms: median (quartiles) | bare view, ms | times the bare view | goal |",
        "|---|---:|---:|---:|---:|",
    ]
    for address in ADDRESSES:
        timing = found[address.name]
        mark = " missed" if is_missed(address, timing) else ""
        goal = "none" if address.goal is None else f"{address.goal:.0f}"
        lines.append(
            f"| `{address.name}` | {quartiles(timing.page)} | {quartiles(timing.bare)} "
            f"| {timing.ratio:.1f} | {goal}{mark} |"
        )
    return lines


def count_table(found: dict[int, dict[str, int]]) -> list[str]:
    lines = [
        f"| statements with incidents: | {' | '.join(f'{size:,}' for size in found)} |",
        "|---|" + "---:|" * len(found),
    ]
    return lines + [
        f"| `{address.name}` | {' | '.join(str(counts[address.name]) for counts in found.values())} |"
        for address in ADDRESSES
        if not address.is_after_a_change
    ]


def is_missed(address: Address, timing: Timing) -> bool:
    return address.goal is not None and timing.ratio > address.goal


def misses(found: dict[str, Timing], counts: dict[int, dict[str, int]], *, kind: str) -> list[str]:
    """Every goal that was missed, in words."""
    late = []
    for address in ADDRESSES:
        if is_missed(address, found[address.name]):
            ratio = found[address.name].ratio
            late.append(f"{kind}: {address.name} takes {ratio:.1f} times the bare view, the goal is {address.goal}.")
        if address.is_after_a_change:
            continue
        numbers = [counts[size][address.name] for size in SIZES]
        if max(numbers) > MOST_QUERIES:
            late.append(f"{kind}: {address.name} needs {max(numbers)} statements, the goal is {MOST_QUERIES}.")
        if numbers[-1] > numbers[0] + OPTIONAL_QUERIES:
            late.append(f"{kind}: {address.name} needs more statements with more rows: {numbers}.")
    return late


def bench(kind: str, *, now: datetime, rounds: int) -> tuple[list[str], list[str]]:
    """The tables of one database and the goals it missed."""
    counts: dict[int, dict[str, int]] = {}
    times: dict[str, Timing] = {}
    with databases(kind) as create:
        for size in SIZES:
            is_last = size == SIZES[-1]
            counts[size], times = measure(
                create(f"bench_{size}"), incidents=size, now=now, rounds=rounds if is_last else 0
            )
    tables = [
        "",
        f"## {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}",
        "",
        *time_table(times),
        "",
        *count_table(counts),
    ]
    return tables, misses(times, counts, kind=kind)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--rounds", type=int, default=150)
    chosen = parser.parse_args()
    now = clock.utcnow()
    report, missed = [], []
    for kind in [chosen.database] if chosen.database else ["sqlite", "postgresql"]:
        tables, late = bench(kind, now=now, rounds=chosen.rounds)
        report += tables
        missed += late
    print("\n".join([*report, "", *(missed or ["Every goal is met."])]))
    if chosen.save:
        save(report, missed=missed, now=now, rounds=chosen.rounds)
    return 1 if missed else 0


HEAD = """# Page times, as a ratio to a bare view

`python -m bench.pages --save`, {day}, {machine}

{incidents:,} incidents and {items:,} action items over {days} days, {people} people, {services} services; read by a
responder. {rounds} rounds of page, bare view, page, ... over one kept-alive connection to waitress, with gzip and all
headers. The bare view is one more route of the same application on the same server: the session, the signed-in person,
the check of who may see it, one indexed `SELECT` through Flask-SQLAlchemy, a ten-line template without the frame that
pages have. (As an application of its own, without our checks and headers, it takes about 4 % less.)

What the weekly report and a few lists count is remembered until anybody commits anything (docs/decisions/015); the rows
marked "changed" are asked for after a commit each time, when all of it is counted anew.

{verdict}
"""


def save(report: list[str], *, missed: list[str], now: datetime, rounds: int) -> None:
    head = HEAD.format(
        day=now.date(),
        machine=machine(),
        incidents=SIZES[-1],
        items=SIZES[-1] * seeded.ITEMS_EACH,
        days=seeded.SPAN.days,
        people=seeded.PEOPLE,
        services=seeded.SERVICES,
        rounds=rounds,
        verdict="\n".join(missed or ["Every goal is met."]),
    )
    Path(__file__).with_name("RESULT.md").write_text(head + "\n".join(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
