"""How fast the index is, how much memory a worker needs, and whether SQLite and PostgreSQL answer alike.

    python -m bench.recurrence FILE.jsonl.gz [--incidents 1000,10000,100000] [--questions 500] [--save]

FILE is a labelled file of reports, whose titles and descriptions are mixed to as many incidents as asked for. On each
database, both at a time: everything is read from nothing, the questions are asked end to end, incidents are added,
edited and deleted, and the questions asked again; then the index is read anew and they are asked a third time. The
reference is SQLite's own full text search over the same terms. The processor's time is this program's: on PostgreSQL it
leaves out the server's. Exit status 1 when the two databases differ in an id, the order, a score or a count. `--save`
writes a file `speed-NUMBER.md` beside this one for each number of incidents.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from bench.machine import machine
from bench.recurrence.measured import Found, measure
from bench.recurrence.told import both, memory, once
from tests.databases import PostgresServer
from tracker import clock

MOMENTS = ("after everything was read", "after adds, edits and deletes", "after everything was read anew")


def measure_both(path: Path, *, count: int, questions: int) -> dict[str, Found]:
    """Both databases at the same time, so that both meet the same load."""
    with databases() as urls, ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        running = {
            name: pool.submit(measure, url, path, count=count, questions=questions) for name, url in urls.items()
        }
        return {name: one.result() for name, one in running.items()}


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    with PostgresServer() as postgres, tempfile.TemporaryDirectory() as folder:
        yield {"SQLite": f"sqlite:///{Path(folder) / 'speed.db'}", "PostgreSQL": postgres.create("speed")}


def lines_of(found: dict[str, Found]) -> Iterator[str]:
    yield "| p50 / p95, on the clock (of the processor) | " + " | ".join(found) + " |"
    yield "|---|" + "---:|" * len(found)
    every = list(found.values())
    yield row("one question, end to end", [both(one.asked[0].wall, one.asked[0].processor) for one in every])
    yield row("the reference: FTS5, the best 200", [both(*one.reference) if one.reference[0] else "" for one in every])
    for kind in every[0].changes:
        yield row(f"one {kind}", [both(*zip(*one.changes[kind], strict=True)) for one in every])
    yield row("everything read", [once(one.read) for one in every])
    yield row("everything read anew", [once(one.read_anew) for one in every])
    yield row("memory of a worker above its start", [memory(one.asked[0]) for one in every])
    yield ""
    for moment, equal, of in sameness(found):
        yield f"Equal ids, order, scores and counts {moment}: {equal} of {of}."


def row(name: str, cells: list[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def sameness(found: dict[str, Found]) -> Iterator[tuple[str, int, int]]:
    for moment, one, other in zip(MOMENTS, found["SQLite"].asked, found["PostgreSQL"].asked, strict=True):
        pairs = list(zip(one.answers, other.answers, strict=True))
        yield moment, sum(first == second for first, second in pairs), len(pairs)


def load() -> str:
    return "/".join(f"{one:.1f}" for one in os.getloadavg())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--incidents", default="1000,10000,100000")
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    alike = True
    for count in map(int, given.incidents.split(",")):
        before = load()
        each = measure_both(given.path, count=count, questions=given.questions)
        alike = alike and all(equal == of for _, equal, of in sameness(each))
        command = f"python -m bench.recurrence {given.path.name} --incidents {count} --questions {given.questions}"
        title = f"# Recurrence: speed and sameness with {count:,} incidents"
        told = f"`{command}`, {clock.utcnow():%Y-%m-%d}, {machine()}, load {before} before and {load()} after."
        report = "\n".join([title, "", told, "", *lines_of(each)])
        print(report, flush=True)
        if given.save:
            Path(__file__).with_name(f"speed-{count}.md").write_text(report + "\n", "utf-8")
    return 0 if alike else 1


if __name__ == "__main__":
    sys.exit(main())
