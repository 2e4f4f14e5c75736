"""The API against its own description, with schemathesis: what fits it, and what does not, on both databases.

    python -m bench.schema [--save] [--examples 60]

So many made-up requests of either kind at each address. Exit status 1 when one was answered with a fault of ours, with
a status, type or body that is not as described, or when a sent value stood in the text of an SQL statement. `--save`
writes RESULT.md beside this file.
"""

import argparse
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from bench.attacks.__main__ import application
from bench.attacks.walks import Found, watched
from bench.machine import machine
from tests import make
from tests.api.client import token
from tests.api.test_schema import CHECKS
from tests.databases import PostgresServer
from tests.rules.walk import World, make_world
from tracker.db import session
from tracker.models import Person, Role, TokenScope
from tracker.sessions import limiter

MODES = {GenerationMode.POSITIVE: "fits", GenerationMode.NEGATIVE: "does not fit"}


@dataclass
class Tried:
    """What one address was asked in one way, and how it answered."""

    database: str
    address: str
    kind: str
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def walk(name: str, url: str, examples: int) -> list[Tried]:
    """In a process of its own: each database has an application to itself."""
    logging.disable(logging.CRITICAL)  # each refusal of a database would be told, thousands of times
    with application(url) as app:
        limiter.enabled = False
        world = make_world()
        admin = make.person("Zoe", role=Role.ADMIN)
        found = [
            tried
            for mode in MODES
            for tried in walk_addresses(app, name=name, world=world, admin=admin, mode=mode, examples=examples)
        ]
    print(name, sum(one.statuses.total() for one in found), "requests", flush=True)
    return found


def walk_addresses(
    app: Flask, *, name: str, world: World, admin: Person, mode: GenerationMode, examples: int
) -> Iterator[Tried]:
    known = {"ref": world.refs["incident"], "recurrence_id": world.ids["recurrence"], "slug": world.slugs["/services"]}
    known |= {"incident": world.refs["incident"], "tracker": world.tracker_slug, "week": "2026-W47"}
    headers = {"Authorization": f"Bearer {token(admin, TokenScope.ADMIN)}", "Accept-Encoding": "identity"}
    operations: Any = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).get_all_operations()
    for operation in (one.ok() for one in operations):
        here = known | ({"ref": world.refs["action"]} if "/action-items" in operation.path else {})
        found, tried = Found(), Tried(name, f"{operation.method.upper()} {operation.path}", MODES[mode])
        asked = given(case=operation.as_strategy(generation_mode=mode))(caller(here, headers=headers, tried=tried))
        quick = hypothesis_settings(
            max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        with watched(found):
            try:
                quick(asked)()
            except (Exception, FailureGroup) as error:  # noqa: BLE001  whatever it is, it is what this looks for
                session.rollback()
                tried.wrong.append(str(error)[:2000])
        tried.wrong += [f"in the SQL: {statement[:500]}" for statement in found.injected]
        yield tried


def caller(known: dict[str, Any], *, headers: dict[str, str], tried: Tried) -> Callable[[Any], None]:
    """Sends one made-up request and looks at the answer; half of them are about what is there."""

    def call(case: Any) -> None:
        if tried.statuses.total() % 2:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            if isinstance(case.body, dict):
                case.body = {name: known.get(name, value) for name, value in case.body.items()}
        if case.method == "PATCH":
            case.headers = {"If-Match": "*"}
        answer = case.call(headers=headers)
        tried.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    return call


def report(tried: Sequence[Tried], *, examples: int) -> str:
    lines = [
        "# The API against its own description",
        "",
        f"`python -m bench.schema --save --examples {examples}`, {datetime.now(UTC).date()}, {machine()},",
        f"schemathesis {version('schemathesis')}. Half of the requests are about what is there.",
        "",
        "Wrong: a status of 500 and more, a status, type or body that is not as described, or a sent value in the text",
        "of an SQL statement. Taken: answered with 2xx, also where the one part that did not fit was put right.",
        "",
        "| address | what is sent | " + " | ".join(f"{name}: sent | taken | wrong" for name in databases(tried)) + " |",
        "|---|---|" + "---:|---:|---:|" * len(databases(tried)),
    ]
    for address, kind in sorted({(one.address, one.kind) for one in tried}):
        row = [one for one in tried if (one.address, one.kind) == (address, kind)]
        lines.append(f"| `{address}` | {kind} | " + " | ".join(cells([one]) for one in row) + " |")
    sums = (cells([one for one in tried if one.database == name]) for name in databases(tried))
    return "\n".join([*lines, "| all | | " + " | ".join(sums) + " |", ""])


def databases(tried: Sequence[Tried]) -> list[str]:
    return list(dict.fromkeys(one.database for one in tried))


def cells(tried: Sequence[Tried]) -> str:
    taken = sum(count for one in tried for status, count in one.statuses.items() if 200 <= status < 300)
    return f"{sum(one.statuses.total() for one in tried):,} | {taken:,} | {sum(len(one.wrong) for one in tried)}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--examples", type=int, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server, ProcessPoolExecutor(2) as processes:
        urls = {"SQLite": f"sqlite:///{folder}/asked.db", "PostgreSQL": server.create("asked")}
        running = [processes.submit(walk, name, url, chosen.examples) for name, url in urls.items()]
        tried = [one for process in running for one in process.result()]
    text = report(tried, examples=chosen.examples)
    wrong = [f"{one.database}, {one.address}, {one.kind}: {line}" for one in tried for line in one.wrong]
    print(text, *wrong, sep="\n")
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(text, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
