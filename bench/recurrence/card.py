"""How soon the seen-before card appears when somebody who declares stops typing, in Chromium.

    python -m bench.recurrence.card FILE.jsonl.gz [--incidents 10000] [--save]

FILE is a labelled file of reports, mixed to as many incidents as in `python -m bench.recurrence`, on SQLite. Forty of
their titles are typed into the declare form, one after the other. The clock starts with the last letter and stops when
the browser has drawn the answer: the pause that the form waits for is in it. After each title the same browser asks for
a bare view of the same server, so that a busy machine is seen. Exit status 1 when a median is over the goal. `--save`
writes card.md beside this file.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page
from sqlalchemy import select

from bench.machine import machine
from bench.pages.filled import settings_for
from bench.pages.server import cookie_of, free_port, server
from bench.recurrence import made
from bench.recurrence.measured import read_all, settle
from tests.chromium import running_chromium
from tests.databases import make_template
from tracker import clock, create_app
from tracker.config import Settings
from tracker.db import session, transaction
from tracker.models import Incident, Person, Role

GOAL = 300.0
"""Milliseconds from the last letter to the card."""
TYPED, WARM, LETTERS = 40, 3, 60

WATCH = """() => {
  window.seen = {};
  document.querySelector("#title").addEventListener("input", () => { window.seen = { typed: performance.now() }; });
  document.body.addEventListener("htmx:beforeRequest", () => { window.seen.asked = performance.now(); });
  const drawn = (seen) => requestAnimationFrame(() => setTimeout(() => { seen.shown = performance.now(); }));
  document.body.addEventListener("htmx:afterSwap", () => window.seen.asked && drawn(window.seen));
}"""
SEEN = """() => new Promise((done) => {
  const look = () => (window.seen.shown ? done(window.seen) : setTimeout(look, 20));
  look();
})"""
BARE = """async (url) => {
  const begin = performance.now();
  await (await fetch(url)).text();
  return performance.now() - begin;
}"""


@dataclass(frozen=True)
class Typed:
    """Milliseconds of one title."""

    shown: float
    """From the last letter until the answer is drawn."""
    answered: float
    """From asking until it is drawn."""
    bare: float
    """The bare view, asked for right after."""
    has_card: bool


def measure(path: Path, *, incidents: int) -> list[Typed]:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder), f"sqlite:///{Path(folder) / 'card.db'}")
        cookie, titles = fill(settings, path, incidents=incidents)
        port = free_port()
        with server(settings, port=port), declaring(f"http://127.0.0.1:{port}", cookie) as page:
            return [type_one(page, title) for title in titles][WARM:]


def fill(settings: Settings, path: Path, *, incidents: int) -> tuple[str, list[str]]:
    """The cookie of somebody who declares, and titles that were declared before."""
    make_template(settings.database_url, settings.instance_path)
    app = create_app(settings)
    with app.app_context():
        made.fill(path, count=incidents)
        read_all()
        settle()
        with transaction():
            person = Person(email="ana@example.com", name="Ana", role=Role.RESPONDER, created_at=clock.utcnow())
            session.add(person)
        wanted = range(incidents // 3, incidents, incidents // (2 * (TYPED + WARM)))
        titles = list(session.scalars(select(Incident.title).where(Incident.number.in_(wanted)).limit(TYPED + WARM)))
        return cookie_of(app, person), [title[:LETTERS] for title in titles]


@contextmanager
def declaring(url: str, cookie: str) -> Iterator[Page]:
    """The declare form in a browser, which notes when what happens."""
    name, _, value = cookie.partition("=")
    with running_chromium() as chromium:
        context = chromium.new_context(base_url=url)
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.goto("/incidents/new")
        page.wait_for_load_state("networkidle")
        page.evaluate(WATCH)
        yield page
        context.close()


def type_one(page: Page, title: str) -> Typed:
    field = page.get_by_label("What is wrong?")
    field.fill("")
    page.wait_for_timeout(400)
    field.press_sequentially(title, delay=25)
    seen = page.evaluate(SEEN)
    bare = page.evaluate(BARE, "/bare/incidents/7")
    has_card = page.locator("#seen-before-card").count() > 0
    return Typed(seen["shown"] - seen["typed"], seen["shown"] - seen["asked"], bare, has_card)


def lines_of(found: list[Typed]) -> Iterator[str]:
    yield "| milliseconds | median | 95 of 100 under | goal |"
    yield "|---|---:|---:|---:|"
    rows = {
        "from the last letter to the card on the screen": ([one.shown for one in found], f"{GOAL:.0f}"),
        "of it from asking to the screen": ([one.answered for one in found], ""),
        "the bare view, asked by the same browser": ([one.bare for one in found], ""),
    }
    for name, (times, goal) in rows.items():
        yield f"| {name} | {median(times):.0f} | {quantiles(times, n=20)[18]:.0f} | {goal} |"
    yield ""
    ratio = median(one.answered / one.bare for one in found)
    shown = sum(one.has_card for one in found)
    yield f"Asking takes {ratio:.1f} times the bare view. A card came for {shown} of {len(found)} titles; the others"
    yield "looked like nothing that would help, and got an empty answer, which is counted too."


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--save", action="store_true")
    given = parser.parse_args()
    found = measure(given.path, incidents=given.incidents)
    command = f"python -m bench.recurrence.card {given.path.name} --incidents {given.incidents}"
    load = "/".join(f"{one:.1f}" for one in os.getloadavg())
    told = f"`{command}`, {clock.utcnow():%Y-%m-%d}, {machine()}, load {load}."
    title = f"# The seen-before card among {given.incidents:,} incidents"
    report = "\n".join([title, "", told, "", *lines_of(found)])
    print(report)
    if given.save:
        Path(__file__).with_name("card.md").write_text(report + "\n", "utf-8")
    return 0 if median(one.shown for one in found) <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
