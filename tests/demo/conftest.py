"""The sample data in the test's database, told from the moment of the test."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.browser import Browser
from tracker.config import Settings
from tracker.db import database, session, transaction
from tracker.demo.cast import Cast
from tracker.demo.dates import Calendar
from tracker.demo.loading import load_company
from tracker.models import ActionItem, Base, Incident, Person, Service, Team

TABLES: dict[str, type[Base]] = {
    "people": Person,
    "teams": Team,
    "services": Service,
    "incidents": Incident,
    "items": ActionItem,
}


@dataclass(frozen=True)
class Loaded:
    """A database with the sample data, and which of its rows the content has names for."""

    path: Path
    names: dict[str, dict[str, int]]


@pytest.fixture(scope="session")
def loaded() -> list[Loaded]:
    """Loading takes longer than most tests of what was loaded: the first one does it, the others have a copy."""
    return []


@pytest.fixture
def company(
    app: Flask,
    settings: Settings,
    now: datetime,
    set_clock: Callable[[datetime], None],
    loaded: list[Loaded],
    tmp_path_factory: pytest.TempPathFactory,
) -> Cast:
    set_clock(now)
    own = Path(settings.database_url.removeprefix("sqlite:///"))
    if loaded:
        session.remove()
        database.engine.dispose()
        shutil.copy(loaded[0].path, own)
        cast = Cast(Calendar(now, settings.timezone))
        for kind, ids in loaded[0].names.items():
            getattr(cast, kind).update({name: session.get_one(TABLES[kind], row) for name, row in ids.items()})
        return cast
    with transaction():
        cast = load_company(now=now, zone=settings.timezone)
    session.rollback()
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    kept = tmp_path_factory.mktemp("company") / "followthrough.db"
    shutil.copy(own, kept)
    names = {kind: {name: row.id for name, row in getattr(cast, kind).items()} for kind in TABLES}
    loaded.append(Loaded(kept, names))
    return cast


@pytest.fixture
def marta(app: Flask, company: Cast) -> Browser:
    """A browser in which the company's administrator is signed in."""
    return Browser(app, person=company.people["marta"])


@pytest.fixture
def helena(app: Flask, company: Cast) -> Browser:
    """A browser of somebody who may only read and is named on nothing."""
    return Browser(app, person=company.people["helena"])
