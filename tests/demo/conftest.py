"""The sample data in the test's database, told from the moment of the test."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.browser import Browser
from tracker.config import Settings
from tracker.db import transaction
from tracker.demo.cast import Cast
from tracker.demo.loading import load_company


@pytest.fixture
def company(app: Flask, settings: Settings, now: datetime, set_clock: Callable[[datetime], None]) -> Cast:
    set_clock(now)
    with transaction():
        return load_company(now=now, zone=settings.timezone)


@pytest.fixture
def marta(app: Flask, company: Cast) -> Browser:
    """A browser in which the company's administrator is signed in."""
    return Browser(app, person=company.people["marta"])


@pytest.fixture
def helena(app: Flask, company: Cast) -> Browser:
    """A browser of somebody who may only read and is named on nothing."""
    return Browser(app, person=company.people["helena"])
