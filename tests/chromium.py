"""A real Chromium for tests, from wherever the system keeps it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 30.0
"""Seconds to wait for something on a page; the machine may be busy."""


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A headless Chromium; ended with the block."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise AssertionError("There is no Chromium on this machine: `make test` installs one.")
    # Chromium refuses to be root inside its own sandbox; containers often have a small /dev/shm.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@contextmanager
def open_page(chromium: Browser, url: str, *, cookie: str = "", **options: Any) -> Iterator[Page]:
    """A page in a browser of its own, signed in with a cookie or as nobody; no script on it may have failed."""
    context = chromium.new_context(base_url=url, **options)
    context.set_default_timeout(PATIENCE * 1000)
    if cookie:
        context.add_cookies([{"name": "followthrough", "value": cookie, "url": url}])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []
