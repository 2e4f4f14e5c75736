"""A whole installation behind a page of Chromium, for the walks through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import PATIENCE
from tests.in_chromium.installation import Installation, installation


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    with installation(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
def page(world: Installation, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(base_url=world.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []
