"""The report on the command line."""

from collections.abc import Callable
from datetime import UTC, datetime

from click.testing import CliRunner
from flask import Flask

from tests import make
from tracker.cli import main
from tracker.models import ReportSubscription


def test_what_was_mailed_is_counted_in_words(app: Flask, set_clock: Callable[[datetime], None]) -> None:
    set_clock(datetime(2026, 11, 23, 9, 5, tzinfo=UTC))
    make.save(ReportSubscription(person_id=make.person().id, weekday=0, hour=8))

    first, second = (CliRunner().invoke(main, ("report", "weekly", "--send"), obj=lambda: app) for _ in range(2))

    assert first.stdout == "1 report mail written, for the worker to deliver.\n"
    assert second.stdout == "0 report mails written, for the worker to deliver.\n"
