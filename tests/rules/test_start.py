"""What every process loads when it starts, and what waits until somebody needs it."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.cli import COMMANDS
from tracker.paths import MIGRATIONS

pytestmark = pytest.mark.once

LATE = (
    "alembic", "apprise", "authlib", "cryptography", "github", "jira", "mako", "PIL", "pygments", "requests",
    "tracker.demo", "tracker.transfer.restoring", "tracker.upgrading", "zxcvbn",
)  # fmt: skip
"""Each takes megabytes and tenths of a second, and most web processes need none of them."""
START = f"""
import sys
from tracker.cli import make_app
make_app()
assert "tracker.incidents.routes" in sys.modules
print(*({{*{LATE!r}}} & sys.modules.keys()))
"""


def test_a_start_loads_nothing_that_few_processes_need(tmp_path: Path) -> None:
    environment = {"FOLLOWTHROUGH_INSTANCE_PATH": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}

    started = subprocess.run([sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True)

    assert started.stdout.split() == []


def test_each_command_is_in_the_module_where_it_is_looked_for() -> None:
    written = {
        command.name: name
        for name in sorted(f"tracker.{path.parent.name}.commands" for path in MIGRATIONS.parent.glob("*/commands.py"))
        for command in importlib.import_module(name).COMMANDS
    }

    assert written == COMMANDS
