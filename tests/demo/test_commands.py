"""`followthrough demo load`, and the start with sample data."""

from flask import Flask
from sqlalchemy import func, select

from tests import make
from tracker.cli import main
from tracker.db import session
from tracker.demo.commands import load_if_empty
from tracker.models import Incident


def how_many_incidents() -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Incident)) or 0


def test_demo_load_says_what_there_is_and_how_to_come_in(app: Flask) -> None:
    result = app.test_cli_runner().invoke(main, ["demo", "load"], obj=lambda: app)

    assert result.exit_code == 0
    assert "user link marta.kowalczyk@example.com" in result.stderr
    assert how_many_incidents() > 30


def test_demo_load_refuses_a_database_that_holds_work_in_one_line(app: Flask) -> None:
    make.incident("Ours")

    result = app.test_cli_runner().invoke(main, ["demo", "load"], obj=lambda: app)

    assert result.exit_code == 1
    assert result.stderr.startswith("followthrough: This database holds")
    assert len(result.stderr.strip().splitlines()) == 1
    assert how_many_incidents() == 1


def test_a_start_with_sample_data_leaves_a_used_database_alone(app: Flask) -> None:
    make.service("Ours")

    load_if_empty()

    assert how_many_incidents() == 0


def test_a_second_start_loads_nothing_more(app: Flask) -> None:
    load_if_empty()
    loaded = how_many_incidents()
    load_if_empty()

    assert how_many_incidents() == loaded > 30
