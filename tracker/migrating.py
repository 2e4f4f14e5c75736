"""Tells whether the database is at the head of ``tracker/migrations``, and brings it there."""

from sqlalchemy import Connection, column, inspect, select, table

from tracker.db import database, written_past_sessions

HEAD = "0002"
"""The last migration; a test compares it. Every start asks for it, and Alembic is 9 MB that few starts need."""
VERSION = table("alembic_version", column("version_num"))


def upgrade() -> None:
    """Upgrade the present application's database.

    Raises:
        FollowthroughError: the database is newer than this program.
    """
    if is_current():
        return
    from tracker import upgrading  # noqa: PLC0415  see HEAD

    with written_past_sessions() as connection:
        upgrading.upgrade(connection, at=_revision(connection))


def is_current() -> bool:
    """Whether the present application's database is at the head."""
    with database.engine.connect() as connection:
        return _revision(connection) == HEAD


def is_newer() -> bool:
    """Whether a later version has brought the present application's database on; what runs may go on beside it."""
    with database.engine.connect() as connection:
        return not knows(_revision(connection))


def _revision(connection: Connection) -> str | None:
    """What Alembic noted in the database; ``None`` where nothing was ever done."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    revision: str | None = connection.scalar(select(VERSION.c.version_num))
    return revision


def head() -> str:
    """The revision that this program's tables have."""
    return HEAD


def knows(revision: str | None) -> bool:
    """Whether this program can bring a database of that revision up to date."""
    from tracker import upgrading  # noqa: PLC0415  see HEAD

    return revision in upgrading.known_revisions()
