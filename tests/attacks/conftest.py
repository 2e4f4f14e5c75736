"""A world to attack: one of everything, about a public incident, with a one-time link that somebody asked for."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.rules.walk import World, make_link, make_world
from tracker.sessions import limiter


@pytest.fixture
def world(app: Flask, now: datetime, set_clock: Callable[[datetime], None]) -> World:
    set_clock(now)
    found = make_world()
    make_link(found.person, now=now)
    return found


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many requests as an attacker has who comes from everywhere at once."""
    monkeypatch.setattr(limiter, "enabled", False)
