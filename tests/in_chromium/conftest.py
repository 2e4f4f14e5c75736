"""The browser that walks share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.chromium import running_chromium


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser
