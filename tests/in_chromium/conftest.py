"""A whole installation behind a page of Chromium, for the walks through it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import open_page
from tests.in_chromium.installation import Installation, installation


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    with installation(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
def page(world: Installation, chromium: Browser) -> Iterator[Page]:
    with open_page(chromium, world.url, viewport={"width": 1280, "height": 900}) as page:
        yield page
