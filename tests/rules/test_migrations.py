"""A migration that comes after the first only adds, so that the version before it goes on working beside it.

What takes something away comes one release later, in a migration that says so: `CONTRACTS = "1.2.0"`, the first version
that does without it. See docs/operations.md, Upgrading.
"""

import ast
from collections.abc import Iterator

import pytest

from tracker.paths import MIGRATIONS

pytestmark = pytest.mark.once

FIRST = "0001"
ADDS = {"add_column", "batch_alter_table", "bulk_insert", "create_index", "create_table", "execute", "f", "get_bind"}
ADDS |= {"get_context"}


def taken_away(source: str) -> Iterator[str]:
    """What a migration does that the code before it would not survive."""
    tree = ast.parse(source)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func)
        if name.partition(".")[0] in ("op", "batch_op") and name.rpartition(".")[2] not in ADDS:
            yield f"{name}()"
        if name.endswith(".add_column") and _must_be_given(call):
            yield "a new column that has to be given: make it nullable, or give it a server_default"


def _must_be_given(call: ast.Call) -> bool:
    column = next((one for one in call.args if isinstance(one, ast.Call)), None)
    options = {option.arg: ast.unparse(option.value) for option in column.keywords} if column else {}
    return options.get("nullable") == "False" and "server_default" not in options


def test_every_migration_after_the_first_only_adds() -> None:
    later = [path for path in (MIGRATIONS / "versions").glob("*.py") if not path.name.startswith(FIRST)]
    found = {path.name: list(taken_away(path.read_text())) for path in later if "CONTRACTS = " not in path.read_text()}

    assert later
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ('op.drop_column("incidents", "title")', 1),
        ('batch_op.alter_column("title", nullable=False)', 1),
        ('op.rename_table("incidents", "events")', 1),
        ('op.add_column("incidents", sa.Column("mood", sa.String(), nullable=False))', 1),
        ('op.add_column("incidents", sa.Column("mood", sa.String(), nullable=False, server_default=""))', 0),
        ('batch_op.add_column(sa.Column("mood", sa.String(), nullable=True))', 0),
    ],
)
def test_what_takes_away_is_found(line: str, count: int) -> None:
    assert len(list(taken_away(line))) == count
