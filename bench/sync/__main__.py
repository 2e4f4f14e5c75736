"""What a round of reading costs: 10,000 linked tickets in 20 repositories or projects, of which 100 changed.

    python -m bench.sync [--save] [--sizes 1000 10000]

Counts the calls that our clients make to a GitHub and a Jira of so many tickets, beside one call a ticket in the same
run. Each way of reading is a process of its own, whose peak of memory is told. Exit status 1 when a goal is missed.
`--save` writes the table to RESULT.md beside this file.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

from bench.machine import machine
from bench.sync.reading import Took, Way, run
from bench.sync.rows import fill
from bench.sync.trackers import PAGE, TARGETS, Call, Flavour, Site, Tickets, playing
from tracker.clients.singly import Singly

SIZES = (1_000, 10_000)
CHANGED = 100
MEGABYTES = 200
UNCHANGED = "a round, nothing changed"
EVERYWHERE = f"a round, {CHANGED} changed everywhere"
ONE_PLACE = f"a round, {CHANGED} changed in one place"
COPIES = f"a round, {CHANGED} closed as duplicates"
GONE = f"a night, by identity, {CHANGED} were deleted"
NIGHTLY = "the night after, by identity"
SINGLY = "one call a ticket"
ALONE, FIRST = "the program alone", "the first round of all"


FOR_COPIES = {Flavour.GITHUB: 1, Flavour.JIRA_CLOUD: 2, Flavour.JIRA_SERVER: 4}
"""A hundred a call, fifty at a Server; Jira is asked for the links and then for what they name."""
SINGLY_AT_MOST = Singly().left


@dataclass(frozen=True)
class Cost:
    site: Flavour
    tickets: int
    name: str
    took: Took
    asked: Counter[Call]

    @property
    def calls(self) -> int:
        return self.asked.total()

    @property
    def lists(self) -> int:
        """Calls that hold a goal: everything but the strong reads of a night, and those about what is gone."""
        return self.calls - self.asked[Call.HUNDRED] - self.asked[Call.SINGLE] - self.asked[Call.PLACE]

    def missed(self) -> Iterator[str]:
        where = f"{self.site}, {self.tickets:,} tickets, {self.name}"
        goal = TARGETS + ceil(CHANGED / PAGE) + 2
        if self.name == UNCHANGED and self.took.megabytes >= MEGABYTES:
            yield f"{where}: {self.took.megabytes:.0f} MB, not below {MEGABYTES}"
        if self.name not in (SINGLY, FIRST) and self.lists > goal:
            yield f"{where}: {self.lists} list calls, not {goal}"
        if self.name in (UNCHANGED, EVERYWHERE, ONE_PLACE) and self.calls != self.lists:
            yield f"{where}: asked for tickets by themselves"
        if self.name == COPIES and self.asked[Call.HUNDRED] > FOR_COPIES[self.site]:
            yield f"{where}: {self.asked[Call.HUNDRED]} calls for what repeats what"
        if self.name in (GONE, NIGHTLY) and self.asked[Call.SINGLE] > (SINGLY_AT_MOST if self.name == GONE else 0):
            yield f"{where}: {self.asked[Call.SINGLE]} single calls"
        if self.site is Flavour.GITHUB and self.name == UNCHANGED and self.asked[Call.UNCHANGED] != TARGETS:
            yield f"{where}: {self.asked[Call.UNCHANGED]} lists answered with 304, not {TARGETS}"


def measure(flavour: Flavour, number: int, *, is_whole: bool) -> Iterator[Cost]:
    """``is_whole``: every way of reading; else only what tells whether memory grows with the tickets."""
    with tempfile.TemporaryDirectory() as name, playing(Site(flavour, Tickets(number))) as site:
        folder = Path(name)
        _in_a_process("--fill", folder, site)

        def cost(told: str, way: Way, *, changing: Sequence[int] = (), copies: Sequence[int] = ()) -> Cost:
            if changing:
                later = max(site.tickets.changed_at, datetime.now(UTC)) + timedelta(minutes=5)
                changed = site.tickets.changed | set(changing)
                site.tickets = replace(site.tickets, changed=changed, changed_at=later, copies=frozenset(copies))
            site.asked.clear()
            took = Took(**json.loads(_in_a_process("--read", folder, site, way=way)))
            if told not in (FIRST, SINGLY) and took.changed != len(changing) + len(copies) + CHANGED * (told == GONE):
                raise RuntimeError(f"{flavour}: {told} saw {took.changed} changes.")
            return Cost(flavour, number, told, took, Counter(site.asked))

        yield cost(FIRST, Way.ROUND)
        cost("a round to settle", Way.ROUND)
        yield cost(UNCHANGED, Way.ROUND)
        if is_whole:
            yield cost(EVERYWHERE, Way.ROUND, changing=range(CHANGED))
            in_one = range(CHANGED, CHANGED * (TARGETS + 1), TARGETS)
            if in_one[-1] < number:
                yield cost(ONE_PLACE, Way.ROUND, changing=in_one)
            copies = range(number - 2 * CHANGED + 1, number, 2)
            yield cost(COPIES, Way.ROUND, changing=copies, copies=copies)
            yield cost(SINGLY, Way.SINGLY)
        site.tickets = replace(site.tickets, gone=frozenset(range(CHANGED, 2 * CHANGED)))
        yield cost(GONE, Way.FULL)
        if is_whole:
            yield cost(NIGHTLY, Way.FULL)
            yield cost(ALONE, Way.NOTHING)


def _in_a_process(task: str, folder: Path, site: Site, *, way: Way = Way.NOTHING) -> str:
    asked = json.dumps({"flavour": site.flavour, "url": site.url, "number": site.tickets.number, "way": way})
    command = [sys.executable, "-m", "bench.sync", task, str(folder), asked]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def _work(task: str, folder: Path, asked: dict[str, str]) -> None:
    if task == "fill":
        fill(folder, Site(Flavour(asked["flavour"]), Tickets(int(asked["number"])), url=asked["url"]))
    else:
        print(run(folder, Way(asked["way"])))


def report(costs: Sequence[Cost], *, missed: Sequence[str]) -> str:
    goal = TARGETS + ceil(CHANGED / PAGE) + 2
    lines = [
        "# What a round of reading costs",
        "",
        f"`python -m bench.sync --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        f"{TARGETS} repositories or projects, {CHANGED} tickets changed. Our own clients ask servers that make their",
        "tickets up. Each row is a process of its own on SQLite; MB is the most that it held, the program included.",
        f"Goals: {goal} list calls at most, of which GitHub answers {TARGETS} with 304 when nothing changed; never one",
        f"call a ticket, but {SINGLY_AT_MOST} single ones a round at most to learn why tickets are gone, once each,",
        "and none on Jira Cloud; what duplicates repeat is asked for by the hundred. However many tickets there are,",
        f"less than {MEGABYTES} MB. {'Missed:' if missed else 'All are met.'}",
        *(f"- {one}" for one in missed),
        "Those servers answer at once: over a real network each call adds a tenth of a second or two.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "",
        "| tracker | linked tickets | | calls | of them | seconds | of processor | MB |",
        "|---|---:|---|---:|---|---:|---:|---:|",
        *map(_row, costs),
    ]
    return "\n".join(lines) + "\n"


def _row(cost: Cost) -> str:
    took, of_them = cost.took, ", ".join(f"{cost.asked[call]:,} {call}" for call in Call if cost.asked[call])
    return (
        f"| {cost.site} | {cost.tickets:,} | {cost.name} | {cost.calls:,} | {of_them} "
        f"| {took.seconds:.1f} | {took.processor:.1f} | {took.megabytes:.0f} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    for task in ("--fill", "--read"):
        parser.add_argument(task, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    for task in ("fill", "read"):
        if given := getattr(chosen, task):
            _work(task, Path(given[0]), json.loads(given[1]))
            return 0
    most = max(chosen.sizes)
    costs = [
        cost
        for flavour in Flavour
        for number in chosen.sizes
        for cost in measure(flavour, number, is_whole=number == most)
    ]
    missed = [goal for cost in costs for goal in cost.missed()]
    text = report(costs, missed=missed)
    print(text)
    if chosen.save:
        Path(__file__).with_name("RESULT.md").write_text(text, encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
