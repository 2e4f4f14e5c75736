"""Runs the migrations, with Alembic: loaded only when there is something to upgrade."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from tracker.errors import FollowthroughError
from tracker.paths import MIGRATIONS


def upgrade(connection: Connection, *, at: str | None) -> None:
    """Bring a database from its revision to the head; the caller commits.

    Raises:
        FollowthroughError: the database is newer than this program.
    """
    if at not in known_revisions():
        raise FollowthroughError("The database was made by a newer Followthrough. Install that version again.")
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def known_revisions() -> set[str | None]:
    """Every revision that this program can begin at; ``None`` is an empty database."""
    return {None, *(script.revision for script in scripts().walk_revisions())}


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
