"""What the tests of import and export share."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tracker.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """The command line, on this test's application."""

    def invoke(*arguments: str | Path) -> Result:
        given: Sequence[str] = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, given, obj=lambda: app)

    return invoke
