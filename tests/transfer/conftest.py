"""What the tests of import and export share."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.databases import PostgresServer
from tracker import create_app
from tracker.cli import main
from tracker.config import Settings
from tracker.queue import immediate_queue
from tracker.wiring import Wiring

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """The command line, on this test's application."""

    def invoke(*arguments: str | Path) -> Result:
        given: Sequence[str] = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, given, obj=lambda: app)

    return invoke


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, database_template: str, settings: Settings, wiring: Wiring, tmp_path: Path
) -> Flask:
    """Another installation, empty."""
    if database_template.startswith("sqlite"):
        path = tmp_path / "elsewhere.db"
        shutil.copy(database_template.removeprefix("sqlite:///"), path)
        url = f"sqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.create(f"elsewhere_{tmp_path.name.replace('-', '_')}".lower(), template="template_followthrough")
    return create_app(replace(settings, database_url=url), replace(wiring, queue=immediate_queue()))
