"""Take every page in both themes and two widths, and fail on what axe finds or what sticks out of the screen.

``make pictures`` starts the application over a fresh SQLite database with the sample data. The pictures land in
``docs/pictures/<page>-<theme>-<width>.png``; only those that documents show are kept in git: ``readme-*.png``, the
sheets of all mails, ``mails-*.png``, and some of ``tickets-*.png``.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, FloatRect, Page

from tests.browser import Browser
from tests.chromium import running_chromium
from tests.make import SECRET
from tests.pictures import mails
from tests.pictures.addresses import Shot, what_to_take
from tests.pictures.axe import axe_lines
from tests.serving import served
from tracker import create_app, migrating
from tracker.config import Settings
from tracker.db import database, session
from tracker.demo.commands import load_if_empty
from tracker.paths import CHECKOUT
from tracker.queue import run_job

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = {1280: 800, 375: 667}
"""How wide, and how high before somebody scrolls."""
IN_README = {"recurrence-show": ("recurrence", 1600), "incidents-show-live": ("incident", 800)}
"""What the README shows: the name of the picture, and how much of the page it shows."""
MAILS = "mails"
"""The word that asks for the pictures of the mails, which come after those of the pages."""
FOLDER = (CHECKOUT or Path()) / "docs" / "pictures"


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    theme: Theme
    width: int


def main(only: list[str]) -> int:
    """Take the pictures; of pages whose name holds one of the words, or of all. The number of faults found."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sample_application(Path(folder)) as app:
        pages, misses, person = what_to_take(app)
        chosen = [shot for shot in pages if not only or any(word in shot.name for word in only)]
        faults += misses
        cookie = Browser(app, person=person).cookie
        with served(app) as url, running_chromium() as chromium:
            for theme in THEMES:
                for width in WIDTHS:
                    look = Look(theme, width)
                    with opened(chromium, url, look=look) as context:
                        faults += walk(context, chosen, url=url, cookie=cookie, look=look)
            if not only or MAILS in only:
                faults += mails.take_mails(chromium, mails.mails(), folder=FOLDER)
    print("\n".join(faults) or f"{len(chosen)} pages, nothing found.")  # noqa: T201  what the command is for
    return len(faults)


@contextmanager
def sample_application(folder: Path) -> Iterator[Flask]:
    """The application over a database of its own that holds the sample data, after the worker has been there."""
    url = f"sqlite:///{folder / 'followthrough.db'}"
    app = create_app(Settings(instance_path=folder, database_url=url, secret_key=SECRET, timezone=ZoneInfo("UTC")))
    with app.app_context():
        migrating.upgrade()
        load_if_empty()
        for job in app.extensions["followthrough.queue"].jobs:
            run_job(job)
        yield app
        session.remove()
        database.engine.dispose()


@contextmanager
def opened(chromium: Chromium, url: str, *, look: Look) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=url,
        color_scheme=look.theme,
        reduced_motion="reduce",
        viewport={"width": look.width, "height": WIDTHS[look.width]},
        device_scale_factor=1,
    )
    context.set_default_timeout(30_000)
    try:
        yield context
    finally:
        context.close()


def walk(context: BrowserContext, pages: list[Shot], *, url: str, cookie: str, look: Look) -> list[str]:
    """Take the public pages as nobody, then sign in and take the others; what is wrong with them."""
    page = context.new_page()
    faults = [fault for shot in pages if shot.is_public for fault in take(page, shot, look=look)]
    context.add_cookies([{"name": "followthrough", "value": cookie, "url": url}])
    faults += [fault for shot in pages if not shot.is_public for fault in take(page, shot, look=look)]
    return faults


def take(page: Page, shot: Shot, *, look: Look) -> list[str]:
    """One picture; what is wrong with the page."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not shot.name.startswith("errors-"):
            said.append(message.text)

    page.on("console", note)
    page.goto(shot.path, wait_until="networkidle")
    page.screenshot(path=FOLDER / f"{shot.name}-{look.theme}-{look.width}.png", full_page=True, animations="disabled")
    if shot.name in IN_README and look.width == max(WIDTHS):
        name, height = IN_README[shot.name]
        part: FloatRect = {"x": 0, "y": 0, "width": look.width, "height": height}
        page.screenshot(
            path=FOLDER / f"readme-{name}-{look.theme}.png", full_page=True, clip=part, animations="disabled"
        )
    page.remove_listener("console", note)
    found = [f"axe: {line}" for line in axe_lines(page)]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found += [f"it is {wide} px wider than the screen"] if wide > 0 else []
    return [f"{shot.name} ({shot.path}, {look.theme}, {look.width}): {fault}" for fault in [*found, *said]]


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
