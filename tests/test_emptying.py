"""A database that was emptied is like a new one, and one that cannot be is not used again."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.databases import PostgresServer
from tests.emptying import USES, EmptyDatabases


@pytest.fixture
def databases(request: pytest.FixtureRequest, database_template: str) -> Iterator[EmptyDatabases]:
    if database_template.startswith("sqlite"):
        pytest.skip("On SQLite every test has a file of its own.")
    server: PostgresServer = request.getfixturevalue("postgres")
    made = EmptyDatabases(server, template="template_followthrough")
    yield made
    made.close()


def connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def contents(url: str) -> dict[str, list[tuple[object, ...]]]:
    with connected(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {str(table): connection.execute(f'SELECT * FROM "{table}"').fetchall() for (table,) in tables}


def test_rows_and_numbers_are_those_of_a_new_database(databases: EmptyDatabases) -> None:
    url = databases.take()
    new = contents(url)
    with connected(url) as connection:
        add = "INSERT INTO teams (name, slug, reminder_days, version) VALUES ('Shop', 'shop', '{}', 1) RETURNING id"
        first = connection.execute(add).fetchall()
        connection.execute("UPDATE counters SET last = last + 7")
        connection.execute("DELETE FROM alembic_version")

    databases.give_back()

    assert databases.take() == url
    assert contents(url) == new
    with connected(url) as connection:
        assert connection.execute(add).fetchall() == first


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id integer)",
        "DROP TABLE counters",
        "ALTER TABLE counters DROP CONSTRAINT pk_counters",
        "ALTER TABLE counters ALTER last SET DEFAULT 3",
        "CREATE INDEX more ON counters (last)",
    ],
)
def test_a_database_whose_tables_were_changed_is_not_used_again(databases: EmptyDatabases, change: str) -> None:
    url = databases.take()
    with connected(url) as connection:
        connection.execute(change)

    databases.give_back()

    assert databases.take() != url


def test_a_database_that_somebody_is_still_connected_to_is_not_used_again(databases: EmptyDatabases) -> None:
    url = databases.take()
    with connected(url):
        databases.give_back()

        assert databases.take() != url


def test_a_database_is_made_anew_before_deleted_rows_slow_it_down(databases: EmptyDatabases) -> None:
    urls = set()
    for _ in range(USES + 1):
        urls.add(databases.take())
        databases.give_back()

    assert len(urls) == 2
