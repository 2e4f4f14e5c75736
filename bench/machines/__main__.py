"""Two web and two worker processes on PostgreSQL do the main job while one after the other is killed (kill -9).

    python -m bench.machines [--save] [--rounds 2]

People declare, write, publish, promise, push to GitHub (emulate) and Jira (jira820), close tickets there, and decide
about what came back, over HTTP at both web processes in turn; mail goes to a real SMTP server. Afterwards everything
that was acknowledged is there once, each item has one ticket, no mail came twice, and in whole minutes without people
each periodic job ran once. Exit status 1 when it is not so. `--save` writes RESULT.md beside this file.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from smtpdfix import AuthController, SMTPDFix
from sqlalchemy import Engine, create_engine

from bench.machine import machine
from bench.machines.callers import Caller
from bench.machines.halves import Half, Web, environment_of, halves
from bench.machines.looking import (
    Counts,
    Periods,
    end_leases,
    look,
    periods_between,
    pushes_asking,
    still_open,
    watch,
)
from bench.machines.story import Person, World, this_week
from tests import make
from tests.api.client import token
from tests.databases import PostgresServer, make_template
from tests.processes import free_port
from tests.servers.github import github_server
from tests.servers.jira import jira_server
from tests.sync.hooks import listening
from tracker import create_app
from tracker.config import Settings
from tracker.db import database, session
from tracker.features import JOBS
from tracker.models import JiraFlavour, Role, TrackerKind
from tracker.security import Vault

PEOPLE = 3
QUIET_MINUTES = 1


@dataclass(frozen=True)
class Scene:
    engine: Engine
    environment: dict[str, str]
    world: World
    tokens: list[str]
    mail: AuthController


@dataclass(frozen=True)
class Found:
    kills: list[str]
    asked: int
    unanswered: int
    left_leased: int
    asked_again: int
    counts: Counts
    periods: Periods
    seconds: float
    wrong: tuple[str, ...]


def email_of(number: int) -> str:
    return f"person{number}@example.com"


@contextmanager
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        server = stack.enter_context(PostgresServer())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="followthrough-")))
        world = World(stack.enter_context(github_server()), stack.enter_context(jira_server()))
        mail = stack.enter_context(SMTPDFix("127.0.0.1", free_port()))
        url = server.create("machines")
        make_template(url, folder)
        environment = environment_of(
            instance_path=str(folder),
            database_url=url,
            secret_key=make.SECRET,
            base_url="http://followthrough.example.com",
            mail_url=f"smtp://127.0.0.1:{mail.port}?starttls=0",
            tracker_hosts=f"{world.github.host} {world.jira.host}",
        )
        engine = create_engine(url)
        yield Scene(engine, environment, world, seeded(url, folder, world=world), mail)
        engine.dispose()


def seeded(url: str, folder: Path, *, world: World) -> list[str]:
    """People with a token each, a service and two trackers that tell us by webhook."""
    settings = Settings(instance_path=folder, database_url=url, secret_key=make.SECRET)
    with create_app(settings).app_context():
        people = [
            make.person(f"Person {number}", email=email_of(number), role=Role.ADMIN if number == 1 else Role.RESPONDER)
            for number in range(1, PEOPLE + 1)
        ]
        make.service("Shop", slug="shop", owner_id=people[0].id)
        github, jira, seal = world.github, world.jira, Vault(make.SECRET).seal
        listening(make.tracker(url=github.base_url, sealed_token=seal(github.token), default_target=github.target))
        listening(
            make.tracker(
                "Jira",
                kind=TrackerKind.JIRA,
                flavour=JiraFlavour.SERVER,
                url=jira.base_url,
                sealed_token=seal(jira.token),
                default_target=jira.project,
            )
        )
        tokens = [token(person) for person in people]
        session.remove()
        database.engine.dispose()
    return tokens


def measure(scene: Scene, *, rounds: int) -> Found:
    began = time.monotonic()
    watch(scene.engine)
    folder = Path(scene.environment["FOLLOWTHROUGH_INSTANCE_PATH"])
    with halves(scene.environment, folder) as (webs, workers):
        people = [
            Person(
                number,
                caller=Caller([web.port for web in webs], secret, f"Person {number}"),
                world=scene.world,
                email=email_of(number),
            )
            for number, secret in enumerate(scene.tokens, 1)
        ]
        in_turn = [half for pair in zip(webs, workers, strict=True) for half in pair]
        kills = killed_while_at_work(people, halves=in_turn * rounds)
        left, again = settle(scene, people[0], workers=workers)
        periods = quiet(scene.engine)
        reports = {ask_for_report(web, scene.tokens[0]) for web in webs}
    told = [person.told for person in people]
    counts = look(scene.engine, told, world=scene.world, mails=scene.mail.messages)
    wrong = [one for person in people for one in person.caller.wrong] + [*counts.wrong, *periods.wrong]
    wrong += [f"Left open: {name}: {count}" for name, count in still_open(scene.engine).items() if count]
    if len(reports) != 1:
        wrong.append("The two web processes tell different reports.")
    callers = [person.caller for person in people]
    return Found(
        kills=kills,
        asked=sum(one.asked for one in callers),
        unanswered=sum(one.unanswered for one in callers),
        left_leased=left,
        asked_again=again,
        counts=counts,
        periods=periods,
        seconds=time.monotonic() - began,
        wrong=tuple(wrong),
    )


def killed_while_at_work(people: Sequence[Person], *, halves: Sequence[Half]) -> list[str]:
    """Everybody works; one half after the other dies and is started again."""
    chance, is_over, kills = random.Random(7), threading.Event(), list[str]()
    threads = [threading.Thread(target=person.work, args=(lambda: not is_over.is_set(),)) for person in people]
    for thread in threads:
        thread.start()
    try:
        for half in halves:
            time.sleep(chance.uniform(2, 5))
            half.kill_and_start()
            kills.append(half.name)
            half.wait()
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    return kills


def settle(scene: Scene, person: Person, *, workers: Sequence[Half]) -> tuple[int, int]:
    """Let the workers end in order, end the leases of the dead, and wait until nothing is left to do."""
    for worker in workers:
        worker.end()
    left, asked = end_leases(scene.engine), 0
    for worker in workers:
        worker.restart()
        worker.wait()
    deadline = time.monotonic() + 90
    while any(still_open(scene.engine).values()) and time.monotonic() < deadline:
        for ref, tracker in pushes_asking(scene.engine):
            person.caller.post(f"/action-items/{ref}/push", tracker=tracker)
            asked += 1
        time.sleep(1)
    return left, asked


def quiet(engine: Engine) -> Periods:
    """Whole minutes in which nobody does anything."""
    first = (time.time() // 60 + 1) * 60
    last = first + 60 * QUIET_MINUTES
    time.sleep(last - time.time() + 1)
    return periods_between(engine, first=first, last=last, every={job.name: job.minutes for job in JOBS})


def ask_for_report(web: Web, secret: str) -> str:
    report = Caller([web.port], secret, "reader").get(f"/reports/weekly/{this_week()}")
    return str({name: value for name, value in report.items() if "at" not in name.split("_")})


def report(found: Found) -> str:
    counts, periods = found.counts, found.periods
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.mail_states.items()))
    rows: dict[str, object] = {
        "killed with -9 and started again": f"{len(found.kills)}: {', '.join(found.kills)}",
        "requests": found.asked,
        "of them not answered, and sent again (what makes something new: with its key)": found.unanswered,
        "incidents, postmortems, items, decisions, webhooks acknowledged, all there once": counts.acknowledged,
        "items pushed / tickets in GitHub and Jira": f"{counts.items} / {counts.tickets}",
        "tickets closed there whose item is done here": counts.closed,
        "recurrences decided": counts.decided,
        f"mails at the SMTP server, none twice (our rows: {states})": counts.mails,
        "leases that the dead left, ended early so that nobody waits ten minutes": found.left_leased,
        "tickets that a person had to ask for again": found.asked_again,
        f"runs of the {periods.jobs} jobs of every minute, and of others that were due, in {periods.minutes} minute "
        "without people, none twice": periods.runs,
        "wrong": len(found.wrong),
        "seconds": f"{found.seconds:.0f}",
    }
    lines = [
        "# Many machines, and one after the other dies",
        "",
        f"`python -m bench.machines --save`, {datetime.now(UTC).date()}, {machine()}",
        "",
        f"Two web and two worker processes on PostgreSQL; {PEOPLE} people do the main job over HTTP at both in turn.",
        f"Others used the machine meanwhile: load average {os.getloadavg()[1]:.0f} on {os.cpu_count()} cores.",
        "",
        "| what | found |",
        "|---|---:|",
        *(f"| {name} | {value} |" for name, value in rows.items()),
    ]
    return "\n".join([*lines, *(f"\n- {one}" for one in found.wrong)]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write RESULT.md beside this file")
    parser.add_argument("--rounds", type=int, default=2, help="how often each process is killed")
    chosen = parser.parse_args()
    with scene() as made:
        found = measure(made, rounds=chosen.rounds)
    text = report(found)
    print(text)
    if chosen.save:
        (Path(__file__).parent / "RESULT.md").write_text(text, encoding="utf-8")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
