"""What every test stands on: a fresh database, an application wired to things that stay in the process, no network."""

import gc
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.browser import Browser
from tests.compiled import share_compiled_code, share_compiled_statements
from tests.databases import PostgresServer, make_template
from tests.emptying import EmptyDatabases
from tests.passwords import hash_quickly
from tracker import clock, create_app
from tracker.clients.memory import MemoryClient
from tracker.clients.outbox import Outbox
from tracker.config import Settings
from tracker.models import Person
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.wiring import Wiring

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium

SECRET = "a secret key that is only good for tests"

share_compiled_code()
hash_quickly()
gc.set_threshold(50_000)  # looking for garbage as often as usual took a seventh of all tests' time


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="which database to test on")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that touches no database is the same on both: it runs once, with SQLite's.

    Those in Chromium come first: they are the longest, and one worker then has them all, so that one Chromium starts.
    """
    for item in items:
        if isinstance(item, pytest.Function) and "database_template" not in item.fixturenames:
            item.add_marker(pytest.mark.once)
        if isinstance(item, pytest.Function) and "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.timeout(300))  # a machine that does other things besides is no fault
    items.sort(key=lambda item: not (isinstance(item, pytest.Function) and "chromium" in item.fixturenames))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the machine: only loopback and local sockets connect."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"A test tried to reach {address[0]}: only loopback is allowed.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A real PostgreSQL server of this test run."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def database_template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database that the migrations have brought from empty to head."""
    folder = tmp_path_factory.mktemp("template")
    if request.config.getoption("--database") == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create("template_followthrough")
    else:
        url = f"sqlite:///{folder / 'template.db'}"
    make_template(url, folder)
    return url


@pytest.fixture(scope="session")
def empty_databases(postgres: PostgresServer, database_template: str) -> Iterator[EmptyDatabases]:
    """Where each test on PostgreSQL gets its database from."""
    databases = EmptyDatabases(postgres, template="template_followthrough")
    yield databases
    databases.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_template: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test's own."""
    if database_template.startswith("sqlite"):
        path = tmp_path / "followthrough.db"
        shutil.copy(database_template.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
        return
    empty: EmptyDatabases = request.getfixturevalue("empty_databases")
    yield empty.take()
    empty.give_back()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        instance_path=tmp_path,
        database_url=database_url,
        secret_key=SECRET,
        base_url="http://localhost",
        timezone=ZoneInfo("UTC"),
    )


@pytest.fixture
def tickets() -> MemoryClient:
    """The tracker of this test: an in-memory world that can be told what to do."""
    return MemoryClient(now=clock.utcnow, targets=("acme/shop", "SHOP"))


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    """Mail that was sent, as files that can be read."""
    return Outbox(tmp_path / "outbox")


@pytest.fixture
def wiring(tickets: MemoryClient, outbox: Outbox) -> Wiring:
    return Wiring(mail=outbox, queue=immediate_queue(), vault=Vault(SECRET), ticket_client=lambda _access: tickets)


@pytest.fixture
def app(settings: Settings, wiring: Wiring) -> Iterator[Flask]:
    """The application, with a context pushed for the test's own rows. Requests run in contexts of their own."""
    from tracker.db import database, session

    app = create_app(settings, wiring)
    with app.app_context():
        share_compiled_statements(database.engine)
        if settings.is_sqlite:
            event.listen(database.engine, "connect", write_quickly)
        yield app
        session.remove()
        if settings.is_sqlite:  # the rule is the same on both, and one look a test is enough
            assert_counting_is_settled()
            session.remove()
        database.engine.dispose()


def write_quickly(connection: sqlite3.Connection, _record: object) -> None:
    """What a test wrote need not outlive the power; that it outlives a killed process does not depend on this."""
    connection.execute("PRAGMA synchronous=OFF")


def assert_counting_is_settled() -> None:
    """Whatever a test did: what is noted with each item is what its incidents say."""
    from tracker.db import session
    from tracker.models import ActionItem, counts_for_all

    wrong = select(ActionItem.number).where(ActionItem.counts_for_all != counts_for_all())
    assert list(session.scalars(wrong)) == [], "These items are noted to count for all, or not, and it is not so."


@pytest.fixture
def now() -> datetime:
    """Monday of week 48 of 2026."""
    return datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock that routes and jobs read."""
    from tracker import clock

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "utcnow", lambda: moment)
        monkeypatch.setattr(clock, "today", lambda zone: moment.astimezone(zone).date())

    return set_to


@pytest.fixture
def admin(app: Flask) -> Person:
    from tests import make
    from tracker.models import Role

    return make.person("Alice", role=Role.ADMIN)


@pytest.fixture
def responder(app: Flask) -> Person:
    from tests import make
    from tracker.models import Role

    return make.person("Bob", role=Role.RESPONDER)


@pytest.fixture
def viewer(app: Flask) -> Person:
    from tests import make
    from tracker.models import Role

    return make.person("Vera", role=Role.VIEWER)


@pytest.fixture
def browser(app: Flask, responder: Person) -> Browser:
    """A browser in which Bob, a responder, is signed in."""
    return Browser(app, person=responder)


@pytest.fixture
def admin_browser(app: Flask, admin: Person) -> Browser:
    return Browser(app, person=admin)


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    return Browser(app, person=None)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Chromium]":
    """The one real browser of a test run: a second one in the same thread would not start."""
    from tests.chromium import running_chromium

    with running_chromium() as browser:
        yield browser


@pytest.fixture
def address(app: Flask) -> "Iterator[str]":
    """The application, served on a free port of this machine, for Chromium."""
    from tests.serving import served

    with served(app) as url:
        yield url
