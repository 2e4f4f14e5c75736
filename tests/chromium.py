"""A real Chromium for tests, from wherever the system keeps it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

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
