"""The migrations bring an empty database to exactly what the models say."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, text

from tracker import migrating, upgrading
from tracker.db import database, session, transaction
from tracker.errors import FollowthroughError
from tracker.models import Base


def test_empty_to_head_equals_the_models(app: Flask) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_every_check_of_the_models_is_in_the_database(app: Flask) -> None:
    """Alembic does not compare CHECK constraints, so their names are compared here."""
    inspector = inspect(database.engine)
    wanted = {
        (table.name, str(constraint.name))
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }

    found = {
        (table, str(check["name"]))
        for table in inspector.get_table_names()
        for check in inspector.get_check_constraints(table)
    }

    assert len(wanted) > 20
    assert wanted - found == set()


def test_the_head_that_is_noted_is_the_last_migration() -> None:
    assert upgrading.scripts().get_heads() == [migrating.head()]


def test_an_upgrade_of_an_upgraded_database_changes_nothing(app: Flask) -> None:
    migrating.upgrade()

    assert migrating.is_current()


def test_a_newer_database_is_refused_with_a_sentence(app: Flask) -> None:
    with transaction():
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(FollowthroughError, match="newer Followthrough"):
        migrating.upgrade()
