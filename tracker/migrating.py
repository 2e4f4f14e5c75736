"""Migrations: bring the database to the head of ``tracker/migrations``, and tell whether it is there."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tracker.db import database
from tracker.errors import FollowthroughError
from tracker.paths import MIGRATIONS


def upgrade() -> None:
    """Upgrade the present application's database.

    Raises:
        FollowthroughError: the database is newer than this program.
    """
    with database.engine.connect() as connection:
        if _revision(connection) not in _known_revisions():
            raise FollowthroughError("The database was made by a newer Followthrough. Install that version again.")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def is_current() -> bool:
    """Whether the present application's database is at the head."""
    with database.engine.connect() as connection:
        return _revision(connection) == _scripts().get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _known_revisions() -> set[str | None]:
    return {None, *(script.revision for script in _scripts().walk_revisions())}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str | None:
    """The revision that this program's tables have."""
    return _scripts().get_current_head()


def knows(revision: str | None) -> bool:
    """Whether this program can bring a database of that revision up to date."""
    return revision in _known_revisions()
